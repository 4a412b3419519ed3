import {
  BedrockRuntimeClient,
  type BedrockRuntimeServiceException,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { collected } from '../wire/inference-calls.ts';
import { ARRIVAL, billedCalls, type LedgerEntry, ledger } from '../wire/ledger.ts';
import { allow, newUser } from '../wire/principals.ts';
import { type Reply, ScriptedModel } from './scripted-model.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';
const messages = [{ role: 'user' as const, content: [{ text: 'Tell me a story.' }] }];

const one = new ScriptedModel();
const two = new ScriptedModel();
let server: TestServer;
let admin: BedrockRuntimeClient;

beforeAll(async () => {
  const nobody = new ScriptedModel();
  const downUrl = await nobody.listen();
  await nobody.close();
  const common = { type: 'openai', models: '*', headersTimeoutMs: 200, idleTimeoutMs: 200 };
  const upstreams = [
    { name: 'one', url: await one.listen(), ...common },
    { name: 'two', url: await two.listen(), ...common },
    { name: 'down', url: downUrl, ...common },
  ];
  const target = (model: string, upstream: string) => ({ model, upstream });
  server = await startServer({
    config: {
      upstreams,
      aliases: {
        smart: { targets: [target(`us.${SONNET}`, 'one')], fallbacks: [target(NOVA, 'two')] },
        anyhow: {
          targets: [target(SONNET, 'one')],
          fallbacks: [target(SONNET, 'two')],
          retryOn: ['unavailable', 'throttled', 'timeout', 'broken', 'error'],
        },
        again: { targets: [target(SONNET, 'one')], retries: 2 },
        'down-first': { targets: [target(SONNET, 'down')], fallbacks: [target(SONNET, 'one')] },
      },
      routes: { [NOVA]: { targets: [{ upstream: 'down' }], fallbacks: [{ upstream: 'two' }] } },
    },
  });
  admin = new BedrockRuntimeClient({ ...server.admin, maxAttempts: 1 });
});
afterAll(async () => {
  admin.destroy();
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  await Promise.all([one.close(), two.close()]);
  removeFolders();
});
beforeEach(() => {
  one.reset();
  two.reset();
});

let billedBefore = 0;
beforeEach(async () => {
  billedBefore = await billedCalls(server);
});
/** Every test makes one operation that is charged for, however many attempts it takes. */
let billedOperations = 1;
afterEach(async () => {
  await expect.poll(() => billedCalls(server), ARRIVAL).toBe(billedBefore + billedOperations);
  billedOperations = 1;
});

const converse = async (modelId: string, client = admin) => {
  const { $metadata } = await client.send(new ConverseCommand({ modelId, messages }));
  return $metadata.requestId!;
};
const converseStream = async (modelId: string) => {
  const { $metadata, stream } = await admin.send(new ConverseStreamCommand({ modelId, messages }));
  const texts = (await collected(stream)).map(({ contentBlockDelta }) => contentBlockDelta?.delta?.text ?? '');
  expect(texts.join('')).toBe('Once upon a time there');
  return $metadata.requestId!;
};
const refusal = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable('the call was answered'),
    (error: BedrockRuntimeServiceException) => error,
  );

/** The attempts of an operation in the ledger, first one first. */
async function attempts(requestId: string, count: number): Promise<LedgerEntry[]> {
  const ofOperation = async () => {
    const all = await ledger(server);
    return all.filter((entry) => entry.RequestId === requestId || entry.AttemptOf === requestId).reverse();
  };
  await expect.poll(async () => (await ofOperation()).length, ARRIVAL).toBe(count);
  return ofOperation();
}

const THROTTLED: Reply = { does: 'refuse', status: 429 };
const UNAVAILABLE: Reply = { does: 'refuse', status: 503 };
const METERED = { Status: 'completed', InputTokens: '1200', OutputTokens: '345', IsEstimated: false };
const NOTHING_USED = { Status: 'failed', InputTokens: '0', OutputTokens: '0', IsEstimated: false };

describe.each([
  ['Converse', converse],
  ['ConverseStream', converseStream],
])('%s', (Operation, call) => {
  it('goes to the next target when the first refuses: two attempts of one operation (peers rows 39, 40)', async () => {
    one.next(THROTTLED);
    const requestId = await call('smart');
    const [first, second] = await attempts(requestId, 2);
    expect(first).toMatchObject({
      ...{ RequestId: requestId, Operation, ...NOTHING_USED, ErrorCode: 'ThrottlingException' },
      ...{ RequestedModelId: 'smart', ModelId: SONNET, Route: 'geo', Upstream: 'one' },
    });
    expect(first?.AttemptOf).toBeUndefined();
    expect(second).toMatchObject({
      ...{ AttemptOf: requestId, Operation, ...METERED },
      ...{ RequestedModelId: 'smart', ModelId: NOVA, Route: 'in_region', Upstream: 'two' },
      // 1,200 x 0.06 + 345 x 0.24 USD per million: the price of the model that answered.
      CostUsd: '0.0001548',
    });
    // The same call, told by its id.
    const idsSent = [...one.asked, ...two.asked].map(({ headers }) => headers['x-request-id']);
    expect(idsSent).toEqual([requestId, requestId]);
  });

  it('goes to the next target when the first cannot be reached', async () => {
    const [first, second] = await attempts(await call('down-first'), 2);
    expect(first).toMatchObject({ ...NOTHING_USED, ErrorCode: 'ServiceUnavailableException', Upstream: 'down' });
    expect(second).toMatchObject({ ...METERED, Upstream: 'one' });
  });

  it('goes to the next upstream of the route of a model', async () => {
    const [first, second] = await attempts(await call(NOVA), 2);
    expect(first).toMatchObject({ ...NOTHING_USED, ModelId: NOVA, Upstream: 'down' });
    expect(second).toMatchObject({ ...METERED, ModelId: NOVA, Upstream: 'two' });
  });

  it('is tried again at the same upstream, as often as the alias says', async () => {
    one.next(UNAVAILABLE, THROTTLED);
    const entries = await attempts(await call('again'), 3);
    expect(entries.map(({ Status, Upstream }) => [Status, Upstream])).toEqual([
      ['failed', 'one'],
      ['failed', 'one'],
      ['completed', 'one'],
    ]);
  });

  it('is tried again after it may have run only by choice, and then both are paid for (peers rows 40)', async () => {
    one.next({ does: 'stay silent' });
    const [first, second] = await attempts(await call('anyhow'), 2);
    expect(first).toMatchObject({
      ...{ Status: 'failed', ErrorCode: 'ModelTimeoutException', OutputTokens: '0', IsEstimated: true },
      InputTokens: expect.stringMatching(/^[1-9]/),
    });
    expect(second).toMatchObject({ ...METERED, AttemptOf: first!.RequestId });
  });
});

describe('a call', () => {
  it('is not tried again when it may have run', async () => {
    one.next({ does: 'stay silent' });
    const error = await refusal(converse('smart'));
    expect(error.name).toBe('ModelTimeoutException');
    expect(two.asked).toEqual([]);
    await attempts(error.$metadata.requestId!, 1);
  });

  it('is not tried again when it is wrong itself', async () => {
    billedOperations = 0;
    one.next({ does: 'refuse', status: 400 });
    const error = await refusal(converse('anyhow'));
    expect(error.name).toBe('ValidationException');
    expect(two.asked).toEqual([]);
    await attempts(error.$metadata.requestId!, 1);
  });

  it('fails with the last failure when every attempt has failed', async () => {
    billedOperations = 0;
    one.next(UNAVAILABLE);
    two.next(THROTTLED);
    const error = await refusal(converse('smart'));
    expect(error.name).toBe('ThrottlingException');
    const entries = await attempts(error.$metadata.requestId!, 2);
    expect(entries.map(({ ErrorCode }) => ErrorCode)).toEqual(['ServiceUnavailableException', 'ThrottlingException']);
  });

  it('is not tried again once the client has had a word of the answer', async () => {
    one.next({ does: 'answer', cutAfter: 2 });
    const { stream, $metadata } = await admin.send(new ConverseStreamCommand({ modelId: 'anyhow', messages }));
    await expect(collected(stream)).rejects.toMatchObject({ name: 'ModelStreamErrorException' });
    expect(two.asked).toEqual([]);
    const [only] = await attempts($metadata.requestId!, 1);
    expect(only).toMatchObject({ Status: 'cut', IsEstimated: true });
  });
});

describe('an alias', () => {
  it('leads only to models that the caller may call', async () => {
    const onlyNova = allow('bedrock:Invoke*', `arn:aws:bedrock:*::foundation-model/${NOVA}`);
    const client = new BedrockRuntimeClient({
      ...(await newUser(server.admin, 'nova-only', { statements: [onlyNova] })),
      maxAttempts: 1,
    });
    const [only] = await attempts(await converse('smart', client), 1);
    expect(only).toMatchObject({ ...METERED, ModelId: NOVA, Upstream: 'two' });
    expect(one.asked).toEqual([]);
    client.destroy();
  });

  it('is what a refusal names when the caller may call none of them', async () => {
    billedOperations = 0;
    const client = new BedrockRuntimeClient({ ...(await newUser(server.admin, 'no-one')), maxAttempts: 1 });
    const error = await refusal(converse('smart', client));
    expect(error.name).toBe('AccessDeniedException');
    expect(error.message).toBe(
      'User: arn:aws:iam::123456789012:user/no-one is not authorized to perform: bedrock:InvokeModel on resource: smart ' +
        'because no identity-based policy allows the bedrock:InvokeModel action',
    );
    client.destroy();
  });

  it('can be asked how many tokens its first model counts', async () => {
    billedOperations = 0;
    const count = new CountTokensCommand({ modelId: 'smart', input: { converse: { messages } } });
    expect((await admin.send(count)).inputTokens).toBeGreaterThan(0);
  });
});
