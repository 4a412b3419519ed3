import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_REQUEST_ID, BedrockServer, whole } from '../../../test/clients/bedrock-server.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { parseNative } from '../../inference/native.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { bedrockModel, modelCall } from '../bedrock-model.fixture.ts';
import type { BedrockModel } from '../bedrock-model.ts';

const server = new BedrockServer();
let model: BedrockModel;

beforeAll(async () => {
  model = bedrockModel({ endpoint: await server.listen() });
});
afterAll(async () => {
  server.close();
  await model.close();
});

const TEXT = { role: 'assistant', content: [{ text: 'Hello.' }] };

function converseAnswer(members: object): JsonObject {
  return { output: { message: TEXT }, stopReason: 'end_turn', ...members } as unknown as JsonObject;
}

function assessment(usage: object): JsonObject {
  return { invocationMetrics: { guardrailProcessingLatency: 5, usage } } as unknown as JsonObject;
}

describe('a Converse answer', () => {
  // peers rows 5, 27.
  it('is handed on to the byte, and read for the meter', async () => {
    const answer = converseAnswer({
      usage: {
        ...{ inputTokens: 12, outputTokens: 40, totalTokens: 97, cacheReadInputTokens: 30, cacheWriteInputTokens: 15 },
        cacheDetails: [
          { ttl: '1h', inputTokens: 5 },
          { ttl: '5m', inputTokens: 10 },
        ],
      },
      ...{ serviceTier: { type: 'flex' }, performanceConfig: { latency: 'standard' }, ofTomorrow: { yes: true } },
      trace: {
        guardrail: {
          inputAssessment: { 'gr-1': assessment({ contentPolicyUnits: 2, topicPolicyUnits: 0 }) },
          outputAssessments: { 'gr-1': [assessment({ contentPolicyUnits: 1, sensitiveInformationPolicyUnits: 3 })] },
        },
      },
    });
    server.script = (reply) => whole(reply, answer);
    const original = { format: 'converse', body: { messages: [], ofTomorrow: 1 }, headers: {} } as const;
    const read = await model.complete(modelCall({ original }));
    expect(JSON.parse(server.last.body)).toMatchObject({ ofTomorrow: 1 });
    expect(read).toMatchObject({
      ...{ content: TEXT.content, stopReason: 'end_turn' },
      usage: {
        ...{ inputTokens: 12, outputTokens: 40, cacheReadInputTokens: 30, isEstimated: false },
        ...{ cacheWrite5mInputTokens: 10, cacheWrite1hInputTokens: 5 },
        units: { content_policy_unit: 3, sensitive_information_policy_unit: 3 },
      },
      upstream: {
        ...{ requestId: AWS_REQUEST_ID, tier: 'flex', isGatewayPrincipal: false },
        principalArn: 'arn:aws:sts::999999999999:assumed-role/BedrockRole/alice',
      },
      original: { format: 'converse' },
    });
    expect(read.original!.bytes!.toString()).toBe(JSON.stringify(answer));
  });

  // peers row 50.
  it('keeps what was not reported apart from zero', async () => {
    server.script = (reply) =>
      whole(reply, converseAnswer({ usage: { inputTokens: 0, outputTokens: 3, totalTokens: 3 } }));
    const { usage } = await model.complete(modelCall());
    expect(usage).toMatchObject({ inputTokens: 0, outputTokens: 3, isEstimated: false });
    expect(usage).not.toHaveProperty('cacheReadInputTokens');
  });

  it('is counted and flagged where it reports no usage', async () => {
    server.script = (reply) => whole(reply, converseAnswer({}));
    const { usage } = await model.complete(modelCall());
    expect(usage).toMatchObject({ inputTokens: expect.any(Number), outputTokens: 2, isEstimated: true });
  });

  it('ends the turn for other dialects where its reason has no word in them', async () => {
    const usage = { inputTokens: 1, outputTokens: 1, totalTokens: 2 };
    server.script = (reply) => whole(reply, converseAnswer({ usage, stopReason: 'malformed_tool_use' }));
    expect((await model.complete(modelCall())).stopReason).toBe('end_turn');
  });

  it.each([['not JSON'], ['[]'], ['{}']])(
    'that is %s is an error of the model, and counted as one that ran',
    async (text) => {
      server.script = (reply) => reply.end(text);
      await expect(model.complete(modelCall())).rejects.toMatchObject({
        code: 'ModelErrorException',
        fields: { usage: { outputTokens: 0, isEstimated: true } },
      });
    },
  );
});

const COUNTS = { 'x-amzn-bedrock-input-token-count': '12', 'x-amzn-bedrock-output-token-count': '40' };
const CACHE_COUNTS = {
  'x-amzn-bedrock-cache-read-input-token-count': '30',
  'x-amzn-bedrock-cache-write-input-token-count': '15',
};
const ANTHROPIC_USAGE = {
  ...{ input_tokens: 12, output_tokens: 40, cache_read_input_tokens: 30, cache_creation_input_tokens: 15 },
  cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 5 },
};
const OPENAI_USAGE = {
  ...{ prompt_tokens: 42, completion_tokens: 40, total_tokens: 82 },
  prompt_tokens_details: { cached_tokens: 30 },
};
const CACHED = { cacheReadInputTokens: 30, cacheWrite5mInputTokens: 10, cacheWrite1hInputTokens: 5 };

describe('a native answer', () => {
  it.each<[what: string, modelId: string, body: object, headers: object, usage: Partial<TokenUsage>]>([
    ['Anthropic', 'anthropic.claude-sonnet-4-6', { usage: ANTHROPIC_USAGE }, { ...COUNTS, ...CACHE_COUNTS }, CACHED],
    ['Anthropic without headers', 'anthropic.claude-sonnet-4-6', { usage: ANTHROPIC_USAGE }, {}, CACHED],
    [
      'OpenAI, whose input has the cache',
      'openai.gpt-oss-120b-1:0',
      { usage: OPENAI_USAGE },
      COUNTS,
      { cacheReadInputTokens: 30 },
    ],
    [
      'OpenAI, whose header has the cache as well',
      'openai.gpt-oss-120b-1:0',
      { usage: OPENAI_USAGE },
      { ...COUNTS, 'x-amzn-bedrock-input-token-count': '42' },
      { cacheReadInputTokens: 30 },
    ],
    [
      'Nova',
      'amazon.nova-lite-v1:0',
      { usage: { inputTokens: 12, outputTokens: 40, totalTokens: 52, cacheReadInputTokenCount: 0 } },
      COUNTS,
      { cacheReadInputTokens: 0 },
    ],
    ['Llama', 'meta.llama3-70b-instruct-v1:0', { prompt_token_count: 12, generation_token_count: 40 }, {}, {}],
    ['Titan', 'amazon.titan-text-lite-v1', { inputTextTokenCount: 12, results: [{ tokenCount: 40 }] }, {}, {}],
    ['a vendor that reports nothing', 'cohere.command-r-v1:0', { text: 'Hello.' }, COUNTS, {}],
  ])('of %s is read in its words and in Bedrock’s', async (_what, modelId, body, headers, usage) => {
    server.script = (reply) => whole(reply, body, headers as Record<string, string>);
    const { original, usage: read } = await model.complete(nativeCall(modelId));
    expect(read).toMatchObject({ inputTokens: 12, outputTokens: 40, ...usage, isEstimated: false });
    for (const name of Object.keys(CACHED)) if (!(name in usage)) expect(read).not.toHaveProperty(name);
    expect(original!.bytes!.toString()).toBe(JSON.stringify(body));
  });

  it.each<[what: string, headers: Record<string, string>, usage: Partial<TokenUsage>]>([
    [
      'output',
      { ...COUNTS, 'x-amzn-bedrock-output-token-count': '41' },
      { inputTokens: 12, outputTokens: 41, ...CACHED },
    ],
    [
      'input',
      { ...COUNTS, 'x-amzn-bedrock-input-token-count': '13' },
      { inputTokens: 13, outputTokens: 40, ...CACHED },
    ],
    [
      'cache writes',
      { ...COUNTS, ...CACHE_COUNTS, 'x-amzn-bedrock-cache-write-input-token-count': '12' },
      { ...CACHED, cacheWrite5mInputTokens: 7 },
    ],
  ])('is taken as Bedrock counts and flagged where the vendor says otherwise of %s', async (_what, headers, usage) => {
    server.script = (reply) => whole(reply, { usage: ANTHROPIC_USAGE }, headers);
    const read = (await model.complete(nativeCall('anthropic.claude-sonnet-4-6'))).usage;
    expect(read).toMatchObject({ ...usage, isEstimated: true });
  });

  // peers row 13.
  it('names the tier that was used in headers, and what its guardrail did in its trace', async () => {
    const trace = {
      guardrail: {
        input: { 'gr-1': assessment({ wordPolicyUnits: 1 }) },
        outputs: [{ 'gr-1': assessment({ wordPolicyUnits: 2 }) }],
      },
    };
    const answer = { usage: ANTHROPIC_USAGE, 'amazon-bedrock-trace': trace };
    server.script = (reply) => whole(reply, answer, { 'x-amzn-bedrock-service-tier': 'default' });
    const { upstream, usage } = await model.complete({
      ...nativeCall('anthropic.claude-sonnet-4-6'),
      tier: 'priority',
    });
    expect(upstream).toMatchObject({ tier: 'standard' });
    expect(usage.units).toEqual({ word_policy_unit: 3 });
  });
});

function nativeCall(modelId: string) {
  const body = modelId.startsWith('anthropic.')
    ? { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }
    : modelId.startsWith('amazon.nova')
      ? { messages: [{ role: 'user', content: [{ text: 'hi' }] }] }
      : { messages: [{ role: 'user', content: 'hi' }], prompt: 'hi' };
  return modelCall({ modelId, ...parseNative(modelId, Buffer.from(JSON.stringify(body))) });
}

describe('a call whose answer is no text', () => {
  const facts = modelCall();
  const ask = (kind: 'embedding' | 'image', modelId: string, body: JsonObject) =>
    model.invoke({ ...facts, kind, dialect: 'native', modelId, upstreamModelId: modelId, body });

  it('is an embedding with the tokens that the vendor counted', async () => {
    server.script = (reply) => whole(reply, { embedding: [1], inputTextTokenCount: 4 });
    const { body, usage } = await ask('embedding', 'amazon.titan-embed-text-v2:0', { inputText: 'hi' });
    expect(body).toEqual({ embedding: [1], inputTextTokenCount: 4 });
    expect(usage).toMatchObject({ inputTokens: 4, outputTokens: 0, isEstimated: false });
    expect(JSON.parse(server.last.body)).toEqual({ inputText: 'hi' });
  });

  it('is counted and flagged where nobody counts', async () => {
    server.script = (reply) => whole(reply, { embeddings: [[1]] });
    const { usage } = await ask('embedding', 'cohere.embed-english-v3', {
      texts: ['hi there'],
      input_type: 'search_query',
    });
    expect(usage).toMatchObject({ inputTokens: expect.any(Number), outputTokens: 0, isEstimated: true });
    expect(usage.inputTokens).toBeGreaterThan(0);
  });

  it('is pictures by the piece', async () => {
    server.script = (reply) => whole(reply, { images: ['aW1n', 'aW1n'] });
    const { usage } = await ask('image', 'amazon.nova-canvas-v1:0', { taskType: 'TEXT_IMAGE' });
    expect(usage).toMatchObject({ inputTokens: 0, outputTokens: 0, units: { image_1024: 2 }, isEstimated: false });
  });
});
