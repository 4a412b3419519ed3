import { spawnSync } from 'node:child_process';
import {
  BedrockRuntimeClient,
  type BedrockRuntimeServiceException,
  ConverseCommand,
  ConverseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledger } from '../wire/ledger.ts';
import { INVOKE, newUser } from '../wire/principals.ts';
import { ScriptedModel } from './scripted-model.ts';

const FRAGILE = 'amazon.nova-lite-v1:0';
const NARROW = 'amazon.nova-micro-v1:0';
const SLOW = 'amazon.nova-pro-v1:0';
/** Has time to begin its answer. */
const LENGTHY = 'amazon.nova-2-lite-v1:0';
const BRIEF = 'amazon.nova-premier-v1:0';
const PROBED = 'cohere.command-r-v1:0';
const SPARE = 'anthropic.claude-sonnet-4-6';

const fragile = new ScriptedModel();
const narrow = new ScriptedModel();
const probed = new ScriptedModel();
let probedPort = 0;
let server: TestServer;
let admin: BedrockRuntimeClient;

beforeAll(async () => {
  const [url, narrowUrl, probedUrl] = [await fragile.listen(), await narrow.listen(), await probed.listen()];
  probedPort = Number(new URL(probedUrl).port);
  const breaker = { consecutiveFailures: 3, openMs: 600_000 };
  server = await startServer({
    environment: { FRAGILE_KEY: 'sk-of-the-fragile-0123456789' },
    config: {
      upstreams: [
        {
          ...{ name: 'fragile', type: 'openai', url, apiKeyEnv: 'FRAGILE_KEY' },
          ...{ models: { [FRAGILE]: 'x' }, limits: { breaker } },
        },
        {
          ...{ name: 'narrow', type: 'openai', url: narrowUrl, models: { [NARROW]: 'x' } },
          limits: { maxInFlight: 1, maxQueued: 2, maxQueuedPerPrincipal: 1 },
        },
        {
          name: 'lengthy',
          type: 'openai',
          url: narrowUrl,
          models: { [LENGTHY]: 'x' },
          limits: { totalTimeoutMs: 2_000 },
        },
        { name: 'slow', type: 'openai', url: narrowUrl, models: { [SLOW]: 'x' }, limits: { totalTimeoutMs: 200 } },
        {
          ...{ name: 'brief', type: 'openai', url, models: { [BRIEF]: 'x' } },
          limits: { breaker: { consecutiveFailures: 1, openMs: 100 } },
        },
        {
          ...{ name: 'probed', type: 'openai', url: probedUrl, models: { [PROBED]: 'x' } },
          limits: { probeSeconds: 1, breaker: { consecutiveFailures: 1, openMs: 600_000 } },
        },
        { name: 'spare', type: 'simulated' },
      ],
      aliases: {
        safe: { targets: [{ model: FRAGILE }], fallbacks: [{ model: SPARE }] },
        quick: { targets: [{ model: NARROW }], timeoutMs: 200 },
        hasty: { targets: [{ model: NARROW }], headersTimeoutMs: 200 },
      },
    },
  });
  admin = new BedrockRuntimeClient({ ...server.admin, maxAttempts: 1 });
});
afterAll(async () => {
  admin.destroy();
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  await Promise.all([fragile.close(), narrow.close()]);
  removeFolders();
});
beforeEach(() => {
  fragile.reset();
  narrow.reset();
});

const messages = [{ role: 'user' as const, content: [{ text: 'Tell me a story.' }] }];
const converse = (modelId: string, client = admin) => client.send(new ConverseCommand({ modelId, messages }));
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('the call was answered'),
    (error: BedrockRuntimeServiceException) => error,
  );

interface Health {
  readonly Name: string;
  readonly State: string;
  readonly InFlight: number;
  readonly Queued: number;
}
async function health(name: string): Promise<Health> {
  const client = new TallylineClient(readProfile(server.data, {}), () => Date.now());
  const { Upstreams } = await client.call<{ Upstreams: Health[] }>('ListUpstreams', {});
  return Upstreams.find(({ Name }) => Name === name)!;
}

describe('an upstream that fails again and again', () => {
  it('is left alone, and its calls go elsewhere', async () => {
    fragile.next(...Array.from({ length: 3 }, () => ({ does: 'refuse', status: 503 }) as const));
    for (let call = 0; call < 3; call++) {
      expect((await refusal(converse(FRAGILE))).name).toBe('ServiceUnavailableException');
    }
    expect(await health('fragile')).toMatchObject({
      ...{ State: 'open', InFlight: 0, ErrorPercent: 100 },
      LastFailure: { Code: 'ServiceUnavailableException', Message: 'Bedrock is unable to process your request.' },
    });
    const refused = await refusal(converse(FRAGILE));
    expect(refused.name).toBe('ServiceUnavailableException');
    expect(Number(refused.$response?.headers['retry-after'])).toBeGreaterThan(0);
    await converse('safe');
    expect(fragile.asked).toHaveLength(3);
    const printed = spawnSync(process.execPath, [...MAIN, 'upstreams', '--data', server.data], { encoding: 'utf8' });
    expect(printed.stdout).toMatch(/^fragile +open +0 +0 +100 % .*ServiceUnavailableException/m);
    const doctor = spawnSync(process.execPath, [...MAIN, 'doctor', '--data', server.data], { encoding: 'utf8' });
    expect(doctor.stdout).toContain('fragile fails');
  });

  it('is asked again when its time has passed, by one call that sees whether it works', async () => {
    fragile.next({ does: 'hang up' });
    await refusal(converse(BRIEF));
    await expect.poll(() => health('brief'), ARRIVAL).toMatchObject({ State: 'closed', FailingModels: [BRIEF] });
    await expect
      .poll(
        () =>
          converse(BRIEF).then(
            () => true,
            () => false,
          ),
        ARRIVAL,
      )
      .toBe(true);
    expect(await health('brief')).toMatchObject({ State: 'closed', FailingModels: [] });
  });
});

describe('an upstream that is looked at', () => {
  it('is left alone before a call finds out that it is away, and asked again once it is back', async () => {
    expect(await health('probed')).toMatchObject({ State: 'closed' });
    await probed.close();
    await expect.poll(() => health('probed'), ARRIVAL).toMatchObject({ State: 'open' });
    const back = new ScriptedModel();
    await back.listen(probedPort);
    await expect.poll(() => health('probed'), ARRIVAL).toMatchObject({ State: 'half-open' });
    await converse(PROBED);
    expect(await health('probed')).toMatchObject({ State: 'closed' });
    await back.close();
  });
});

describe('an upstream that can do one thing at a time', () => {
  it('has callers wait in turn, and turns away whose share of the queue is full', async () => {
    const quiet = new BedrockRuntimeClient({
      ...(await newUser(server.admin, 'quiet', { statements: [INVOKE] })),
      maxAttempts: 1,
    });
    narrow.next({ does: 'answer', holdAfter: 1 });
    const { stream } = await admin.send(new ConverseStreamCommand({ modelId: NARROW, messages }));
    await narrow.held;
    const waiting = converse(NARROW);
    await expect.poll(() => health('narrow'), ARRIVAL).toMatchObject({ InFlight: 1, Queued: 1 });
    const refused = await refusal(converse(NARROW));
    expect(refused.name).toBe('ThrottlingException');
    expect(Number(refused.$response?.headers['retry-after'])).toBeGreaterThan(0);
    const ofQuiet = converse(NARROW, quiet);
    await expect.poll(() => health('narrow'), ARRIVAL).toMatchObject({ InFlight: 1, Queued: 2 });
    narrow.release();
    for await (const _ of stream!);
    await Promise.all([waiting, ofQuiet]);
    expect(await health('narrow')).toMatchObject({ InFlight: 0, Queued: 0 });
    quiet.destroy();
  });
});

describe('a call without an end', () => {
  it.each([
    ['of an upstream that may take so long', SLOW],
    ['of an alias that may take so long', 'quick'],
    ['of an alias that may be silent for so long', 'hasty'],
  ])('%s is ended, and what it may have used is estimated', async (_, modelId) => {
    narrow.next({ does: 'stay silent' });
    const error = await refusal(converse(modelId));
    expect(error.name).toBe('ModelTimeoutException');
    const entry = async () => (await ledger(server)).find(({ RequestId }) => RequestId === error.$metadata.requestId);
    await expect.poll(entry, ARRIVAL).toMatchObject({
      ...{ Status: 'failed', ErrorCode: 'ModelTimeoutException', IsEstimated: true, ClientGone: false },
      InputTokens: expect.stringMatching(/^[1-9]/),
    });
  });

  it('is ended in the middle of a stream, too', async () => {
    narrow.next({ does: 'answer', endless: true });
    const { stream, $metadata } = await admin.send(new ConverseStreamCommand({ modelId: LENGTHY, messages }));
    const read = async () => {
      for await (const _ of stream!);
    };
    await expect(read()).rejects.toMatchObject({ name: 'ModelStreamErrorException' });
    const entry = async () => (await ledger(server)).find(({ RequestId }) => RequestId === $metadata.requestId);
    await expect.poll(entry, ARRIVAL).toMatchObject({ Status: 'cut', IsEstimated: true });
  });
});
