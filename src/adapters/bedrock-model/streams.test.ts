import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  AWS_REQUEST_ID,
  BedrockServer,
  chunk,
  frame,
  refused,
  streamed,
} from '../../../test/clients/bedrock-server.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { ModelCall } from '../../inference/model-call.ts';
import { parseNative } from '../../inference/native.ts';
import type { TokenUsage } from '../../inference/token-usage.ts';
import { bedrockModel, eventsOf, failureOf, modelCall, SONNET } from '../bedrock-model.fixture.ts';
import type { BedrockModel } from '../bedrock-model.ts';

const server = new BedrockServer();
let model: BedrockModel;

beforeAll(async () => {
  model = bedrockModel({ endpoint: await server.listen(), idleTimeoutMs: 500 });
});
afterAll(async () => {
  server.close();
  await model.close();
});

const USAGE = { inputTokens: 12, outputTokens: 40, totalTokens: 52, cacheReadInputTokens: 30 };
const CONVERSE = [
  frame('messageStart', { role: 'assistant', p: 'ab' }),
  frame('contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm.' } }, p: 'abc' }),
  frame('contentBlockStop', { contentBlockIndex: 0 }),
  frame('contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'Hello.' } }),
  frame('contentBlockStop', { contentBlockIndex: 1 }),
  frame('contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 't1', name: 'weather' } } }),
  frame('contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{}' } } }),
  frame('ofTomorrow', { yes: true }),
  frame('contentBlockStop', { contentBlockIndex: 2 }),
  frame('messageStop', { stopReason: 'tool_use', additionalModelResponseFields: { x: 1 } }),
  frame('metadata', { usage: USAGE, metrics: { latencyMs: 1 }, serviceTier: { type: 'priority' }, p: 'a' }),
];
const END = {
  ...{ type: 'end', stopReason: 'tool_use' },
  usage: expect.objectContaining({ inputTokens: 12, outputTokens: 40, cacheReadInputTokens: 30, isEstimated: false }),
  upstream: expect.objectContaining({ requestId: AWS_REQUEST_ID, tier: 'priority' }),
};
const HANDED_ON = { format: 'converse', body: { messages: [] }, headers: {} } as const;

describe('a stream of Converse', () => {
  it('becomes our events', async () => {
    server.script = (reply) => streamed(reply, CONVERSE);
    expect(await eventsOf(model, modelCall())).toEqual([
      { type: 'start' },
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { text: 'Hm.' } } },
      { type: 'blockStop', index: 0 },
      { type: 'blockDelta', index: 1, delta: { text: 'Hello.' } },
      { type: 'blockStop', index: 1 },
      { type: 'blockStart', index: 2, start: { toolUse: { toolUseId: 't1', name: 'weather' } } },
      { type: 'blockDelta', index: 2, delta: { toolUse: { input: '{}' } } },
      { type: 'blockStop', index: 2 },
      END,
    ]);
  });

  it('is handed on frame by frame, new events and padding as well', async () => {
    server.script = (reply) => streamed(reply, CONVERSE);
    const events = await eventsOf(model, modelCall({ original: HANDED_ON }));
    expect(events[0]).toEqual({ type: 'start', original: [CONVERSE[0]] });
    const frames = events.flatMap((event) => (event.type === 'original' ? [event.bytes] : []));
    expect(frames).toEqual(CONVERSE.slice(1, -1));
    expect(events.at(-1)).toEqual({ ...END, original: [CONVERSE.at(-1)] });
  });

  it('is read however its bytes are cut', async () => {
    const bytes = Buffer.concat(CONVERSE);
    server.script = async (reply) => {
      reply.writeHead(200, { 'x-amzn-requestid': AWS_REQUEST_ID });
      for (let at = 0; at < bytes.length; at += 97) {
        if (!reply.write(bytes.subarray(at, at + 97))) await once(reply, 'drain');
      }
      reply.end();
    };
    expect((await eventsOf(model, modelCall())).at(-1)).toEqual(END);
  });
});

/** Chunks of one Anthropic message, as InvokeModelWithResponseStream has them. */
const MESSAGE = [
  { type: 'message_start', message: { usage: { input_tokens: 12, output_tokens: 1, cache_read_input_tokens: 30 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello.' }, of_tomorrow: 1 },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } },
];
const METRICS = { inputTokenCount: 12, outputTokenCount: 40, cacheReadInputTokenCount: 30 };
const LAST = { type: 'message_stop', 'amazon-bedrock-invocationMetrics': METRICS };
const NATIVE = [...MESSAGE, LAST].map(chunk);
const NATIVE_USAGE = { inputTokens: 12, outputTokens: 40, cacheReadInputTokens: 30, isEstimated: false };

function nativeCall(): ModelCall {
  const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] };
  return modelCall(parseNative(SONNET, Buffer.from(JSON.stringify(body))));
}

describe('a stream of InvokeModel', () => {
  it('is handed on frame by frame, the last with the end', async () => {
    server.script = (reply) => streamed(reply, NATIVE, { 'x-amzn-bedrock-service-tier': 'flex' });
    const events = await eventsOf(model, nativeCall());
    const frames = events.flatMap((event) => (event.type === 'original' ? [event.bytes] : []));
    expect(frames).toEqual(NATIVE.slice(0, -1));
    expect(events[0]).toEqual({ type: 'start', original: [], tier: 'flex' });
    expect(events.at(-1)).toMatchObject({ usage: NATIVE_USAGE, upstream: { tier: 'flex' }, original: [NATIVE.at(-1)] });
  });

  it('is handed on to Anthropic’s door as Anthropic’s own events', async () => {
    server.script = (reply) => streamed(reply, NATIVE);
    const original = { format: 'anthropic-messages', body: { messages: [] }, headers: {} } as const;
    const events = await eventsOf(model, modelCall({ original }));
    const told = events.flatMap((event) => (event.type === 'original' ? [event.data] : []));
    expect(told).toEqual([...MESSAGE, { type: 'message_stop' }]);
    expect(events.at(-1)).toMatchObject({ type: 'end', stopReason: 'end_turn', usage: NATIVE_USAGE });
    expect(events.at(-1)).not.toHaveProperty('original');
  });

  it('is flagged where the vendor’s counts are not Bedrock’s', async () => {
    const last = { ...LAST, 'amazon-bedrock-invocationMetrics': { ...METRICS, outputTokenCount: 41 } };
    server.script = (reply) => streamed(reply, [...MESSAGE, last].map(chunk));
    expect((await eventsOf(model, nativeCall())).at(-1)).toMatchObject({
      usage: { outputTokens: 41, isEstimated: true },
    });
  });
});

/** Reads a stream that fails: what came before, and the failure. */
async function brokenStream(call: ModelCall) {
  const events: ModelEvent[] = [];
  const error = await failureOf(
    (async () => {
      for await (const event of model.stream(call)) events.push(event);
    })(),
  );
  return {
    events,
    error: error as { code: string; message: string; fields: { usage?: TokenUsage; upstream?: object } },
  };
}

// peers rows 54, 55.
describe('a stream that is cut', () => {
  it.each([
    ['Converse', CONVERSE, () => modelCall({ original: HANDED_ON })],
    ['InvokeModel', NATIVE, nativeCall],
  ])('of %s at any frame, cleanly or not, has what it said by then, flagged', async (_what, frames, call) => {
    for (let kept = 0; kept < frames.length; kept++) {
      for (const rest of [0, 5]) {
        server.script = (reply) => {
          const head = Buffer.concat([...frames.slice(0, kept), frames[kept]!.subarray(0, rest)]);
          reply.writeHead(200, { 'x-amzn-requestid': AWS_REQUEST_ID });
          if (rest > 0) reply.end(head);
          else reply.write(head.length > 0 ? head : ' ', () => reply.destroy());
        };
        const { error } = await brokenStream(call());
        expect(error).toMatchObject({
          code: 'ModelStreamErrorException',
          fields: { usage: { isEstimated: true }, upstream: { requestId: AWS_REQUEST_ID } },
        });
        expect(error.fields.usage!.inputTokens).toBeGreaterThan(0);
      }
    }
  });

  it('because it is silent for too long', async () => {
    server.script = (reply) => {
      reply.writeHead(200);
      reply.write(CONVERSE[0]);
    };
    const { error } = await brokenStream(modelCall());
    expect(error).toMatchObject({ code: 'ModelStreamErrorException', fields: { usage: { isEstimated: true } } });
  });

  it('because its bytes are damaged', async () => {
    const damaged = Buffer.from(CONVERSE[1]!);
    damaged[damaged.length - 1]! ^= 1;
    server.script = (reply) => streamed(reply, [CONVERSE[0]!, damaged]);
    const { error } = await brokenStream(modelCall());
    expect(error).toMatchObject({ code: 'ModelStreamErrorException', message: expect.stringContaining('checksum') });
  });

  it('by an exception of Bedrock’s, which keeps its name and words', async () => {
    const fields = { message: 'It broke.', originalStatusCode: 500, originalMessage: 'boom' };
    const broken = frame('modelStreamErrorException', fields, 'exception');
    server.script = (reply) => streamed(reply, [...CONVERSE.slice(0, 4), broken]);
    const { error, events } = await brokenStream(modelCall());
    expect(error).toMatchObject({
      ...{ code: 'ModelStreamErrorException', message: 'It broke.' },
      fields: { originalStatusCode: 500, originalMessage: 'boom', usage: { isEstimated: true } },
    });
    expect(events).toHaveLength(4);
  });

  it('by an exception before the model has said a word, at no cost', async () => {
    server.script = (reply) => streamed(reply, [frame('throttlingException', { message: 'Slow down.' }, 'exception')]);
    const { error } = await brokenStream(modelCall());
    expect(error).toMatchObject({ code: 'ThrottlingException', message: 'Slow down.' });
    expect(error.fields.usage).toBeUndefined();
  });

  it('before it began, with what AWS answered in its place', async () => {
    server.script = (reply) => refused(reply, 400, 'ValidationException', 'No such thing.');
    const { error } = await brokenStream(modelCall());
    expect(error).toMatchObject({ code: 'ValidationException', message: 'No such thing.' });
  });
});
