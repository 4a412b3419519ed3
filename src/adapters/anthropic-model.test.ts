import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { AnthropicServer, EVENTS, MESSAGE, send, streamed, whole } from '../../test/clients/anthropic-server.ts';
import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { ModelEvent } from '../inference/model-backend.ts';
import type { Json, JsonObject, ModelCall } from '../inference/model-call.ts';
import { Fault } from '../kernel/fault.ts';
import { AnthropicModel } from './anthropic-model.ts';
import { GptTokenCounter } from './gpt-token-counter.ts';

const KEY = 'sk-ant-secret';
const server = new AnthropicServer();
let model: AnthropicModel;

beforeAll(async () => {
  model = new AnthropicModel({
    ...{ name: 'anthropic', url: `${await server.listen()}/base/`, apiKey: KEY, version: '2023-06-01' },
    ...{ counter: new GptTokenCounter(), maxConnections: 4, headersTimeoutMs: 2_000, idleTimeoutMs: 2_000 },
  });
});
afterAll(async () => {
  server.close();
  await model.close();
});
beforeEach(() => {
  server.script = (request, reply) => (request.body.stream ? streamed(reply) : whole(reply, MESSAGE));
});

function call(parts: Partial<ModelCall> = {}): ModelCall {
  return {
    ...{ requestId: 'req-1', modelId: 'anthropic.claude-sonnet-4-6', upstreamModelId: 'anthropic.claude-sonnet-4-6' },
    ...{ messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }], system: [], additionalFields: {} },
    ...CALL_FACTS,
    ...parts,
  };
}

async function eventsOf(asked: ModelCall): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of model.stream(asked)) events.push(event);
  return events;
}

const USAGE = {
  ...{ inputTokens: 12, outputTokens: 40, cacheReadInputTokens: 30 },
  ...{ cacheWrite5mInputTokens: 10, cacheWrite1hInputTokens: 5, isEstimated: false },
};
const UPSTREAM = { requestId: 'req_upstream_1', tier: 'standard' };

describe('a call in Converse’s form', () => {
  it('is told in Anthropic’s words', async () => {
    await model.complete(
      call({
        maxTokens: 50,
        temperature: 0.5,
        topP: 0.9,
        stopSequences: ['END'],
        system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
        messages: [
          {
            role: 'user',
            content: [
              { text: 'Look.' },
              { image: { format: 'png', source: { bytes: 'aW1n' } } },
              { document: { format: 'pdf', name: 'paper', source: { bytes: 'cGRm' } } },
              { document: { format: 'md', name: 'notes', source: { bytes: 'bm90ZXM=' } } },
              { cachePoint: { type: 'default' } },
            ],
          },
          {
            role: 'assistant',
            content: [
              { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
              { reasoningContent: { redactedContent: 'cmVk' } },
              { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Ghent' } } },
            ],
          },
          {
            role: 'user',
            content: [{ toolResult: { toolUseId: 't1', content: [{ json: { degrees: 21 } }], status: 'error' } }],
          },
        ],
        toolConfig: {
          tools: [
            { toolSpec: { name: 'weather', description: 'Weather', inputSchema: { json: { type: 'object' } } } },
            { cachePoint: { type: 'default' } },
          ],
          toolChoice: { tool: { name: 'weather' } },
        },
        outputConfig: {
          textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}' } } },
        },
        additionalFields: { top_k: 5, anthropic_beta: ['one', 'two'], max_tokens: 1 },
      }),
    );
    const ephemeral = { type: 'ephemeral' };
    expect(server.last.path).toBe('/base/v1/messages');
    expect(server.last.headers).toMatchObject({
      ...{ 'x-api-key': KEY, 'anthropic-version': '2023-06-01', 'anthropic-beta': 'one,two', 'x-request-id': 'req-1' },
    });
    expect(server.last.body).toEqual({
      ...{
        model: 'claude-sonnet-4-6',
        max_tokens: 50,
        temperature: 0.5,
        top_p: 0.9,
        stop_sequences: ['END'],
        top_k: 5,
      },
      system: [{ type: 'text', text: 'Be brief.', cache_control: { ...ephemeral, ttl: '1h' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Look.' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aW1n' } },
            {
              ...{ type: 'document', title: 'paper' },
              source: { type: 'base64', media_type: 'application/pdf', data: 'cGRm' },
            },
            {
              ...{ type: 'document', title: 'notes', cache_control: ephemeral },
              source: { type: 'text', media_type: 'text/plain', data: 'notes' },
            },
          ],
        },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
            { type: 'redacted_thinking', data: 'cmVk' },
            { type: 'tool_use', id: 't1', name: 'weather', input: { city: 'Ghent' } },
          ],
        },
        {
          role: 'user',
          content: [
            {
              ...{ type: 'tool_result', tool_use_id: 't1', is_error: true },
              content: [{ type: 'text', text: '{"degrees":21}' }],
            },
          ],
        },
      ],
      tools: [{ name: 'weather', description: 'Weather', input_schema: { type: 'object' }, cache_control: ephemeral }],
      tool_choice: { type: 'tool', name: 'weather' },
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    });
  });

  it('is answered in Converse’s form', async () => {
    const { usage, ...answer } = await model.complete(call());
    expect(answer).toEqual({
      content: [
        { reasoningContent: { reasoningText: { text: 'The user greets.', signature: 'c2lnbmF0dXJl' } } },
        { reasoningContent: { redactedContent: 'cmVkYWN0ZWQ=' } },
        { text: 'Hello.' },
        { toolUse: { toolUseId: 'toolu_1', name: 'weather', input: { city: 'Ghent' } } },
      ],
      ...{ stopReason: 'tool_use', upstream: UPSTREAM },
    });
    expect(usage).toMatchObject(USAGE);
    expect(server.last.body.max_tokens).toBe(4_096);
  });

  it('is streamed in Converse’s order', async () => {
    const events = await eventsOf(call());
    expect(events[0]).toMatchObject({
      ...{ type: 'start', tier: 'standard', usage: { inputTokens: 12, cacheReadInputTokens: 30 } },
    });
    expect(events.at(-1)).toMatchObject({ type: 'end', stopReason: 'tool_use', usage: USAGE, upstream: UPSTREAM });
    expect(events.slice(1, -1)).toEqual([
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { text: 'The user greets.' } } },
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { signature: 'c2lnbmF0dXJl' } } },
      { type: 'blockStop', index: 0 },
      { type: 'blockDelta', index: 1, delta: { reasoningContent: { redactedContent: 'cmVkYWN0ZWQ=' } } },
      { type: 'blockStop', index: 1 },
      { type: 'blockDelta', index: 2, delta: { text: 'Hel' } },
      { type: 'blockDelta', index: 2, delta: { text: 'lo.' } },
      { type: 'blockStop', index: 2 },
      { type: 'blockStart', index: 3, start: { toolUse: { toolUseId: 'toolu_1', name: 'weather' } } },
      { type: 'blockDelta', index: 3, delta: { toolUse: { input: '{"city":' } } },
      { type: 'blockDelta', index: 3, delta: { toolUse: { input: '"Ghent"}' } } },
      { type: 'blockStop', index: 3 },
    ]);
  });

  it('is counted by the upstream', async () => {
    server.script = (_, reply) => whole(reply, { input_tokens: 77 });
    expect(await model.countTokens(call({ maxTokens: 5, temperature: 1 }))).toBe(77);
    expect(server.last.path).toBe('/base/v1/messages/count_tokens');
    expect(Object.keys(server.last.body).sort()).toEqual(['messages', 'model']);
  });
});

describe('a server that counts no tokens', () => {
  it('has them counted here', async () => {
    server.script = (_, reply) => whole(reply, { type: 'error', error: { type: 'not_found_error' } }, 404);
    expect(await model.countTokens(call())).toBeGreaterThan(3);
  });
});

describe('a call that came in Anthropic’s dialect', () => {
  const body = { model: 'claude-sonnet-4-6', max_tokens: 9, messages: [], member_of_tomorrow: 1, stream: true };
  const headers = { 'anthropic-beta': 'beta-1', 'anthropic-version': '2024-01-01' };
  const original = { format: 'anthropic-messages', body, headers } as const;

  it('goes on untouched but for the model and the stream, and so does the answer', async () => {
    const answer = await model.complete(call({ original, upstreamModelId: 'claude-custom-v1' }));
    expect(server.last.headers).toMatchObject(headers);
    expect(server.last.body).toEqual({ ...body, model: 'claude-custom-v1', stream: undefined });
    expect(answer.original).toMatchObject({ format: 'anthropic-messages', body: MESSAGE });
    expect(JSON.parse(String(answer.original?.bytes))).toEqual(MESSAGE);
    expect(answer.usage).toMatchObject(USAGE);
  });

  it('is streamed event by event as they come', async () => {
    const events = await eventsOf(call({ original }));
    expect(server.last.body.stream).toBe(true);
    const originals = events.flatMap((event) => (event.type === 'original' ? [event] : []));
    expect(originals.map(({ data }) => data)).toEqual(EVENTS);
    expect(originals.reduce((sum, { outputCharacters }) => sum + outputCharacters, 0)).toBe(38);
    expect(events.at(-1)).toMatchObject({ type: 'end', usage: USAGE, upstream: UPSTREAM });
  });

  it('from InvokeModel loses what is Bedrock’s own', async () => {
    const native = {
      ...{ anthropic_version: 'bedrock-2023-05-31', anthropic_beta: ['one', 'two'], max_tokens: 9, messages: [] },
      ...{ 'amazon-bedrock-guardrailConfig': {}, member_of_tomorrow: 1 },
    };
    const answer = await model.complete(call({ original: { format: 'native', body: native, headers: {} } }));
    expect(server.last.headers['anthropic-beta']).toBe('one,two');
    expect(server.last.body).toEqual({
      ...{ model: 'claude-sonnet-4-6', max_tokens: 9, messages: [], member_of_tomorrow: 1 },
    });
    expect(answer.original).toMatchObject({ format: 'native', body: MESSAGE });
  });
});

describe('betas of a native body that fit into no header', () => {
  it.each<[string, Json]>([
    ['a line break', ['one\r\nx-api-key: other']],
    ['no text', [7]],
    ['no list', 'one'],
  ])('with %s are refused', async (_, anthropic_beta) => {
    const body = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: [], anthropic_beta };
    const asked = call({ original: { format: 'native', body, headers: {} } });
    await expect(model.complete(asked)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('usage', () => {
  const start = (usage: JsonObject) => ({ type: 'message_start', message: { type: 'message', usage } });
  const delta = (usage?: JsonObject) => ({
    ...{ type: 'message_delta', delta: { stop_reason: 'end_turn' } },
    ...(usage && { usage }),
  });
  const text = { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hello there.' } };
  const block = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };

  it.each<[string, JsonObject[], object]>([
    [
      'takes the last of cumulative deltas and adds up none (peers rows 22, 45)',
      [start({ input_tokens: 5, output_tokens: 2 }), delta({ output_tokens: 10 }), delta({ output_tokens: 25 })],
      { inputTokens: 5, outputTokens: 25, isEstimated: false },
    ],
    [
      'takes zero for zero (peers row 50)',
      [start({ input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 }), delta({ output_tokens: 0 })],
      { inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, isEstimated: false },
    ],
    [
      'takes null for nothing said (peers row 50)',
      [start({ input_tokens: 7, cache_read_input_tokens: 3 }), delta({ input_tokens: null, output_tokens: 4 })],
      { inputTokens: 7, outputTokens: 4, cacheReadInputTokens: 3, isEstimated: false },
    ],
    [
      'counts an output that is not reported, and says so',
      [start({ input_tokens: 5, output_tokens: 1 }), block, text, delta()],
      { inputTokens: 5, outputTokens: 3, isEstimated: true },
    ],
    [
      'counts what is not reported at all',
      [start({}), block, text, delta()],
      { inputTokens: expect.any(Number), outputTokens: 3, isEstimated: true },
    ],
    [
      'keeps the larger of two counts that contradict each other, and says so',
      [start({ input_tokens: 500, output_tokens: 1 }), delta({ input_tokens: 5, output_tokens: 4 })],
      { inputTokens: 500, outputTokens: 4, isEstimated: true },
    ],
    [
      'keeps the total of cache writes where its parts contradict it, and says so',
      [
        start({ input_tokens: 1, cache_creation_input_tokens: 9, cache_creation: { ephemeral_1h_input_tokens: 4 } }),
        delta({ output_tokens: 4 }),
      ],
      { cacheWrite5mInputTokens: 5, cacheWrite1hInputTokens: 4, isEstimated: true },
    ],
  ])('%s', async (_, events, usage) => {
    server.script = (_request, reply) => streamed(reply, events);
    const all = await eventsOf(call());
    expect(all.at(-1)).toMatchObject({ type: 'end', usage });
  });

  it('names the tier that was used', async () => {
    const usage = { ...(MESSAGE.usage as JsonObject), service_tier: 'priority' };
    server.script = (_, reply) => whole(reply, { ...MESSAGE, usage });
    expect((await model.complete(call())).upstream?.tier).toBe('priority');
  });
});

describe('an upstream that fails', () => {
  const error = (type: string) => ({ type: 'error', error: { type, message: `what went wrong with ${KEY}` } });

  it.each([
    [400, 'invalid_request_error', 'ValidationException'],
    [401, 'authentication_error', 'ModelErrorException'],
    [429, 'rate_limit_error', 'ThrottlingException'],
    [500, 'api_error', 'ModelErrorException'],
    [529, 'overloaded_error', 'ServiceUnavailableException'],
  ])('with status %i throws Bedrock’s fault', async (status, type, code) => {
    server.script = (_, reply) => whole(reply, error(type), status);
    for (const asked of [model.complete(call()), eventsOf(call())]) {
      const fault = await asked.catch((thrown: unknown) => thrown as Fault);
      expect(fault).toMatchObject({ code });
      expect((fault as Fault).message).not.toContain(KEY);
    }
  });

  it('passes on for how long it wants to be left alone', async () => {
    server.script = (_, reply) => {
      reply.setHeader('retry-after', '7');
      whole(reply, error('rate_limit_error'), 429);
    };
    await expect(model.complete(call())).rejects.toMatchObject({ fields: { retryAfterSeconds: 7 } });
  });

  it('before the message begins is as if the status had said so', async () => {
    server.script = (_, reply) => streamed(reply, [error('overloaded_error')]);
    await expect(eventsOf(call())).rejects.toMatchObject({ code: 'ServiceUnavailableException' });
  });

  it.each<[string, (reply: Parameters<typeof send>[0]) => void]>([
    ['with an error event', (reply) => streamed(reply, [...EVENTS.slice(0, 11), error('overloaded_error')])],
    ['by ending', (reply) => streamed(reply, EVENTS.slice(0, 11))],
    ['with an event that is no JSON', (reply) => reply.end('data: {\n\n')],
  ])('in the middle %s has used what it reported and what went by', async (how, fail) => {
    server.script = (_, reply) => {
      if (how.includes('JSON')) send(reply, ...EVENTS.slice(0, 11));
      fail(reply);
    };
    const fault = await eventsOf(call()).catch((thrown: unknown) => thrown as Fault);
    expect(fault).toMatchObject({
      code: 'ModelStreamErrorException',
      fields: {
        usage: { inputTokens: 12, outputTokens: expect.any(Number), isEstimated: true },
        upstream: UPSTREAM,
      },
    });
    expect(String((fault as Fault).message)).not.toContain(KEY);
  });

  it('with something that is no message has probably read its input', async () => {
    server.script = (_, reply) => whole(reply, { hello: 1 });
    const fault = await model.complete(call()).catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(Fault);
    expect(fault).toMatchObject({ code: 'ModelErrorException', fields: { usage: { isEstimated: true } } });
  });

  it('refuses what has no form in Anthropic’s API', async () => {
    const video = { video: { format: 'mp4', source: { bytes: 'dg==' } } };
    const asked = call({ messages: [{ role: 'user', content: [video] }] });
    await expect(model.complete(asked)).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(eventsOf(asked)).rejects.toMatchObject({ code: 'ValidationException' });
  });
});
