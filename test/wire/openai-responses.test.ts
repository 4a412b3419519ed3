import { createOpenAI } from '@ai-sdk/openai';
import { generateText, jsonSchema, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCaller } from '../clients/caller.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, type LedgerEntry } from './ledger.ts';
import { ScriptedUpstream } from './scripted-upstream.ts';

/** The simulated model's, in Converse's form. */
const CLAUDE = 'us.anthropic.claude-sonnet-4-6';
/** Of an upstream that speaks the Responses API, and of one that does not. */
const SPEAKING = 'openai.gpt-5.4';
const CHATTING = 'openai.gpt-oss-120b-1:0';
const EMBEDDING = 'amazon.titan-embed-text-v2:0';

const WEATHER: OpenAI.Responses.FunctionTool = {
  type: 'function',
  name: 'weather',
  strict: true,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

const upstream = new ScriptedUpstream();
let server: TestServer;
beforeAll(async () => {
  const url = await upstream.listen();
  const upstreams = [
    { name: 'speaking', type: 'openai', url, responses: true, models: { [SPEAKING]: 'gpt' } },
    { name: 'chatting', type: 'openai', url, models: { [CHATTING]: 'oss', 'cohere.embed-english-v3': 'embed' } },
    { name: 'simulated', type: 'simulated' },
  ];
  server = await startServer({ config: { upstreams } });
});
afterAll(async () => {
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

interface Client {
  readonly sdk: OpenAI;
  readonly key: string;
  readonly entry: () => Promise<LedgerEntry | undefined>;
}

async function newClient(name: string): Promise<Client> {
  const { key, latest } = await newCaller(server, name);
  const sdk = new OpenAI({ baseURL: `${server.url}/openai/v1`, apiKey: key, maxRetries: 0 });
  return { key, sdk, entry: latest };
}

describe('responses', () => {
  it('answer in one piece', async () => {
    const { sdk, entry } = await newClient('responses-whole');
    const { data, request_id } = await sdk.responses
      .create({
        ...{ model: CLAUDE, instructions: 'Be brief.', input: 'Say hello.', max_output_tokens: 50, store: true },
        ...{ simulate: { inputTokens: 100, outputTokens: 20, cacheReadInputTokens: 900 } },
      })
      .withResponse();
    expect(data).toMatchObject({ object: 'response', status: 'completed', store: false, model: CLAUDE, error: null });
    expect(data.output_text).toMatch(/\w/);
    expect(data.usage).toEqual({
      ...{ input_tokens: 1000, output_tokens: 20, total_tokens: 1020, output_tokens_details: { reasoning_tokens: 0 } },
      input_tokens_details: { cached_tokens: 900, cache_write_tokens: 0 },
    });
    await expect.poll(entry, ARRIVAL).toMatchObject({
      ...{ RequestId: request_id, Operation: 'Responses', InputTokens: '100', CacheReadInputTokens: '900' },
    });
  });

  it('say when they are incomplete', async () => {
    const { sdk } = await newClient('responses-cut');
    const cut = await sdk.responses.create({ model: CLAUDE, input: 'Say hello.', max_output_tokens: 2 });
    expect(cut).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
  });

  it('stream every event of a text in order', async () => {
    const { sdk, entry } = await newClient('responses-stream');
    const stream = await sdk.responses.create({ model: CLAUDE, input: 'Say hello.', stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, index) => index));
    const types = events.map(({ type }) => type).filter((type, index, all) => type !== all[index - 1]);
    expect(types).toEqual([
      ...['response.created', 'response.in_progress', 'response.output_item.added', 'response.content_part.added'],
      ...['response.output_text.delta', 'response.output_text.done', 'response.content_part.done'],
      ...['response.output_item.done', 'response.completed'],
    ]);
    const written = events.map((event) => (event.type === 'response.output_text.delta' ? event.delta : '')).join('');
    const last = events.at(-1);
    expect(last?.type === 'response.completed' && last.response.output[0]).toMatchObject({
      ...{ type: 'message', status: 'completed', content: [{ type: 'output_text', text: written }] },
    });
    await expect.poll(entry, ARRIVAL).toMatchObject({ Operation: 'Responses', Status: 'completed' });
  });

  it('call tools, and read what they say', async () => {
    const { sdk } = await newClient('responses-tools');
    const asked = { model: CLAUDE, tools: [WEATHER], input: 'Weather?' };
    const stream = sdk.responses.stream({ ...asked, tool_choice: 'required' });
    const written: string[] = [];
    stream.on('response.function_call_arguments.delta', ({ delta }) => written.push(delta));
    const { output } = await stream.finalResponse();
    expect(output).toMatchObject([{ type: 'function_call', name: 'weather', arguments: '{"city":"text"}' }]);
    expect(written.join('')).toBe('{"city":"text"}');
    const [call] = output;
    if (call?.type !== 'function_call') throw new Error('no call');
    const answered = await sdk.responses.create({
      ...asked,
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'Weather?' }] },
        { type: 'reasoning', id: 'rs_1', summary: [] },
        { type: 'function_call', call_id: call.call_id, name: call.name, arguments: call.arguments },
        { type: 'function_call_output', call_id: call.call_id, output: 'sunny' },
      ],
      text: { format: { type: 'json_schema', name: 'sky', schema: { type: 'object' } } },
    });
    expect(answered.output_text).toMatch(/\w/);
  });

  it.each([
    ['previous_response_id', { previous_response_id: 'resp_1' }, 'previous_response_id'],
    ['conversation', { conversation: 'conv_1' }, 'conversation'],
    ['background', { background: true }, 'background'],
    ['stored prompts', { prompt: { id: 'pmpt_1' } }, 'prompt'],
    ['tools of the server', { tools: [{ type: 'web_search' }] }, 'tools[0]'],
    ['a shell of the server', { tools: [{ type: 'shell', environment: { type: 'container_auto' } }] }, 'tools[0]'],
    ['references', { input: [{ type: 'item_reference', id: 'msg_1' }] }, 'input[0]'],
  ])('refuse what needs kept state or a server: %s', async (_name, more, param) => {
    const sdk = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: (await shared()).key, maxRetries: 0 });
    const refused = sdk.responses.create({ model: CLAUDE, input: 'Hi.', ...more } as never);
    await expect(refused).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param });
  });

  it.each([
    ['no input', { input: [] }, 'input'],
    ['an empty conversation', { input: [{ role: 'user', content: ' ' }] }, 'input'],
    ['an unknown role', { instructions: 'x', input: [{ role: 'other', content: 'x' }] }, 'input[0].role'],
    ['no tokens', { max_output_tokens: 0 }, 'max_output_tokens'],
  ])('name what is wrong as the caller did: %s', async (_name, more, param) => {
    const sdk = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: (await shared()).key, maxRetries: 0 });
    const refused = sdk.responses.create({ model: CLAUDE, input: 'Hi.', ...more } as never);
    await expect(refused).rejects.toMatchObject({ status: 400, type: 'invalid_request_error', param });
  });

  it('end with an error event when the model breaks off', async () => {
    const { sdk, entry } = await newClient('responses-broken');
    const simulate = { error: { name: 'ModelStreamErrorException', afterTokens: 2 } };
    const body = {
      model: CLAUDE,
      input: 'Hi.',
      stream: true,
      simulate,
    } as OpenAI.Responses.ResponseCreateParamsStreaming;
    const stream = await sdk.responses.create(body);
    const reading = (async () => {
      for await (const _ of stream);
    })();
    await expect(reading).rejects.toBeInstanceOf(OpenAI.APIError);
    await expect.poll(entry, ARRIVAL).toMatchObject({ Status: 'cut', OutputTokens: '2' });
  });
});

let sharedClient: Promise<Client> | undefined;
function shared(): Promise<Client> {
  sharedClient ??= newClient('responses-shared');
  return sharedClient;
}

describe('an upstream that speaks the Responses API', () => {
  const usage = {
    ...{ input_tokens: 50, output_tokens: 30, total_tokens: 80 },
    ...{ input_tokens_details: { cached_tokens: 10 }, output_tokens_details: { reasoning_tokens: 20 } },
  };
  const response = {
    ...{ id: 'resp_9', object: 'response', status: 'completed', model: 'gpt', future: [1], usage },
    output: [{ type: 'message', id: 'msg_9', role: 'assistant', content: [{ type: 'output_text', text: 'Hi.' }] }],
  };

  it('gets the request as it is but for what is kept, and its answer goes back as it is', async () => {
    const { sdk, entry } = await newClient('passed-whole');
    const arriving = upstream.nextReply();
    const asked = { model: SPEAKING, input: 'Hi.', reasoning: { effort: 'low' as const }, future_member: { a: 1 } };
    const answering = sdk.responses.create({ ...asked, store: true }).asResponse();
    const reply = await arriving;
    expect(reply.path).toBe('/v1/responses');
    expect(reply.body).toEqual({ ...asked, model: 'gpt', stream: false, store: false });
    reply.answer(response);
    expect(await (await answering).json()).toEqual(response);
    await expect.poll(entry, ARRIVAL).toMatchObject({
      ...{ InputTokens: '40', CacheReadInputTokens: '10', OutputTokens: '30', IsEstimated: false },
    });
  });

  it('peers row 55: a stream goes back as it is, byte for byte, and is metered', async () => {
    const { sdk, entry } = await newClient('passed-stream');
    const arriving = upstream.nextReply();
    const answering = sdk.responses.create({ model: SPEAKING, input: 'Hi.', stream: true }).asResponse();
    const events = [
      { type: 'response.created', sequence_number: 0, response: { ...response, status: 'in_progress', usage: null } },
      { type: 'response.output_text.delta', sequence_number: 1, delta: 'Hi.', future: 1.5 },
      { type: 'response.completed', sequence_number: 2, response },
    ];
    const script = events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    (await arriving).stream(script);
    expect(await (await answering).text()).toBe(script);
    await expect.poll(entry, ARRIVAL).toMatchObject({ InputTokens: '40', OutputTokens: '30', IsEstimated: false });
  });

  it('that fails in the middle is metered with what it reports', async () => {
    const { sdk, entry } = await newClient('passed-failed');
    const arriving = upstream.nextReply();
    const answering = sdk.responses.create({ model: SPEAKING, input: 'Hi.', stream: true }).asResponse();
    const failed = { ...response, status: 'failed', error: { code: 'server_error', message: 'out of luck' } };
    const events = [
      { type: 'response.output_text.delta', sequence_number: 4, delta: 'Hi.' },
      { type: 'response.failed', sequence_number: 5, response: failed },
    ];
    (await arriving).stream(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
    const text = await (await answering).text();
    expect(text).toContain('event: error\ndata: {"type":"error","sequence_number":5,');
    expect(text).toContain('out of luck');
    await expect.poll(entry, ARRIVAL).toMatchObject({ Status: 'cut', OutputTokens: '30' });
  });
});

describe('an upstream that speaks chat completions alone', () => {
  it('gets Responses requests as such, and reasoning comes back as an item', async () => {
    const { sdk, entry } = await newClient('translated');
    const arriving = upstream.nextReply();
    const answering = sdk.responses.stream({
      ...{ model: CHATTING, instructions: 'Be brief.', input: 'Hi.', reasoning: { effort: 'high', summary: 'auto' } },
      ...{ tools: [WEATHER], max_output_tokens: 99, text: { verbosity: 'low' } },
    });
    const reply = await arriving;
    expect(reply.path).toBe('/v1/chat/completions');
    expect(reply.body).toMatchObject({
      ...{ model: 'oss', stream: true, max_tokens: 99, reasoning_effort: 'high', verbosity: 'low' },
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hi.' },
      ],
      tools: [{ type: 'function', function: { name: 'weather', strict: true } }],
    });
    const chunk = (delta: object, more: object = {}) => ({ choices: [{ index: 0, delta, ...more }] });
    const details = { completion_tokens_details: { reasoning_tokens: 7 } };
    const chunks = [
      chunk({ reasoning: 'Hm.' }),
      chunk({ content: 'Hi.' }),
      chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'weather', arguments: '{"city":"x"}' } }] }),
      chunk({}, { finish_reason: 'tool_calls' }),
      { choices: [], usage: { prompt_tokens: 5, completion_tokens: 12, total_tokens: 17, ...details } },
    ];
    reply.stream(`${chunks.map((one) => `data: ${JSON.stringify(one)}\n\n`).join('')}data: [DONE]\n\n`);
    const { output, usage } = await answering.finalResponse();
    expect(output).toMatchObject([
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Hm.' }] },
      { type: 'message', content: [{ type: 'output_text', text: 'Hi.' }] },
      { type: 'function_call', call_id: 'c1', name: 'weather', arguments: '{"city":"x"}' },
    ]);
    expect(usage?.output_tokens_details.reasoning_tokens).toBe(7);
    await expect.poll(entry, ARRIVAL).toMatchObject({ InputTokens: '5', OutputTokens: '12' });
  });
});

describe('embeddings', () => {
  it('are vectors of a text, of several, of tokens, in either encoding, metered as input', async () => {
    const { sdk, entry } = await newClient('embedding');
    const one = await sdk.embeddings.create({ model: EMBEDDING, input: 'hello world', dimensions: 256 });
    expect(one.data[0]?.embedding).toHaveLength(256);
    const floats = await sdk.embeddings.create({
      ...{ model: EMBEDDING, input: ['hello world', 'bye'], dimensions: 256, encoding_format: 'float' },
    });
    expect(floats.data.map(({ index }) => index)).toEqual([0, 1]);
    for (const [index, value] of floats.data[0]!.embedding.entries()) {
      expect(one.data[0]?.embedding[index]).toBeCloseTo(value, 6);
    }
    const tokens = await sdk.embeddings.create({ model: EMBEDDING, input: [[1, 2, 3], [4]] });
    expect(tokens.usage).toEqual({ prompt_tokens: 4, total_tokens: 4 });
    await expect
      .poll(entry, ARRIVAL)
      .toMatchObject({ Operation: 'Embeddings', InputTokens: '4', OutputTokens: '0', IsEstimated: false });
    await expect(sdk.embeddings.create({ model: CLAUDE, input: 'x' })).rejects.toMatchObject({ param: 'model' });
    await expect(sdk.embeddings.create({ model: EMBEDDING, input: [] })).rejects.toMatchObject({ status: 400 });
  });

  it('of an OpenAI-compatible upstream go through as they are', async () => {
    const { sdk, entry } = await newClient('embedding-passed');
    const arriving = upstream.nextReply();
    const body = { model: 'cohere.embed-english-v3', input: 'hi', encoding_format: 'float' as const, priority: 3 };
    const answering = sdk.embeddings.create(body).asResponse();
    const reply = await arriving;
    expect(reply.path).toBe('/v1/embeddings');
    expect(reply.body).toEqual({ ...body, model: 'embed' });
    const answer = { object: 'list', data: [{ index: 0, embedding: [1, 0] }], usage: { prompt_tokens: 9 }, extra: 1 };
    reply.answer(answer);
    expect(await (await answering).json()).toEqual(answer);
    await expect.poll(entry, ARRIVAL).toMatchObject({ InputTokens: '9', OutputTokens: '0', IsEstimated: false });
  });
});

describe('the AI SDK', () => {
  const weather = tool({
    description: 'Tells the weather',
    inputSchema: jsonSchema<{ city: string }>(WEATHER.parameters as object),
    execute: async ({ city }) => `sunny in ${city}`,
  });

  it.each(['chat', 'responses'] as const)('generates and streams by %s, with tools', async (api) => {
    const { key, entry } = await newClient(`ai-sdk-${api}`);
    const openai = createOpenAI({ baseURL: `${server.url}/openai/v1`, apiKey: key });
    const model = openai[api](CLAUDE);
    const { text, usage } = await generateText({ model, system: 'Be brief.', prompt: 'Say hello.' });
    expect(text).toMatch(/\w/);
    await expect
      .poll(entry, ARRIVAL)
      .toMatchObject({ InputTokens: String(usage.inputTokens), OutputTokens: String(usage.outputTokens) });

    const called = await generateText({ model, prompt: 'Weather?', tools: { weather }, toolChoice: 'required' });
    expect(called.toolResults).toMatchObject([{ toolName: 'weather', output: 'sunny in text' }]);

    const stream = streamText({ model, prompt: 'Say hello.', tools: { weather } });
    expect(await stream.text).toMatch(/\w/);
    expect((await stream.usage).outputTokens).toBeGreaterThan(0);
    const toolStream = streamText({ model, prompt: 'Weather?', tools: { weather }, toolChoice: 'required' });
    expect(await toolStream.toolResults).toMatchObject([{ output: 'sunny in text' }]);
  });
});
