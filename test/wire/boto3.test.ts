import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls, ledgerEntry } from './ledger.ts';
import { ACCOUNT, INVOKE, newRole, newUser, trust } from './principals.ts';
import { programs, run, said } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const SCRIPT = join(import.meta.dirname, 'boto3_client.py');

const pythons = programs('python3', '/usr/bin/python3').flatMap((file, index) => {
  const version = said(file, '-c', 'import boto3; print(boto3.__version__)');
  return version ? [{ file, version, name: `py${index}` }] : [];
});
if (pythons.length === 0) console.warn('SKIPPED: no python3 with boto3');
if (pythons.length === 1) console.warn(`SKIPPED: no second python3 with boto3 besides ${pythons[0]!.version}`);

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const trusted = trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession']);
  await newRole(server.admin, 'PythonRole', { trust: [trusted] });
  const caller = await newUser(server.admin, 'caller', { statements: [INVOKE], tags: { team: 'py' } });
  await spend(caller, [{ modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(1), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the script prints for a step
type Steps = Readonly<Record<string, any>>;

async function runScript(file: string, name: string): Promise<Steps> {
  const { status, stdout, stderr } = await run(file, [SCRIPT, name], {
    AWS_ENDPOINT_URL: server.url,
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: server.admin.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.admin.credentials.secretAccessKey,
    PYTHONDONTWRITEBYTECODE: '1',
  });
  expect(status, stderr).toBe(0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { step: string; result: unknown });
  return Object.fromEntries(lines.map(({ step, result }) => [step, result]));
}

if (pythons.length === 0) it.skip('needs a python3 with boto3');

describe.each(pythons)('boto3 $version', ({ file, name, version }) => {
  let steps: Steps;
  beforeAll(async () => {
    steps = await runScript(file, name);
    const unknown = Object.keys(steps).filter((step) => steps[step] === null);
    if (unknown.length > 0)
      console.warn(`SKIPPED: boto3 ${version} does not know the services of ${unknown.join(', ')}`);
  });

  it('is who it is, and assumes a role', () => {
    expect(steps.sts).toEqual({
      arn: `arn:aws:iam::${ACCOUNT}:user/admin`,
      session: `arn:aws:sts::${ACCOUNT}:assumed-role/PythonRole/${name}`,
      expiresAhead: true,
      missingRole: {
        ...{ class: 'ClientError', code: 'AccessDenied', status: 403 },
        message: `User: arn:aws:iam::${ACCOUNT}:user/admin is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::${ACCOUNT}:role/PythonRolex`,
      },
    });
  });

  it('proves who it is with a presigned address', () => {
    const { good, tampered } = steps.presigned;
    expect(good).toMatchObject({
      status: 200,
      body: expect.stringContaining(`<Arn>arn:aws:iam::${ACCOUNT}:user/admin</Arn>`),
    });
    expect(tampered).toMatchObject({
      status: 403,
      body: expect.stringContaining('<Code>SignatureDoesNotMatch</Code>'),
    });
  });

  it('manages users', () => {
    expect(steps.iam).toEqual({
      arn: `arn:aws:iam::${ACCOUNT}:user/${name}/${name}-user`,
      tags: [{ Key: 'k', Value: 'a b' }],
      pages: [
        [`${name}-user`, `${name}-user-0`],
        [`${name}-user-1`, `${name}-user-2`],
      ],
      policy: true,
      missing: {
        ...{ class: 'NoSuchEntityException', code: 'NoSuchEntity', status: 404 },
        message: 'The user with name nobody cannot be found.',
      },
      conflict: {
        ...{ class: 'DeleteConflictException', code: 'DeleteConflict', status: 409 },
        message: 'Cannot delete entity, must delete policies first.',
      },
    });
  });

  it('reads costs and tags', () => {
    expect(steps.ce.groups).toContainEqual({
      Keys: ['USE1-Claude4.6Sonnet-input-tokens'],
      Metrics: {
        UnblendedCost: { Amount: expect.stringMatching(/^3\.3/), Unit: 'USD' },
        UsageQuantity: { Amount: expect.stringMatching(/^1000/), Unit: '1K tokens' },
      },
    });
    expect(steps.ce.tags).toEqual(['iamPrincipal/team']);
    expect(steps.ce.badMetric).toMatchObject({ class: 'ClientError', code: 'ValidationException', status: 400 });
  });

  it('keeps a cost category and groups costs by it', ({ skip }) => {
    if (steps.cost_category === null) return skip();
    expect(steps.cost_category).toEqual({
      isEchoed: true,
      keys: expect.arrayContaining([`${name} models$Claude`]),
      rules: [1],
      gone: {
        ...{ class: 'ResourceNotFoundException', code: 'ResourceNotFoundException', status: 404 },
        message: expect.stringMatching(/^No Cost Categories found with ID [0-9a-f-]{36}$/),
      },
    });
  });

  it('makes and deletes an export', ({ skip }) => {
    if (steps.bcm === null) return skip();
    expect(steps.bcm).toMatchObject({ status: 'HEALTHY', createdAt: true, names: [name] });
    expect(steps.bcm.tables).toContain('COST_AND_USAGE_REPORT');
    expect(steps.bcm.missing).toMatchObject({ class: 'ResourceNotFoundException', status: 404 });
  });

  it('lists models and profiles', ({ skip }) => {
    if (steps.bedrock === null) return skip();
    expect(steps.bedrock.models).toContain(SONNET);
    expect(steps.bedrock.profiles).toEqual(expect.arrayContaining([`us.${SONNET}`, `global.${SONNET}`]));
    expect(steps.bedrock.distinct).toBe(true);
  });

  it('makes an inference profile, calls it and deletes it', async ({ skip }) => {
    if (!steps.inference_profile) return skip();
    const { arn, requestId, missing, ...seen } = steps.inference_profile;
    expect(seen).toEqual({
      status: 'ACTIVE',
      isListed: true,
      shown: [
        `${name} chat`,
        'APPLICATION',
        [{ modelArn: `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}` }],
        'datetime',
      ],
      tags: [{ key: 'stage', value: 'test' }],
    });
    expect(missing).toMatchObject({ class: 'ResourceNotFoundException', status: 404 });
    await expect
      .poll(() => ledgerEntry(server, requestId), ARRIVAL)
      .toMatchObject({ ResourceArn: arn, ResourceTags: { project: name } });
  });

  it('converses', async ({ skip }) => {
    if (steps.converse === null) return skip();
    const { usage, stopReason, content, requestId, throttled, unknownModel } = steps.converse;
    expect(usage).toEqual({ inputTokens: 70, outputTokens: 4, totalTokens: 83, cacheReadInputTokens: 9 });
    expect({ stopReason, content }).toEqual({ stopReason: 'end_turn', content: [{ text: expect.any(String) }] });
    expect(throttled).toEqual({
      ...{ class: 'ThrottlingException', code: 'ThrottlingException', status: 429 },
      message: 'Too many requests, please wait before trying again.',
    });
    expect(unknownModel).toMatchObject({ class: 'ValidationException', status: 400 });
    await expect
      .poll(() => ledgerEntry(server, requestId), ARRIVAL)
      .toMatchObject({ Status: 'completed', InputTokens: '70' });
  });

  it('converses in a stream', ({ skip }) => {
    if (steps.converse_stream === null) return skip();
    const { kinds, last, error, seen } = steps.converse_stream;
    const deltas = Array(4).fill('contentBlockDelta');
    expect(kinds).toEqual(['messageStart', ...deltas, 'contentBlockStop', 'messageStop', 'metadata']);
    expect(last).toEqual({ inputTokens: 70, outputTokens: 4, totalTokens: 74 });
    expect(seen).toEqual(['messageStart', 'contentBlockDelta', 'contentBlockDelta']);
    expect(error).toMatchObject({
      ...{ class: 'EventStreamError', code: 'throttlingException' },
      message: 'Too many requests, please wait before trying again.',
    });
  });

  it('invokes a model with its own body', ({ skip }) => {
    if (steps.invoke_model === null) return skip();
    const { contentType, body, headers, chunks, metrics } = steps.invoke_model;
    expect(contentType).toBe('application/json');
    expect(body).toMatchObject({ type: 'message', usage: { input_tokens: 70, output_tokens: 4 } });
    expect(headers).toEqual({
      'x-amzn-bedrock-input-token-count': '70',
      'x-amzn-bedrock-output-token-count': '4',
    });
    expect([chunks[0], chunks.at(-1)]).toEqual(['message_start', 'message_stop']);
    expect(metrics).toMatchObject({ inputTokenCount: 70, outputTokenCount: 4 });
  });
});
