import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import { anthropicMessages, formatAnthropicRequest, MessageStream, readMessage } from './anthropic-messages.ts';
import type { JsonObject } from './model-call.ts';
import { openaiChat } from './openai-chat.ts';

const parse = anthropicMessages.parse;

describe('a request in Anthropic’s words', () => {
  it('keeps what has no form in Converse under its own name', () => {
    const blocks = [
      { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
      { type: 'server_tool_use', id: 's1', name: 'web_search', input: {} },
    ];
    const { messages } = parse({ max_tokens: 1, messages: [{ role: 'user', content: blocks }] });
    expect(messages[0]?.content).toEqual([{ image: { source: blocks[0]!.source } }, { server_tool_use: blocks[1] }]);
    // An upstream of another dialect says so.
    const prompt = { messages, system: [], additionalFields: {} };
    expect(() => formatAnthropicRequest(prompt)).toThrow("This model doesn't support the image content block");
  });

  it('means the same after a turn through Converse’s form', () => {
    const ephemeral = { type: 'ephemeral', ttl: '1h' };
    const body: JsonObject = {
      ...{ max_tokens: 9, temperature: 0.5, top_p: 0.9, stop_sequences: ['END'], top_k: 5 },
      thinking: { type: 'enabled', budget_tokens: 1_024 },
      system: [{ type: 'text', text: 'Be brief.', cache_control: ephemeral }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'aW1n' } },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'words' }, title: 'notes' },
            {
              ...{ type: 'document', title: 'parts' },
              source: { type: 'content', content: [{ type: 'text', text: 'one' }] },
            },
            { type: 'text', text: 'Look.', cache_control: { type: 'ephemeral' } },
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
            { type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: '21' }], is_error: true },
          ],
        },
      ],
      tools: [
        { name: 'weather', description: 'd', input_schema: { type: 'object' }, cache_control: ephemeral },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'tool', name: 'weather' },
      output_config: { format: { type: 'json_schema', schema: { type: 'object' } } },
    };
    expect(formatAnthropicRequest(parse(body))).toEqual(body);
  });

  it('is read, or refused as the caller’s mistake, whatever it is', () => {
    const types = fc.constantFrom(
      'text',
      'image',
      'document',
      'tool_use',
      'tool_result',
      'thinking',
      'new_one',
      7,
      null,
    );
    const block = fc.record(
      {
        type: types,
        text: fc.jsonValue(),
        source: fc.jsonValue(),
        content: fc.jsonValue(),
        cache_control: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const message = fc.record({ role: fc.constantFrom('user', 'assistant', 'x'), content: fc.array(block) });
    const any = fc.record(
      {
        max_tokens: fc.oneof(fc.constant(1), fc.jsonValue()),
        messages: fc.oneof(fc.array(message), fc.jsonValue()),
        system: fc.oneof(fc.array(block), fc.jsonValue()),
        tools: fc.jsonValue(),
        tool_choice: fc.jsonValue(),
        output_config: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(any, (body) => {
        try {
          formatAnthropicRequest(parse(body as JsonObject));
        } catch (error) {
          expect(error).toBeInstanceOf(Fault);
          expect((error as Fault).code).toBe('ValidationException');
        }
      }),
      { seed: 20_261_129, numRuns: 500 },
    );
  });

  it('is not walked when it is nested too deeply', () => {
    let deep: JsonObject = {};
    for (let level = 0; level < 5_000; level++) deep = { deep };
    expect(() => parse({ max_tokens: 1, messages: [], deep })).toThrow('Malformed input request');
  });
});

describe('what an answer cites', () => {
  const place = { cited_text: 'the words', document_index: 1, document_title: 'notes' };
  const citations: JsonObject[] = [
    { type: 'char_location', ...place, start_char_index: 3, end_char_index: 9 },
    { type: 'page_location', ...place, start_page_number: 1, end_page_number: 2 },
    { type: 'content_block_location', ...place, start_block_index: 0, end_block_index: 1 },
    {
      ...{
        type: 'search_result_location',
        cited_text: 'the words',
        search_result_index: 0,
        source: 'https://example.com',
      },
      ...{ title: 'result', start_block_index: 0, end_block_index: 1 },
    },
  ];
  const message = {
    type: 'message',
    content: [{ type: 'text', text: 'So it is.', citations }],
    stop_reason: 'end_turn',
  };

  it('has Converse’s form there, and means the same on the way back', () => {
    const { content } = readMessage(message)!;
    expect(content).toMatchObject([
      {
        citationsContent: {
          content: [{ text: 'So it is.' }],
          citations: [
            {
              ...{ title: 'notes', sourceContent: [{ text: 'the words' }] },
              location: { documentChar: { documentIndex: 1, start: 3, end: 9 } },
            },
            { location: { documentPage: { documentIndex: 1, start: 1, end: 2 } } },
            { location: { documentChunk: { documentIndex: 1, start: 0, end: 1 } } },
            { location: { searchResultLocation: { searchResultIndex: 0, start: 0, end: 1 } } },
          ],
        },
      },
    ]);
    const usage = { inputTokens: 1, outputTokens: 1, isEstimated: false, raw: '' };
    const facts = { requestId: 'r', modelId: 'm', createdAtMs: 0 };
    const written = anthropicMessages.format({ content, stopReason: 'end_turn', usage }, facts);
    expect(written.content).toEqual(message.content);
    const [choice] = openaiChat.format({ content, stopReason: 'end_turn', usage }, facts).choices as JsonObject[];
    expect(choice?.message).toMatchObject({ content: 'So it is.' });
  });

  it('is streamed piece by piece', () => {
    const deltas: JsonObject[] = [];
    const stream = new MessageStream(undefined, (event) => {
      if (event.type === 'blockDelta') deltas.push(event.delta);
    });
    stream.read({ type: 'message_start', message: {} });
    stream.read({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    for (const citation of citations) {
      stream.read({ type: 'content_block_delta', index: 0, delta: { type: 'citations_delta', citation } });
    }
    expect(deltas[0]).toMatchObject({
      citation: { location: { documentChar: { documentIndex: 1, start: 3, end: 9 } } },
    });
    const format = anthropicMessages.formatStream({ requestId: 'r', modelId: 'm', createdAtMs: 0 });
    const chunks = deltas.flatMap((delta) => format({ type: 'blockDelta', index: 0, delta }));
    const written = chunks.filter(({ type }) => type === 'content_block_delta').map(({ delta }) => delta);
    expect(written).toEqual(citations.map((citation) => ({ type: 'citations_delta', citation })));
  });
});
