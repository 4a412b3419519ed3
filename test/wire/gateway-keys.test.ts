import Anthropic from '@anthropic-ai/sdk';
import { BedrockClient, ListFoundationModelsCommand } from '@aws-sdk/client-bedrock';
import { BedrockRuntimeClient, ConverseCommand, CountTokensCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  ListAccessKeysCommand,
  PutUserPolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { readGatewayKey, writeGatewayKey } from '../../src/wire/gateway-key.ts';
import { errorOf, jsonCall, MODEL, type RawAnswer, send, sendHttp2, signed } from '../faults/raw-client.ts';
import { expectNoSecrets, watch } from '../faults/secret-watch.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall } from './bearer-keys.ts';
import { gatewayKey, type IssuedKey, tallyline, type WireGatewayKey } from './gateway-keys.ts';
import { ARRIVAL, type LedgerEntry, ledgerEntry } from './ledger.ts';
import { ACCOUNT, allow, INVOKE, newRole, newUser, policyOf, trust } from './principals.ts';

const NOVA = 'amazon.nova-lite-v1:0';
const ANA = `arn:aws:iam::${ACCOUNT}:user/people/ana`;
const CALLS = [INVOKE, allow(['bedrock:CountTokens', 'bedrock:List*', 'bedrock:Get*'])];
const REFUSED = {
  status: 403,
  code: 'AccessDeniedException',
  message: 'Authentication failed: Please make sure your gateway key is valid.',
};

let server: TestServer;
let iam: IAMClient;

beforeAll(async () => {
  server = watch(await startServer({ config: { logLevel: 'debug', gateway: { keys: { maxDays: 400 } } } }));
  iam = new IAMClient(server.admin);
  await newUser(server.admin, 'ana', { statements: CALLS, tags: { team: 'red', floor: '2' }, path: '/people/' });
  await role('Workload');
});
afterAll(async () => {
  iam.destroy();
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

const role = (name: string) =>
  newRole(server.admin, name, {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)],
    statements: CALLS,
    tags: { team: 'blue' },
  });

const ask = (secret: string): Promise<RawAnswer> => send(server.url, bearerCall(server.url, secret));

async function billed(answer: RawAnswer): Promise<LedgerEntry> {
  expect(answer.status, answer.text).toBe(200);
  const requestId = String(answer.headers['x-amzn-requestid']);
  return vi.waitFor(
    async () => (await ledgerEntry(server, requestId)) ?? Promise.reject(new Error('not yet')),
    ARRIVAL,
  );
}

const show = async (id: string) =>
  (await tallyline<{ GatewayKey: WireGatewayKey }>(server, 'GetGatewayKey', { KeyId: id })).GatewayKey;

describe('a gateway key', () => {
  it('makes its user pay, with the tags of user and key, over HTTP/1.1 and HTTP/2', async () => {
    const { GatewayKey, Secret } = await gatewayKey(server, { UserName: 'ana', Tags: { Team: 'green' } });
    expect(GatewayKey).toMatchObject({ Principal: ANA, Status: 'ACTIVE', Scopes: ['inference', 'models', 'self'] });
    expect(Secret).toMatch(/^tly-[A-Z2-7]{16}-[0-9A-Za-z]{49}$/);
    const answers = [await ask(Secret), await sendHttp2(server.url, bearerCall(server.url, Secret))];
    const entry = { Principal: ANA, Tags: { Team: 'green', floor: '2' }, Region: 'us-east-1' };
    expect(await Promise.all(answers.map(billed))).toMatchObject([entry, entry]);
    const { ExpiresAt, LastUsedAt } = await show(GatewayKey.KeyId);
    expect(Date.parse(ExpiresAt) - Date.now()).toBeGreaterThan(89.9 * DAY_MS);
    expect(Date.parse(LastUsedAt!)).toBeGreaterThan(Date.now() - DAY_MS);
  });

  it('of a role is a session of the role, with the tags that the role has at the call', async () => {
    const { GatewayKey, Secret } = await gatewayKey(server, {
      ...{ RoleName: 'Workload', SessionName: 'nightly', Tags: { job: 'etl' } },
    });
    const principal = `arn:aws:sts::${ACCOUNT}:assumed-role/Workload/nightly`;
    expect(GatewayKey.Principal).toBe(principal);
    expect(await billed(await ask(Secret))).toMatchObject({ Principal: principal, Tags: { team: 'blue', job: 'etl' } });
    await iam.send(new TagRoleCommand({ RoleName: 'Workload', Tags: [{ Key: 'team', Value: 'teal' }] }));
    expect((await billed(await ask(Secret))).Tags).toEqual({ team: 'teal', job: 'etl' });
  });

  it('works in the AWS SDK as a token and in the Anthropic SDK as an API key', async () => {
    const { Secret } = await gatewayKey(server, { UserName: 'ana' });
    const { endpoint, region } = server.admin;
    const config = { endpoint, region, token: { token: Secret }, authSchemePreference: ['httpBearerAuth'] };
    const bedrock = new BedrockClient(config);
    const { modelSummaries } = await bedrock.send(new ListFoundationModelsCommand({}));
    expect(modelSummaries?.length).toBeGreaterThan(0);
    bedrock.destroy();
    const anthropic = new Anthropic({ apiKey: Secret, baseURL: `${server.url}/anthropic`, maxRetries: 0 });
    const question = { model: MODEL, max_tokens: 10, messages: [{ role: 'user' as const, content: 'hello' }] };
    const { data, response } = await anthropic.messages.create(question).withResponse();
    expect(data.usage.output_tokens).toBeGreaterThan(0);
    const requestId = response.headers.get('x-amzn-requestid') ?? response.headers.get('request-id');
    await vi.waitFor(async () => expect((await ledgerEntry(server, requestId!))?.Principal).toBe(ANA), ARRIVAL);
    const twice = new Anthropic({ apiKey: Secret, baseURL: anthropic.baseURL, maxRetries: 0 });
    const second = { headers: { 'api-key': Secret } };
    await expect(twice.messages.create(question, second)).rejects.toMatchObject({ status: 401 });
  });
});

describe('a gateway key that is not in force', () => {
  const refused = async (secret: string) => errorOf(await ask(secret));

  it('is refused in the same words, whatever is wrong with it', async () => {
    const { Secret } = await gatewayKey(server, { UserName: 'ana' });
    const { Secret: other } = await gatewayKey(server, { RoleName: 'Workload', SessionName: 'other' });
    const { GatewayKey, Secret: disabled } = await gatewayKey(server, { UserName: 'ana', AllowedModels: ['*'] });
    await tallyline(server, 'UpdateGatewayKey', { KeyId: GatewayKey.KeyId, Disabled: true });
    expect(await refused(disabled)).toEqual(REFUSED);
    await tallyline(server, 'UpdateGatewayKey', { KeyId: GatewayKey.KeyId, Disabled: false });
    expect((await ask(disabled)).status).toBe(200);
    await tallyline(server, 'DeleteGatewayKey', { KeyId: GatewayKey.KeyId });
    expect(await refused(disabled)).toEqual(REFUSED);
    // The id of one key with the secret of another, under a checksum that fits.
    const crossed = writeGatewayKey({ id: readGatewayKey(Secret).id, secret: readGatewayKey(other).secret });
    expect(await refused(crossed)).toEqual(REFUSED);
  });

  it('is told from one with a typo before it is looked up', async () => {
    const { Secret } = await gatewayKey(server, { UserName: 'ana' });
    const swapped = Secret.slice(0, -1) + (Secret.endsWith('0') ? '1' : '0');
    for (const typo of [swapped, Secret.slice(0, -1), `${Secret}0`, Secret.toLowerCase(), 'tly-']) {
      expect(await refused(typo)).toEqual({
        ...REFUSED,
        message: 'Authentication failed: The gateway key is incomplete or mistyped.',
      });
    }
  });

  it('goes with its user or role, also when one is made anew under the name', async () => {
    await newUser(server.admin, 'leaver', { statements: CALLS });
    await role('Shortlived');
    const ofUser = await gatewayKey(server, { UserName: 'leaver' });
    const ofRole = await gatewayKey(server, { RoleName: 'Shortlived', SessionName: 'job' });
    for (const { Secret } of [ofUser, ofRole]) expect((await ask(Secret)).status).toBe(200);
    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'leaver' }));
    const AccessKeyId = AccessKeyMetadata![0]!.AccessKeyId;
    await iam.send(new DeleteAccessKeyCommand({ UserName: 'leaver', AccessKeyId }));
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'leaver', PolicyName: 'test' }));
    await iam.send(new DeleteUserCommand({ UserName: 'leaver' }));
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'Shortlived', PolicyName: 'test' }));
    await iam.send(new DeleteRoleCommand({ RoleName: 'Shortlived' }));
    for (const { Secret } of [ofUser, ofRole]) expect(await refused(Secret)).toEqual(REFUSED);
    await newUser(server.admin, 'leaver', { statements: CALLS });
    await role('Shortlived');
    for (const { Secret } of [ofUser, ofRole]) expect(await refused(Secret)).toEqual(REFUSED);
    await expect(show(ofUser.GatewayKey.KeyId)).rejects.toThrow('there is no gateway key');
  });

  it('is good for a while after its rotation, and ends on its day', async () => {
    const { GatewayKey, Secret } = await gatewayKey(server, { UserName: 'ana', ExpiresInDays: 30 });
    const { KeyId } = GatewayKey;
    const rotated = await tallyline<IssuedKey>(server, 'RotateGatewayKey', { KeyId });
    expect(rotated.GatewayKey.KeyId).toBe(KeyId);
    expect(rotated.GatewayKey.PreviousSecretUntil).toBeDefined();
    for (const secret of [Secret, rotated.Secret]) expect((await ask(secret)).status).toBe(200);
    const again = await tallyline<IssuedKey>(server, 'RotateGatewayKey', { KeyId, GraceHours: 0 });
    expect(await refused(Secret)).toEqual(REFUSED);
    expect((await refused(rotated.Secret)).message).toBe(
      `Authentication failed: The gateway key ${KeyId} has expired.`,
    );
    expect((await ask(again.Secret)).status).toBe(200);
    await expect(tallyline(server, 'RotateGatewayKey', { KeyId, ExpiresInDays: 401 })).rejects.toThrow(
      'at most 400 days',
    );
  });
});

describe('what a key permits', () => {
  const denied = (key: WireGatewayKey, reason: string) => ({
    status: 403,
    code: 'AccessDeniedException',
    message: expect.stringMatching(
      new RegExp(
        `^User: ${ANA} is not authorized .* because the gateway key ${key.Name} \\(${key.KeyId}\\) ${reason}$`,
      ),
    ),
  });

  it('is the models it names, by their resolved ids', async () => {
    const { GatewayKey, Secret } = await gatewayKey(server, { UserName: 'ana', AllowedModels: ['anthropic.claude-*'] });
    const call = (modelId: string) =>
      send(server.url, { ...bearerCall(server.url, Secret), path: `/model/${encodeURIComponent(modelId)}/converse` });
    expect((await call(MODEL)).status).toBe(200);
    expect((await call(`us.${MODEL}`)).status).toBe(200);
    expect(errorOf(await call(NOVA))).toEqual(denied(GatewayKey, `does not allow the model ${NOVA}`));
    await tallyline(server, 'UpdateGatewayKey', { KeyId: GatewayKey.KeyId, AllowedModels: [] });
    expect((await call(NOVA)).status).toBe(200);
  });

  it('is its scopes, and nothing of the control plane in any', async () => {
    const { GatewayKey, Secret } = await gatewayKey(server, { UserName: 'ana', Scopes: ['models'] });
    expect(errorOf(await ask(Secret))).toEqual(denied(GatewayKey, 'does not have the scope inference'));
    const { Secret: inference, GatewayKey: key } = await gatewayKey(server, { UserName: 'ana', Scopes: ['inference'] });
    const get = { ...bearerCall(server.url, inference), method: 'GET', path: '/foundation-models', body: '' };
    expect(errorOf(await send(server.url, get))).toEqual(denied(key, 'does not have the scope models'));
    const { endpoint, region } = server.admin;
    const runtime = new BedrockRuntimeClient({
      endpoint,
      region,
      token: { token: inference },
      authSchemePreference: ['httpBearerAuth'],
    });
    const converse = { messages: [{ role: 'user' as const, content: [{ text: 'hello' }] }] };
    expect(
      (await runtime.send(new CountTokensCommand({ modelId: MODEL, input: { converse } }))).inputTokens,
    ).toBeGreaterThan(0);
    expect((await runtime.send(new ConverseCommand({ modelId: MODEL, ...converse }))).usage).toBeDefined();
    runtime.destroy();
    const target = jsonCall('AWSInsightsIndexService.GetCostAndUsage', {});
    const answer = await send(server.url, {
      ...target,
      headers: { ...target.headers, host: new URL(server.url).host, authorization: `Bearer ${inference}` },
    });
    expect(errorOf(answer)).toMatchObject({ status: 400, code: 'IncompleteSignatureException' });
  });

  it('is never more than what the policies of its owner allow', async () => {
    await newUser(server.admin, 'nobody');
    const { Secret } = await gatewayKey(server, { UserName: 'nobody' });
    expect((await errorOf(await ask(Secret))).message).toMatch(/because no identity-based policy allows/);
    await iam.send(new PutUserPolicyCommand({ UserName: 'nobody', PolicyName: 'p', PolicyDocument: policyOf(INVOKE) }));
    expect((await ask(Secret)).status).toBe(200);
  });
});

describe('who may make a key', () => {
  const asUser = (user: ClientConfig) => {
    const { endpoint, region, credentials } = user;
    return new TallylineClient({ endpoint: String(endpoint), region, ...credentials }, () => Date.now());
  };

  it('is who may act as its owner, and tag it', async () => {
    const USER = `arn:aws:iam::${ACCOUNT}:user/`;
    const own = allow(['tallyline:*', 'iam:CreateAccessKey'], `${USER}\${aws:username}`);
    const zoe = asUser(await newUser(server.admin, 'zoe', { statements: [own] }));
    await expect(zoe.call('CreateGatewayKey', { Name: 'k', UserName: 'zoe' })).resolves.toHaveProperty('Secret');
    for (const input of [{ UserName: 'ana' }, { RoleName: 'Workload', SessionName: 'x1' }, { UserName: 'none' }]) {
      await expect(zoe.call('CreateGatewayKey', { Name: 'k', ...input })).rejects.toThrow(
        'is not authorized to perform: tallyline:CreateGatewayKey',
      );
    }
    // A report's reader with every permission of Tallyline's is nobody else's key.
    const finops = asUser(await newUser(server.admin, 'finops', { statements: [allow('tallyline:*')] }));
    await expect(finops.call('CreateGatewayKey', { Name: 'k', UserName: 'ana' })).rejects.toThrow(
      'iam:CreateAccessKey',
    );
    await expect(
      finops.call('CreateGatewayKey', { Name: 'k', RoleName: 'Workload', SessionName: 'x1' }),
    ).rejects.toThrow('iam:PassRole');
    const named = {
      ...allow(['tallyline:*', 'iam:PassRole']),
      Condition: { StringLikeIfExists: { 'sts:RoleSessionName': 'lea-*' } },
    };
    const lea = asUser(await newUser(server.admin, 'lea', { statements: [named] }));
    const nightly = { RoleName: 'Workload', SessionName: 'lea-nightly' };
    await expect(lea.call('CreateGatewayKey', { Name: 'k', ...nightly })).resolves.toHaveProperty('Secret');
    await expect(
      lea.call('CreateGatewayKey', { Name: 'k', RoleName: 'Workload', SessionName: 'zoe-nightly' }),
    ).rejects.toThrow('tallyline:CreateGatewayKey');
    const untagged = [allow(['tallyline:CreateGatewayKey', 'iam:CreateAccessKey'])];
    const kim = asUser(await newUser(server.admin, 'kim', { statements: untagged }));
    const tagged = { Name: 'tagged', UserName: 'kim', Tags: { team: 'red' } };
    await expect(kim.call('CreateGatewayKey', tagged)).rejects.toThrow('tallyline:TagGatewayKey');
    await expect(kim.call('CreateGatewayKey', { Name: 'own', UserName: 'kim' })).resolves.toHaveProperty('Secret');
  });

  it('gets a list without secrets, page by page', async () => {
    await newUser(server.admin, 'many');
    for (const Name of ['a', 'b', 'c']) await gatewayKey(server, { Name, UserName: 'many' });
    await expect(gatewayKey(server, { Name: 'a', UserName: 'many' })).rejects.toThrow(
      'there is a gateway key `a` already',
    );
    const first = await tallyline<{ GatewayKeys: WireGatewayKey[]; NextToken: string }>(server, 'ListGatewayKeys', {
      UserName: 'many',
      MaxResults: 2,
    });
    const rest = await tallyline<{ GatewayKeys: WireGatewayKey[] }>(server, 'ListGatewayKeys', {
      UserName: 'many',
      NextToken: first.NextToken,
    });
    expect([...first.GatewayKeys, ...rest.GatewayKeys].map(({ Name }) => Name).sort()).toEqual(['a', 'b', 'c']);
    expect(JSON.stringify(first)).not.toContain('tly-');
  });

  it('is in the audit log, the secret is not', async () => {
    const { GatewayKey } = await gatewayKey(server, { UserName: 'ana', Tags: { audited: 'yes' } });
    const { Events } = await tallyline<{ Events: { requestParameters: unknown; responseElements: unknown }[] }>(
      server,
      'LookupAuditEvents',
      { EventName: 'CreateGatewayKey', MaxResults: 1 },
    );
    expect(Events[0]).toMatchObject({
      requestParameters: { userName: 'ana', tags: { audited: 'yes' } },
      responseElements: { gatewayKey: { keyId: GatewayKey.KeyId }, secret: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
  });

  it('presents no key in a signed request', async () => {
    const { Secret } = await gatewayKey(server, { UserName: 'ana' });
    const call = signed(server.url, bearerCall(server.url, Secret), {
      service: 'bedrock',
      keys: server.admin.credentials,
    });
    const both = {
      ...call,
      headers: { ...call.headers, authorization: `Bearer ${Secret}`, 'x-amz-security-token': 'x' },
    };
    expect(errorOf(await send(server.url, both)).code).toBe('InvalidSignatureException');
  });
});
