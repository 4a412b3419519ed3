import Anthropic from '@anthropic-ai/sdk';
import {
  DeleteAccessKeyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
} from '@aws-sdk/client-iam';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { errorOf, MODEL, send } from '../faults/raw-client.ts';
import { AWS_TAGS, OpenIdProvider, tagsClaim } from '../identity/openid-provider.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall } from '../wire/bearer-keys.ts';
import { gatewayKey, tallyline } from '../wire/gateway-keys.ts';
import { ARRIVAL, type LedgerEntry, ledger } from '../wire/ledger.ts';
import { ACCOUNT, INVOKE, newRole, newUser } from '../wire/principals.ts';
import { registerProvider, trustProvider } from '../wire/web-identity.ts';

/** Rows of docs/ATTACKS.md: each title stands there. */
let provider: OpenIdProvider;
let server: TestServer;
let iam: IAMClient;

const user = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;
const VICTIM = user('alice');

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  const role = `arn:aws:iam::${ACCOUNT}:role/Developer`;
  const oidc = [{ provider: provider.issuer, role, sessionName: '{claims.sub}', tags: { team: '{claims.team|none}' } }];
  server = await startServer({ config: { federation: { caFile: provider.caFile }, gateway: { oidc } } });
  iam = new IAMClient(server.admin);
  await newUser(server.admin, 'alice', { statements: [INVOKE], tags: { team: 'blue' } });
  await newUser(server.admin, 'mallory', { statements: [INVOKE], tags: { team: 'red' } });
  const providerArn = await registerProvider(server, provider);
  await newRole(server.admin, 'Developer', { trust: [trustProvider(providerArn)], statements: [INVOKE] });
});
afterAll(async () => {
  iam.destroy();
  expect(await server.stop()).toBe(0);
  await provider.close();
  removeFolders();
});

/** What gateways are known to believe. */
const CLAIMS = {
  'x-litellm-customer-id': 'alice',
  'x-litellm-tags': 'team:blue',
  'x-amz-meta-principal': VICTIM,
  'x-amzn-bedrock-request-metadata': JSON.stringify({ principal: VICTIM, 'iamPrincipal/team': 'blue' }),
  'x-tallyline-principal': VICTIM,
  'x-forwarded-user': 'alice',
  'x-portkey-metadata': JSON.stringify({ _user: 'alice', team: 'blue' }),
  'openai-organization': 'alice',
  'openai-project': 'alice',
};

/** The same question at every door, with claims in headers and body. Answers how many calls that were. */
async function claimAtEveryDoor(secret: string): Promise<number> {
  const metadata = { user_id: 'alice', principal: VICTIM, team: 'blue' };
  const messages = [{ role: 'user' as const, content: 'hello' }];
  const anthropic = new Anthropic({ apiKey: secret, baseURL: `${server.url}/anthropic`, maxRetries: 0 });
  const ofAnthropic = { model: MODEL, max_tokens: 5, messages, metadata: { user_id: 'alice' } };
  await anthropic.messages.create(ofAnthropic, { headers: CLAIMS });
  const openai = new OpenAI({ apiKey: secret, baseURL: `${server.url}/openai/v1`, maxRetries: 0 });
  const ofOpenAi = { model: MODEL, messages, user: 'alice', safety_identifier: 'alice', metadata };
  await openai.chat.completions.create(ofOpenAi, { headers: CLAIMS });
  const call = bearerCall(server.url, secret, CLAIMS);
  const body = JSON.stringify({ ...(JSON.parse(String(call.body)) as object), requestMetadata: { principal: VICTIM } });
  expect((await send(server.url, { ...call, body })).status).toBe(200);
  return 3;
}

async function billedTo(principal: string, calls: number): Promise<LedgerEntry[]> {
  await vi.waitFor(async () => expect(await ledger(server, { Principal: principal })).toHaveLength(calls), ARRIVAL);
  return ledger(server, { Principal: principal });
}

// peers rows 62, 68, 69.
describe('claims about the caller', () => {
  it('headers and bodies that name another customer, with a gateway key, at every door', async () => {
    const { Secret } = await gatewayKey(server, { UserName: 'mallory' });
    const entries = await billedTo(user('mallory'), await claimAtEveryDoor(Secret));
    expect(entries.map(({ Tags }) => Tags)).toEqual(entries.map(() => ({ team: 'red' })));
    expect(await ledger(server, { Principal: VICTIM })).toEqual([]);
  });

  it('headers and bodies that name another customer, with an OIDC token, at every door', async () => {
    const token = await provider.sign({ sub: 'mallory@acme.org', [AWS_TAGS]: tagsClaim({ team: 'blue' }) });
    const principal = `arn:aws:sts::${ACCOUNT}:assumed-role/Developer/mallory@acme.org`;
    const entries = await billedTo(principal, await claimAtEveryDoor(token));
    // What the provider signed counts, and what is mapped of it beats its tags.
    expect(entries.map(({ Tags }) => Tags)).toEqual(entries.map(() => ({ team: 'none' })));
    expect(await ledger(server, { Principal: VICTIM })).toEqual([]);
  });
});

// peers rows 70, 78.
describe('keys of nobody', () => {
  it('a gateway key after its user has left: refused, and its spend stays under the name', async () => {
    const { UserName, PolicyName } = { UserName: 'leaver', PolicyName: 'test' };
    const document = { statements: [INVOKE], tags: { team: 'green' } };
    await newUser(server.admin, UserName, document);
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName }));
    const { GatewayKey, Secret } = await gatewayKey(server, { UserName });
    expect((await send(server.url, bearerCall(server.url, Secret))).status).toBe(200);
    const AccessKeyId = AccessKeyMetadata![0]!.AccessKeyId;
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName }));
    await iam.send(new DeleteUserCommand({ UserName }));
    expect(errorOf(await send(server.url, bearerCall(server.url, Secret))).status).toBe(403);
    expect((await billedTo(user(UserName), 1))[0]).toMatchObject({
      Principal: user(UserName),
      Tags: { team: 'green' },
    });
    await expect(tallyline(server, 'GetGatewayKey', { KeyId: GatewayKey.KeyId })).rejects.toThrow('there is no');
  });

  it('no credential at any door: refused, there is no default caller and no master key', async () => {
    const doors = [
      `/model/${MODEL}/converse`,
      '/v1/chat/completions',
      '/openai/v1/responses',
      '/openai/v1/embeddings',
      '/anthropic/v1/messages',
      '/v1/messages',
    ];
    const body = JSON.stringify({ model: MODEL, max_tokens: 5, messages: [{ role: 'user', content: 'hello' }] });
    for (const path of doors) {
      for (const claims of [
        {},
        { authorization: 'Bearer ' },
        { 'x-api-key': 'sk-master' },
        { 'x-forwarded-user': 'admin' },
      ]) {
        const headers = { host: new URL(server.url).host, 'content-type': 'application/json', ...CLAIMS, ...claims };
        const { status } = await send(server.url, { method: 'POST', path, query: '', headers, body });
        expect([401, 403], `${path} ${JSON.stringify(claims)}`).toContain(status);
      }
    }
  });
});
