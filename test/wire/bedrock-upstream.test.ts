import Anthropic from '@anthropic-ai/sdk';
import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  CountTokensCommand,
  InvokeModelCommand,
  type InvokeModelCommandInput,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Caller, newCaller } from '../clients/caller.ts';
import { removeFolders } from '../server.ts';
import { GATEWAY_ARN, type GatewayAndAws, startGateway, startGatewayAndAws } from './bedrock-upstream.ts';
import { collected } from './inference-calls.ts';
import { ARRIVAL, ledger, ledgerEntry } from './ledger.ts';
import { allow, INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const GPT_OSS = 'openai.gpt-oss-120b-1:0';
const HELLO = [{ role: 'user' as const, content: [{ text: 'hello' }] }];

let pair: GatewayAndAws;
let alice: Caller;
let client: BedrockRuntimeClient;
/** Asks AWS without the gateway. */
let direct: BedrockRuntimeClient;

beforeAll(async () => {
  pair = await startGatewayAndAws();
  alice = await newCaller(pair.gateway, 'alice', allow('bedrock:ApplyGuardrail'));
  client = new BedrockRuntimeClient({ ...alice.config, maxAttempts: 1 });
  direct = new BedrockRuntimeClient(pair.gatewayUser);
});
afterAll(async () => {
  client?.destroy();
  direct?.destroy();
  expect(await pair.gateway.stop()).toBe(0);
  expect(await pair.aws.stop()).toBe(0);
  removeFolders();
});

/** An answer without what differs from call to call. */
function lasting<Answer extends { readonly $metadata: unknown }>({ $metadata, ...answer }: Answer): object {
  return JSON.parse(JSON.stringify(answer, (name, value) => (name === 'latencyMs' ? 0 : value))) as object;
}

const WEATHER = { toolSpec: { name: 'weather', inputSchema: { json: { type: 'object', properties: {} } } } };
const IMAGE = { image: { format: 'png' as const, source: { bytes: Buffer.from('image') } } };
const DOCUMENT = { document: { format: 'pdf' as const, name: 'paper', source: { bytes: Buffer.from('paper') } } };
const CACHE = {
  inputTokens: 120,
  outputTokens: 34,
  cacheReadInputTokens: 1000,
  cacheWriteInputTokens: 9,
  cacheWrite1hInputTokens: 7,
};

const GUARDRAIL = { guardrailIdentifier: 'gr1', guardrailVersion: '1', trace: 'enabled' as const };
const DRAGONS = [{ role: 'user' as const, content: [{ text: 'Tell me of a dragon.' }] }];

/** Inputs that Bedrock answers each in its own way. */
const INPUTS: readonly [what: string, input: Partial<ConverseCommandInput>][] = [
  ['text', { system: [{ text: 'Be brief.' }], inferenceConfig: { maxTokens: 12, stopSequences: ['zzz'] } }],
  ['images and documents', { messages: [{ role: 'user', content: [{ text: 'Look.' }, IMAGE, DOCUMENT] }] }],
  ['a tool that has to be used', { toolConfig: { tools: [{ ...WEATHER }], toolChoice: { any: {} } } }],
  [
    'results of a tool',
    {
      toolConfig: { tools: [WEATHER] },
      messages: [
        ...HELLO,
        { role: 'assistant', content: [{ toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Ghent' } } }] },
        { role: 'user', content: [{ toolResult: { toolUseId: 't1', content: [{ json: { degrees: 21 } }, IMAGE] } }] },
      ],
    },
  ],
  ['cached input', { additionalModelRequestFields: { simulate: CACHE } }],
  ['a tier', { serviceTier: { type: 'priority' } }],
  ['optimized latency', { performanceConfig: { latency: 'optimized' } }],
  ['a guardrail', { guardrailConfig: GUARDRAIL }],
  ['a guardrail that blocks', { guardrailConfig: GUARDRAIL, messages: DRAGONS }],
];

describe('Converse through a gateway', () => {
  it.each(INPUTS)('is what it is without one: %s', async (_what, input) => {
    const asked = { modelId: SONNET, messages: HELLO, ...input };
    const answer = await client.send(new ConverseCommand(asked));
    expect(lasting(answer)).toEqual(lasting(await direct.send(new ConverseCommand(asked))));
    const events = await collected((await client.send(new ConverseStreamCommand(asked))).stream);
    const without = await collected((await direct.send(new ConverseStreamCommand(asked))).stream);
    expect(lasting({ $metadata: {}, events })).toEqual(lasting({ $metadata: {}, events: without }));
  });

  it('is on both bills, here by caller and there by the gateway', async () => {
    const asked = { additionalModelRequestFields: { simulate: CACHE }, serviceTier: { type: 'flex' as const } };
    const { $metadata } = await client.send(
      new ConverseCommand({ modelId: `us.${SONNET}`, messages: HELLO, requestMetadata: { team: 'search' }, ...asked }),
    );
    const billed = {
      ...{ Route: 'geo', Tier: 'flex', Status: 'completed', IsEstimated: false },
      ...{ InputTokens: '120', OutputTokens: '34', CacheReadInputTokens: '1000' },
      ...{ CacheWrite5mInputTokens: '2', CacheWrite1hInputTokens: '7' },
    };
    const here = () => ledgerEntry(pair.gateway, $metadata.requestId!);
    await expect.poll(here, ARRIVAL).toMatchObject({ ...billed, Principal: alice.arn });
    const there = async () => (await ledger(pair.aws, { Principal: GATEWAY_ARN })).find(({ Tier }) => Tier === 'flex');
    await expect.poll(there, ARRIVAL).toMatchObject(billed);
  });
});

it('what a guardrail does at Bedrock is metered here, of every operation', async () => {
  const asked = { modelId: SONNET, messages: DRAGONS, guardrailConfig: GUARDRAIL };
  const whole = await client.send(new ConverseCommand(asked));
  const streamed = await client.send(new ConverseStreamCommand(asked));
  await collected(streamed.stream);
  const body = JSON.stringify({ ...NATIVE[0]![1], messages: [{ role: 'user', content: 'Tell me of a dragon.' }] });
  const headers = { guardrailIdentifier: 'gr1', guardrailVersion: '1', trace: 'ENABLED' as const };
  const native = await client.send(new InvokeModelCommand({ modelId: SONNET, body, ...headers }));
  const chunks = await client.send(new InvokeModelWithResponseStreamCommand({ modelId: SONNET, body, ...headers }));
  await collected(chunks.body);
  for (const { $metadata } of [whole, streamed, native, chunks]) {
    const entry = () => ledgerEntry(pair.gateway, $metadata.requestId!);
    const units = expect.objectContaining({ word_policy_unit: '1' });
    await expect.poll(entry, ARRIVAL).toMatchObject({ InputTokens: '0', OutputTokens: '0', Units: units });
  }
});

const NATIVE: readonly [modelId: string, body: object][] = [
  [SONNET, { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }],
  [GPT_OSS, { messages: [{ role: 'user', content: 'hi' }] }],
  ['amazon.nova-lite-v1:0', { messages: [{ role: 'user', content: [{ text: 'hi' }] }] }],
];

describe('InvokeModel through a gateway', () => {
  it.each(NATIVE)('is what it is without one: %s', async (modelId, body) => {
    const simulate = { inputTokens: 11, outputTokens: 5 };
    const input: InvokeModelCommandInput = {
      modelId,
      body: JSON.stringify({ ...body, simulate }),
      serviceTier: 'flex',
    };
    const parsed = (bytes: Uint8Array) => JSON.parse(Buffer.from(bytes).toString()) as object;
    const whole = await client.send(new InvokeModelCommand(input));
    const without = await direct.send(new InvokeModelCommand(input));
    expect(Object.keys(parsed(whole.body))).toEqual(Object.keys(parsed(without.body)));
    expect(whole.serviceTier).toBe('flex');
    const streamed = await client.send(new InvokeModelWithResponseStreamCommand(input));
    const chunks = (await collected(streamed.body)).map(({ chunk }) => parsed(chunk!.bytes!));
    const ofAws = await collected((await direct.send(new InvokeModelWithResponseStreamCommand(input))).body);
    const metrics = { inputTokenCount: 11, outputTokenCount: 5 };
    expect(chunks).toHaveLength(ofAws.length);
    expect(chunks.at(-1)).toMatchObject({ 'amazon-bedrock-invocationMetrics': metrics });
    for (const { $metadata } of [whole, streamed]) {
      const entry = () => ledgerEntry(pair.gateway, $metadata.requestId!);
      const billed = { InputTokens: '11', OutputTokens: '5', Tier: 'flex', IsEstimated: false };
      await expect.poll(entry, ARRIVAL).toMatchObject(billed);
    }
  });

  it('embeds', async () => {
    const input = { modelId: 'amazon.titan-embed-text-v2:0', body: JSON.stringify({ inputText: 'hello' }) };
    const { body, $metadata } = await client.send(new InvokeModelCommand(input));
    expect(Buffer.from(body)).toEqual(Buffer.from((await direct.send(new InvokeModelCommand(input))).body));
    const entry = () => ledgerEntry(pair.gateway, $metadata.requestId!);
    await expect.poll(entry, ARRIVAL).toMatchObject({ OutputTokens: '0', IsEstimated: false });
  });
});

it('CountTokens through a gateway is what it is without one', async () => {
  const converse = { messages: HELLO, system: [{ text: 'Be brief.' }] };
  const body = Buffer.from(JSON.stringify(NATIVE[0]![1]));
  for (const input of [{ converse }, { invokeModel: { body } }]) {
    const command = new CountTokensCommand({ modelId: SONNET, input });
    expect((await client.send(command)).inputTokens).toBe((await direct.send(command)).inputTokens);
  }
});

describe('another door of the gateway', () => {
  it('is Anthropic’s: messages, whole and streamed, and counts', async () => {
    const anthropic = new Anthropic({ apiKey: alice.key, baseURL: `${pair.gateway.url}/anthropic`, maxRetries: 0 });
    const asked = {
      model: SONNET,
      max_tokens: 20,
      messages: HELLO.map(() => ({ role: 'user' as const, content: 'hello' })),
    };
    const whole = await anthropic.messages.create(asked);
    const streamed = await anthropic.messages.stream(asked).finalMessage();
    expect(streamed).toMatchObject({ content: whole.content, stop_reason: whole.stop_reason });
    expect(streamed.usage.output_tokens).toBe(whole.usage.output_tokens);
    const { max_tokens: _limit, ...counted } = asked;
    expect((await anthropic.messages.countTokens(counted)).input_tokens).toBe(whole.usage.input_tokens);
    const calls = async () => (await alice.calls()).filter(({ Operation }) => Operation === 'Messages');
    await expect.poll(async () => (await calls()).length, ARRIVAL).toBe(2);
    for (const call of await calls()) expect(call).toMatchObject({ OutputTokens: String(whole.usage.output_tokens) });
  });

  it.each([GPT_OSS, SONNET])('is OpenAI’s: chat completions of %s, whole and streamed', async (model) => {
    const openai = new OpenAI({ apiKey: alice.key, baseURL: `${pair.gateway.url}/openai/v1`, maxRetries: 0 });
    const asked = { model, messages: [{ role: 'user' as const, content: 'hello' }] };
    const { choices, usage } = await openai.chat.completions.create(asked);
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    const chunks = await collected(await openai.chat.completions.create({ ...asked, ...options }));
    const text = chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('');
    expect(text).toBe(choices[0]!.message.content);
    expect(chunks.at(-1)!.usage).toMatchObject({
      prompt_tokens: usage!.prompt_tokens,
      total_tokens: usage!.total_tokens,
    });
  });
});

describe('what goes wrong at Bedrock', () => {
  it.each(['ThrottlingException', 'ModelErrorException', 'ServiceUnavailableException', 'ModelTimeoutException'])(
    'is told as Bedrock tells it: %s',
    async (name) => {
      const asked = {
        modelId: SONNET,
        messages: HELLO,
        additionalModelRequestFields: { simulate: { error: { name } } },
      };
      const failure = (asker: BedrockRuntimeClient) =>
        asker.send(new ConverseCommand(asked)).catch((error: unknown) => error as BedrockRuntimeServiceException);
      const [told, without] = [await failure(client), await failure(direct)];
      expect(told).toBeInstanceOf(BedrockRuntimeServiceException);
      const { message, $metadata } = without as BedrockRuntimeServiceException;
      expect(told).toMatchObject({ name, message, $metadata: { httpStatusCode: $metadata.httpStatusCode } });
    },
  );

  it('breaks off a stream in the same words, with what was used by then', async () => {
    const simulate = { inputTokens: 100, error: { name: 'ModelStreamErrorException', afterTokens: 7 } };
    const asked = { modelId: SONNET, messages: HELLO, additionalModelRequestFields: { simulate } };
    const { stream, $metadata } = await client.send(new ConverseStreamCommand(asked));
    await expect(collected(stream)).rejects.toMatchObject({ name: 'ModelStreamErrorException' });
    const cut = { Status: 'cut', ErrorCode: 'ModelStreamErrorException', IsEstimated: true };
    await expect.poll(() => ledgerEntry(pair.gateway, $metadata.requestId!), ARRIVAL).toMatchObject(cut);
  });

  it('is no refusal of the caller where the gateway’s own role lacks the permission', async () => {
    const powerless = await newUser(pair.aws.admin, 'powerless');
    const gateway = await startGateway(pair.aws.url, powerless);
    const asker = new BedrockRuntimeClient({
      ...(await newUser(gateway.admin, 'bob', { statements: [INVOKE] })),
      maxAttempts: 1,
    });
    await expect(asker.send(new ConverseCommand({ modelId: SONNET, messages: HELLO }))).rejects.toMatchObject({
      ...{ name: 'ModelErrorException', originalStatusCode: 403 },
      message: expect.not.stringContaining('powerless'),
    });
    expect(gateway.output()).toContain('user/powerless is not authorized to perform: bedrock:InvokeModel');
    asker.destroy();
    expect(await gateway.stop()).toBe(0);
  });
});
