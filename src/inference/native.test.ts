import { describe, expect, it } from 'vitest';
import answers from '../../test/vectors/inference/native-answers.json' with { type: 'json' };
import requests from '../../test/vectors/inference/native-requests.json' with { type: 'json' };
import { Fault } from '../kernel/fault.ts';
import type { ModelAnswer, ModelEvent } from './model-backend.ts';
import { formatNative, formatNativeStream, parseNative } from './native.ts';

const MODELS = ['anthropic.claude-sonnet-4-6', 'amazon.nova-lite-v1:0', 'openai.gpt-oss-20b-1:0'] as const;

describe('reading a native body', () => {
  it.each(requests.cases)('$name', ({ modelId, body, prompt }) => {
    expect(parseNative(modelId, Buffer.from(JSON.stringify(body)))).toMatchObject(prompt);
  });

  it.each(requests.malformed)('refuses $name', ({ modelId, text, message }) => {
    expect(() => parseNative(modelId, Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'ValidationException', message }),
    );
  });

  it('with a member twice is refused: who reads it here and there could read another', () => {
    for (const modelId of [...MODELS, 'meta.llama3-8b-instruct-v1:0']) {
      const body = Buffer.from('{"prompt":"hi","messages":[],"max_tokens":5,"max_tokens":100000}');
      expect(() => parseNative(modelId, body)).toThrow('Malformed input request');
    }
  });

  it('lets a body through that only the model understands, with its text to be counted', () => {
    const bytes = Buffer.from('{"prompt":"hi","max_gen_len":5}');
    expect(parseNative('meta.llama3-8b-instruct-v1:0', bytes)).toMatchObject({
      ...{ isOpaque: true, messages: [{ role: 'user', content: [{ text: 'hi' }] }] },
      original: { format: 'native', bytes },
    });
  });

  it.each(MODELS)('refuses 10,000 nested arrays for %s instead of overflowing', (modelId) => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    for (const text of [deep, `{"messages": ${deep}}`, `{"messages": [], "max_tokens": 1, "x": ${deep}}`]) {
      expect(() => parseNative(modelId, Buffer.from(text))).toThrow(Fault);
    }
  });

  it('refuses tool arguments that are nested too deeply inside their text', () => {
    const call = { id: 'c', function: { name: 'f', arguments: `{"x": ${'['.repeat(10_000)}${']'.repeat(10_000)}}` } };
    const body = { messages: [{ role: 'assistant', tool_calls: [call] }] };
    expect(() => parseNative('openai.gpt-oss-20b-1:0', Buffer.from(JSON.stringify(body)))).toThrow(Fault);
  });

  it.each(MODELS)('keeps a member named __proto__ a member for %s', (modelId) => {
    const text =
      '{"anthropic_version": "bedrock-2023-05-31", "max_tokens": 1, "messages": [], "__proto__": {"polluted": 1}}';
    const { additionalFields } = parseNative(modelId, Buffer.from(text));
    expect(Object.hasOwn(additionalFields, '__proto__')).toBe(true);
    expect((additionalFields as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('writing a native answer', () => {
  const { content, usage, events, metrics, facts } = answers;
  const answer = { content, stopReason: answers.stopReason, usage } as unknown as ModelAnswer;
  const end = { type: 'end', stopReason: answers.stopReason, usage };
  const stream = [...events, end] as unknown as ModelEvent[];
  const latency = () => facts;

  it.each(answers.cases)('in one piece for $modelId', ({ modelId, answer: expected }) => {
    expect(formatNative(modelId, answer, { ...facts, modelId })).toEqual(expected);
  });

  it.each(answers.cases)('streamed for $modelId', ({ modelId, chunks, chunkHead }) => {
    const expected = chunks.map((chunk) => ({ ...chunkHead, ...chunk }));
    const last = { ...expected.pop(), 'amazon-bedrock-invocationMetrics': metrics };
    expect(stream.flatMap(formatNativeStream(modelId, { ...facts, modelId, latency }))).toEqual([...expected, last]);
  });

  it.each(answers.cases)('streamed outside Bedrock for $modelId, without its metrics', ({ modelId }) => {
    const chunks = stream.flatMap(formatNativeStream(modelId, { ...facts, modelId }));
    expect(JSON.stringify(chunks)).not.toContain('amazon-bedrock');
  });

  it('names the input in Anthropic’s first chunk where the upstream already knows it', () => {
    const known = { inputTokens: 9, cacheReadInputTokens: 3, outputTokens: 1, isEstimated: false, raw: '' };
    const format = formatNativeStream('anthropic.claude-sonnet-4-6', {
      ...facts,
      modelId: 'anthropic.claude-sonnet-4-6',
    });
    expect(format({ type: 'start', usage: known })).toEqual([]);
    const [started] = format({ type: 'blockDelta', index: 0, delta: { text: 'x' } });
    expect([started]).toMatchObject([
      {
        message: {
          model: 'claude-sonnet-4-6',
          usage: { input_tokens: 9, cache_read_input_tokens: 3, output_tokens: 0 },
        },
      },
    ]);
  });

  it('names the stop sequence with Anthropic', () => {
    const stopped: ModelAnswer = { ...answer, content: [], stopReason: 'stop_sequence', stopSequence: 'END' };
    expect(formatNative('anthropic.claude-sonnet-4-6', stopped, { ...facts, modelId: '' })).toMatchObject({
      stop_reason: 'stop_sequence',
      stop_sequence: 'END',
    });
  });

  it('starts every block for Anthropic, also one that stays empty or is redacted', () => {
    const format = formatNativeStream('anthropic.claude-sonnet-4-6', { ...facts, modelId: '' });
    const chunks = [
      format({ type: 'blockStop', index: 0 }),
      format({ type: 'blockDelta', index: 1, delta: { reasoningContent: { redactedContent: 'cmVk' } } }),
      format({ type: 'blockStop', index: 1 }),
    ].flat();
    expect(chunks).toEqual([
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'cmVk' } },
      { type: 'content_block_stop', index: 1 },
    ]);
  });

  it('leaves out cache counts that were not reported', () => {
    const plain: ModelAnswer = { ...answer, usage: { inputTokens: 1, outputTokens: 2, isEstimated: false, raw: '' } };
    const usages = MODELS.map((modelId) => formatNative(modelId, plain, { ...facts, modelId }).usage);
    expect(usages).toEqual([
      { input_tokens: 1, output_tokens: 2 },
      { inputTokens: 1, outputTokens: 2, totalTokens: 3 },
      { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 },
    ]);
  });
});
