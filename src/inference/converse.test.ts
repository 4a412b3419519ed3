import { describe, expect, it } from 'vitest';
import vectors from '../../test/vectors/inference/conversations.json' with { type: 'json' };
import { Fault } from '../kernel/fault.ts';
import {
  type ConverseRequest,
  converseMetadata,
  formatConverse,
  formatConverseEvent,
  formatConverseUsage,
  parseConverse,
} from './converse.ts';
import type { ModelEvent } from './model-backend.ts';

const hello = [{ role: 'user', content: [{ text: 'Hello' }] }];

function nested(levels: number): unknown {
  return JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);
}

describe('reading a Converse request', () => {
  it('takes over what the model needs', () => {
    const toolConfig = { tools: [{ toolSpec: { name: 'f', inputSchema: { json: {} } } }] };
    const outputConfig = { effort: 'low' };
    expect(
      parseConverse({
        messages: hello,
        system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
        inferenceConfig: { maxTokens: 5, temperature: 0, topP: 1, stopSequences: [] },
        toolConfig,
        outputConfig,
        additionalModelRequestFields: { top_k: 5 },
      }),
    ).toEqual({
      messages: hello,
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default', ttl: '1h' } }],
      maxTokens: 5,
      temperature: 0,
      topP: 1,
      stopSequences: [],
      toolConfig,
      outputConfig,
      additionalFields: { top_k: 5 },
    });
  });

  it('leaves out what was not sent', () => {
    expect(parseConverse({ messages: hello })).toEqual({ messages: hello, system: [], additionalFields: {} });
  });

  it('turns blobs into base64 wherever Converse has them', () => {
    const bytes = Buffer.from([0, 255, 1]);
    const content = [
      { image: { format: 'png', source: { bytes } } },
      { document: { format: 'pdf', name: 'd', source: { bytes: new Uint8Array(bytes) } } },
      { video: { format: 'mp4', source: { s3Location: { uri: 's3://b/k' } } } },
      { guardContent: { image: { format: 'png', source: { bytes } } } },
      { reasoningContent: { redactedContent: bytes } },
      {
        toolResult: {
          toolUseId: 't',
          content: [{ image: { format: 'png', source: { bytes } } }, { json: { bytes: 1 } }],
        },
      },
    ];
    const messages = [
      { role: 'user', content: [{ text: 'a' }] },
      { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: 'f', input: { source: { bytes: 'x' } } } }] },
      { role: 'user', content },
    ];
    const parsed = parseConverse({ messages, toolConfig: {} });
    expect(parsed.messages[1]?.content).toEqual(messages[1]?.content);
    expect(parsed.messages[2]?.content).toEqual([
      { image: { format: 'png', source: { bytes: 'AP8B' } } },
      { document: { format: 'pdf', name: 'd', source: { bytes: 'AP8B' } } },
      { video: { format: 'mp4', source: { s3Location: { uri: 's3://b/k' } } } },
      { guardContent: { image: { format: 'png', source: { bytes: 'AP8B' } } } },
      { reasoningContent: { redactedContent: 'AP8B' } },
      {
        toolResult: {
          toolUseId: 't',
          content: [{ image: { format: 'png', source: { bytes: 'AP8B' } } }, { json: { bytes: 1 } }],
        },
      },
    ]);
  });

  it.each(vectors.cases)('refuses $name', ({ message, name: _name, ...request }) => {
    expect(() => parseConverse(request as ConverseRequest)).toThrow(new Fault('ValidationException', message));
  });

  it('accepts a system message between turns', () => {
    const messages = [
      ...hello,
      { role: 'system', content: [{ text: 'x' }] },
      { role: 'assistant', content: [{ text: 'y' }] },
    ];
    expect(parseConverse({ messages }).messages).toHaveLength(3);
  });

  it('refuses documents of 10,000 levels instead of overflowing', () => {
    const input = { x: nested(10_000) };
    const tooDeep: ConverseRequest[] = [
      { messages: hello, additionalModelRequestFields: input },
      { messages: hello, toolConfig: { tools: [{ toolSpec: { name: 'f', inputSchema: { json: input } } }] } },
      {
        messages: [...hello, { role: 'assistant', content: [{ toolUse: { toolUseId: 't', name: 'f', input } }] }],
        toolConfig: {},
      },
    ];
    for (const request of tooDeep) expect(() => parseConverse(request)).toThrow(Fault);
    expect(parseConverse({ messages: hello, additionalModelRequestFields: { x: nested(100) } })).toBeDefined();
  });
});

describe('writing a Converse answer', () => {
  const usage = { inputTokens: 8, outputTokens: 12, isEstimated: false, raw: '' };

  it('has message, stop reason and usage, blobs as bytes', () => {
    const content = [{ text: 'Hi' }, { reasoningContent: { redactedContent: 'AP8B' } }];
    expect(formatConverse({ content, stopReason: 'end_turn', usage })).toEqual({
      output: {
        message: {
          role: 'assistant',
          content: [{ text: 'Hi' }, { reasoningContent: { redactedContent: Buffer.from([0, 255, 1]) } }],
        },
      },
      stopReason: 'end_turn',
      usage: { inputTokens: 8, outputTokens: 12, totalTokens: 20 },
    });
  });

  it.each([
    [{}, {}],
    [{ cacheReadInputTokens: 0 }, { cacheReadInputTokens: 0 }],
    [{ cacheWrite5mInputTokens: 0 }, { cacheWriteInputTokens: 0, cacheDetails: [] }],
    [
      { cacheWrite5mInputTokens: 5 },
      { cacheWriteInputTokens: 5, totalTokens: 25, cacheDetails: [{ ttl: '5m', inputTokens: 5 }] },
    ],
    [
      { cacheReadInputTokens: 100, cacheWrite5mInputTokens: 5, cacheWrite1hInputTokens: 800 },
      {
        totalTokens: 925,
        cacheReadInputTokens: 100,
        cacheWriteInputTokens: 805,
        cacheDetails: [
          { ttl: '1h', inputTokens: 800 },
          { ttl: '5m', inputTokens: 5 },
        ],
      },
    ],
  ])('usage with %j', (classes, expected) => {
    expect(formatConverseUsage({ ...usage, ...classes })).toEqual({
      inputTokens: 8,
      outputTokens: 12,
      totalTokens: 20,
      ...expected,
    });
  });

  it('streams the events of ConverseStream', () => {
    const toolUse = { toolUseId: 't', name: 'f' };
    const events: ModelEvent[] = [
      { type: 'start' },
      { type: 'blockDelta', index: 0, delta: { text: 'Hi' } },
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { redactedContent: 'AP8B' } } },
      { type: 'blockStop', index: 0 },
      { type: 'blockStart', index: 1, start: { toolUse } },
      { type: 'blockDelta', index: 1, delta: { toolUse: { input: '{}' } } },
      { type: 'blockStop', index: 1 },
      { type: 'end', stopReason: 'tool_use', usage },
    ];
    expect([...events.map(formatConverseEvent), converseMetadata(usage, 350)]).toEqual([
      { messageStart: { role: 'assistant' } },
      { contentBlockDelta: { contentBlockIndex: 0, delta: { text: 'Hi' } } },
      {
        contentBlockDelta: {
          contentBlockIndex: 0,
          delta: { reasoningContent: { redactedContent: Buffer.from([0, 255, 1]) } },
        },
      },
      { contentBlockStop: { contentBlockIndex: 0 } },
      { contentBlockStart: { contentBlockIndex: 1, start: { toolUse } } },
      { contentBlockDelta: { contentBlockIndex: 1, delta: { toolUse: { input: '{}' } } } },
      { contentBlockStop: { contentBlockIndex: 1 } },
      { messageStop: { stopReason: 'tool_use' } },
      { metadata: { usage: { inputTokens: 8, outputTokens: 12, totalTokens: 20 }, metrics: { latencyMs: 350 } } },
    ]);
  });
});
