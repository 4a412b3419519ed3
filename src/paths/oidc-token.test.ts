import { describe, expect, it } from 'vitest';
import { fault, Installation, MANAGEMENT, trust } from '../../test/identity/installation.ts';
import { OidcMappings } from '../identity/oidc-mapping.ts';
import { providerUnreachable } from '../identity/web-identity-fault.ts';
import { RecentMap } from '../kernel/recent-map.ts';
import { MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import { wireRequest } from '../wire/wire-request.fixture.ts';
import { type OidcTokenParts, proveOidcToken } from './oidc-token.ts';

const PROVIDER = `arn:aws:iam::${MANAGEMENT}:oidc-provider/idp.example`;
const ROLE = `arn:aws:iam::${MANAGEMENT}:role/Web`;
const part = (text: string) => Buffer.from(text).toString('base64url');

type Change = (operation: string, input: object) => Promise<unknown>;

/** An installation with a mapped provider; `meanwhile` is what happens while its keys are fetched. */
async function door(meanwhile: (change: Change) => Promise<unknown> = async () => undefined) {
  const { installation, admin } = await Installation.start();
  const change: Change = (operation, input) => installation.call(operation, admin, input);
  await change('CreateOpenIDConnectProvider', { Url: 'https://idp.example', ClientIDList: ['app'] });
  const trusting = trust({ Federated: PROVIDER }, 'sts:AssumeRoleWithWebIdentity', 'sts:TagSession');
  await change('CreateRole', { RoleName: 'Web', AssumeRolePolicyDocument: trusting });
  const seconds = Math.floor(installation.nowMs / SECOND_MS);
  const claims = { iss: 'https://idp.example', aud: 'app', sub: 'person-1', iat: seconds, exp: seconds + 600 };
  const token = `${part('{"alg":"RS256"}')}.${part(JSON.stringify(claims))}.${part('signature')}`;
  let verified = 0;
  const parts: OidcTokenParts = {
    directory: installation.directory,
    oidcMappings: new OidcMappings([{ provider: PROVIDER, role: ROLE, sessionName: '{claims.sub}', tags: { a: 'b' } }]),
    verifiedTokens: new RecentMap(100),
    regions: new Set(['us-east-1', 'eu-central-1']),
    defaultRegion: 'us-east-1',
    webIdentities: {
      verify: async () => {
        verified += 1;
        await meanwhile(change);
        return JSON.stringify(claims);
      },
    },
  };
  const request = wireRequest({ headers: { host: 'bedrock-runtime.eu-central-1.example.com' } });
  return {
    change,
    call: (nowMs = installation.nowMs) => proveOidcToken(token, { requestId: 'r', request }, parts, nowMs),
    nowMs: installation.nowMs,
    verified: () => verified,
  };
}

describe('a token at a door', () => {
  it('is verified once, and gives the same caller until something changes', async () => {
    const { call, change, verified } = await door();
    const { caller, region } = await call();
    expect(region).toBe('eu-central-1');
    expect(caller).toMatchObject({
      arn: `arn:aws:sts::${MANAGEMENT}:assumed-role/Web/person-1`,
      tags: new Map([['a', 'b']]),
    });
    expect(caller.accessKeyId).toMatch(/^TLYT[A-Z2-7]{16}$/);
    expect((await call()).caller).toBe(caller);
    await change('TagRole', { RoleName: 'Web', Tags: [{ Key: 'team', Value: 'ds' }] });
    expect((await call()).caller.tags).toEqual(new Map(Object.entries({ team: 'ds', a: 'b' })));
    expect(verified()).toBe(1);
  });

  it('ends five minutes after its time, also when it is remembered', async () => {
    const { call, nowMs } = await door();
    const endMs = nowMs + 15 * MINUTE_MS;
    await call();
    await expect(call(endMs)).resolves.toHaveProperty('caller');
    expect(await fault(call(endMs + SECOND_MS))).toEqual(['AccessDeniedException', 'Bearer Token has expired']);
  });

  it('proves nothing for trust that was taken back while the provider took its time', async () => {
    const deleted = await door((change) =>
      change('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: PROVIDER }),
    );
    expect((await fault(deleted.call()))[1]).toMatch(/^Authentication failed: No OpenIDConnect provider found/);
    const untrusted = await door((change) =>
      change('UpdateAssumeRolePolicy', { RoleName: 'Web', PolicyDocument: trust(`arn:aws:iam::${MANAGEMENT}:root`) }),
    );
    expect(await fault(untrusted.call())).toEqual([
      'AccessDeniedException',
      'Not authorized to perform sts:AssumeRoleWithWebIdentity',
    ]);
  });

  it('is tried again by clients when its provider does not answer, and is not remembered then', async () => {
    let isDown = true;
    const { call, verified } = await door(async () => {
      if (isDown) throw providerUnreachable();
    });
    expect((await fault(call()))[0]).toBe('ServiceUnavailableException');
    isDown = false;
    await expect(call()).resolves.toHaveProperty('caller');
    expect(verified()).toBe(2);
  });
});
