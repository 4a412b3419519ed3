import { randomBytes } from 'node:crypto';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  UpdateAccessKeyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { eventually, POSTGRES_BIN, type PostgresServer, startPostgres } from './postgres-server.ts';

const MODEL = 'us.anthropic.claude-sonnet-4-6';

describe.skipIf(!POSTGRES_BIN)('two nodes on one directory database', () => {
  let postgres: PostgresServer;
  let a: TestServer;
  let b: TestServer;
  let masterKey: string;

  const startNode = (data?: string) =>
    startServer({
      ...(data && { data }),
      config: { directoryStore: { url: postgres.url }, masterKeyEnv: 'NODE_TEST_MASTER_KEY' },
      environment: { NODE_TEST_MASTER_KEY: masterKey },
    });

  beforeAll(async () => {
    masterKey = randomBytes(32).toString('base64');
    postgres = await startPostgres();
    // At once: the first start of all happens in one of them.
    [a, b] = await Promise.all([startNode(), startNode()]);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([a?.stop(), b?.stop()]);
    await postgres.stop();
    removeFolders();
  }, 60_000);

  /** The administrator's key is with the node that started first. */
  function adminAt(node: TestServer): ClientConfig {
    const holder = [a, b].find(({ admin }) => admin.credentials.accessKeyId !== '')!;
    return { ...holder.admin, endpoint: node.url };
  }

  const converse = (endpoint: string, credentials: ClientConfig['credentials']) =>
    new BedrockRuntimeClient({ endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }).send(
      new ConverseCommand({ modelId: MODEL, messages: [{ role: 'user', content: [{ text: 'hello' }] }] }),
    );

  it('make one organisation', async () => {
    const holders = [a, b].filter(({ admin }) => admin.credentials.accessKeyId !== '');
    expect(holders).toHaveLength(1);
    for (const node of [a, b]) {
      const { Arn } = await new STSClient(adminAt(node)).send(new GetCallerIdentityCommand({}));
      expect(Arn).toBe('arn:aws:iam::123456789012:user/admin');
    }
  });

  it('take each other’s users, keys and sessions, and what is revoked on one is refused on the other', async () => {
    const iam = new IAMClient(adminAt(a));
    await iam.send(new CreateUserCommand({ UserName: 'alice' }));
    await iam.send(
      new AttachUserPolicyCommand({
        UserName: 'alice',
        PolicyArn: 'arn:aws:iam::aws:policy/AmazonBedrockFullAccess',
      }),
    );
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'alice' }));
    const credentials = { accessKeyId: AccessKey!.AccessKeyId!, secretAccessKey: AccessKey!.SecretAccessKey! };
    await eventually(() => converse(b.url, credentials));
    await converse(a.url, credentials);
    const off = { UserName: 'alice', AccessKeyId: credentials.accessKeyId, Status: 'Inactive' } as const;
    await new IAMClient(adminAt(b)).send(new UpdateAccessKeyCommand(off));
    await expect(converse(b.url, credentials)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await eventually(async () => {
      const failure = await converse(a.url, credentials).catch((error: Error) => error.name);
      if (failure !== 'UnrecognizedClientException') throw new Error('it is still taken');
    });
  });

  it('open sessions that the other one made', async () => {
    const iam = new IAMClient(adminAt(a));
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::123456789012:root' }, Action: 'sts:AssumeRole' }],
    };
    await iam.send(new CreateRoleCommand({ RoleName: 'App', AssumeRolePolicyDocument: JSON.stringify(trust) }));
    const allow = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'bedrock:*', Resource: '*' }] };
    const policy = { RoleName: 'App', PolicyName: 'p', PolicyDocument: JSON.stringify(allow) };
    await iam.send(new PutRolePolicyCommand(policy));
    const assume = { RoleArn: 'arn:aws:iam::123456789012:role/App', RoleSessionName: 'session-1' };
    const { Credentials } = await new STSClient(adminAt(a)).send(new AssumeRoleCommand(assume));
    const credentials = {
      accessKeyId: Credentials!.AccessKeyId!,
      secretAccessKey: Credentials!.SecretAccessKey!,
      sessionToken: Credentials!.SessionToken!,
    };
    await eventually(() => converse(b.url, credentials));
  });

  it('go on calling models while the directory database is away, and change nothing', async () => {
    const { credentials } = adminAt(a);
    await postgres.kill();
    try {
      await converse(a.url, credentials);
      await converse(b.url, credentials);
      const user = new CreateUserCommand({ UserName: 'late' });
      await expect(new IAMClient({ ...adminAt(a), maxAttempts: 1 }).send(user)).rejects.toMatchObject({
        $metadata: { httpStatusCode: 503 },
      });
    } finally {
      await postgres.start();
    }
    await eventually(() => new IAMClient(adminAt(b)).send(new CreateUserCommand({ UserName: 'late' })));
  });

  it('refuse a node with another master key', async () => {
    const other = randomBytes(32).toString('base64');
    const start = startServer({
      config: { directoryStore: { url: postgres.url }, masterKeyEnv: 'NODE_TEST_MASTER_KEY' },
      environment: { NODE_TEST_MASTER_KEY: other },
    });
    await expect(start).rejects.toThrow(/master key/);
  });

  it('start again after a kill', async () => {
    const { credentials } = adminAt(b);
    await b.kill();
    b = await startNode(b.data);
    await converse(b.url, credentials);
  });
});
