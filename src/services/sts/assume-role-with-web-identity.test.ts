import { expect, it } from 'vitest';
import { fault, Installation, MANAGEMENT, trust } from '../../../test/identity/installation.ts';
import type { WebIdentityVerifier } from '../../identity/web-identity-verifier.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import { AuthorizationMessages } from '../../policy/authorization-message.ts';
import { assumeRoleWithWebIdentity } from './assume-role-with-web-identity.ts';

const PROVIDER = `arn:aws:iam::${MANAGEMENT}:oidc-provider/idp.example`;

/** A token whose keys take a while to come, and what happens meanwhile. */
async function assumeWhile(change: (call: (name: string, input: object) => Promise<unknown>) => Promise<unknown>) {
  const { installation, admin } = await Installation.start();
  const { directory, sessions, box, nowMs } = installation;
  const call = (name: string, input: object) => installation.call(name, admin, input);
  await call('CreateOpenIDConnectProvider', { Url: 'https://idp.example', ClientIDList: ['app'] });
  const AssumeRolePolicyDocument = trust({ Federated: PROVIDER }, 'sts:AssumeRoleWithWebIdentity');
  await call('CreateRole', { RoleName: 'Web', AssumeRolePolicyDocument });
  const seconds = Math.floor(nowMs / SECOND_MS);
  const claims = { iss: 'https://idp.example', aud: 'app', sub: 'person-1', iat: seconds, exp: seconds + 600 };
  const payload = JSON.stringify(claims);
  const part = (text: string) => Buffer.from(text).toString('base64url');
  const verifier: WebIdentityVerifier = {
    verify: async () => {
      await change(call);
      return payload;
    },
  };
  const random = (size: number) => Buffer.alloc(size, 1);
  const parts = { directory, sessions, random, authorizationMessages: new AuthorizationMessages(box) };
  const { run } = assumeRoleWithWebIdentity(parts, verifier);
  const input = {
    RoleArn: `arn:aws:iam::${MANAGEMENT}:role/Web`,
    RoleSessionName: 'person-1',
    WebIdentityToken: `${part('{"alg":"RS256"}')}.${part(payload)}.${part('signature')}`,
  };
  const request = { headers: {}, sourceIp: '192.0.2.1', isTls: false };
  return async () =>
    run({ requestId: 'r', input, request, region: 'us-east-1', nowMs, noteIdentity: () => {} } as never);
}

it('gives no session for trust that was taken back while the provider took its time', async () => {
  const asBefore = await assumeWhile(async () => undefined);
  expect((await asBefore()).output.AssumedRoleUser?.Arn).toContain('assumed-role/Web/person-1');
  const deleted = await assumeWhile((call) =>
    call('DeleteOpenIDConnectProvider', { OpenIDConnectProviderArn: PROVIDER }),
  );
  expect((await fault(deleted()))[0]).toBe('InvalidIdentityTokenException');
  const untrusted = await assumeWhile((call) =>
    call('UpdateAssumeRolePolicy', { RoleName: 'Web', PolicyDocument: trust(`arn:aws:iam::${MANAGEMENT}:root`) }),
  );
  expect((await fault(untrusted()))[0]).toBe('AccessDeniedException');
});
