import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { collect, faultOf } from '../inference/model-outcome.fixture.ts';
import { answering, call, completion, start, USAGE } from './openai-model.fixture.ts';

describe('a complete answer', () => {
  it('has text, stop reason and usage', async () => {
    const { model } = await start(answering(completion({ content: 'Paris.' }, USAGE)));
    expect(await model.complete(call())).toEqual({
      content: [{ text: 'Paris.' }],
      stopReason: 'end_turn',
      usage: { inputTokens: 14, outputTokens: 2, isEstimated: false, raw: JSON.stringify(USAGE) },
      upstream: { requestId: 'chatcmpl-1' },
    });
  });

  it('tells cached tokens from fresh ones', async () => {
    const usage = { ...USAGE, prompt_tokens: 100, total_tokens: 102, prompt_tokens_details: { cached_tokens: 80 } };
    const { model } = await start(answering(completion({ content: 'Paris.' }, usage)));
    expect((await model.complete(call())).usage).toMatchObject({
      inputTokens: 20,
      cacheReadInputTokens: 80,
      outputTokens: 2,
      isEstimated: false,
    });
  });

  it('counts what the upstream does not report, and says so', async () => {
    const { model } = await start(answering(completion({ content: 'The capital of France is Paris.' })));
    const { usage } = await model.complete(call());
    expect(usage).toEqual({ inputTokens: 11, outputTokens: 7, isEstimated: true, raw: '' });
  });

  it('has reasoning and tool uses as blocks', async () => {
    const toolCalls = [
      { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } },
      { id: '', type: 'function', function: { name: 'clock', arguments: '' } },
      { id: 'c3', type: 'function', function: { name: 'bad', arguments: '{"city":' } },
    ];
    const message = { content: null, reasoning_content: 'Let me see.', tool_calls: toolCalls };
    const { model } = await start(answering(completion(message, USAGE)));
    const { content, stopReason } = await model.complete(call());
    expect(stopReason).toBe('tool_use');
    expect(content).toEqual([
      { reasoningContent: { reasoningText: { text: 'Let me see.' } } },
      { toolUse: { toolUseId: 'c1', name: 'weather', input: { city: 'Paris' } } },
      { toolUse: { toolUseId: 'tooluse_req-1_1', name: 'clock', input: {} } },
      { toolUse: { toolUseId: 'c3', name: 'bad', input: '{"city":' } },
    ]);
  });

  it.each([
    ['stop', {}, 'end_turn'],
    ['length', {}, 'max_tokens'],
    ['content_filter', {}, 'content_filtered'],
    ['stop', { stop_reason: 'END' }, 'stop_sequence'],
    ['something new', {}, 'end_turn'],
  ])('finish reason %s %j is %s', async (finishReason, rest, expected) => {
    const body = completion({ content: 'x' }, USAGE, { finish_reason: finishReason, ...rest });
    const { model } = await start(answering(body));
    expect((await model.complete(call())).stopReason).toBe(expected);
  });
});

describe('a refused request', () => {
  it.each([
    [400, 'ValidationException'],
    [401, 'ModelErrorException'],
    [403, 'ModelErrorException'],
    [404, 'ModelErrorException'],
    [408, 'ModelTimeoutException'],
    [413, 'ValidationException'],
    [422, 'ValidationException'],
    [429, 'ThrottlingException'],
    [500, 'ModelErrorException'],
    [502, 'ModelErrorException'],
    [503, 'ServiceUnavailableException'],
    [504, 'ModelTimeoutException'],
    [529, 'ServiceUnavailableException'],
  ] as const)(
    'with status %i is a %s, streamed or not, and has used nothing, unless time ran out',
    async (status, code) => {
      const body = '{"error": {"message": "context is too long, key sk-secret", "type": "invalid_request_error"}}';
      const { model } = await start(answering(body, status), { apiKey: 'sk-secret' });
      const faults = [await faultOf(model.complete(call())), (await collect(model.stream(call()))).fault];
      for (const fault of faults) {
        expect(fault?.code).toBe(code);
        expect(fault?.message).not.toContain('sk-secret');
        expect(Object.hasOwn(fault!.fields, 'usage')).toBe(code === 'ModelTimeoutException');
        if (code === 'ModelErrorException') expect(fault?.fields.originalStatusCode).toBe(status);
      }
    },
  );

  it.each([
    ['{"error": {"message": "too long"}}', 'too long'],
    ['{"error": "model not loaded"}', 'model not loaded'],
    ['{"object": "error", "message": "too long"}', 'too long'],
    ['{"detail": "bad field"}', 'bad field'],
    ['<html>Bad Request</html>', '<html>Bad Request</html>'],
    ['', 'unknown error'],
    ['[1]', '[1]'],
  ])('says why: %s', async (body, detail) => {
    const { model } = await start(answering(body, 400));
    expect((await faultOf(model.complete(call()))).message).toBe(`The model returned the following errors: ${detail}`);
  });
});

describe('a broken upstream', () => {
  const inputOnly = { inputTokens: 11, outputTokens: 0, isEstimated: true, raw: '' };

  it('that cannot be reached is unavailable and has used nothing', async () => {
    const { upstream, model } = await start(answering('{}'));
    await upstream.close();
    for (const fault of [await faultOf(model.complete(call())), (await collect(model.stream(call()))).fault]) {
      expect(fault?.code).toBe('ServiceUnavailableException');
      expect(fault?.fields).toEqual({});
    }
  });

  it('that closes the connection without a word is unavailable', async () => {
    const { model } = await start(({ message }) => message.socket.destroy());
    expect((await faultOf(model.complete(call()))).code).toBe('ServiceUnavailableException');
  });

  it('that never answers times out, and its input is counted', async () => {
    const { model } = await start(() => {}, { headersTimeoutMs: 50 });
    const fault = await faultOf(model.complete(call()));
    expect(fault.code).toBe('ModelTimeoutException');
    expect(fault.fields.usage).toEqual(inputOnly);
  });

  it('that stops in the middle of a complete answer is an error with its input counted', async () => {
    const { model } = await start((_request, reply) => {
      reply.writeHead(200, { 'content-length': 500 });
      reply.write('{"choices": [', () => reply.destroy());
    });
    const fault = await faultOf(model.complete(call()));
    expect(fault.code).toBe('ModelErrorException');
    expect(fault.fields).toEqual({ originalStatusCode: 200, usage: inputOnly });
  });

  it.each(['not json', '[]', '{}', '{"choices": []}', '{"choices": [{"index": 0}]}', '{"error": {"message": "oom"}}'])(
    'that answers %s is an error with its input counted',
    async (body) => {
      const { model } = await start(answering(body));
      const fault = await faultOf(model.complete(call()));
      expect(fault.code).toBe('ModelErrorException');
      expect(fault.fields.usage).toEqual(inputOnly);
    },
  );

  it('that sends more than allowed is cut off', async () => {
    const { model } = await start(answering(completion({ content: 'x'.repeat(10_000) })), { maxResponseBytes: 1_000 });
    expect((await faultOf(model.complete(call()))).message).toContain('longer than allowed');
  });

  it('with every connection taken makes callers wait, and too many of them come back later', async () => {
    const held: ServerResponse[] = [];
    const { upstream, model } = await start((_request, reply) => held.push(reply), { maxConnections: 1 });
    const answers = Array.from({ length: 5 }, () => model.complete(call()));
    expect((await faultOf(model.complete(call()))).code).toBe('ThrottlingException');
    expect((await collect(model.stream(call()))).fault?.code).toBe('ThrottlingException');
    for (let answered = 0; answered < 5; answered++) {
      await expect.poll(() => held.length, { interval: 2 }).toBe(answered + 1);
      held[answered]?.writeHead(200).end(completion({ content: 'ok' }, USAGE));
    }
    await Promise.all(answers);
    expect(upstream.requests).toHaveLength(5);
  });
});
