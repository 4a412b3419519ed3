import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signRequest } from '../../src/wire/sign-request.ts';
import { newCaller } from '../clients/caller.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT, deny, INVOKE, newUser } from './principals.ts';

const MODEL = 'openai.gpt-oss-120b-1:0';
const CLAUDE = 'us.anthropic.claude-sonnet-4-6';
const PROFILE = `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${CLAUDE}`;
const HELLO = { role: 'user', content: 'Say hello.' } as const;
const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
} as const;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ config: { aliases: { sonnet: { targets: [{ model: CLAUDE }] } } } });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** A client of a new user; every test reads the calls of its own. */
async function newClient(name: string, ...statements: object[]) {
  const { key, calls, latest } = await newCaller(server, name, ...statements);
  return { client: new OpenAI({ baseURL: `${server.url}/openai/v1`, apiKey: key, maxRetries: 0 }), calls, latest };
}

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The extension member that tells the simulated model what to report. */
function simulate(simulation: object): object {
  return { simulate: simulation };
}

describe('chat completions', () => {
  it('answer in one piece, with cached tokens inside the prompt’s, and are metered for the key’s owner', async () => {
    const { client, latest } = await newClient('chat-whole');
    const { data, response, request_id } = await client.chat.completions
      .create({
        model: CLAUDE,
        messages: [{ role: 'developer', content: 'Be brief.' }, HELLO],
        max_completion_tokens: 50,
        metadata: { ticket: '42' },
        ...simulate({ inputTokens: 100, outputTokens: 20, cacheReadInputTokens: 900 }),
      })
      .withResponse();
    expect(data).toMatchObject({ object: 'chat.completion', model: CLAUDE, choices: [{ finish_reason: 'stop' }] });
    expect(data.choices[0]?.message.content).toMatch(/\w/);
    expect(data.usage).toMatchObject({
      ...{ prompt_tokens: 1000, completion_tokens: 20, total_tokens: 1020 },
      prompt_tokens_details: { cached_tokens: 900 },
    });
    expect(request_id).toMatch(/^[0-9a-f-]{36}$/);
    expect(response.headers.get('x-amzn-bedrock-input-token-count')).toBe('100');
    await expect.poll(latest, ARRIVAL).toMatchObject({
      ...{ RequestId: request_id, Operation: 'ChatCompletions', ModelId: 'anthropic.claude-sonnet-4-6', Route: 'geo' },
      ...{ InputTokens: '100', OutputTokens: '20', CacheReadInputTokens: '900', Status: 'completed' },
    });
  });

  it('stream, with usage only where it was asked for', async () => {
    const { client, calls } = await newClient('chat-stream');
    for (const include_usage of [true, false]) {
      const stream = await client.chat.completions.create({
        ...{ model: MODEL, messages: [HELLO], stream: true, stream_options: { include_usage } },
      });
      const chunks = await collect(stream);
      expect(chunks[0]?.choices[0]?.delta.role).toBe('assistant');
      expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toMatch(/\w/);
      expect(chunks.some(({ choices }) => choices[0]?.finish_reason === 'stop')).toBe(true);
      const usages = chunks.map(({ usage }) => usage).filter(Boolean);
      expect(usages).toHaveLength(include_usage ? 1 : 0);
    }
    await expect.poll(async () => (await calls()).length, ARRIVAL).toBe(2);
    const [first, second] = await calls();
    expect(Number(first?.OutputTokens)).toBeGreaterThan(0);
    expect(first?.OutputTokens).toBe(second?.OutputTokens);
  });

  it('call tools, whole and streamed, and read what tools say', async () => {
    const { client } = await newClient('chat-tools');
    const asked = { model: CLAUDE, tools: [WEATHER], tool_choice: 'required' as const, parallel_tool_calls: false };
    const whole = await client.chat.completions.create({ ...asked, messages: [HELLO] });
    const [call] = whole.choices[0]?.message.tool_calls ?? [];
    expect(whole.choices[0]?.finish_reason).toBe('tool_calls');
    expect(call).toMatchObject({ type: 'function', function: { name: 'weather', arguments: '{"city":"text"}' } });

    const runner = client.chat.completions.stream({ ...asked, messages: [HELLO] });
    const message = await runner.finalMessage();
    expect(message.tool_calls?.[0]).toMatchObject({ function: { name: 'weather', arguments: '{"city":"text"}' } });

    const answered = await client.chat.completions.create({
      ...{ model: CLAUDE, tools: [WEATHER] },
      messages: [HELLO, whole.choices[0]!.message, { role: 'tool', tool_call_id: call!.id, content: 'sunny' }],
    });
    expect(answered.choices[0]?.finish_reason).toBe('stop');
  });

  it('take images, structured output, stop sequences and cache hints', async () => {
    const { client } = await newClient('chat-parts');
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';
    const answer = await client.chat.completions.create({
      model: CLAUDE,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Describe it.', cache_control: { type: 'ephemeral' } } as never,
            { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
          ],
        },
      ],
      response_format: { type: 'json_schema', json_schema: { name: 'picture', schema: { type: 'object' } } },
      ...{ stop: ['.'], temperature: 0, top_p: 1, service_tier: 'priority', reasoning_effort: 'low' },
    });
    expect(answer.choices[0]?.message.content).not.toContain('.');
  });

  it('answer to SigV4 for bedrock as well', async () => {
    const { credentials, region } = await newUser(server.admin, 'chat-signed', { statements: [INVOKE] });
    const body = JSON.stringify({ model: MODEL, messages: [HELLO] });
    const { host } = new URL(server.url);
    const request = { method: 'POST', path: '/v1/chat/completions', headers: { host }, body };
    const headers = signRequest(request, { ...credentials, region, service: 'bedrock' }, Date.now());
    const answer = await fetch(`${server.url}${request.path}`, { method: 'POST', headers, body });
    expect(await answer.json()).toMatchObject({ object: 'chat.completion' });
  });
});

describe('errors', () => {
  it('are the SDK’s own classes, by what is wrong', async () => {
    const { client } = await newClient(
      'chat-errors',
      deny('bedrock:*', 'arn:aws:bedrock:*::foundation-model/amazon.nova-*'),
    );
    const chat = (more: object, by = client) =>
      by.chat.completions.create({ model: MODEL, messages: [HELLO], ...more }).catch((error: unknown) => error);
    const failing = (name: string) => chat(simulate({ error: { name } }));

    expect(await chat({ model: 'gpt-9' })).toMatchObject({ status: 404, code: 'model_not_found', param: 'model' });
    expect(await chat({ model: undefined })).toMatchObject({ status: 400, param: 'model' });
    expect(await chat({ n: 2 })).toMatchObject({ status: 400, param: 'n', type: 'invalid_request_error' });
    expect(await chat({ messages: [{ role: 'user' }] })).toMatchObject({ param: 'messages[0].content' });
    expect(await chat({ messages: [] })).toMatchObject({ status: 400, param: 'messages' });
    expect(await chat({ web_search_options: {} })).toMatchObject({ status: 400, param: 'web_search_options' });
    expect(await chat({ metadata: { a: 1 } })).toMatchObject({ status: 400, param: 'metadata' });
    expect(await chat({ model: 'amazon.nova-lite-v1:0' })).toBeInstanceOf(OpenAI.PermissionDeniedError);
    expect(await chat({ model: 'amazon.titan-embed-text-v2:0' })).toMatchObject({ status: 400, param: 'model' });
    expect(await failing('ThrottlingException')).toBeInstanceOf(OpenAI.RateLimitError);
    expect(await failing('ModelTimeoutException')).toMatchObject({ status: 408 });
    expect(await failing('ModelErrorException')).toMatchObject({ status: 500, type: 'server_error' });
    expect(await failing('ServiceUnavailableException')).toMatchObject({ status: 503 });

    const stranger = client.withOptions({ apiKey: 'sk-none' });
    const refused = await chat({}, stranger);
    expect(refused).toBeInstanceOf(OpenAI.AuthenticationError);
    expect(refused).toMatchObject({ code: 'invalid_api_key' });
    expect(await client.files.list().catch((error: unknown) => error)).toBeInstanceOf(OpenAI.NotFoundError);
  });

  it('in the middle of a stream end it as an error, and what was used by then is metered', async () => {
    const { client, latest } = await newClient('chat-cut');
    const error = { name: 'ModelStreamErrorException', afterTokens: 3 };
    const stream = await client.chat.completions.create({
      ...{ model: MODEL, messages: [HELLO], stream: true },
      ...simulate({ error }),
    } as OpenAI.ChatCompletionCreateParamsStreaming);
    const read = collect(stream);
    await expect(read).rejects.toBeInstanceOf(OpenAI.APIError);
    await expect(read).rejects.toMatchObject({ type: 'server_error' });
    await expect
      .poll(latest, ARRIVAL)
      .toMatchObject({ Status: 'cut', ErrorCode: 'ModelStreamErrorException', OutputTokens: '3' });
  });
});

describe('models', () => {
  it('are those that policy lets the caller call', async () => {
    const others = { NotResource: [PROFILE, 'arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-4-6'] };
    const { client } = await newClient('chat-models', { Effect: 'Deny', Action: 'bedrock:InvokeModel', ...others });
    const listed = (await collect(client.models.list())).map(({ id }) => id);
    expect(listed).toEqual(['anthropic.claude-sonnet-4-6', CLAUDE, 'sonnet']);
    expect(await client.models.retrieve(CLAUDE)).toMatchObject({ id: CLAUDE, object: 'model', owned_by: 'Anthropic' });
    await expect(client.models.retrieve(MODEL)).rejects.toMatchObject({ status: 404, code: 'model_not_found' });
  });
});
