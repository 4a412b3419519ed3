import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { ModelEvent } from '../inference/model-backend.ts';
import type { Json, JsonObject, ModelCall } from '../inference/model-call.ts';
import type { TokenUsage } from '../inference/token-usage.ts';
import { Fault } from '../kernel/fault.ts';
import { GptTokenCounter } from './gpt-token-counter.ts';
import { OpenAiModel, type OpenAiModelOptions } from './openai-model.ts';

const counter = new GptTokenCounter();

type Script = (
  request: { readonly body: JsonObject; readonly message: IncomingMessage },
  reply: ServerResponse,
) => void;

/** An OpenAI-compatible server that does what a test says. */
class Upstream {
  readonly requests: { readonly body: JsonObject; readonly message: IncomingMessage }[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(script: Script) {
    this.#server = createServer((message, reply) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk) => chunks.push(chunk));
      message.on('end', () => {
        const request = { body: JSON.parse(Buffer.concat(chunks).toString()), message };
        this.requests.push(request);
        script(request, reply);
      });
    });
    this.#server.on('connection', (socket) => this.sockets.add(socket));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(script: Script, options: Partial<OpenAiModelOptions> = {}) {
  const upstream = new Upstream(script);
  const model = new OpenAiModel({ name: 'local', url: await upstream.listen(), counter, ...options });
  // Run last to first: requests that an upstream leaves hanging end with it.
  cleanups.push(
    () => model.close(),
    () => upstream.close(),
  );
  return { upstream, model };
}

function call(parts: Partial<ModelCall> = {}): ModelCall {
  return {
    requestId: 'req-1',
    modelId: 'openai.gpt-oss-20b-1:0',
    upstreamModelId: 'gpt-oss:20b',
    messages: [{ role: 'user', content: [{ text: 'What is the capital of France?' }] }],
    system: [],
    additionalFields: {},
    ...CALL_FACTS,
    ...parts,
  };
}

function completion(message: JsonObject, usage?: JsonObject, rest: JsonObject = {}): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...rest }],
    ...(usage && { usage }),
  });
}

function pick(body: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] ?? null]));
}

function answering(body: string, status = 200): Script {
  return (_request, reply) => {
    reply.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
}

function streaming(...chunks: readonly (JsonObject | string | Buffer)[]): Script {
  return (_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunks) {
      reply.write(typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk : `data: ${JSON.stringify(chunk)}\n\n`);
    }
    reply.end();
  };
}

const DONE = 'data: [DONE]\n\n';
const USAGE = { prompt_tokens: 14, completion_tokens: 2, total_tokens: 16 };
const usageChunk = (usage: JsonObject = USAGE): JsonObject => ({ choices: [], usage });
const textChunk = (content: string): JsonObject => ({
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});
const endChunk = (reason = 'stop'): JsonObject => ({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });

async function collect(events: AsyncIterable<ModelEvent>): Promise<{ events: ModelEvent[]; fault: Fault | undefined }> {
  const seen: ModelEvent[] = [];
  try {
    for await (const event of events) seen.push(event);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { events: seen, fault: error };
  }
  return { events: seen, fault: undefined };
}

async function faultOf(promise: Promise<unknown>): Promise<Fault> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error('no fault');
}

function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'blockDelta' ? (event.delta.text ?? '') : '')).join('');
}

function endOf(events: readonly ModelEvent[]): Extract<ModelEvent, { type: 'end' }> {
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('the stream has no end');
  return last;
}

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

describe('a stream', () => {
  it('asks for usage, and hands out events in Converse’s order', async () => {
    const { upstream, model } = await start(
      streaming(
        { choices: [{ index: 0, delta: { role: 'assistant', content: '' } }] },
        textChunk('Par'),
        textChunk('is.'),
        endChunk(),
        usageChunk(),
        DONE,
      ),
    );
    const { events } = await collect(model.stream(call()));
    expect(upstream.requests[0]?.body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(events).toEqual([
      { type: 'start' },
      { type: 'blockDelta', index: 0, delta: { text: 'Par' } },
      { type: 'blockDelta', index: 0, delta: { text: 'is.' } },
      { type: 'blockStop', index: 0 },
      {
        type: 'end',
        stopReason: 'end_turn',
        usage: { inputTokens: 14, outputTokens: 2, isEstimated: false, raw: JSON.stringify(USAGE) },
        upstream: {},
      },
    ]);
  });

  it('has a block per reasoning, text and tool call', async () => {
    const toolDelta = (delta: Json): JsonObject => ({ choices: [{ index: 0, delta: { tool_calls: [delta] } }] });
    const { model } = await start(
      streaming(
        { choices: [{ index: 0, delta: { reasoning_content: 'Hm' } }] },
        { choices: [{ index: 0, delta: { reasoning: '.' } }] },
        textChunk('Wait.'),
        toolDelta({ index: 0, id: 'c1', function: { name: 'weather', arguments: '' } }),
        toolDelta({ index: 0, function: { arguments: '{"city":' } }),
        toolDelta({ index: 0, function: { arguments: '"Paris"}' } }),
        toolDelta({ index: 1, id: 'c2', function: { name: 'clock', arguments: '{}' } }),
        // Ollama gives every call the index 0.
        toolDelta({ index: 1, id: 'c3', function: { name: 'clock', arguments: '{}' } }),
        endChunk('tool_calls'),
        usageChunk(),
        DONE,
      ),
    );
    const { events } = await collect(model.stream(call()));
    expect(events.slice(1, -1)).toEqual([
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { text: 'Hm' } } },
      { type: 'blockDelta', index: 0, delta: { reasoningContent: { text: '.' } } },
      { type: 'blockStop', index: 0 },
      { type: 'blockDelta', index: 1, delta: { text: 'Wait.' } },
      { type: 'blockStop', index: 1 },
      { type: 'blockStart', index: 2, start: { toolUse: { toolUseId: 'c1', name: 'weather' } } },
      { type: 'blockDelta', index: 2, delta: { toolUse: { input: '{"city":' } } },
      { type: 'blockDelta', index: 2, delta: { toolUse: { input: '"Paris"}' } } },
      { type: 'blockStop', index: 2 },
      { type: 'blockStart', index: 3, start: { toolUse: { toolUseId: 'c2', name: 'clock' } } },
      { type: 'blockDelta', index: 3, delta: { toolUse: { input: '{}' } } },
      { type: 'blockStop', index: 3 },
      { type: 'blockStart', index: 4, start: { toolUse: { toolUseId: 'c3', name: 'clock' } } },
      { type: 'blockDelta', index: 4, delta: { toolUse: { input: '{}' } } },
      { type: 'blockStop', index: 4 },
    ]);
    expect(endOf(events).stopReason).toBe('tool_use');
  });

  it('takes the last usage when every chunk carries one', async () => {
    const growing = (content: string, completion_tokens: number): JsonObject => ({
      ...textChunk(content),
      usage: { prompt_tokens: 14, completion_tokens, total_tokens: 14 + completion_tokens },
    });
    const { model } = await start(streaming(growing('a', 1), growing('b', 2), endChunk(), usageChunk(), DONE));
    expect(endOf((await collect(model.stream(call()))).events).usage).toMatchObject({
      inputTokens: 14,
      outputTokens: 2,
    });
  });

  it('counts an answer without usage, and says so', async () => {
    const { model } = await start(
      streaming(textChunk('The capital of France '), textChunk('is Paris.'), endChunk(), DONE),
    );
    const { usage } = endOf((await collect(model.stream(call()))).events);
    expect(usage).toEqual({ inputTokens: 11, outputTokens: 7, isEstimated: true, raw: '' });
  });

  it('reads CRLF, comments, other fields, data without a blank, and an end without a blank line', async () => {
    const text = [
      ': keep-alive\r\n\r\n',
      'event: message\r\nid: 7\r\n',
      `data:${JSON.stringify(textChunk('Par'))}\r\n\r\n`,
      `data: ${JSON.stringify(textChunk('is.')).replace('"choices"', '\r\ndata: "choices"')}\r\n\r\n`,
      `data: ${JSON.stringify(endChunk())}\r\n\r\n`,
      `data: ${JSON.stringify(usageChunk())}\r\n\r\n`,
      'data: [DONE]',
    ].join('');
    const { model } = await start(streaming(text));
    const { events, fault } = await collect(model.stream(call()));
    expect(fault).toBeUndefined();
    expect(textOf(events)).toBe('Paris.');
    expect(endOf(events).usage.isEstimated).toBe(false);
  });

  it('ends with the connection where the server sends no end marker', async () => {
    const { model } = await start(streaming(textChunk('Paris.'), endChunk('length'), usageChunk()));
    expect(endOf((await collect(model.stream(call()))).events)).toMatchObject({ stopReason: 'max_tokens' });
  });

  it('survives characters and lines that are split at every byte', async () => {
    const bytes = Buffer.from(
      [textChunk('Zürich, 東京 '), textChunk('🚀'), endChunk(), usageChunk()]
        .map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`)
        .join('') + DONE,
    );
    const { model } = await start((_request, reply) => {
      reply.writeHead(200);
      reply.socket?.setNoDelay(true);
      let at = 0;
      const next = (): void => {
        if (at === bytes.length) reply.end();
        else reply.write(bytes.subarray(at, ++at), () => setImmediate(next));
      };
      next();
    });
    expect(textOf((await collect(model.stream(call()))).events)).toBe('Zürich, 東京 🚀');
  });

  describe('that breaks off', () => {
    const soFar = { inputTokens: 11, outputTokens: 7, isEstimated: true, raw: '' };
    const text = textChunk('The capital of France is Paris.');

    async function brokenBy(script: Script, options: Partial<OpenAiModelOptions> = {}) {
      const { model } = await start(script, options);
      const { events, fault } = await collect(model.stream(call()));
      expect(fault?.code).toBe('ModelStreamErrorException');
      return { events, usage: fault?.fields.usage as TokenUsage, reason: fault?.fields.originalMessage };
    }

    it('because the connection is cut has the usage so far', async () => {
      const { events, usage } = await brokenBy((_request, reply) => {
        reply.writeHead(200);
        reply.write(`data: ${JSON.stringify(text)}\n\n`, () => setImmediate(() => reply.destroy()));
      });
      expect(textOf(events)).toBe('The capital of France is Paris.');
      expect(usage).toEqual(soFar);
    });

    it('because the server ends it early has the usage so far', async () => {
      const { usage, reason } = await brokenBy(streaming(text));
      expect(usage).toEqual(soFar);
      expect(reason).toBe('the upstream ended the stream before the answer');
    });

    it('after a usage was reported keeps it, flagged', async () => {
      const { usage } = await brokenBy(streaming({ ...text, usage: USAGE }));
      expect(usage).toEqual({ inputTokens: 14, outputTokens: 2, isEstimated: true, raw: JSON.stringify(USAGE) });
    });

    it('because the server goes silent has the usage so far', async () => {
      const { usage, reason } = await brokenBy(
        (_request, reply) => {
          reply.writeHead(200);
          reply.write(`data: ${JSON.stringify(text)}\n\n`);
        },
        { idleTimeoutMs: 50 },
      );
      expect(usage).toEqual(soFar);
      expect(reason).toBe('the upstream sent nothing for too long');
    });

    it.each([
      ['data: {not json}\n\n', 'the upstream sent a chunk that is not JSON'],
      ['data: 7\n\n', 'the upstream sent a chunk that is not an object'],
      ['data: {"error": {"message": "out of memory, sk-secret"}}\n\n', 'out of memory, ***'],
    ])('at %s', async (broken, reason) => {
      const outcome = await brokenBy(streaming(text, broken, endChunk(), DONE), { apiKey: 'sk-secret' });
      expect(outcome.reason).toBe(reason);
      expect(outcome.usage).toEqual(soFar);
    });

    it('at a line that does not end', async () => {
      const endless: Script = (_request, reply) => {
        reply.writeHead(200);
        reply.write('data: "');
        for (let part = 0; part < 5; part++) reply.write('x'.repeat(1_024 * 1_024));
      };
      expect((await brokenBy(endless)).reason).toBe('the upstream sent an event that is longer than allowed');
    });

    it('at more bytes than allowed', async () => {
      const many = Array.from({ length: 50 }, () => text);
      expect((await brokenBy(streaming(...many), { maxResponseBytes: 1_000 })).reason).toBe(
        'the answer is longer than allowed',
      );
    });
  });

  it('slows the upstream down when the consumer is slow, and loses nothing', async () => {
    let written = 0;
    const chunks = 40_000;
    const { model } = await start((_request, reply) => {
      reply.writeHead(200);
      const write = (): void => {
        while (written < chunks) {
          written += 1;
          if (!reply.write(`data: ${JSON.stringify(textChunk(`${written} `.padEnd(400, '.')))}\n\n`)) {
            reply.once('drain', write);
            return;
          }
        }
        reply.end(`data: ${JSON.stringify(endChunk())}\n\ndata: ${JSON.stringify(usageChunk())}\n\n${DONE}`);
      };
      write();
    });
    const events = model.stream(call())[Symbol.asyncIterator]();
    await events.next();
    let before = -1;
    const hasStopped = (): boolean => {
      const isSame = before === written;
      before = written;
      return isSame;
    };
    await expect.poll(hasStopped, { interval: 100 }).toBe(true);
    expect(written).toBeLessThan(chunks);
    let deltas = 0;
    for (let item = await events.next(); !item.done; item = await events.next()) {
      if (item.value.type === 'blockDelta') deltas += 1;
    }
    expect(deltas).toBe(chunks);
  });

  it('ends the request when the consumer leaves early', async () => {
    let closed = false;
    const { model } = await start((_request, reply) => {
      reply.writeHead(200);
      reply.on('close', () => {
        closed = true;
      });
      reply.write(`data: ${JSON.stringify(textChunk('Paris.'))}\n\n`);
    });
    for await (const event of model.stream(call())) if (event.type === 'blockDelta') break;
    await expect.poll(() => closed, { interval: 5 }).toBe(true);
  });

  it('gives its place back however it ends', async () => {
    // More than may wait: the upstream is paused when the consumer leaves.
    const many = Array.from({ length: 1_000 }, () => textChunk('x'));
    const { model } = await start(streaming(...many, endChunk(), usageChunk(), DONE), { maxConnections: 1 });
    for (let round = 0; round < 8; round++) {
      if (round % 2 === 0) for await (const _event of model.stream(call())) break;
      else await collect(model.stream(call()));
    }
    expect((await collect(model.stream(call()))).fault).toBeUndefined();
  });
});
