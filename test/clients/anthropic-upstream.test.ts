import Anthropic from '@anthropic-ai/sdk';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  CountTokensCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/inference/model-call.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { AnthropicServer, EVENTS, MESSAGE, METERED, send, streamed, whole } from './anthropic-server.ts';
import { type Caller, newCaller } from './caller.ts';

const MODEL = 'claude-sonnet-4-6';
const HELLO: Anthropic.MessageParam[] = [{ role: 'user', content: 'Say hello.' }];

const upstream = new AnthropicServer();
let server: TestServer;
let ana: Caller;
let client: Anthropic;
let bedrock: BedrockRuntimeClient;

beforeAll(async () => {
  const url = await upstream.listen();
  const upstreams = [{ name: 'anthropic', type: 'anthropic', url, apiKeyEnv: 'ANTHROPIC_KEY_OF_THE_GATEWAY' }];
  const environment = { ANTHROPIC_KEY_OF_THE_GATEWAY: 'sk-ant-of-the-gateway-0001' };
  server = await startServer({ config: { upstreams }, environment });
  ana = await newCaller(server, 'ana');
  client = new Anthropic({ apiKey: ana.key, baseURL: `${server.url}/anthropic`, maxRetries: 0 });
  bedrock = new BedrockRuntimeClient(ana.config);
});
afterAll(async () => {
  bedrock.destroy();
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});
beforeEach(() => {
  upstream.script = (request, reply) => (request.body.stream ? streamed(reply) : whole(reply, MESSAGE));
});

/** Everything that Anthropic's API takes, and what nobody here knows. */
const EVERYTHING = {
  model: MODEL,
  max_tokens: 2_000,
  thinking: { type: 'enabled', budget_tokens: 1_024 },
  system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
  metadata: { user_id: 'user-7' },
  service_tier: 'auto',
  stop_sequences: ['END'],
  tools: [
    { name: 'weather', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } },
    { type: 'web_search_20250305', name: 'web_search', max_uses: 1 },
  ],
  tool_choice: { type: 'auto', disable_parallel_tool_use: true },
  messages: [
    {
      role: 'user',
      content: [
        { type: 'image', source: { type: 'url', url: 'https://example.com/cat.png' } },
        { type: 'document', source: { type: 'file', file_id: 'file_1' }, citations: { enabled: true } },
        { type: 'text', text: 'Look.', cache_control: { type: 'ephemeral', ttl: '5m' } },
      ],
    },
    {
      role: 'assistant',
      content: [
        { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'cats' } },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
      ],
    },
    { role: 'user', content: 'Go on.' },
  ],
  member_of_tomorrow: { deep: [1, null] },
} as unknown as Anthropic.MessageCreateParamsNonStreaming;

describe('@anthropic-ai/sdk in front of Anthropic’s own API', () => {
  it('has its request and its answer passed on untouched', async () => {
    const message = await client.messages.create(EVERYTHING, { headers: { 'anthropic-beta': 'files-2,other-3' } });
    expect(upstream.last.body).toEqual(EVERYTHING);
    expect(upstream.last.headers).toMatchObject({
      ...{ 'anthropic-beta': 'files-2,other-3', 'x-api-key': 'sk-ant-of-the-gateway-0001' },
      'anthropic-version': expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
    });
    expect(JSON.stringify(upstream.last.headers)).not.toContain(ana.key);
    expect({ ...message }).toEqual(MESSAGE);
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({
      ...{ RequestId: message._request_id, Principal: ana.arn, Operation: 'Messages', Status: 'completed' },
      ...METERED,
    });
  });

  it('gets a stream event by event as the upstream sends it', async () => {
    const { data, response } = await client.messages
      .create({ ...EVERYTHING, stream: true }, { headers: { accept: 'text/event-stream' } })
      .withResponse();
    const events: unknown[] = [];
    for await (const event of data) events.push(event);
    // The SDK itself leaves out pings.
    expect(events).toEqual(EVENTS.filter(({ type }) => type !== 'ping'));
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({ RequestId: response.headers.get('request-id'), ...METERED });
  });

  it('writes the bytes of a stream as Anthropic does', async () => {
    const response = await fetch(`${server.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': ana.key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
      body: JSON.stringify({ model: MODEL, max_tokens: 5, messages: HELLO, stream: true }),
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const bytes = EVENTS.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    expect(await response.text()).toBe(bytes);
  });

  it('puts thinking, its signature and a tool’s input together', async () => {
    const stream = client.messages.stream({ model: MODEL, max_tokens: 5, messages: HELLO });
    const { content } = await stream.finalMessage();
    expect(content).toEqual([
      { type: 'thinking', thinking: 'The user greets.', signature: 'c2lnbmF0dXJl' },
      { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
      { type: 'text', text: 'Hello.' },
      { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ghent' } },
    ]);
  });

  it('has the upstream count its tokens', async () => {
    upstream.script = (_, reply) => whole(reply, { input_tokens: 4_711 });
    const { max_tokens: _max, metadata: _metadata, service_tier: _tier, ...counted } = EVERYTHING;
    const count = counted as unknown as Anthropic.MessageCountTokensParams;
    expect(await client.messages.countTokens(count)).toMatchObject({ input_tokens: 4_711 });
    expect(upstream.last.path).toBe('/v1/messages/count_tokens');
    expect(upstream.last.body).toMatchObject({ model: MODEL, messages: counted.messages as unknown as JsonObject[] });
  });
});

describe('peers rows 47, 48, 49, 54: a client that disconnects', () => {
  it('is metered to the end, whichever event was its last', async () => {
    const leaver = await newCaller(server, 'leaver');
    const leaving = new Anthropic({ apiKey: leaver.key, baseURL: `${server.url}/anthropic`, maxRetries: 0 });
    const begun = EVENTS.map(() => Promise.withResolvers<void>());
    const left = EVENTS.map(() => Promise.withResolvers<void>());
    upstream.script = async ({ body }, reply) => {
      const last = Number((body.metadata as JsonObject).user_id);
      send(reply, ...EVENTS.slice(0, last + 1));
      begun[last]!.resolve();
      await left[last]!.promise;
      streamed(reply, EVENTS.slice(last + 1));
    };
    await Promise.all(
      EVENTS.map(async (_, last) => {
        const question = { model: MODEL, max_tokens: 5, messages: HELLO, metadata: { user_id: String(last) } };
        const stream = leaving.messages.stream(question);
        const over = stream.done().catch(() => undefined);
        await begun[last]!.promise;
        stream.abort();
        await over;
        left[last]!.resolve();
      }),
    );
    const expected = { ...METERED, Principal: leaver.arn, Status: 'completed' };
    await expect.poll(leaver.calls, ARRIVAL).toMatchObject(EVENTS.map(() => expected));
  });
});

describe('Bedrock’s clients in front of Anthropic’s own API', () => {
  it('peers row 5: Converse names cache writes by lifetime', async () => {
    const messages = [{ role: 'user' as const, content: [{ text: 'Say hello.' }] }];
    const { usage, output, stopReason } = await bedrock.send(
      new ConverseCommand({ modelId: `us.anthropic.${MODEL}`, messages }),
    );
    expect(usage).toEqual({
      ...{ inputTokens: 12, outputTokens: 40, totalTokens: 97, cacheReadInputTokens: 30, cacheWriteInputTokens: 15 },
      cacheDetails: [
        { ttl: '1h', inputTokens: 5 },
        { ttl: '5m', inputTokens: 10 },
      ],
    });
    expect(stopReason).toBe('tool_use');
    expect(output?.message?.content?.at(-1)).toMatchObject({ toolUse: { name: 'weather', input: { city: 'Ghent' } } });
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({ ...METERED, Operation: 'Converse', Route: 'geo' });
  });

  it('ConverseStream is told in Converse’s events', async () => {
    const messages = [{ role: 'user' as const, content: [{ text: 'Say hello.' }] }];
    const { stream } = await bedrock.send(new ConverseStreamCommand({ modelId: `anthropic.${MODEL}`, messages }));
    const names: string[] = [];
    for await (const event of stream!) names.push(Object.keys(event)[0]!);
    expect(names).toEqual([
      ...['messageStart', 'contentBlockDelta', 'contentBlockDelta', 'contentBlockStop'],
      ...['contentBlockDelta', 'contentBlockStop', 'contentBlockDelta', 'contentBlockDelta', 'contentBlockStop'],
      ...['contentBlockStart', 'contentBlockDelta', 'contentBlockDelta', 'contentBlockStop'],
      ...['messageStop', 'metadata'],
    ]);
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({ ...METERED, Operation: 'ConverseStream' });
  });

  it('CountTokens asks the upstream', async () => {
    upstream.script = (_, reply) => whole(reply, { input_tokens: 33 });
    const converse = { messages: [{ role: 'user' as const, content: [{ text: 'Say hello.' }] }] };
    const count = new CountTokensCommand({ modelId: `anthropic.${MODEL}`, input: { converse } });
    expect((await bedrock.send(count)).inputTokens).toBe(33);
  });
});

describe('an upstream of Anthropic’s API that fails', () => {
  it.each([
    [400, 'invalid_request_error', 400, 'invalid_request_error'],
    // The gateway's key is nothing that the caller could mend.
    [401, 'authentication_error', 500, 'api_error'],
    [529, 'overloaded_error', 503, 'overloaded_error'],
    // The last: the upstream is left alone for as long as it asks.
    [429, 'rate_limit_error', 429, 'rate_limit_error'],
  ])('with %i is told in Anthropic’s words', async (status, type, toldStatus, toldType) => {
    upstream.script = (_, reply) => {
      reply.setHeader('retry-after', '9');
      whole(reply, { type: 'error', error: { type, message: 'as the upstream says it' } }, status);
    };
    const question = { model: MODEL, max_tokens: 5, messages: HELLO };
    const error = await client.messages.create(question).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ status: toldStatus, type: toldType });
    if (status === 429) expect((error as { headers: Headers }).headers.get('retry-after')).toBe('9');
  });
});
