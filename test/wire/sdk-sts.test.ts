import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { DeleteRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AssumeRoleCommand,
  type AssumeRoleCommandInput,
  type AssumeRoleCommandOutput,
  GetAccessKeyInfoCommand,
  GetCallerIdentityCommand,
  type GetCallerIdentityCommandOutput,
  GetFederationTokenCommand,
  GetSessionTokenCommand,
  MalformedPolicyDocumentException,
  PackedPolicyTooLargeException,
  STSClient,
  STSServiceException,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';
import { ACCOUNT, allow, as, assumed, deny, INVOKE, newRole, newUser, policyOf, tagList, trust } from './principals.ts';

const ROOT = `arn:aws:iam::${ACCOUNT}:root`;
const ASSUME = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];
const SONNET = 'anthropic.claude-sonnet-4-6';

let server: TestServer;
let user: ClientConfig;

beforeAll(async () => {
  server = await startServer();
  user = await newUser(server.admin, 'caller', { path: '/apps/', statements: [allow('sts:*'), INVOKE] });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function assumeRole(
  caller: ClientConfig,
  RoleArn: string,
  input: Partial<AssumeRoleCommandInput> = {},
): Promise<AssumeRoleCommandOutput> {
  return withSts(caller, (sts) => sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'session', ...input })));
}

function whoIs(caller: ClientConfig): Promise<GetCallerIdentityCommandOutput> {
  return withSts(caller, (sts) => sts.send(new GetCallerIdentityCommand({})));
}

async function withSts<Result>(caller: ClientConfig, use: (sts: STSClient) => Promise<Result>): Promise<Result> {
  const sts = new STSClient(caller);
  try {
    return await use(sts);
  } finally {
    sts.destroy();
  }
}

/** Calls a model, and reads what the ledger then says of the caller. */
async function spentAs(caller: ClientConfig): Promise<{ principal: string; tags: Readonly<Record<string, string>> }> {
  const bedrock = new BedrockRuntimeClient(caller);
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  const { $metadata } = await bedrock.send(new ConverseCommand({ modelId: SONNET, messages }));
  bedrock.destroy();
  const find = () => ledgerEntry(server, $metadata.requestId!);
  await expect.poll(find, ARRIVAL).toBeDefined();
  const { Principal, Tags } = (await find())!;
  return { principal: Principal, tags: Tags };
}

describe('GetCallerIdentity', () => {
  it('names a user with its path', async () => {
    const { Account, Arn, UserId, $metadata } = await whoIs(user);
    expect({ Account, Arn }).toEqual({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:user/apps/caller` });
    expect(UserId).toMatch(/^AIDA[A-Z2-7]{17}$/);
    expect($metadata.requestId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('names a session without the path of its role', async () => {
    const role = await newRole(server.admin, 'Pathed', { path: '/deep/er/', trust: [trust(ROOT)] });
    const { AssumedRoleUser, Credentials } = await assumeRole(user, role, { RoleSessionName: 'build-7@acme.org' });
    const identity = await whoIs(as(user, Credentials!));
    expect(identity.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Pathed/build-7@acme.org`);
    expect(identity.UserId).toMatch(/^AROA[A-Z2-7]{17}:build-7@acme\.org$/);
    expect(AssumedRoleUser).toEqual({ Arn: identity.Arn, AssumedRoleId: identity.UserId });
  });

  it('needs no permission, even when one is denied', async () => {
    const config = await newUser(server.admin, 'denied', { statements: [deny('*')] });
    expect((await whoIs(config)).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/denied`);
  });

  it('answers nobody who does not prove who they are', async () => {
    const sts = new STSClient({ ...user, signer: { sign: async (request) => request } });
    await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'MissingAuthenticationToken',
      message: 'Request is missing Authentication Token',
      $metadata: { httpStatusCode: 403 },
    });
    sts.destroy();
    const stolen = { ...user.credentials, sessionToken: 'AQoDYXdzEJr' };
    await expect(whoIs({ ...user, credentials: stolen })).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

describe('AssumeRole', () => {
  it('gives credentials for an hour unless the caller says otherwise', async () => {
    const role = await newRole(server.admin, 'Hourly', { trust: [trust(ROOT)], maxSessionSeconds: 7200 });
    const before = Math.floor(Date.now() / 1000);
    const { Credentials: session, PackedPolicySize, SourceIdentity } = await assumeRole(user, role);
    expect(session).toEqual({
      AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      SessionToken: expect.stringMatching(/^.{100,}$/),
      Expiration: expect.any(Date),
    });
    expect([PackedPolicySize, SourceIdentity]).toEqual([undefined, undefined]);
    const lifetime = session!.Expiration!.getTime() / 1000 - before;
    expect(lifetime).toBeGreaterThanOrEqual(3600);
    const longer = await assumeRole(user, role, { DurationSeconds: 7200 });
    expect(longer.Credentials!.Expiration!.getTime() / 1000 - before).toBeGreaterThanOrEqual(7200);
  });

  it('keeps to the limits of the role, of chaining and of the API', async () => {
    const role = await newRole(server.admin, 'Limited', {
      trust: [trust(ROOT)],
      statements: [allow('sts:AssumeRole')],
      maxSessionSeconds: 7200,
    });
    const invalid = (message: string) => ({ name: 'ValidationError', message, $metadata: { httpStatusCode: 400 } });
    const tooLong = assumeRole(user, role, { DurationSeconds: 7201 });
    await expect(tooLong).rejects.toThrow(STSServiceException);
    await expect(tooLong).rejects.toMatchObject(
      invalid('The requested DurationSeconds exceeds the MaxSessionDuration set for this role.'),
    );
    await expect(assumeRole(user, role, { DurationSeconds: 899 })).rejects.toMatchObject(
      invalid(
        "1 validation error detected: Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900",
      ),
    );
    await expect(assumeRole(user, role, { RoleSessionName: 'bad/name' })).rejects.toMatchObject(
      invalid(
        "1 validation error detected: Value 'bad/name' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
      ),
    );
    const session = await assumed(user, role, 'first');
    await expect(assumeRole(session, role, { DurationSeconds: 3601 })).rejects.toMatchObject(
      invalid('The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.'),
    );
    expect((await assumeRole(session, role, { DurationSeconds: 3600 })).Credentials).toBeDefined();
  });

  it('says only that the caller may not, whatever the trust policy asks', async () => {
    const caller = `arn:aws:iam::${ACCOUNT}:user/apps/caller`;
    const refused = (roleArn: string, action: string) => ({
      name: 'AccessDenied',
      message: `User: ${caller} is not authorized to perform: ${action} on resource: ${roleArn}`,
      $metadata: { httpStatusCode: 403 },
    });
    const missing = `arn:aws:iam::${ACCOUNT}:role/Missing`;
    await expect(assumeRole(user, missing)).rejects.toMatchObject(refused(missing, 'sts:AssumeRole'));
    const others = await newRole(server.admin, 'Others', { trust: [trust(`arn:aws:iam::${ACCOUNT}:user/admin`)] });
    await expect(assumeRole(user, others)).rejects.toMatchObject(refused(others, 'sts:AssumeRole'));

    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const named = { StringEquals: { 'sts:RoleSessionName': '${aws:username}', 'sts:ExternalId': 'x-1' } };
    const own = await newRole(server.admin, 'OwnName', { trust: [trust(caller, 'sts:AssumeRole', named)] });
    const input = { RoleSessionName: 'caller', ExternalId: 'x-1' };
    await expect(assumeRole(user, own, { ...input, RoleSessionName: 'someone' })).rejects.toMatchObject(
      refused(own, 'sts:AssumeRole'),
    );
    await expect(assumeRole(user, own, { ...input, ExternalId: 'x-2' })).rejects.toMatchObject(
      refused(own, 'sts:AssumeRole'),
    );
    expect((await assumeRole(user, own, input)).AssumedRoleUser?.Arn).toBe(
      `arn:aws:sts::${ACCOUNT}:assumed-role/OwnName/caller`,
    );
    await expect(assumeRole(user, own, { ...input, Tags: tagList({ team: 'x' }) })).rejects.toMatchObject(
      refused(own, 'sts:TagSession'),
    );
    await expect(assumeRole(user, own, { ...input, SourceIdentity: 'caller' })).rejects.toMatchObject(
      refused(own, 'sts:SetSourceIdentity'),
    );
  });

  it('ends the sessions of a role that is deleted', async () => {
    const role = await newRole(server.admin, 'ShortLived', { trust: [trust(ROOT)] });
    const session = await assumed(user, role, 'orphan');
    expect((await whoIs(session)).Account).toBe(ACCOUNT);
    const iam = new IAMClient(server.admin);
    await iam.send(new DeleteRoleCommand({ RoleName: 'ShortLived' }));
    iam.destroy();
    await expect(whoIs(session)).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      message: 'The security token included in the request is invalid.',
    });
  });
});

describe('session tags', () => {
  it("are the role's tags with the session's laid over them, in every bill", async () => {
    const role = await newRole(server.admin, 'Tagged', {
      trust: [trust(ROOT, ASSUME)],
      statements: [INVOKE],
      tags: { Department: 'role', project: 'DocFlow' },
    });
    const plain = await assumed(user, role, 'plain');
    const tagged = await assumed(user, role, 'tagged', { Tags: tagList({ department: 'session', empty: '' }) });
    expect(await spentAs(plain)).toEqual({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Tagged/plain`,
      tags: { Department: 'role', project: 'DocFlow' },
    });
    expect(await spentAs(tagged)).toEqual({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Tagged/tagged`,
      tags: { department: 'session', project: 'DocFlow', empty: '' },
    });
  });

  it('pass through a chain of roles where they are transitive, and are fixed there', async () => {
    const options = { trust: [trust(ROOT, ASSUME)], statements: [allow('sts:*'), INVOKE] };
    const [first, second, third] = [
      await newRole(server.admin, 'Chain1', options),
      await newRole(server.admin, 'Chain2', { ...options, tags: { team: 'of the role', stage: '2' } }),
      await newRole(server.admin, 'Chain3', options),
    ];
    const one = await assumed(user, first!, 'one', {
      Tags: tagList({ Team: 'ds', tenant: 'acme', local: 'gone' }),
      TransitiveTagKeys: ['team', 'tenant'],
    });
    const two = await assumed(one, second!, 'two', { Tags: tagList({ extra: 'gone too' }) });
    const three = await assumed(two, third!, 'three');
    expect((await spentAs(two)).tags).toEqual({ Team: 'ds', tenant: 'acme', stage: '2', extra: 'gone too' });
    expect(await spentAs(three)).toEqual({
      principal: `arn:aws:sts::${ACCOUNT}:assumed-role/Chain3/three`,
      tags: { Team: 'ds', tenant: 'acme' },
    });
    const invalid = (message: string) => ({
      name: 'InvalidParameterValue',
      message,
      $metadata: { httpStatusCode: 400 },
    });
    await expect(assumeRole(one, second!, { Tags: tagList({ TEAM: 'other' }) })).rejects.toMatchObject(
      invalid(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
      ),
    );
    await expect(assumeRole(user, first!, { TransitiveTagKeys: ['team'] })).rejects.toMatchObject(
      invalid('The specified transitive tag key must be included in the requested tags.'),
    );
    await expect(assumeRole(user, first!, { Tags: tagList({ a: '1', A: '2' }) })).rejects.toMatchObject(
      invalid('Duplicate tag keys found. Please note that Tag keys are case insensitive.'),
    );
  });

  it('can be held to what the caller is tagged with', async () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
    const own = { StringEquals: { 'aws:RequestTag/team': '${aws:PrincipalTag/team}' } };
    const role = await newRole(server.admin, 'Honest', { trust: [trust(ROOT), trust(ROOT, 'sts:TagSession', own)] });
    const config = await newUser(server.admin, 'honest', { statements: [allow(ASSUME)], tags: { team: 'ds' } });
    expect((await assumeRole(config, role, { Tags: tagList({ team: 'ds' }) })).PackedPolicySize).toBeGreaterThan(0);
    await expect(assumeRole(config, role, { Tags: tagList({ team: 'sales' }) })).rejects.toMatchObject({
      message: `User: arn:aws:iam::${ACCOUNT}:user/honest is not authorized to perform: sts:TagSession on resource: ${role}`,
    });
  });

  it('and policies share a packed size with an end', async () => {
    const role = await newRole(server.admin, 'Packed', { trust: [trust(ROOT, ASSUME)] });
    const { PackedPolicySize } = await assumeRole(user, role, { Tags: tagList({ team: 'ds' }) });
    expect(PackedPolicySize).toBeGreaterThan(0);
    const Tags = Array.from({ length: 50 }, (_, index) => ({
      Key: `key-${index}`.padEnd(128, 'k'),
      Value: 'v'.repeat(256),
    }));
    await expect(assumeRole(user, role, { Tags })).rejects.toThrow(PackedPolicyTooLargeException);
  });
});

describe('source identity', () => {
  it('is set once and stays through the chain', async () => {
    const options = { trust: [trust(ROOT, ASSUME)], statements: [allow('sts:*')] };
    const first = await newRole(server.admin, 'Source1', options);
    const second = await newRole(server.admin, 'Source2', options);
    const { Credentials, SourceIdentity } = await assumeRole(user, first, { SourceIdentity: 'jane@acme.org' });
    expect(SourceIdentity).toBe('jane@acme.org');
    const session = as(user, Credentials!);
    expect((await assumeRole(session, second)).SourceIdentity).toBe('jane@acme.org');
    await expect(assumeRole(session, second, { SourceIdentity: 'joe' })).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'The source identity is already set for this assume role session',
    });
  });
});

describe('session policies', () => {
  it('narrow what the role may do, and never widen it', async () => {
    const role = await newRole(server.admin, 'Narrow', { trust: [trust(ROOT)], statements: [INVOKE] });
    const haiku = 'anthropic.claude-haiku-4-5-20251001-v1:0';
    const Policy = policyOf(allow('bedrock:*', `arn:aws:bedrock:*::foundation-model/${haiku}`), allow('iam:*'));
    const session = await assumed(user, role, 'narrow', { Policy });
    const bedrock = new BedrockRuntimeClient(session);
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    expect((await bedrock.send(new ConverseCommand({ modelId: haiku, messages }))).stopReason).toBe('end_turn');
    const arn = `arn:aws:sts::${ACCOUNT}:assumed-role/Narrow/narrow`;
    await expect(bedrock.send(new ConverseCommand({ modelId: SONNET, messages }))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: ${arn} is not authorized to perform: bedrock:InvokeModel on resource: arn:aws:bedrock:us-east-1::foundation-model/${SONNET} because no session policy allows the bedrock:InvokeModel action`,
    });
    bedrock.destroy();
    const iam = new IAMClient(session);
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'Narrow' }))).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('because no identity-based policy allows the iam:DeleteRole action'),
    });
    iam.destroy();
    await expect(assumeRole(user, role, { Policy: '{"Version":' })).rejects.toThrow(MalformedPolicyDocumentException);
  });
});

describe('other sessions', () => {
  it('of GetSessionToken are the user, and are kept from IAM', async () => {
    const { Credentials } = await withSts(user, (sts) =>
      sts.send(new GetSessionTokenCommand({ DurationSeconds: 900 })),
    );
    const session = as(user, Credentials!);
    expect((await whoIs(session)).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/apps/caller`);
    expect((await spentAs(session)).principal).toBe(`arn:aws:iam::${ACCOUNT}:user/apps/caller`);
    const iam = new IAMClient(session);
    await expect(iam.send(new DeleteRoleCommand({ RoleName: 'x' }))).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
    });
    iam.destroy();
  });

  it('of GetFederationToken are a federated user with what both policies allow', async () => {
    const command = new GetFederationTokenCommand({
      Name: 'gate',
      Policy: policyOf(INVOKE),
      Tags: tagList({ team: 'ds' }),
    });
    const { Credentials, FederatedUser } = await withSts(user, (sts) => sts.send(command));
    const arn = `arn:aws:sts::${ACCOUNT}:federated-user/gate`;
    expect(FederatedUser).toEqual({ Arn: arn, FederatedUserId: `${ACCOUNT}:gate` });
    expect(await spentAs(as(user, Credentials!))).toEqual({ principal: arn, tags: { team: 'ds' } });
  });

  it('tell the account of an access key', async () => {
    const { accessKeyId } = user.credentials;
    const command = new GetAccessKeyInfoCommand({ AccessKeyId: accessKeyId });
    expect((await withSts(user, (sts) => sts.send(command))).Account).toBe(ACCOUNT);
  });
});
