import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, ModelPrompt } from '../inference/model-call.ts';
import { inputTexts } from '../inference/token-counter.ts';
import { Fault } from '../kernel/fault.ts';
import { readChatPrompt } from './openai/chat-prompt.ts';
import { requestFacts } from './openai/request-facts.ts';
import { readResponsesPrompt } from './openai/responses-prompt.ts';

const MODELS = ['openai.gpt-oss-120b-1:0', 'anthropic.claude-sonnet-4-6'] as const;

/** Values of the kinds that requests have in these places, and of all others. */
const text = fc.constantFrom('', ' ', 'hello', 'data:image/png;base64,AAAA', 'https://example.com/a.png', '{"a":1}');
const type = fc.constantFrom(
  ...['text', 'input_text', 'output_text', 'image_url', 'input_image', 'file', 'input_file', 'input_audio', 'refusal'],
  ...['function', 'custom', 'message', 'function_call', 'function_call_output', 'reasoning', 'toolUse', '__proto__'],
);
const role = fc.constantFrom('system', 'developer', 'user', 'assistant', 'tool', 'other');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    text,
    fc.constantFrom(null, true, 0, 1, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.record(
      {
        ...{ type, role, text: tie('value'), content: tie('value'), image_url: tie('value'), url: tie('value') },
        ...{ file: tie('value'), file_data: tie('value'), function: tie('value'), name: tie('value') },
        ...{ arguments: tie('value'), parameters: tie('value'), tool_calls: tie('value'), tool_call_id: tie('value') },
        ...{ call_id: tie('value'), output: tie('value'), cache_control: tie('value'), input_audio: tie('value') },
      },
      { requiredKeys: [] },
    ),
  ),
}));
const message = fc.record({ role, content: value, tool_calls: value }, { requiredKeys: ['role'] });
const body = fc.record(
  {
    ...{ messages: fc.oneof(fc.array(message, { maxLength: 4 }), value), input: fc.oneof(fc.array(value), value) },
    ...{ tools: fc.oneof(fc.array(value, { maxLength: 2 }), value), tool_choice: value, response_format: value },
    ...{ text: value, reasoning: value, instructions: value, stop: value, metadata: value, service_tier: value },
  },
  { requiredKeys: [] },
);

describe.each([
  ['chat completions', readChatPrompt],
  ['responses', readResponsesPrompt],
])('a request for %s, whatever it is', (_name, read) => {
  it('is read into turns that alternate and say something, or refused', () => {
    fc.assert(
      fc.property(body, fc.constantFrom(...MODELS), (request, modelId) => {
        const prompt = readOrRefusal(() => read(request as JsonObject, modelId));
        if (prompt instanceof Fault) {
          expect(prompt.code).toBe('ValidationException');
          return;
        }
        expect(prompt.original?.body).toBe(request);
        const { messages } = prompt;
        expect(messages.every(({ content }) => content.length > 0)).toBe(true);
        expect(messages.some((turn, index) => index > 0 && turn.role === messages[index - 1]?.role)).toBe(false);
        expect(inputTexts(prompt).mediaBlocks).toBeGreaterThanOrEqual(0);
      }),
      { seed: 5, numRuns: 400 },
    );
  });

  it('never says of itself what only the service may', () => {
    const request = { messages: [{ role: 'user', content: 'Hi.' }], input: 'Hi.', service_tier: 'flex', store: true };
    const fields = {
      metadata: { a: 'b' },
      user: 'u',
      model: 'm',
      stream: true,
      stream_options: {},
      seed: 1,
      thinking: {},
    };
    const chatting = read({ ...request, ...fields }, MODELS[0]).additionalFields;
    const other = read({ ...request, ...fields }, MODELS[1]).additionalFields;
    for (const name of ['service_tier', 'store', 'metadata', 'user', 'model', 'stream', 'stream_options']) {
      expect(chatting).not.toHaveProperty(name);
    }
    expect(chatting).toMatchObject({ seed: 1, thinking: {} });
    expect(other).not.toHaveProperty('seed');
    expect(other).toHaveProperty('thinking');
  });
});

describe('what a request says beside its prompt', () => {
  it('is a tier that exists, and texts', () => {
    expect(requestFacts({ body: { service_tier: 'flex', metadata: { a: 'b' } } })).toEqual({
      tier: 'flex',
      requestMetadata: [['a', 'b']],
    });
    const headers = { serviceTier: 'priority', requestMetadata: '{"c":"d"}' };
    expect(requestFacts({ body: { service_tier: 'flex', metadata: { a: 'b' } }, ...headers })).toEqual({
      ...{
        tier: 'priority',
        requestMetadata: [
          ['c', 'd'],
          ['a', 'b'],
        ],
      },
    });
    for (const service_tier of ['auto', 'default', 'scale', 7, null]) {
      expect(requestFacts({ body: { service_tier } }).tier).toBe('standard');
    }
    for (const metadata of ['a', [], { a: 1 }, { ['k'.repeat(65)]: 'b' }, { a: 'v'.repeat(513) }]) {
      expect(() => requestFacts({ body: { metadata } })).toThrow('`metadata` must be an object');
    }
  });
});

function readOrRefusal(read: () => ModelPrompt): ModelPrompt | Fault {
  try {
    return read();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
}
