import {
  BedrockRuntimeClient,
  type BedrockRuntimeClientConfig,
  InvokeModelCommand,
  type InvokeModelCommandInput,
  InvokeModelWithResponseStreamCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';

const SIMULATE = { inputTokens: 100, outputTokens: 4, cacheReadInputTokens: 30, cacheWriteInputTokens: 7 };
const HEADERS = {
  'x-amzn-bedrock-input-token-count': '100',
  'x-amzn-bedrock-output-token-count': '4',
  'x-amzn-bedrock-cache-read-input-token-count': '30',
  'x-amzn-bedrock-cache-write-input-token-count': '7',
  'x-amzn-bedrock-invocation-latency': expect.stringMatching(/^\d+$/),
};
const METRICS = {
  inputTokenCount: 100,
  outputTokenCount: 4,
  invocationLatency: expect.any(Number),
  firstByteLatency: expect.any(Number),
  cacheReadInputTokenCount: 30,
  cacheWriteInputTokenCount: 7,
};

interface Vendor {
  readonly modelId: string;
  readonly body: object;
  readonly answer: object;
  /** Members of the stream's chunks in order, runs of the same kind as one. */
  readonly kinds: readonly string[];
  readonly kindOf: (chunk: Record<string, unknown>) => string;
  readonly lastUsage: object;
}

const firstKey = (chunk: Record<string, unknown>) => Object.keys(chunk)[0]!;
const TEXT = expect.stringMatching(/^[A-Z]\w+ \w+ \w+ the$/);

const ANTHROPIC_USAGE = {
  ...{ input_tokens: 100, output_tokens: 4, cache_read_input_tokens: 30, cache_creation_input_tokens: 7 },
  cache_creation: { ephemeral_5m_input_tokens: 7, ephemeral_1h_input_tokens: 0 },
};
const NOVA_USAGE = {
  ...{ inputTokens: 100, outputTokens: 4, totalTokens: 141 },
  ...{ cacheReadInputTokenCount: 30, cacheWriteInputTokenCount: 7 },
};
const OPENAI_USAGE = {
  ...{ prompt_tokens: 137, completion_tokens: 4, total_tokens: 141 },
  prompt_tokens_details: { cached_tokens: 30, cache_write_tokens: 7 },
};

const VENDORS: readonly Vendor[] = [
  {
    modelId: 'anthropic.claude-haiku-4-5-20251001-v1:0',
    body: {
      anthropic_version: 'bedrock-2023-05-31',
      max_tokens: 100,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'hello' }] }],
    },
    answer: {
      ...{ id: expect.stringMatching(/^msg_bdrk_/), type: 'message', role: 'assistant' },
      model: 'claude-haiku-4-5-20251001',
      content: [{ type: 'text', text: TEXT }],
      ...{ stop_reason: 'end_turn', stop_sequence: null, usage: ANTHROPIC_USAGE },
    },
    kinds: [
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ],
    kindOf: ({ type }) => String(type),
    lastUsage: { type: 'message_delta', usage: ANTHROPIC_USAGE },
  },
  {
    modelId: 'amazon.nova-lite-v1:0',
    body: { schemaVersion: 'messages-v1', messages: [{ role: 'user', content: [{ text: 'hello' }] }] },
    answer: {
      output: { message: { role: 'assistant', content: [{ text: TEXT }] } },
      ...{ stopReason: 'end_turn', usage: NOVA_USAGE },
    },
    kinds: ['messageStart', 'contentBlockDelta', 'contentBlockStop', 'messageStop', 'metadata'],
    kindOf: firstKey,
    lastUsage: { metadata: expect.objectContaining({ usage: NOVA_USAGE }) },
  },
  {
    modelId: 'openai.gpt-oss-120b-1:0',
    body: { messages: [{ role: 'user', content: 'hello' }], max_completion_tokens: 100 },
    answer: {
      ...{ id: expect.stringMatching(/^chatcmpl-/), object: 'chat.completion', model: 'openai.gpt-oss-120b-1:0' },
      choices: [{ index: 0, message: { role: 'assistant', content: TEXT }, finish_reason: 'stop' }],
      usage: OPENAI_USAGE,
    },
    kinds: ['chat.completion.chunk'],
    kindOf: ({ object }) => String(object),
    lastUsage: { choices: [], usage: OPENAI_USAGE },
  },
];

const TRANSPORTS: readonly (readonly [string, () => BedrockRuntimeClientConfig])[] = [
  ['HTTP/2, its default', () => ({})],
  ['HTTP/1.1', () => ({ requestHandler: new NodeHttpHandler() })],
];

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function call({ modelId, body }: Pick<Vendor, 'modelId' | 'body'>, more: object = {}): InvokeModelCommandInput {
  return { modelId, contentType: 'application/json', body: JSON.stringify({ ...body, simulate: SIMULATE, ...more }) };
}

describe.each(TRANSPORTS)('the client over %s', (_, transport) => {
  let bedrock: BedrockRuntimeClient;
  let headers: Readonly<Record<string, string>>;
  beforeAll(() => {
    bedrock = new BedrockRuntimeClient({ ...server.admin, ...transport() });
    bedrock.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        headers = (result.response as { headers: Record<string, string> }).headers;
        return result;
      },
      { step: 'deserialize', name: 'headersOfTheAnswer', priority: 'low' },
    );
  });
  afterAll(() => bedrock.destroy());

  describe.each(VENDORS)('with $modelId', (vendor) => {
    it('gets the body of the vendor, and token counts as headers', async () => {
      const { body, contentType, $metadata } = await bedrock.send(new InvokeModelCommand(call(vendor)));
      expect(contentType).toBe('application/json');
      expect(JSON.parse(body.transformToString())).toMatchObject(vendor.answer);
      expect(headers).toMatchObject(HEADERS);
      await expect
        .poll(() => ledgerEntry(server, $metadata.requestId!), ARRIVAL)
        .toMatchObject({
          ...{ Operation: 'InvokeModel', ModelId: vendor.modelId, Status: 'completed', IsEstimated: false },
          ...{ InputTokens: '100', OutputTokens: '4', CacheReadInputTokens: '30', CacheWrite5mInputTokens: '7' },
        });
    });

    it("streams the vendor's chunks, the last with the metrics of the invocation", async () => {
      const answer = await bedrock.send(new InvokeModelWithResponseStreamCommand(call(vendor)));
      expect(answer.contentType).toBe('application/json');
      const chunks: Record<string, unknown>[] = [];
      for await (const { chunk } of answer.body!) chunks.push(JSON.parse(Buffer.from(chunk!.bytes!).toString()));
      const kinds = chunks.map(vendor.kindOf);
      expect(kinds.filter((kind, index) => kind !== kinds[index - 1])).toEqual(vendor.kinds);
      expect(chunks).toContainEqual(expect.objectContaining(vendor.lastUsage));
      expect(chunks.at(-1)!['amazon-bedrock-invocationMetrics']).toEqual(METRICS);
      const withMetrics = chunks.filter((chunk) => 'amazon-bedrock-invocationMetrics' in chunk);
      expect(withMetrics).toHaveLength(1);
    });
  });

  it('sends a body without a content type, and metadata as a header', async () => {
    const { modelId, body } = VENDORS[0]!;
    const requestMetadata = JSON.stringify({ ticket: 'OPS-1' });
    const bytes = Buffer.from(JSON.stringify(body));
    const answer = await bedrock.send(new InvokeModelCommand({ modelId, body: bytes, requestMetadata }));
    expect(JSON.parse(answer.body.transformToString())).toMatchObject({ type: 'message' });
    expect(headers['x-amzn-bedrock-cache-read-input-token-count']).toBeUndefined();
    const bad = bedrock.send(new InvokeModelCommand({ modelId, body: bytes, requestMetadata: '[1]' }));
    await expect(bad).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('is told what is wrong with a body', async () => {
    const { modelId, body } = VENDORS[0]!;
    const invalid = (message: string) => ({ name: 'ValidationException', message, $metadata: { httpStatusCode: 400 } });
    const send = (text: string) => bedrock.send(new InvokeModelCommand({ modelId, body: text }));
    await expect(send(JSON.stringify({ ...body, max_tokens: undefined }))).rejects.toMatchObject(
      invalid(
        'Malformed input request: #: required key [max_tokens] not found, please reformat your input and try again.',
      ),
    );
    await expect(send('not json')).rejects.toMatchObject(
      invalid(expect.stringContaining('please reformat your input and try again.')),
    );
    await expect(send(JSON.stringify({ ...body, anthropic_version: undefined }))).rejects.toMatchObject(
      invalid(expect.stringContaining('anthropic_version')),
    );
  });
});
