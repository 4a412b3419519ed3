import { mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { join } from 'node:path';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  ListUsersCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, GetFederationTokenCommand, STSClient } from '@aws-sdk/client-sts';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { generate } from 'selfsigned';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AuditRecord } from '../../src/audit/audit-record.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ACCOUNT, allow, as, assumed, INVOKE, newRole, newUser, policyOf, trust } from '../wire/principals.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  removeFolders();
});

/** Every record so far, oldest first. */
function records(data = server.data): AuditRecord[] {
  const folder = join(data, 'audit');
  return readdirSync(folder)
    .filter((name) => name.endsWith('.jsonl'))
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as AuditRecord);
}

function last(eventName: string): AuditRecord {
  const found = records().findLast((record) => record.eventName === eventName);
  if (!found) throw new Error(`no record of ${eventName}`);
  return found;
}

const MODEL = 'anthropic.claude-sonnet-4-6';
const messages = [{ role: 'user' as const, content: [{ text: "the prompt is nobody else's business" }] }];

describe('the audit log', () => {
  it('has a change in the form of CloudTrail before it is answered', async () => {
    const iam = new IAMClient(server.admin);
    const answer = await iam.send(
      new CreateUserCommand({ UserName: 'alice', Tags: [{ Key: 'CostCenter', Value: '4711' }] }),
    );
    const record = last('CreateUser');
    expect(record).toMatchObject({
      eventVersion: '1.11',
      userIdentity: {
        type: 'IAMUser',
        principalId: expect.stringMatching(/^AIDA/),
        arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
        accountId: ACCOUNT,
        accessKeyId: server.admin.credentials.accessKeyId,
        userName: 'admin',
      },
      eventTime: expect.stringMatching(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/),
      eventSource: 'iam.amazonaws.com',
      eventName: 'CreateUser',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      userAgent: expect.stringContaining('aws-sdk-js'),
      requestParameters: { userName: 'alice', tags: [{ key: 'CostCenter', value: '4711' }] },
      responseElements: { user: { userName: 'alice', arn: `arn:aws:iam::${ACCOUNT}:user/alice`, path: '/' } },
      requestID: answer.$metadata.requestId,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    });
    expect(record).not.toHaveProperty('errorCode');
    expect(record).not.toHaveProperty('tlsDetails');
  });

  it('has reads without their answer, and refusals with the reason', async () => {
    const iam = new IAMClient(server.admin);
    await iam.send(new ListUsersCommand({ MaxItems: 3 }));
    expect(last('ListUsers')).toMatchObject({
      readOnly: true,
      requestParameters: { maxItems: 3 },
      responseElements: null,
    });
    await expect(iam.send(new GetUserCommand({ UserName: 'nobody' }))).rejects.toThrow();
    expect(last('GetUser')).toMatchObject({
      errorCode: 'NoSuchEntityException',
      errorMessage: 'The user with name nobody cannot be found.',
      requestParameters: { userName: 'nobody' },
    });
    const bob = new IAMClient(await newUser(server.admin, 'bob'));
    await expect(bob.send(new CreateUserCommand({ UserName: 'carol' }))).rejects.toThrow();
    expect(last('CreateUser')).toMatchObject({
      userIdentity: { type: 'IAMUser', userName: 'bob' },
      errorCode: 'AccessDenied',
      errorMessage: expect.stringContaining('is not authorized to perform: iam:CreateUser'),
      requestParameters: { userName: 'carol' },
      responseElements: null,
    });
  });

  it('hides secrets in what it keeps', async () => {
    const iam = new IAMClient(server.admin);
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    expect(last('CreateAccessKey').responseElements).toMatchObject({
      accessKey: { accessKeyId: key!.AccessKeyId, secretAccessKey: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    });
    expect(JSON.stringify(records())).not.toContain(key!.SecretAccessKey);
  });

  it('shows sessions of roles with their issuer, and hides their credentials', async () => {
    const user = await newUser(server.admin, 'dave', { statements: [allow('sts:*')] });
    const app = await newRole(server.admin, 'App', {
      trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'])],
      path: '/apps/',
    });
    const sts = new STSClient(user);
    const input = {
      RoleArn: app,
      RoleSessionName: 'dave',
      SourceIdentity: 'dave',
      Tags: [{ Key: 'team', Value: 'x' }],
    };
    const { Credentials: credentials } = await sts.send(new AssumeRoleCommand(input));
    const record = last('AssumeRole');
    expect(record).toMatchObject({
      userIdentity: { type: 'IAMUser', userName: 'dave' },
      readOnly: true,
      requestParameters: {
        roleArn: app,
        roleSessionName: 'dave',
        sourceIdentity: 'dave',
        tags: [{ key: 'team', value: 'x' }],
      },
      responseElements: {
        credentials: {
          accessKeyId: credentials!.AccessKeyId,
          secretAccessKey: 'HIDDEN_DUE_TO_SECURITY_REASONS',
          sessionToken: 'HIDDEN_DUE_TO_SECURITY_REASONS',
          expiration: credentials!.Expiration!.toISOString().replace('.000Z', 'Z'),
        },
        assumedRoleUser: { arn: `arn:aws:sts::${ACCOUNT}:assumed-role/App/dave` },
        sourceIdentity: 'dave',
      },
      resources: [{ accountId: ACCOUNT, type: 'AWS::IAM::Role', ARN: app }],
    });
    await new STSClient(as(user, credentials!)).send(new GetCallerIdentityCommand({}));
    expect(last('GetCallerIdentity').userIdentity).toEqual({
      type: 'AssumedRole',
      principalId: expect.stringMatching(/^AROA[A-Z0-9]+:dave$/),
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/App/dave`,
      accountId: ACCOUNT,
      accessKeyId: credentials!.AccessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: expect.stringMatching(/^AROA/),
          arn: app,
          accountId: ACCOUNT,
          userName: 'App',
        },
        attributes: { creationDate: expect.stringMatching(/Z$/), mfaAuthenticated: 'false' },
        sourceIdentity: 'dave',
      },
    });
    const federation = { Name: 'erin', Policy: policyOf(allow('*')) };
    const { Credentials: federated } = await sts.send(new GetFederationTokenCommand(federation));
    await new STSClient(as(user, federated!)).send(new GetCallerIdentityCommand({}));
    expect(last('GetCallerIdentity').userIdentity).toMatchObject({
      type: 'FederatedUser',
      principalId: `${ACCOUNT}:erin`,
      arn: `arn:aws:sts::${ACCOUNT}:federated-user/erin`,
      sessionContext: {
        sessionIssuer: { type: 'IAMUser', userName: 'dave', arn: `arn:aws:iam::${ACCOUNT}:user/dave` },
      },
    });
    const text = JSON.stringify(records());
    for (const { SecretAccessKey, SessionToken } of [credentials!, federated!]) {
      expect(text).not.toContain(SecretAccessKey);
      expect(text).not.toContain(SessionToken);
    }
  });

  it('has denied inference without its content, and leaves answered inference to the usage events', async () => {
    const mallory = new BedrockRuntimeClient(await newUser(server.admin, 'mallory'));
    await expect(mallory.send(new ConverseCommand({ modelId: MODEL, messages }))).rejects.toThrow();
    expect(last('Converse')).toMatchObject({
      eventSource: 'bedrock.amazonaws.com',
      userIdentity: { userName: 'mallory' },
      errorCode: 'AccessDenied',
      requestParameters: { modelId: MODEL },
      responseElements: null,
    });
    expect(JSON.stringify(records())).not.toContain('business');
    const before = records().length;
    const frank = new BedrockRuntimeClient(await newUser(server.admin, 'frank', { statements: [INVOKE] }));
    await frank.send(new ConverseCommand({ modelId: MODEL, messages }));
    expect(
      records()
        .slice(before)
        .map(({ eventName }) => eventName),
    ).not.toContain('Converse');
  });

  it('has callers that are not who they say, each kind once a minute, and the count when it stops', async () => {
    const lone = await startServer();
    const stranger = {
      ...lone.admin,
      credentials: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) },
    };
    const runtime = new BedrockRuntimeClient(stranger);
    const sts = new STSClient(stranger);
    for (let n = 0; n < 20; n++) {
      await expect(runtime.send(new ConverseCommand({ modelId: MODEL, messages }))).rejects.toThrow();
      await expect(sts.send(new GetCallerIdentityCommand({}))).rejects.toThrow();
    }
    await lone.stop();
    const found = records(lone.data).filter(({ userIdentity }) => userIdentity.type === 'Unknown');
    expect(found[0]).toMatchObject({
      userIdentity: { type: 'Unknown', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' },
      errorCode: 'UnrecognizedClientException',
      requestParameters: null,
      recipientAccountId: ACCOUNT,
    });
    const repeated = found.map(({ additionalEventData }) => Number(additionalEventData?.repeatedCalls ?? 0));
    const written = repeated.filter((count) => count === 0).length;
    // Twenty of each: whatever was not written is counted. A minute may have ended in between.
    expect(written + repeated.reduce((sum, count) => sum + count, 0)).toBe(40);
    expect(written).toBeLessThanOrEqual(4);
  });

  it('is complete after the process was killed', async () => {
    const first = await startServer();
    const iam = new IAMClient(first.admin);
    await Promise.all([...Array(20).keys()].map((n) => iam.send(new CreateUserCommand({ UserName: `user${n}` }))));
    await first.kill();
    const created = records(first.data).filter(({ eventName }) => eventName === 'CreateUser');
    expect(created).toHaveLength(20);
    const second = await startServer({ data: first.data });
    expect(second.output()).not.toContain('tampered');
    await new IAMClient(second.admin).send(
      new CreateRoleCommand({
        RoleName: 'r',
        AssumeRolePolicyDocument: policyOf(trust(`arn:aws:iam::${ACCOUNT}:root`)),
      }),
    );
    await second.stop();
    expect(records(first.data).at(-1)).toMatchObject({ eventName: 'CreateRole' });
  });

  it('refuses changes while it cannot be written, goes on reading, and owes nothing when it can again', async () => {
    const lone = await startServer();
    const iam = new IAMClient({ ...lone.admin, maxAttempts: 1 });
    // Where the day's file will be, nothing was written yet: the first call makes it.
    const days = [0, 1].map((offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10));
    const blocked = days.map((day) => join(lone.data, 'audit', `${day}.jsonl`));
    for (const path of blocked) mkdirSync(path);
    const create = (UserName: string) => iam.send(new CreateUserCommand({ UserName }));
    const unavailable = { name: 'ServiceUnavailable', $metadata: { httpStatusCode: 503 } };
    await expect(create('before-it-was-known')).rejects.toMatchObject(unavailable);
    await expect(create('after')).rejects.toMatchObject(unavailable);
    await expect(iam.send(new GetUserCommand({ UserName: 'after' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
    });
    expect((await iam.send(new GetUserCommand({ UserName: 'before-it-was-known' }))).User).toBeDefined();
    const runtime = new BedrockRuntimeClient(lone.admin);
    expect((await runtime.send(new ConverseCommand({ modelId: MODEL, messages }))).stopReason).toBe('end_turn');
    expect(lone.output()).toContain('the audit log cannot be written');
    for (const path of blocked) rmdirSync(path);
    await vi.waitFor(() => create('again'), { timeout: 20_000, interval: 200 });
    const created = records(lone.data).filter(({ eventName }) => eventName === 'CreateUser');
    expect(created.map(({ requestParameters }) => requestParameters?.userName ?? null)).toEqual(
      expect.arrayContaining(['before-it-was-known', 'again']),
    );
    const answered = created.filter(({ errorCode }) => errorCode === undefined);
    expect(answered.map(({ requestParameters }) => requestParameters?.userName)).toEqual([
      'before-it-was-known',
      'again',
    ]);
    await lone.stop();
  });

  it('says what TLS agreed on', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: 'localhost' }], {
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
    });
    const folder = temporaryFolder('tls');
    const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
    writeFileSync(certFile, cert);
    writeFileSync(keyFile, key);
    const secure = await startServer({ config: { listen: { tls: { certFile, keyFile } } } });
    const requestHandler = new NodeHttpHandler({ httpsAgent: new Agent({ ca: cert }) });
    await new IAMClient({ ...secure.admin, requestHandler }).send(new ListUsersCommand({}));
    expect(records(secure.data).at(-1)?.tlsDetails).toEqual({
      tlsVersion: 'TLSv1.3',
      cipherSuite: expect.stringMatching(/^TLS_/),
      clientProvidedHostHeader: new URL(secure.url).host,
    });
    await secure.stop();
  });

  it('names the session that a chained role was assumed with', async () => {
    const root = [trust(`arn:aws:iam::${ACCOUNT}:root`)];
    const one = await newRole(server.admin, 'One', { trust: root, statements: [allow('sts:AssumeRole')] });
    const two = await newRole(server.admin, 'Two', { trust: root });
    await assumed(await assumed(server.admin, one, 'first'), two, 'second');
    expect(last('AssumeRole')).toMatchObject({
      userIdentity: { type: 'AssumedRole', arn: `arn:aws:sts::${ACCOUNT}:assumed-role/One/first` },
      requestParameters: { roleArn: two, roleSessionName: 'second' },
    });
  });
});
