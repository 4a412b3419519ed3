import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { GetUserCommand, IAMClient } from '@aws-sdk/client-iam';
import { AssumeRoleCommand, DecodeAuthorizationMessageCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, allow, deny, newRole, newUser, trust } from './principals.ts';
import { type ProgramResult, programs, run } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const MODEL = `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`;
const HEADER = 'x-tallyline-authorization-message';

let server: TestServer;
let denied: ClientConfig;

beforeAll(async () => {
  server = await startServer();
  denied = await newUser(server.admin, 'denied', {
    tags: { team: 'red' },
    statements: [allow('bedrock:*'), { ...deny('bedrock:Invoke*'), Sid: 'NoModels' }],
  });
  await newUser(server.admin, 'blue', {
    tags: { team: 'blue' },
    statements: [{ ...allow('bedrock:*'), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'red' } } }],
  });
  await newRole(server.admin, 'App', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:user/denied`)],
    statements: [{ ...allow('bedrock:InvokeModel'), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'red' } } }],
  });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

interface Refusal {
  readonly name: string;
  readonly message: string;
  readonly encoded: string;
}

/** The error of a call, with the message that came in a header. */
async function refusalOf(call: Promise<unknown>): Promise<Refusal> {
  const error = await call.then(
    () => {
      throw new Error('it was allowed');
    },
    (thrown) => thrown,
  );
  return { name: error.name, message: error.message, encoded: error.$response.headers[HEADER] ?? '' };
}

async function converse(caller: ClientConfig): Promise<Refusal> {
  const bedrock = new BedrockRuntimeClient(caller);
  const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
  const refusal = await refusalOf(bedrock.send(new ConverseCommand({ modelId: SONNET, messages })));
  bedrock.destroy();
  return refusal;
}

async function decode(caller: ClientConfig, encoded: string): Promise<string> {
  const sts = new STSClient(caller);
  try {
    return (await sts.send(new DecodeAuthorizationMessageCommand({ EncodedMessage: encoded }))).DecodedMessage!;
  } finally {
    sts.destroy();
  }
}

describe('the message of a denied call', () => {
  it('comes with the answer on every protocol and tells what decided', async () => {
    const { name, message, encoded } = await converse(denied);
    expect(name).toBe('AccessDeniedException');
    expect(message).toContain('with an explicit deny in an identity-based policy');
    expect(JSON.parse(await decode(server.admin, encoded))).toMatchObject({
      allowed: false,
      explicitDeny: true,
      matchedStatements: { items: [{ statementId: 'NoModels', effect: 'DENY' }] },
      context: {
        principal: { name: 'denied', arn: `arn:aws:iam::${ACCOUNT}:user/denied` },
        action: 'bedrock:InvokeModel',
        resource: MODEL,
      },
    });
    const iam = new IAMClient(denied);
    const query = await refusalOf(iam.send(new GetUserCommand({ UserName: 'blue' })));
    iam.destroy();
    expect(JSON.parse(await decode(server.admin, query.encoded))).toMatchObject({
      explicitDeny: false,
      matchedStatements: { items: [] },
      context: { action: 'iam:GetUser' },
    });
  });

  it('tells nothing of a role in another account, be it there or not', async () => {
    const sts = new STSClient(denied);
    const RoleArn = 'arn:aws:iam::210987654321:role/App';
    const refusal = await refusalOf(sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'run' })));
    sts.destroy();
    expect(refusal.message).toBe(
      `User: arn:aws:iam::${ACCOUNT}:user/denied is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    );
    expect(JSON.parse(await decode(server.admin, refusal.encoded))).toMatchObject({
      explicitDeny: false,
      matchedStatements: { items: [] },
      context: { action: 'sts:AssumeRole', resource: RoleArn },
    });
  });

  it('opens only for those who may, and only as it was', async () => {
    const { encoded } = await converse(denied);
    await expect(decode(denied, encoded)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: expect.stringContaining('sts:DecodeAuthorizationMessage'),
    });
    const flipped = `${encoded.slice(0, 100)}${encoded[100] === 'A' ? 'B' : 'A'}${encoded.slice(101)}`;
    for (const text of [flipped, 'nonsense']) {
      await expect(decode(server.admin, text)).rejects.toMatchObject({
        name: 'InvalidAuthorizationMessageException',
        $metadata: { httpStatusCode: 400 },
      });
    }
  });

  const [aws] = programs('aws');
  it.skipIf(!aws)('opens with the AWS CLI', async () => {
    const { encoded } = await converse(denied);
    const { accessKeyId, secretAccessKey } = server.admin.credentials as {
      accessKeyId: string;
      secretAccessKey: string;
    };
    const environment = {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
    };
    const command = ['sts', 'decode-authorization-message', '--encoded-message', encoded, '--output', 'json'];
    const { stdout, stderr } = await run(aws!, [...command, '--endpoint-url', server.url], environment);
    expect(stderr).toBe('');
    expect(JSON.parse(JSON.parse(stdout).DecodedMessage).context.action).toBe('bedrock:InvokeModel');
  });
});

describe('tallyline explain', () => {
  const explain = (...args: string[]): Promise<ProgramResult> =>
    run(process.execPath, [...MAIN, 'explain', ...args, '--data', server.data], {});

  it('shows the statements that decide, and the words of the denied call', async () => {
    const { message } = await converse(denied);
    const { status, stdout } = await explain('denied', 'bedrock:InvokeModel', SONNET);
    expect(stdout.trimEnd().split('\n')).toEqual([
      `arn:aws:iam::${ACCOUNT}:user/denied`,
      '',
      `DENIED  bedrock:InvokeModel on ${MODEL}`,
      `  ${message}`,
      '  identity-based policies: denies',
      `    Allow  arn:aws:iam::${ACCOUNT}:user/denied/test, statement 1`,
      `    Deny  arn:aws:iam::${ACCOUNT}:user/denied/test, statement NoModels`,
    ]);
    expect(status).toBe(1);
  });

  it('says what is missing where nothing allows', async () => {
    const { stdout } = await explain('blue', 'bedrock:InvokeModel', SONNET);
    expect(stdout).toContain('NOT ALLOWED  bedrock:InvokeModel');
    expect(stdout).toContain('because no identity-based policy allows the bedrock:InvokeModel action');
    expect(stdout).toContain(
      `user/blue/test, statement 1 would allow the action but has a condition that does not hold`,
    );
    expect(stdout).toContain('StringEquals aws:PrincipalTag/team: `red`; the request has `blue`');
    const given = await explain('blue', 'bedrock:InvokeModel', SONNET, '--context', 'aws:PrincipalTag/team=red');
    expect(given.stdout).toContain('ALLOWED  bedrock:InvokeModel');
    expect(given.status).toBe(0);
  });

  it('takes a role with the tags and name of a session, and both permissions of an inference profile', async () => {
    const role = ['arn:aws:sts::123456789012:assumed-role/App/ann', 'bedrock:InvokeModel', `us.${SONNET}`];
    const { stdout, status } = await explain(...role, '--session-tag', 'team=red', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      Principal: `arn:aws:sts::${ACCOUNT}:assumed-role/App/ann`,
      Permissions: [
        { Resource: `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`, Decision: 'allowed' },
        { Resource: MODEL, Decision: 'allowed', Layers: [{ Layer: 'identity', Verdict: 'allows' }] },
      ],
    });
    expect((await explain(...role)).stdout).toContain('the request does not have it');
  });

  it('weighs the trust policy of a role that is to be assumed', async () => {
    const trusted = await explain('denied', 'sts:AssumeRole', 'App');
    expect(trusted.stdout).toContain('policy of the resource: allows');
    expect(trusted.stdout).toContain(`ALLOWED  sts:AssumeRole on arn:aws:iam::${ACCOUNT}:role/App`);
    const other = await explain('blue', 'sts:AssumeRole', 'App');
    expect(other.stdout).toContain('names other principals');
    expect(other.status).toBe(1);
  });

  it('opens the message of a denied call', async () => {
    const { encoded } = await converse(denied);
    const { stdout, status } = await explain('--message', encoded);
    expect(JSON.parse(stdout).matchedStatements.items[0].statementId).toBe('NoModels');
    expect(status).toBe(0);
  });

  it('says what it does not understand', async () => {
    expect((await explain('nobody', 'bedrock:InvokeModel')).stderr).toBe(
      'tallyline: there is no user or role `nobody`: use a name, or the ARN of a principal\n',
    );
    expect((await explain('denied')).stderr).toContain('name a principal and an action');
    expect((await explain('denied', 'bedrock:InvokeModel', '--context', 'team')).stderr).toContain(
      '`team` is no key and value: write it as KEY=VALUE',
    );
  });
});
