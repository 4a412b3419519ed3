import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newCaller } from '../clients/caller.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, type LedgerEntry, ledger } from './ledger.ts';
import { type ScriptedReply, ScriptedUpstream } from './scripted-upstream.ts';

const MODEL = 'openai.gpt-oss-120b-1:0';
const HELLO = { role: 'user', content: 'Say hello.' };
const HEAD = {
  id: 'chatcmpl-424',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'oss',
  system_fingerprint: 'fp',
};

const upstream = new ScriptedUpstream();
let server: TestServer;
beforeAll(async () => {
  const url = await upstream.listen();
  const scripted = { name: 'scripted', type: 'openai', url, models: { [MODEL]: 'oss' } };
  server = await startServer({ config: { upstreams: [scripted] } });
});
afterAll(async () => {
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

interface Client {
  readonly post: (body: object) => Promise<Response>;
  readonly sdk: OpenAI;
  readonly entry: () => Promise<LedgerEntry | undefined>;
}

let callers = 0;
async function newClient(): Promise<Client> {
  const { key, latest } = await newCaller(server, `passing-${++callers}`);
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    post: (body) => fetch(`${server.url}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) }),
    sdk: new OpenAI({ baseURL: `${server.url}/v1`, apiKey: key, maxRetries: 0 }),
    entry: latest,
  };
}

/** Sends a request and plays its upstream. */
async function exchange(
  client: Client,
  body: object,
  play: (reply: ScriptedReply) => void,
): Promise<{ readonly asked: ScriptedReply['body']; readonly response: Response; readonly text: string }> {
  const arriving = upstream.nextReply();
  const answering = client.post({ model: MODEL, messages: [HELLO], ...body });
  const reply = await arriving;
  play(reply);
  const response = await answering;
  return { asked: reply.body, response, text: await response.text() };
}

function usage(prompt: number, completion: number, more: object = {}): object {
  return { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion, ...more };
}

function whole(reported: object | undefined, message: object = { content: 'Hi.' }): object {
  const choice = { index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop' };
  return { id: 'chatcmpl-424', object: 'chat.completion', choices: [choice], usage: reported, future_member: { a: 1 } };
}

function sse(...chunks: readonly object[]): string {
  return [...chunks.map((chunk) => JSON.stringify(chunk)), '[DONE]'].map((data) => `data: ${data}\n\n`).join('');
}

const delta = (content: object, finish_reason: string | null = null) => ({
  ...HEAD,
  choices: [{ index: 0, delta: content, finish_reason, logprobs: null }],
});

describe('a request for an upstream of the same dialect', () => {
  it('goes on with the members that nobody here knows, and so does its answer', async () => {
    const client = await newClient();
    const parts = [
      { type: 'text', text: 'Look.' },
      { type: 'video_url', video_url: { url: 'https://example.com/a.mp4' } },
      { type: 'image_url', image_url: { url: 'https://example.com/a.png' } },
    ];
    const body = {
      ...{ messages: [{ role: 'user', content: parts }], guided_json: { type: 'object' }, max_tokens: 9, seed: 7 },
      ...{ tools: [{ type: 'custom', custom: { name: 'patch' } }], chat_template_kwargs: { think: false }, user: 'u' },
    };
    const answer = whole(usage(5, 2));
    const { asked, text } = await exchange(client, body, (reply) => reply.answer(answer));
    expect(asked).toEqual({ ...body, model: 'oss', stream: false });
    expect(text).toBe(JSON.stringify(answer));
  });

  it('peers row 52: usage is asked for and taken out again; what is left is byte for byte the upstream’s', async () => {
    const client = await newClient();
    const chunks = [delta({ role: 'assistant', content: '' }), delta({ reasoning_content: 'é ' }), delta({}, 'stop')];
    const unusual = 'data: {"id": "x",  "choices":[{"index":0,"delta":{"content":"\\u0041"}}],"n":1.0}\n\n';
    const reported = usage(100, 60, { completion_tokens_details: { reasoning_tokens: 50 } });
    const script =
      unusual + sse(...chunks.map((chunk) => ({ ...chunk, usage: null })), { ...HEAD, choices: [], usage: reported });
    const { asked, text } = await exchange(client, { stream: true }, (reply) => reply.stream(script));
    expect(asked).toMatchObject({ stream: true, stream_options: { include_usage: true } });
    expect(text).toBe(unusual + sse(...chunks));
    await expect
      .poll(client.entry, ARRIVAL)
      .toMatchObject({ InputTokens: '100', OutputTokens: '60', IsEstimated: false });
  });

  it('peers row 53: a client that asks for usage gets the stream untouched', async () => {
    const client = await newClient();
    const script = sse(
      { ...delta({ content: 'Hi.' }, 'stop'), usage: null },
      { ...HEAD, choices: [], usage: usage(3, 1) },
    );
    const stream_options = { include_usage: true, continuous_usage_stats: false };
    const { asked, text } = await exchange(client, { stream: true, stream_options }, (reply) => reply.stream(script));
    expect(asked.stream_options).toEqual(stream_options);
    expect(text).toBe(script);
  });

  it('streams tool calls to the SDK as they are', async () => {
    const client = await newClient();
    const arriving = upstream.nextReply();
    const reading = client.sdk.chat.completions
      .stream({ model: MODEL, messages: [{ role: 'user', content: 'Weather?' }] })
      .finalMessage();
    const call = (index: number, part: object, more: object = {}) =>
      delta({ tool_calls: [{ index, ...more, function: part }] });
    (await arriving).stream(
      sse(
        delta({ role: 'assistant', content: null }),
        call(0, { name: 'weather', arguments: '' }, { id: 'c0', type: 'function' }),
        call(0, { arguments: '{"city":"Paris"}' }),
        call(1, { name: 'time', arguments: '{}' }, { id: 'c1', type: 'function' }),
        delta({}, 'tool_calls'),
        { ...HEAD, choices: [], usage: usage(30, 12) },
      ),
    );
    const { tool_calls } = await reading;
    expect(tool_calls?.map(({ id }) => id)).toEqual(['c0', 'c1']);
    await expect.poll(client.entry, ARRIVAL).toMatchObject({ OutputTokens: '12', IsEstimated: false });
  });

  it('refuses in the upstream’s words, with its code', async () => {
    const client = await newClient();
    const error = {
      message: 'too long',
      type: 'invalid_request_error',
      param: 'messages',
      code: 'context_length_exceeded',
    };
    const { response, text } = await exchange(client, {}, (reply) => reply.answer({ error }, 400));
    expect(response.status).toBe(400);
    expect(JSON.parse(text).error).toMatchObject({ ...error, message: expect.stringContaining('too long') });
  });
});

describe('usage', () => {
  it.each<[string, object | undefined, Partial<LedgerEntry>]>([
    [
      'peers rows 6, 7, 18, 21: cached tokens are inside the prompt’s',
      usage(1000, 10, { prompt_tokens_details: { cached_tokens: 900 } }),
      { InputTokens: '100', OutputTokens: '10', CacheReadInputTokens: '900', IsEstimated: false },
    ],
    [
      'peers row 26: reasoning is inside the completion’s',
      usage(10, 80, { completion_tokens_details: { reasoning_tokens: 70 } }),
      { InputTokens: '10', OutputTokens: '80', IsEstimated: false },
    ],
    [
      'peers row 26: reasoning beside the completion’s is added, as the total says',
      { ...usage(10, 10), total_tokens: 90, completion_tokens_details: { reasoning_tokens: 70 } },
      { InputTokens: '10', OutputTokens: '80', IsEstimated: false },
    ],
    [
      'peers row 20: a cache beside the prompt breaks the contract and is flagged',
      { ...usage(100, 10), total_tokens: 1010, prompt_tokens_details: { cached_tokens: 900 } },
      { InputTokens: '100', OutputTokens: '10', CacheReadInputTokens: '900', IsEstimated: true },
    ],
    [
      'peers row 19: a cache larger than its prompt never makes a negative count',
      usage(100, 10, { prompt_tokens_details: { cached_tokens: 150 } }),
      { InputTokens: '0', OutputTokens: '10', CacheReadInputTokens: '100', IsEstimated: true },
    ],
    [
      'peers row 50: an explicit zero is not missing',
      usage(7, 0, { prompt_tokens_details: { cached_tokens: 0 } }),
      { InputTokens: '7', OutputTokens: '0', CacheReadInputTokens: '0', IsEstimated: false },
    ],
    ['one that is missing is counted and flagged', undefined, { OutputTokens: '2', IsEstimated: true }],
  ])('%s', async (_name, reported, expected) => {
    const [answered, streamed] = [await newClient(), await newClient()];
    await exchange(answered, {}, (reply) => reply.answer(whole(reported)));
    const script = sse(delta({ content: 'Hi.' }, 'stop'), {
      ...HEAD,
      choices: [],
      ...(reported && { usage: reported }),
    });
    await exchange(streamed, { stream: true }, (reply) => reply.stream(script));
    await expect.poll(answered.entry, ARRIVAL).toMatchObject(expected);
    await expect.poll(streamed.entry, ARRIVAL).toMatchObject(expected);
  });

  it('peers row 38: the same id from the upstream twice is two calls', async () => {
    const clients = [await newClient(), await newClient()];
    for (const client of clients) await exchange(client, {}, (reply) => reply.answer(whole(usage(1, 1))));
    for (const client of clients) await expect.poll(client.entry, ARRIVAL).toBeDefined();
    const [one, other] = [await clients[0]!.entry(), await clients[1]!.entry()];
    expect(one?.RequestId).not.toBe(other?.RequestId);
  });

  it('peers row 13: the tier is the one that the upstream used', async () => {
    const client = await newClient();
    const answer = { ...whole(usage(1, 1)), service_tier: 'default' };
    const { asked } = await exchange(client, { service_tier: 'flex' }, (reply) => reply.answer(answer));
    expect(asked.service_tier).toBe('flex');
    await expect.poll(client.entry, ARRIVAL).toMatchObject({ Tier: 'standard' });
  });
});

describe('a stream that does not end well', () => {
  it('peers rows 47, 48, 49, 54: a client that leaves pays what the upstream counts in the end', async () => {
    const client = await newClient();
    const arriving = upstream.nextReply();
    const leaving = new AbortController();
    const reading = client.sdk.chat.completions.create(
      { model: MODEL, messages: [{ role: 'user', content: 'Go on.' }], stream: true },
      { signal: leaving.signal },
    );
    const reply = await arriving;
    await reply.say('Once upon');
    const [first] = [await (await reading)[Symbol.asyncIterator]().next()];
    expect(first?.done).toBe(false);
    leaving.abort();
    await ledger(server);
    await reply.say(' a time');
    await reply.finish({ promptTokens: 1200, completionTokens: 3450 });
    await expect.poll(client.entry, ARRIVAL).toMatchObject({
      ...{ InputTokens: '1200', OutputTokens: '3450', ClientGone: true, IsEstimated: false, Status: 'completed' },
    });
  });

  it('is a cut when the upstream dies, estimated from what went by', async () => {
    const client = await newClient();
    const arriving = upstream.nextReply();
    const answering = client.post({ model: MODEL, messages: [HELLO], stream: true });
    const reply = await arriving;
    await reply.say('One two three four');
    const response = await answering;
    reply.breakOff();
    const text = await response.text();
    expect(text).toContain('data: {"error":{"message":"The model stream broke off');
    expect(text).not.toContain('[DONE]');
    await expect
      .poll(client.entry, ARRIVAL)
      .toMatchObject({ Status: 'cut', OutputTokens: '4', IsEstimated: true, ErrorCode: 'ModelStreamErrorException' });
  });
});
