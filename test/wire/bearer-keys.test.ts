import { BedrockClient, ListFoundationModelsCommand } from '@aws-sdk/client-bedrock';
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  DeleteAccessKeyCommand,
  DeleteServiceSpecificCredentialCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  IAMClient,
  ListServiceSpecificCredentialsCommand,
  PutUserPolicyCommand,
  ResetServiceSpecificCredentialCommand,
  TagUserCommand,
  UpdateAccessKeyCommand,
  UpdateServiceSpecificCredentialCommand,
} from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { errorOf, iamCall, type RawRequest, restCall, send, sendHttp2, stsCall } from '../faults/raw-client.ts';
import { expectNoSecrets, noteSecret, watch } from '../faults/secret-watch.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { bearerCall, deviatingKey, keyOfUrl, longTermKey, shortTermKey, tampered } from './bearer-keys.ts';
import { collected } from './inference-calls.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';
import { ACCOUNT, allow, assumed, deny, newRole, newUser, policyOf, trust } from './principals.ts';
import { programs, run, said } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const USER = `arn:aws:iam::${ACCOUNT}:user/`;
/** Enough for an API key: what `AmazonBedrockLimitedAccess` has of it. */
const KEY_USE = allow(['bedrock:CallWithBearerToken', 'bedrock:InvokeModel*', 'bedrock:List*']);

const REFUSED = {
  status: 403,
  code: 'AccessDeniedException',
  message: 'Authentication failed: Please make sure your API Key is valid.',
};
const EXPIRED = { ...REFUSED, message: 'Bearer Token has expired' };
const TWO_CLAIMS = {
  status: 403,
  code: 'InvalidSignatureException',
  message: 'Found both a bearer token and an AWS signature in the request.',
};

let server: TestServer;
let iam: IAMClient;
let ana: ClientConfig;
let long: string;
let session: ClientConfig;

beforeAll(async () => {
  server = watch(await startServer({ config: { logLevel: 'debug' } }));
  iam = new IAMClient(server.admin);
  ana = await newUser(server.admin, 'ana', { statements: [KEY_USE], tags: { team: 'red' }, path: '/people/' });
  long = await longKey('ana');
  const role = await newRole(server.admin, 'Workload', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession'])],
    statements: [KEY_USE],
    tags: { team: 'blue' },
  });
  session = await assumed(server.admin, role, 'job-7', { Tags: [{ Key: 'project', Value: 'x' }] });
});
afterAll(async () => {
  iam.destroy();
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

async function longKey(userName: string): Promise<string> {
  const { key } = await longTermKey(server.admin, userName);
  noteSecret('a long-term key', key);
  noteSecret("a long-term key's secret", Buffer.from(key.slice(4), 'base64').toString().split(':')[1]);
  return key;
}

async function shortKey(config: ClientConfig, region?: string): Promise<string> {
  const key = await shortTermKey(config.credentials, region);
  noteSecret('a short-term key', key);
  return key;
}

const ask = (key: string, headers?: Readonly<Record<string, string>>) =>
  send(server.url, bearerCall(server.url, key, headers));
const refusal = async (key: string, headers?: Readonly<Record<string, string>>) => errorOf(await ask(key, headers));

/** Who the call is billed to, once it is. */
async function billedTo(requestId: string | string[] | undefined) {
  return await vi.waitFor(async () => {
    const entry = await ledgerEntry(server, String(requestId));
    expect(entry).toBeDefined();
    return entry!;
  }, ARRIVAL);
}

describe('a Bedrock API key', () => {
  it('makes its user or session pay, with their tags, over HTTP/1.1 and HTTP/2', async () => {
    const expected = [
      [long, `${USER}people/ana`, { team: 'red' }],
      [await shortKey(ana), `${USER}people/ana`, { team: 'red' }],
      [await shortKey(session), `arn:aws:sts::${ACCOUNT}:assumed-role/Workload/job-7`, { team: 'blue', project: 'x' }],
    ] as const;
    const calls: (readonly [requestId: string | string[] | undefined, entry: object])[] = [];
    for (const [key, Principal, Tags] of expected) {
      for (const way of [send, sendHttp2]) {
        const { status, headers, text } = await way(server.url, bearerCall(server.url, key));
        expect(status, text).toBe(200);
        calls.push([headers['x-amzn-requestid'], { Principal, Tags, Region: 'us-east-1', InputTokens: '10' }]);
      }
    }
    for (const [requestId, entry] of calls) expect(await billedTo(requestId)).toMatchObject(entry);
  });

  it('works in the AWS SDK for JavaScript, as a setting and from the environment', async () => {
    const { endpoint, region } = ana;
    const token = { token: long };
    const authSchemePreference = ['httpBearerAuth'];
    const runtime = new BedrockRuntimeClient({ endpoint, region, token, authSchemePreference });
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    const { usage } = await runtime.send(new ConverseCommand({ modelId: SONNET, messages }));
    expect(usage?.outputTokens).toBeGreaterThan(0);
    runtime.destroy();
    vi.stubEnv('AWS_BEARER_TOKEN_BEDROCK', await shortKey(session));
    try {
      const fromEnvironment = new BedrockRuntimeClient({ endpoint, region });
      const { stream, $metadata } = await fromEnvironment.send(
        new ConverseStreamCommand({ modelId: SONNET, messages }),
      );
      expect((await collected(stream)).at(-1)).toHaveProperty('metadata');
      expect((await billedTo($metadata.requestId)).Principal).toMatch(/assumed-role\/Workload\/job-7$/);
      fromEnvironment.destroy();
      const control = new BedrockClient({ endpoint, region });
      const { modelSummaries } = await control.send(new ListFoundationModelsCommand({ byProvider: 'Anthropic' }));
      expect(modelSummaries?.map(({ modelId }) => modelId)).toContain(SONNET);
      control.destroy();
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('is good with headers that nobody signs, and they move no cost', async () => {
    const { status, headers } = await ask(long, {
      'x-amzn-bedrock-request-metadata': JSON.stringify({ principal: `${USER}bob`, team: 'green' }),
      'x-amzn-bedrock-service-tier': 'priority',
      'x-amzn-iam-principal': `${USER}bob`,
    });
    expect(status).toBe(200);
    const { Principal, Tags } = await billedTo(headers['x-amzn-requestid']);
    expect({ Principal, Tags }).toEqual({ Principal: `${USER}people/ana`, Tags: { team: 'red' } });
  });

  it('shows its user as it is at the call', async () => {
    await iam.send(new TagUserCommand({ UserName: 'ana', Tags: [{ Key: 'desk', Value: '4' }] }));
    const { headers } = await ask(long);
    expect((await billedTo(headers['x-amzn-requestid'])).Tags).toEqual({ team: 'red', desk: '4' });
  });

  it('belongs in the Authorization header and nowhere else', async () => {
    const { authorization: _, ...bare } = bearerCall(server.url, long).headers;
    const without = { ...bearerCall(server.url, long), headers: bare };
    const elsewhere: RawRequest[] = [
      { ...without, query: `Authorization=Bearer%20${encodeURIComponent(long)}` },
      { ...without, query: `access_token=${encodeURIComponent(long)}&token=${encodeURIComponent(long)}` },
      { ...without, headers: { ...bare, 'x-api-key': long, 'x-amz-security-token': long } },
      { ...without, headers: { ...bare, cookie: `authorization=${long}` } },
    ];
    for (const request of elsewhere) {
      expect(errorOf(await send(server.url, request)).code).toBe('MissingAuthenticationTokenException');
    }
  });

  it('is no key to other services', async () => {
    const short = await shortKey({ ...server.admin });
    for (const key of [long, short]) {
      for (const call of [stsCall('GetCallerIdentity'), iamCall('ListUsers')]) {
        const host = new URL(server.url).host;
        const answer = await send(server.url, {
          ...call,
          headers: { ...call.headers, host, authorization: `Bearer ${key}` },
        });
        expect(errorOf(answer)).toMatchObject({ status: 400, code: 'IncompleteSignature' });
      }
    }
  });

  it('is refused beside a signature: in the query, in the same header, in a second one, with a session token', async () => {
    const call = bearerCall(server.url, long);
    const signature = `AWS4-HMAC-SHA256 Credential=${ana.credentials.accessKeyId}/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`;
    const both = [
      { ...call, query: `X-Amz-Signature=${'0'.repeat(64)}` },
      { ...call, headers: { ...call.headers, authorization: `Bearer ${long}, ${signature}` } },
      { ...call, headers: { ...call.headers, authorization: `${signature}, Bearer ${long}` } },
      { ...call, headers: { ...call.headers, 'x-amz-security-token': session.credentials.sessionToken! } },
    ];
    for (const request of both) expect(errorOf(await send(server.url, request))).toEqual(TWO_CLAIMS);
    for (const pair of [
      [`Bearer ${long}`, signature],
      [signature, `Bearer ${long}`],
    ]) {
      // An array value is sent as two header fields.
      const headers = { ...call.headers, authorization: pair as unknown as string };
      expect(errorOf(await send(server.url, { ...call, headers }))).toEqual(TWO_CLAIMS);
    }
  });
});

describe('what a key may do', () => {
  it('takes bedrock:CallWithBearerToken besides the action of the call', async () => {
    await newUser(server.admin, 'unable', { statements: [allow('bedrock:InvokeModel*')] });
    const key = await longKey('unable');
    const arn = `${USER}unable`;
    expect(await refusal(key)).toEqual({
      ...REFUSED,
      message: `User: ${arn} is not authorized to perform: bedrock:CallWithBearerToken on resource: * because no identity-based policy allows the bedrock:CallWithBearerToken action`,
    });
    const put = async (...statements: readonly object[]) => {
      const document = { PolicyName: 'test', PolicyDocument: policyOf(...statements) };
      await iam.send(new PutUserPolicyCommand({ UserName: 'unable', ...document }));
    };
    await put(allow('bedrock:CallWithBearerToken'));
    expect((await refusal(key)).message).toMatch(/is not authorized to perform: bedrock:InvokeModel on resource: arn/);
    await put(KEY_USE);
    expect((await ask(key)).status).toBe(200);
  });

  it('can be limited to one kind of key', async () => {
    const onlyShort = {
      ...deny('bedrock:CallWithBearerToken'),
      Condition: { StringEquals: { 'bedrock:bearerTokenType': 'LONG_TERM' } },
    };
    const config = await newUser(server.admin, 'modern', { statements: [KEY_USE, onlyShort] });
    expect((await ask(await shortKey(config))).status).toBe(200);
    expect((await refusal(await longKey('modern'))).message).toMatch(
      /with an explicit deny in an identity-based policy$/,
    );
    const signed = new BedrockRuntimeClient(config);
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    expect(await signed.send(new ConverseCommand({ modelId: SONNET, messages }))).toHaveProperty('output');
    signed.destroy();
  });

  it('is no more than the session that made it may do', async () => {
    const arn = `arn:aws:iam::${ACCOUNT}:role/Workload`;
    const Policy = policyOf(allow('bedrock:InvokeModel*'));
    const silent = await assumed(server.admin, arn, 'limited', { Policy });
    expect((await refusal(await shortKey(silent))).message).toMatch(
      /assumed-role\/Workload\/limited is not authorized to perform: bedrock:CallWithBearerToken on resource: \* because no session policy allows/,
    );
    const listing = await assumed(server.admin, arn, 'lister', {
      Policy: policyOf(allow(['bedrock:CallWithBearerToken', 'bedrock:List*'])),
    });
    const key = await shortKey(listing);
    expect((await refusal(key)).message).toMatch(
      /bedrock:InvokeModel on resource: \S+ because no session policy allows/,
    );
  });
});

describe('a long-term key', () => {
  it('that does not exist and one with another secret are refused in the same words', async () => {
    const [alias, secret] = Buffer.from(long.slice(4), 'base64').toString().split(':') as [string, string];
    const of = (text: string) => `ABSK${Buffer.from(text).toString('base64')}`;
    const flipped = `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}`;
    const wrong = [
      of(`nobody-at-${ACCOUNT}:${secret}`),
      of(`${alias}:${flipped}`),
      of(`${alias.toUpperCase()}:${secret}`),
      of(`${alias}:`),
      of(`:${secret}`),
      of(alias),
      of(`${alias}:${secret}:`),
      of(`${alias}:${secret}\n`),
      of(`${alias}\0:${secret}`),
      of(`${'a'.repeat(400)}:${secret}`),
      long.toLowerCase().replace(/^absk/, 'ABSK'),
      `${long}=`,
      long.replace(/=*$/, '') + (long.endsWith('=') ? '' : '='),
      long.slice(0, -4),
      'ABSK',
    ];
    for (const key of wrong) expect(await refusal(key), key.slice(0, 20)).toEqual(REFUSED);
    expect((await ask(long)).status).toBe(200);
  });

  it('is told from other tokens by how it begins', async () => {
    const message = 'Invalid API Key format: Must start with pre-defined prefix';
    for (const token of ['sk-1234', `absk${long.slice(4)}`, ` ${long} ${long}`, `${long} more`, ` `]) {
      expect(await refusal(token), token.slice(0, 8)).toEqual({ ...REFUSED, message });
    }
  });

  it('ends with the next request after it is switched off, reset or deleted, or its user is deleted', async () => {
    await newUser(server.admin, 'leaving', { statements: [KEY_USE] });
    const { key, ServiceSpecificCredentialId } = await longTermKey(server.admin, 'leaving');
    const named = { UserName: 'leaving', ServiceSpecificCredentialId };
    const works = async (one: string) => (await ask(one)).status === 200;
    expect(await works(key)).toBe(true);
    await iam.send(new UpdateServiceSpecificCredentialCommand({ ...named, Status: 'Inactive' }));
    expect(await refusal(key)).toEqual(REFUSED);
    await iam.send(new UpdateServiceSpecificCredentialCommand({ ...named, Status: 'Active' }));
    expect(await works(key)).toBe(true);
    const reset = await iam.send(new ResetServiceSpecificCredentialCommand(named));
    expect(await refusal(key)).toEqual(REFUSED);
    const anew = reset.ServiceSpecificCredential!.ServiceCredentialSecret!;
    expect(await works(anew)).toBe(true);
    await expect(iam.send(new DeleteUserCommand({ UserName: 'leaving' }))).rejects.toThrow(/Cannot delete entity/);
    await iam.send(new DeleteServiceSpecificCredentialCommand(named));
    expect(await refusal(anew)).toEqual(REFUSED);
    const { ServiceSpecificCredentials } = await iam.send(new ListServiceSpecificCredentialsCommand(named));
    expect(ServiceSpecificCredentials).toEqual([]);
  });

  it('belongs to the region that the host names, or to the configured one', async () => {
    const regionOf = async (host: string) => {
      const { headers } = await ask(long, { host });
      return (await billedTo(headers['x-amzn-requestid'])).Region;
    };
    expect(await regionOf('bedrock-runtime.eu-central-1.example.com')).toBe('eu-central-1');
    expect(await regionOf('llm.example.com:8443')).toBe('us-east-1');
  });
});

describe('a short-term key', () => {
  it('is good in the region it was signed for, as far as the host names one', async () => {
    const key = await shortKey(ana, 'eu-west-1');
    const { status, headers } = await ask(key);
    expect(status).toBe(200);
    expect((await billedTo(headers['x-amzn-requestid'])).Region).toBe('eu-west-1');
    expect((await ask(key, { host: 'bedrock-runtime.eu-west-1.example.com' })).status).toBe(200);
    expect(await refusal(key, { host: 'bedrock-runtime.us-east-1.example.com' })).toEqual(REFUSED);
    expect(await refusal(await shortKey(ana, 'xx-nowhere-1'))).toEqual(REFUSED);
  });

  it('cannot be changed in any of its fields', async () => {
    const own = await shortKey(session);
    const others = await assumed(server.admin, `arn:aws:iam::${ACCOUNT}:role/Workload`, 'other');
    const swap = (name: string, value: string) =>
      tampered(own, (url) => url.replace(new RegExp(`(${name}=)[^&]*`), `$1${encodeURIComponent(value)}`));
    const { accessKeyId } = ana.credentials;
    const changes = [
      swap('Action', 'InvokeModel'),
      swap('X-Amz-Algorithm', 'AWS4-ECDSA-P256-SHA256'),
      tampered(own, (url) => url.replace(/(X-Amz-Credential=)\w+/, `$1${accessKeyId}`)),
      tampered(own, (url) => url.replace(/(X-Amz-Credential=)\w+/, `$1${others.credentials.accessKeyId}`)),
      tampered(own, (url) => url.replace('us-east-1', 'us-west-2')),
      tampered(own, (url) => url.replace('%2Fbedrock%2F', '%2Fsts%2F')),
      tampered(own, (url) => url.replace(/%2F\d{8}%2F/, '%2F20200101%2F')),
      tampered(own, (url) => url.replace(/(\d)Z&/, (_, second) => `${(Number(second) + 1) % 10}Z&`)),
      swap('X-Amz-Date', '20200101T000000Z'),
      swap('X-Amz-Expires', '43199'),
      swap('X-Amz-Expires', '604800'),
      swap('X-Amz-Expires', '0'),
      swap('X-Amz-Security-Token', others.credentials.sessionToken!),
      tampered(own, (url) => url.replace(/X-Amz-Security-Token=[^&]*&/, '')),
      tampered(own, (url) =>
        url.replace(/(X-Amz-Signature=)(.)/, (_, name, digit) => `${name}${digit === '0' ? '1' : '0'}`),
      ),
      swap('X-Amz-Signature', ''),
      swap('X-Amz-Signature', '0'.repeat(64)),
      swap('X-Amz-SignedHeaders', ''),
      swap('X-Amz-SignedHeaders', 'host;x-amz-date'),
      tampered(own, (url) => url.replace('Version=1', 'Version=2')),
      tampered(own, (url) => url.replace('&Version=1', '')),
      tampered(own, (url) => `${url}&Version=1`),
      tampered(own, (url) => `${url}&X-Amz-Expires=43200`),
      tampered(own, (url) => `${url}&Extra=1`),
      tampered(own, (url) => url.replace('bedrock.amazonaws.com', 'bedrock.example.com')),
      tampered(own, (url) => url.replace('bedrock.amazonaws.com/?', 'bedrock.amazonaws.com/x?')),
      tampered(own, (url) => `https://${url}`),
      tampered(own, (url) => `${url}#`),
      tampered(own, (url) => `${url}%`),
      `${own}=`,
      keyOfUrl(''),
      keyOfUrl(`bedrock.amazonaws.com/?${'A'.repeat(40_000)}`),
    ];
    for (const [index, key] of changes.entries()) expect(await refusal(key), `change ${index}`).toEqual(REFUSED);
    expect((await ask(own)).status).toBe(200);
  });

  it('must be signed over what the generator signs', async () => {
    const { credentials } = ana;
    expect((await ask(await deviatingKey(credentials))).status).toBe(200);
    const now = Date.now();
    const deviations = [
      { method: 'GET' },
      { host: 'bedrock-runtime.amazonaws.com' },
      { path: '/model' },
      { action: 'InvokeModel' },
      { service: 'sts' },
      { expiresIn: 43_201 },
      { expiresIn: 604_800 },
      { signedAtMs: now + 600_000 },
      { headers: { 'x-other': 'x' } },
    ];
    for (const deviation of deviations) {
      const key = await deviatingKey(credentials, deviation);
      expect(await refusal(key), JSON.stringify(deviation)).toEqual(REFUSED);
    }
    const ended = await deviatingKey(credentials, { signedAtMs: now - 61_000, expiresIn: 60 });
    expect(await refusal(ended)).toEqual(EXPIRED);
    const stranger = { accessKeyId: credentials.accessKeyId, secretAccessKey: 'x'.repeat(40) };
    const expiredForgery = await deviatingKey(stranger, { signedAtMs: now - 61_000, expiresIn: 60 });
    expect(await refusal(expiredForgery)).toEqual(REFUSED);
  });

  it('ends with the access key that made it', async () => {
    const config = await newUser(server.admin, 'minter', { statements: [KEY_USE] });
    const named = { UserName: 'minter', AccessKeyId: config.credentials.accessKeyId };
    const key = await shortKey(config);
    expect((await ask(key)).status).toBe(200);
    await iam.send(new UpdateAccessKeyCommand({ ...named, Status: 'Inactive' }));
    expect(await refusal(key)).toEqual(REFUSED);
    await iam.send(new UpdateAccessKeyCommand({ ...named, Status: 'Active' }));
    expect((await ask(key)).status).toBe(200);
    await iam.send(new DeleteAccessKeyCommand(named));
    await iam.send(new DeleteUserPolicyCommand({ UserName: 'minter', PolicyName: 'test' }));
    await iam.send(new DeleteUserCommand({ UserName: 'minter' }));
    expect(await refusal(key)).toEqual(REFUSED);
    // One made anew under the name is somebody else.
    await newUser(server.admin, 'minter', { statements: [KEY_USE] });
    expect(await refusal(key)).toEqual(REFUSED);
  });
});

describe('time', () => {
  it('ends a long-term key on its day, and a short-term one with its session', async () => {
    const { key: dated } = await longTermKey(server.admin, 'ana', { CredentialAgeDays: 1 });
    const short = await assumed(server.admin, `arn:aws:iam::${ACCOUNT}:role/Workload`, 'brief', {
      DurationSeconds: 900,
    });
    const brief = await shortKey(short);
    expect([(await ask(dated)).status, (await ask(brief)).status]).toEqual([200, 200]);
    expect(await server.stop()).toBe(0);
    for (const [aheadSeconds, expected] of [
      [901, [200, EXPIRED]],
      [86_401, [EXPIRED, EXPIRED]],
    ] as const) {
      const clock = `const now = Date.now; Date.now = () => now() + ${aheadSeconds * 1000};`;
      const NODE_OPTIONS = `--import=data:text/javascript,${encodeURIComponent(clock)}`;
      const late = watch(await startServer({ data: server.data, environment: { NODE_OPTIONS } }));
      const outcome = async (key: string) => {
        const answer = await send(late.url, bearerCall(late.url, key));
        return answer.status === 200 ? 200 : errorOf(answer);
      };
      expect([await outcome(dated), await outcome(brief)]).toEqual(expected);
      expect(await late.stop()).toBe(0);
    }
    server = watch(await startServer({ data: server.data }));
  });
});

const aws = programs('aws').find((file) => said(file, 'bedrock-runtime', 'converse', 'help') !== '');
const python = programs('python3').find((file) => said(file, '-c', 'import boto3; print(boto3.__version__)') !== '');
const [curl] = programs('curl');
if (!aws) console.warn('SKIPPED: no `aws` that knows bedrock-runtime');
if (!python) console.warn('SKIPPED: no python3 with boto3');

describe('other clients with AWS_BEARER_TOKEN_BEDROCK', () => {
  const environment = (key: string) => ({
    AWS_ENDPOINT_URL: server.url,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_BEARER_TOKEN_BEDROCK: key,
  });

  it.skipIf(!aws)('the AWS CLI', { timeout: 120_000 }, async () => {
    const messages = JSON.stringify([{ role: 'user', content: [{ text: 'hello' }] }]);
    const args = ['bedrock-runtime', 'converse', '--model-id', SONNET, '--messages', messages, '--output', 'json'];
    for (const key of [long, await shortKey(session)]) {
      const { status, stdout, stderr } = await run(aws!, args, environment(key));
      expect(status, stderr).toBe(0);
      expect(JSON.parse(stdout)).toHaveProperty('usage.inputTokens');
    }
    const { status, stderr } = await run(aws!, args, environment(`${long.slice(0, -8)}AAAAAAAA`));
    expect(status).not.toBe(0);
    expect(stderr).toContain('Authentication failed: Please make sure your API Key is valid.');
  });

  it.skipIf(!python)('boto3', async () => {
    const script = `
import boto3, json
runtime = boto3.client("bedrock-runtime")
answer = runtime.converse(modelId="${SONNET}", messages=[{"role": "user", "content": [{"text": "hello"}]}])
models = boto3.client("bedrock").list_foundation_models()["modelSummaries"]
print(json.dumps({"id": answer["ResponseMetadata"]["RequestId"], "models": len(models)}))
`;
    for (const key of [long, await shortKey(ana)]) {
      const { status, stdout, stderr } = await run(python!, ['-c', script], environment(key));
      expect(status, stderr).toBe(0);
      const { id, models } = JSON.parse(stdout);
      expect(models).toBeGreaterThan(0);
      expect((await billedTo(id)).Principal).toBe(`${USER}people/ana`);
    }
  });

  it.skipIf(!curl)('curl', async () => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: 'hello' }] }] });
    const url = `${server.url}/model/${SONNET}/converse`;
    const args = [
      '-sS',
      '-H',
      `Authorization: Bearer ${long}`,
      '-H',
      'Content-Type: application/json',
      '-d',
      body,
      url,
    ];
    expect(JSON.parse((await run(curl!, args, {})).stdout)).toHaveProperty('output.message');
  });

  it('fetch, with a body of Bedrock alone', async () => {
    const { path, body } = restCall(`/model/${SONNET}/converse`, {
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
    });
    const headers = { authorization: `bearer ${long}`, 'content-type': 'application/json' };
    const answer = await fetch(`${server.url}${path}`, { method: 'POST', headers, body: String(body) });
    expect(answer.status).toBe(200);
  });
});
