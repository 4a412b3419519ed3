import Anthropic from '@anthropic-ai/sdk';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  AddClientIDToOpenIDConnectProviderCommand,
  DeleteOpenIDConnectProviderCommand,
  IAMClient,
  PutRolePolicyCommand,
  RemoveClientIDFromOpenIDConnectProviderCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { errorOf, MODEL, type RawAnswer, send, sendHttp2, type WireError } from '../faults/raw-client.ts';
import { AWS_SOURCE_IDENTITY, AWS_TAGS, OpenIdProvider, tagsClaim } from '../identity/openid-provider.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall } from './bearer-keys.ts';
import { tallyline } from './gateway-keys.ts';
import { ARRIVAL, type LedgerEntry, ledgerEntry } from './ledger.ts';
import { ACCOUNT, deny, INVOKE, newRole, policyOf } from './principals.ts';
import { registerProvider, trustProvider } from './web-identity.ts';

const roleArn = (name: string) => `arn:aws:iam::${ACCOUNT}:role/${name}`;
const principal = (role: string, name: string) => `arn:aws:sts::${ACCOUNT}:assumed-role/${role}/${name}`;

let provider: OpenIdProvider;
let server: TestServer;
let iam: IAMClient;
let providerArn: string;

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  const mappings = [
    {
      ...{ provider: provider.issuer, audiences: ['batch'], role: roleArn('Batch') },
      sessionName: 'batch-{claims.job.name}',
    },
    {
      provider: provider.issuer,
      roles: [
        { claim: 'groups', contains: 'ml', role: roleArn('Research') },
        { claim: 'department', equals: 'sales', role: roleArn('Locked') },
      ],
      role: roleArn('Developer'),
      sessionName: '{claims.email|claims.sub}',
      tags: { department: '{claims.department|none}' },
      sourceIdentity: '{claims.sub}',
    },
  ];
  server = await startServer({
    config: { federation: { caFile: provider.caFile }, gateway: { oidc: mappings } },
  });
  iam = new IAMClient(server.admin);
  providerArn = await registerProvider(server, provider);
  await iam.send(
    new AddClientIDToOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn, ClientID: 'batch' }),
  );
  const tags = { team: 'of the role', department: 'of the role' };
  for (const name of ['Developer', 'Research', 'Batch']) {
    await newRole(server.admin, name, { trust: [trustProvider(providerArn)], statements: [INVOKE], tags });
  }
  // Nobody may tag its sessions, so that no token with a mapped tag gets in.
  const locked = trustProvider(providerArn, undefined, ['sts:AssumeRoleWithWebIdentity', 'sts:SetSourceIdentity']);
  await newRole(server.admin, 'Locked', { trust: [locked], statements: [INVOKE] });
});
afterAll(async () => {
  iam.destroy();
  expect(await server.stop()).toBe(0);
  await provider.close();
  removeFolders();
});

const ask = (token: string): Promise<RawAnswer> => send(server.url, bearerCall(server.url, token));
const refusal = async (token: string): Promise<WireError> => errorOf(await ask(token));
const refused = (message: string | RegExp) => ({
  status: 403,
  code: 'AccessDeniedException',
  message: typeof message === 'string' ? message : expect.stringMatching(message),
});

async function billed(answer: Pick<RawAnswer, 'status' | 'headers' | 'text'>): Promise<LedgerEntry> {
  expect(answer.status, answer.text).toBe(200);
  return entryOf(String(answer.headers['x-amzn-requestid']));
}

async function entryOf(requestId: string): Promise<LedgerEntry> {
  await vi.waitFor(async () => expect(await ledgerEntry(server, requestId)).toBeDefined(), ARRIVAL);
  return (await ledgerEntry(server, requestId))!;
}

describe('a token of an OIDC provider', () => {
  it('is the session that its claims are mapped to, with tags of role, token and mapping', async () => {
    const token = await provider.signIn('jane@acme.org', { [AWS_TAGS]: tagsClaim({ Project: 'x' }) });
    const claims = { email: 'kim@acme.org', groups: ['staff', 'ml'], department: 'research' };
    const batch = await provider.sign({ aud: 'batch', job: { name: 'nightly' } });
    const answers = [
      await ask(token),
      await sendHttp2(server.url, bearerCall(server.url, token)),
      await ask(await provider.sign(claims)),
      await ask(batch),
    ];
    const jane = {
      Principal: principal('Developer', 'jane@acme.org'),
      Tags: { team: 'of the role', department: 'none', Project: 'x' },
    };
    const kim = {
      Principal: principal('Research', 'kim@acme.org'),
      Tags: { team: 'of the role', department: 'research' },
    };
    const nightly = { Principal: principal('Batch', 'batch-nightly') };
    expect(await Promise.all(answers.map(billed))).toMatchObject([jane, jane, kim, nightly]);
  });

  it('works in the AWS SDK and in the Anthropic SDK as a token', async () => {
    const token = await provider.sign({ email: 'sdk@acme.org' });
    const { endpoint, region } = server.admin;
    const runtime = new BedrockRuntimeClient({
      ...{ endpoint, region, token: { token }, authSchemePreference: ['httpBearerAuth'] },
    });
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    const { $metadata } = await runtime.send(new ConverseCommand({ modelId: MODEL, messages }));
    runtime.destroy();
    const anthropic = new Anthropic({ authToken: token, baseURL: `${server.url}/anthropic`, maxRetries: 0 });
    const question = { model: MODEL, max_tokens: 10, messages: [{ role: 'user' as const, content: 'hello' }] };
    const { response } = await anthropic.messages.create(question).withResponse();
    const entries = await Promise.all([$metadata.requestId!, response.headers.get('request-id')!].map(entryOf));
    expect(entries.map(({ Principal }) => Principal)).toEqual(Array(2).fill(principal('Developer', 'sdk@acme.org')));
  });

  it('is asked for its keys once', async () => {
    const token = await provider.sign({ email: 'often@acme.org' });
    expect((await ask(token)).status).toBe(200);
    const before = provider.requests.length;
    await Promise.all(Array.from({ length: 20 }, async () => expect((await ask(token)).status).toBe(200)));
    expect((await ask(await provider.sign({ email: 'another@acme.org' }))).status).toBe(200);
    expect(provider.requests.slice(before)).toEqual([]);
  });

  it('is refused by a role that does not let it be tagged, as by STS', async () => {
    const token = await provider.sign({ department: 'sales', email: 'sam@acme.org' });
    expect(await refusal(token)).toEqual(refused('Not authorized to perform sts:TagSession'));
    const { Events } = await tallyline<{ Events: { userIdentity: object; errorCode: string }[] }>(
      server,
      'LookupAuditEvents',
      { EventName: 'Converse', MaxResults: 1 },
    );
    expect(Events[0]).toMatchObject({
      errorCode: 'AccessDenied',
      userIdentity: { type: 'WebIdentityUser', userName: 'someone', identityProvider: providerArn },
    });
  });
});

describe('a token that is not good', () => {
  const INVALID = /^Authentication failed: The web identity token that was passed could not be validated by AWS\./;

  it('is refused: forged, expired, unsigned, for another audience, of nobody', async () => {
    const good = await provider.sign({ email: 'eve@acme.org' });
    const [header, payload, signature] = good.split('.') as [string, string, string];
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
    const forged = encode({ ...claims, email: 'root@acme.org' });
    expect(await refusal(`${header}.${forged}.${signature}`)).toEqual(refused(INVALID));
    for (const unsigned of [
      `${encode({ alg: 'none' })}.${forged}.`,
      `${encode({ alg: 'HS256' })}.${forged}.${signature}`,
    ]) {
      expect((await refusal(unsigned)).status).toBe(403);
    }
    const past = Math.floor(Date.now() / 1000) - 301;
    expect(await refusal(await provider.sign({ email: 'eve@acme.org', exp: past }))).toEqual(
      refused('Bearer Token has expired'),
    );
    expect(await refusal(await provider.sign({ aud: 'somebody else' }))).toEqual(
      refused('Authentication failed: Incorrect token audience'),
    );
    const nobody = { ...claims, iss: 'https://idp.example.com' };
    expect(await refusal(`${header}.${encode(nobody)}.${signature}`)).toEqual(
      refused('Authentication failed: No OpenIDConnect provider found in your account for https://idp.example.com'),
    );
    const anonymous = await provider.sign({ aud: 'batch' });
    expect(await refusal(anonymous)).toEqual(
      refused('Authentication failed: The claims of the token give no session name: batch-{claims.job.name}'),
    );
    for (const email of ['jane doe', 'j', `${'j'.repeat(60)}@acme.org`, 'jane/../root']) {
      expect(await refusal(await provider.sign({ email }))).toEqual(refused(/give no valid session name/));
    }
    expect((await ask(good)).status).toBe(200);
  });

  it('is no credential of any other service', async () => {
    const token = await provider.sign({ email: 'eve@acme.org' });
    const call = { ...bearerCall(server.url, token), path: '/', body: 'Action=GetCallerIdentity&Version=2011-06-15' };
    const form = { ...call.headers, 'content-type': 'application/x-www-form-urlencoded' };
    expect(errorOf(await send(server.url, { ...call, headers: form })).code).toBe('IncompleteSignature');
  });
});

describe('what changes while a token is out', () => {
  it('counts from the next call on', async () => {
    const token = await provider.sign({ email: 'lena@acme.org' });
    expect((await ask(token)).status).toBe(200);
    await iam.send(new TagRoleCommand({ RoleName: 'Developer', Tags: [{ Key: 'team', Value: 'new' }] }));
    expect((await billed(await ask(token))).Tags).toMatchObject({ team: 'new' });

    const policy = { RoleName: 'Developer', PolicyName: 'stop' };
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: policyOf(deny('bedrock:*')) }));
    expect((await refusal(token)).message).toMatch(/with an explicit deny/);
    await iam.send(new PutRolePolicyCommand({ ...policy, PolicyDocument: policyOf(INVOKE) }));
    expect((await ask(token)).status).toBe(200);

    const trusts = async (email: string) => {
      const statement = trustProvider(providerArn, { StringEquals: { 'sts:RoleSessionName': email } });
      const document = { RoleName: 'Developer', PolicyDocument: policyOf(statement) };
      await iam.send(new UpdateAssumeRolePolicyCommand(document));
    };
    await trusts('somebody@acme.org');
    expect(await refusal(token)).toEqual(refused('Not authorized to perform sts:AssumeRoleWithWebIdentity'));
    await trusts('lena@acme.org');
    expect((await ask(token)).status).toBe(200);

    const client = { OpenIDConnectProviderArn: providerArn, ClientID: provider.clientId };
    await iam.send(new RemoveClientIDFromOpenIDConnectProviderCommand(client));
    expect(await refusal(token)).toEqual(refused('Authentication failed: Incorrect token audience'));
    await iam.send(new AddClientIDToOpenIDConnectProviderCommand(client));
    expect((await ask(token)).status).toBe(200);

    await iam.send(new DeleteOpenIDConnectProviderCommand({ OpenIDConnectProviderArn: providerArn }));
    expect((await refusal(token)).message).toMatch(/No OpenIDConnect provider found/);
    await registerProvider(server, provider);
    expect((await ask(token)).status).toBe(200);
  });

  it('is the source identity too, which the role must let be set', async () => {
    const token = await provider.sign({ email: 'lena@acme.org', [AWS_SOURCE_IDENTITY]: 'ignored' });
    expect((await ask(token)).status).toBe(200);
    const statement = trustProvider(providerArn, undefined, ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession']);
    const document = { RoleName: 'Developer', PolicyDocument: policyOf(statement) };
    await iam.send(new UpdateAssumeRolePolicyCommand(document));
    expect(await refusal(token)).toEqual(refused('Not authorized to perform sts:SetSourceIdentity'));
  });
});
