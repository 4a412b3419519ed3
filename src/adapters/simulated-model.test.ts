import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { Json, JsonObject, ModelCall } from '../inference/model-call.ts';
import { collect, faultOf } from '../inference/model-outcome.fixture.ts';
import type { Wait } from '../kernel/time.ts';
import { GptTokenCounter } from './gpt-token-counter.ts';
import { answerPieces } from './simulated-model/answer-text.ts';
import { SimulatedModel } from './simulated-model.ts';
import { timerWait } from './timer-wait.ts';

const counter = new GptTokenCounter();
const model = new SimulatedModel({ name: 'simulated', counter, wait: timerWait });

/** A counter that must not be asked. */
const counting = new SimulatedModel({
  name: 'simulated',
  counter: { count: () => Promise.reject(new Error('something was tokenised')) },
  wait: timerWait,
});

function call(parts: Partial<ModelCall> = {}): ModelCall {
  return {
    requestId: 'req-1',
    modelId: 'anthropic.claude-sonnet-4-6',
    upstreamModelId: 'anthropic.claude-sonnet-4-6',
    messages: [{ role: 'user', content: [{ text: 'What is the capital of France?' }] }],
    system: [],
    additionalFields: {},
    ...CALL_FACTS,
    ...parts,
  };
}

function simulate(simulation: Json, parts: Partial<ModelCall> = {}): ModelCall {
  return call({ additionalFields: { simulate: simulation }, ...parts });
}

describe('an answer of the simulated model', () => {
  it('is the same for the same call, and another for another', async () => {
    const answer = await model.complete(call());
    expect(await model.complete(call({ requestId: 'req-2' }))).toEqual(answer);
    const others = [{ modelId: 'amazon.nova-lite-v1:0' }, { system: [{ text: 'Be brief.' }] }];
    for (const other of others) expect((await model.complete(call(other))).content).not.toEqual(answer.content);
  });

  it('has the tokens that a tokenizer counts', async () => {
    const { content, usage } = await model.complete(call());
    expect(usage).toMatchObject({ inputTokens: 11, isEstimated: false });
    expect(usage.outputTokens).toBe(await counter.count([String(content[0]?.text)]));
    expect(JSON.parse(usage.raw)).toEqual({
      inputTokens: 11,
      outputTokens: usage.outputTokens,
      totalTokens: 11 + usage.outputTokens,
    });
  });

  it('is made of single tokens, whatever the seed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 32 - 1 }), async (seed) => {
        const pieces = answerPieces(seed);
        expect(await counter.count([pieces.join('')])).toBe(pieces.length);
      }),
    );
  });

  it('streams the same words', async () => {
    const { content, usage, stopReason } = await model.complete(call());
    const { events } = await collect(model.stream(call()));
    const deltas = events.filter((event) => event.type === 'blockDelta');
    expect(deltas.map(({ delta }) => delta.text).join('')).toBe(content[0]?.text);
    expect(deltas).toHaveLength(usage.outputTokens);
    expect(events[0]).toEqual({ type: 'start', usage });
    expect(events.at(-2)).toEqual({ type: 'blockStop', index: 0 });
    expect(events.at(-1)).toEqual({ type: 'end', stopReason, usage });
  });

  it('keeps to maxTokens', async () => {
    const { content, stopReason, usage } = await model.complete(call({ maxTokens: 3 }));
    expect(String(content[0]?.text).split(' ')).toHaveLength(3);
    expect(usage.outputTokens).toBe(3);
    expect(stopReason).toBe('max_tokens');
    expect((await model.complete(call({ maxTokens: 10_000 }))).stopReason).toBe('end_turn');
  });

  it('stops before the first stop sequence, and counts the tokens that completed it', async () => {
    const whole = await model.complete(call());
    const text = String(whole.content[0]?.text);
    const words = text.split(' ');
    const sequence = ` ${words[3]} ${words[4]?.slice(0, 2)}`;
    const stopped = await model.complete(call({ stopSequences: ['nowhere', '', sequence, ` ${words[6]}`] }));
    expect(stopped).toMatchObject({ stopReason: 'stop_sequence', stopSequence: sequence });
    expect(stopped.content).toEqual([{ text: text.slice(0, text.indexOf(sequence)) }]);
    expect(stopped.usage.outputTokens).toBe(5);
  });

  it('counts the input for CountTokens', async () => {
    expect(await model.countTokens(call())).toBe(11);
  });
});

describe('tool use', () => {
  const schema = {
    type: 'object',
    required: ['city', 'days', 'unit', 'place', 'tags', 'missing'],
    properties: {
      city: { type: 'string' },
      days: { type: 'integer', minimum: 2 },
      unit: { enum: ['celsius', 'kelvin'] },
      place: { type: 'object', required: ['lat'], properties: { lat: { type: 'number' }, lon: { type: 'number' } } },
      tags: { type: 'array', minItems: 1, items: { anyOf: [{ type: 'null' }, { type: 'string' }] } },
      hint: { type: 'string' },
    },
  };
  const tools = [
    { toolSpec: { name: 'weather', inputSchema: { json: schema } } },
    { toolSpec: { name: 'clock', inputSchema: { json: {} } } },
  ];
  const input = { city: 'text', days: 2, unit: 'celsius', place: { lat: 1 }, tags: [null] };

  it('happens where it is demanded, with an input that fits the schema', async () => {
    const { content, stopReason, usage } = await model.complete(
      call({ toolConfig: { tools, toolChoice: { any: {} } } }),
    );
    expect(stopReason).toBe('tool_use');
    expect(content).toEqual([
      { toolUse: { toolUseId: expect.stringMatching(/^tooluse_[\w-]{22}$/), name: 'weather', input } },
    ]);
    expect(usage.outputTokens).toBeGreaterThan(10);
    const named = await model.complete(call({ toolConfig: { tools, toolChoice: { tool: { name: 'clock' } } } }));
    expect(named.content).toMatchObject([{ toolUse: { name: 'clock', input: {} } }]);
  });

  it('streams the input as JSON in parts', async () => {
    const { events } = await collect(model.stream(call({ toolConfig: { tools, toolChoice: { any: {} } } })));
    expect(events.map(({ type }) => type)).toEqual([
      'start',
      'blockStart',
      'blockDelta',
      'blockDelta',
      'blockStop',
      'end',
    ]);
    const parts = events.filter((event) => event.type === 'blockDelta').map(({ delta }) => delta.toolUse as JsonObject);
    expect(JSON.parse(parts.map((part) => part.input).join(''))).toEqual(input);
  });

  it('does not happen where it is left to the model', async () => {
    for (const toolChoice of [undefined, { auto: {} }]) {
      const { stopReason } = await model.complete(call({ toolConfig: { tools, ...(toolChoice && { toolChoice }) } }));
      expect(stopReason).toBe('end_turn');
    }
  });

  it('cannot be demanded of a tool that is not offered', async () => {
    const fault = await faultOf(model.complete(call({ toolConfig: { tools, toolChoice: { tool: { name: 'x' } } } })));
    expect(fault.code).toBe('ValidationException');
  });

  it('goes only so deep into a schema', async () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 400; level++) deep = { type: 'object', required: ['next'], properties: { next: deep } };
    const spec = { toolSpec: { name: 'f', inputSchema: { json: deep } } };
    const { content } = await model.complete(call({ toolConfig: { tools: [spec], toolChoice: { any: {} } } }));
    expect(JSON.stringify(content).length).toBeLessThan(300);
  });
});

describe('simulated usage', () => {
  it('is as asked, of any size, without counting a word', async () => {
    const asked = {
      inputTokens: 1_350_000,
      outputTokens: 1_000_000,
      cacheReadInputTokens: 200,
      cacheWriteInputTokens: 300,
      cacheWrite1hInputTokens: 100,
    };
    const { content, usage } = await counting.complete(simulate(asked));
    expect(usage).toMatchObject({
      inputTokens: 1_350_000,
      outputTokens: 1_000_000,
      cacheReadInputTokens: 200,
      cacheWrite5mInputTokens: 200,
      cacheWrite1hInputTokens: 100,
      isEstimated: false,
    });
    expect(JSON.parse(usage.raw)).toMatchObject({ cacheWriteInputTokens: 300, totalTokens: 2_350_500 });
    expect(String(content[0]?.text).length).toBeLessThan(5_000);
    expect(await counting.countTokens(simulate(asked))).toBe(1_350_500);
  });

  it('may be zero', async () => {
    const zero = { inputTokens: 0, outputTokens: 0, cacheReadInputTokens: 0, cacheWriteInputTokens: 0 };
    const { content, usage } = await counting.complete(simulate(zero));
    expect(content).toEqual([{ text: '' }]);
    expect(usage).toMatchObject({
      inputTokens: 0,
      outputTokens: 0,
      cacheReadInputTokens: 0,
      cacheWrite5mInputTokens: 0,
    });
    const { events } = await collect(counting.stream(simulate(zero)));
    expect(events.map(({ type }) => type)).toEqual(['start', 'end']);
  });

  it('leaves unreported what was not asked for', async () => {
    const { usage } = await model.complete(simulate({ outputTokens: 4 }));
    expect(usage).toMatchObject({ inputTokens: 11, outputTokens: 4 });
    expect(usage).not.toHaveProperty('cacheReadInputTokens');
    expect(usage).not.toHaveProperty('cacheWrite5mInputTokens');
    expect((await model.complete(simulate({ cacheWrite1hInputTokens: 7 }))).usage).toMatchObject({
      cacheWrite5mInputTokens: 0,
      cacheWrite1hInputTokens: 7,
    });
  });

  it.each([
    [[], '`simulate` must be an object'],
    [{ tokens: 1 }, '`simulate` has no member `tokens`'],
    [JSON.parse('{"__proto__": 1}'), '`simulate` has no member `__proto__`'],
    [{ inputTokens: -1 }, '`simulate.inputTokens` must be a whole number from 0 to 1000000000, not `-1`'],
    [{ outputTokens: 1.5 }, '`simulate.outputTokens` must be'],
    [{ outputTokens: '5' }, 'not `"5"`'],
    [{ cacheReadInputTokens: null }, 'not `null`'],
    [{ delayMs: 60_001 }, '`simulate.delayMs` must be a whole number from 0 to 60000, not `60001`'],
    [
      { cacheWriteInputTokens: 1, cacheWrite1hInputTokens: 2 },
      'includes the one-hour writes and cannot be `1` with `2`',
    ],
    [{ error: 'ThrottlingException' }, '`simulate.error` must be an object'],
    [{ error: {} }, '`simulate.error.name` must be one of'],
    [{ error: { name: 'ConfigInvalid' } }, 'not `ConfigInvalid`'],
    [{ error: { name: 'ThrottlingException', after: 1 } }, '`simulate.error` has no member `after`'],
    [{ error: { name: 'ThrottlingException', afterTokens: -1 } }, '`simulate.error.afterTokens` must be'],
  ])('refuses %j', async (simulation, message) => {
    const faults = [
      await faultOf(model.complete(simulate(simulation))),
      (await collect(model.stream(simulate(simulation)))).fault,
      await faultOf(model.countTokens(simulate(simulation))),
    ];
    for (const fault of faults) {
      expect(fault?.code).toBe('ValidationException');
      expect(fault?.message).toContain(message);
    }
  });
});

describe('simulated errors', () => {
  it.each([
    'AccessDeniedException',
    'InternalServerException',
    'ModelErrorException',
    'ModelNotReadyException',
    'ModelStreamErrorException',
    'ModelTimeoutException',
    'ResourceNotFoundException',
    'ServiceQuotaExceededException',
    'ServiceUnavailableException',
    'ThrottlingException',
    'ValidationException',
  ])('%s comes before anything is used', async (name) => {
    const failing = simulate({ error: { name } });
    const fault = await faultOf(counting.complete(failing));
    expect(fault.code).toBe(name);
    expect(fault.fields).not.toHaveProperty('usage');
    const streamed = await collect(counting.stream(failing));
    expect(streamed.events).toEqual([]);
    expect(streamed.fault?.code).toBe(name);
  });

  it('breaks a stream off after so many tokens, which are used', async () => {
    const simulation = {
      inputTokens: 100,
      outputTokens: 50,
      error: { name: 'ModelStreamErrorException', afterTokens: 7 },
    };
    const { events, fault } = await collect(counting.stream(simulate(simulation)));
    expect(events.filter(({ type }) => type === 'blockDelta')).toHaveLength(7);
    expect(events.some(({ type }) => type === 'end')).toBe(false);
    expect(fault?.fields).toMatchObject({ originalStatusCode: 500, usage: { inputTokens: 100, outputTokens: 7 } });
    expect((await faultOf(counting.complete(simulate(simulation)))).fields.usage).toMatchObject({ outputTokens: 7 });
  });

  it('breaks a stream off before its first or after its last word', async () => {
    for (const [afterTokens, deltas, used] of [
      [0, 0, 0],
      [10, 10, 10],
      [99, 10, 10],
    ] as const) {
      const error = { name: 'ThrottlingException', afterTokens };
      const { events, fault } = await collect(counting.stream(simulate({ inputTokens: 1, outputTokens: 10, error })));
      expect(events.filter(({ type }) => type === 'blockDelta')).toHaveLength(deltas);
      expect(fault?.fields.usage).toMatchObject({ outputTokens: used });
    }
  });
});

describe('simulated delays', () => {
  it('are waited for before the first event', async () => {
    const waited: number[] = [];
    const wait: Wait = async (delayMs) => {
      waited.push(delayMs);
    };
    const slow = new SimulatedModel({ name: 'simulated', counter, wait });
    await slow.complete(simulate({ delayMs: 60_000 }));
    await collect(slow.stream(simulate({ delayMs: 5 })));
    await slow.complete(simulate({ delayMs: 0 }));
    expect(waited).toEqual([60_000, 5]);
  });

  it('end when the model is closed, with the answer', async () => {
    const slow = new SimulatedModel({ name: 'simulated', counter, wait: timerWait });
    const answer = slow.complete(simulate({ delayMs: 60_000, outputTokens: 3 }));
    await slow.close();
    expect((await answer).usage.outputTokens).toBe(3);
  });
});
