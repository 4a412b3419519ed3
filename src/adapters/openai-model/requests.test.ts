import { describe, expect, it } from 'vitest';
import type { ModelCall } from '../../inference/model-call.ts';
import { faultOf } from '../../inference/model-outcome.fixture.ts';
import { answering, call, completion, pick, start, USAGE } from '../openai-model.fixture.ts';
import type { OpenAiModelOptions } from '../openai-model.ts';

describe('the request', () => {
  async function sent(parts: Partial<ModelCall>, options: Partial<OpenAiModelOptions> = {}) {
    const { upstream, model } = await start(answering(completion({ content: 'ok' }, USAGE)), options);
    await model.complete(call(parts));
    const [request] = upstream.requests;
    if (!request) throw new Error('nothing was sent');
    return request;
  }

  it('goes to chat/completions below the configured URL with the upstream’s name for the model', async () => {
    const { body, message } = await sent({}, { apiKey: 'sk-test' });
    expect(message.url).toBe('/v1/chat/completions');
    expect(message.headers.authorization).toBe('Bearer sk-test');
    expect(message.headers['x-request-id']).toBe('req-1');
    expect(body).toEqual({
      model: 'gpt-oss:20b',
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
      stream: false,
    });
  });

  it('carries sampling, stop sequences and the token limit under the configured name', async () => {
    const parts = { maxTokens: 7, temperature: 0, topP: 0.5, stopSequences: ['END'] };
    expect((await sent(parts)).body).toMatchObject({ max_tokens: 7, temperature: 0, top_p: 0.5, stop: ['END'] });
    const renamed = (await sent(parts, { maxTokensField: 'max_completion_tokens' })).body;
    expect(renamed).toMatchObject({ max_completion_tokens: 7 });
    expect(renamed).not.toHaveProperty('max_tokens');
  });

  it('passes additional fields on, but none that would change what is metered', async () => {
    const additionalFields = { seed: 3, model: 'dearer', messages: [], stream: true, stream_options: {} };
    const { body } = await sent({ additionalFields });
    expect(body).toMatchObject({ seed: 3, model: 'gpt-oss:20b', stream: false });
    expect(body.messages).toHaveLength(1);
    expect(body).not.toHaveProperty('stream_options');
  });

  it('lets no other name of the token limit loosen it, nor several answers be written', async () => {
    const loosening = {
      n: 4,
      best_of: 4,
      n_predict: 900,
      num_predict: 900,
      max_new_tokens: 900,
      max_output_tokens: 900,
    };
    const additionalFields = { ...loosening, max_completion_tokens: 900, seed: 3 };
    const { body } = await sent({ maxTokens: 7, additionalFields });
    expect(body).toEqual({ ...pick(body, 'model', 'messages', 'stream'), seed: 3, max_tokens: 7 });
    const asked = { messages: [], ...loosening, n: 1, max_completion_tokens: 9, max_tokens: null, seed: 3 };
    const original = { format: 'openai-chat', body: asked, headers: {} } as const;
    const passed = (await sent({ maxTokens: 7, original })).body;
    expect(passed).toEqual({
      ...{ messages: [], n: 1, max_completion_tokens: 7, max_tokens: null, seed: 3 },
      ...{ model: 'gpt-oss:20b', stream: false },
    });
  });

  it('keeps a key named __proto__ a key', async () => {
    const { body } = await sent({ additionalFields: JSON.parse('{"__proto__": {"polluted": 1}}') });
    expect(Object.hasOwn(body, '__proto__')).toBe(true);
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });

  it('translates system text, images, documents, tool uses and tool results', async () => {
    const { body } = await sent({
      system: [{ text: 'Be brief.' }, { cachePoint: { type: 'default' } }, { text: 'Be kind.' }],
      messages: [
        {
          role: 'user',
          content: [
            { text: 'Look:' },
            { image: { format: 'png', source: { bytes: 'iVBOR' } } },
            { document: { format: 'md', name: 'notes', source: { bytes: Buffer.from('# hi').toString('base64') } } },
            { document: { format: 'pdf', name: 'paper', source: { bytes: 'JVBE' } } },
            { cachePoint: { type: 'default' } },
          ],
        },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'hm' } } },
            { text: 'Checking.' },
            { toolUse: { toolUseId: 't1', name: 'weather', input: { city: 'Paris' } } },
          ],
        },
        {
          role: 'user',
          content: [
            { toolResult: { toolUseId: 't1', content: [{ text: 'sunny' }, { json: { degrees: 20 } }] } },
            { text: 'And?' },
          ],
        },
      ],
      toolConfig: {
        tools: [
          { toolSpec: { name: 'weather', description: 'Tells it', inputSchema: { json: { type: 'object' } } } },
          { cachePoint: { type: 'default' } },
        ],
        toolChoice: { any: {} },
      },
      outputConfig: {
        textFormat: { type: 'json_schema', structure: { jsonSchema: { name: 'out', schema: '{"type":"object"}' } } },
      },
    });
    expect(body.messages).toEqual([
      { role: 'system', content: 'Be brief.\nBe kind.' },
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Look:' },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBOR' } },
          { type: 'text', text: '# hi' },
          { type: 'file', file: { filename: 'paper.pdf', file_data: 'data:application/pdf;base64,JVBE' } },
        ],
      },
      {
        role: 'assistant',
        content: 'Checking.',
        tool_calls: [{ id: 't1', type: 'function', function: { name: 'weather', arguments: '{"city":"Paris"}' } }],
      },
      { role: 'tool', tool_call_id: 't1', content: 'sunny\n{"degrees":20}' },
      { role: 'user', content: [{ type: 'text', text: 'And?' }] },
    ]);
    expect(body.tools).toEqual([
      { type: 'function', function: { name: 'weather', description: 'Tells it', parameters: { type: 'object' } } },
    ]);
    expect(body.tool_choice).toBe('required');
    expect(body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'out', schema: { type: 'object' }, strict: true },
    });
  });

  it('refuses content that the protocol cannot carry, before anything is sent', async () => {
    const { upstream, model } = await start(answering(completion({ content: 'ok' })));
    const video = { video: { format: 'mp4', source: { bytes: '' } } };
    const fault = await faultOf(model.complete(call({ messages: [{ role: 'user', content: [video] }] })));
    expect(fault.code).toBe('ValidationException');
    expect(fault.message).toBe(
      "This model doesn't support the video content block that you provided. Update the content block and try again.",
    );
    expect(upstream.requests).toHaveLength(0);
  });

  it('reuses connections', async () => {
    const { upstream, model } = await start(answering(completion({ content: 'ok' }, USAGE)));
    for (let round = 0; round < 20; round++) await model.complete(call());
    // A request made in the very moment of the last answer may open a second one.
    expect(upstream.sockets.size).toBeLessThanOrEqual(2);
  });
});
