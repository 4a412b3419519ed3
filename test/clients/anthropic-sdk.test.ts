import Anthropic, { type APIError } from '@anthropic-ai/sdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { longTermKey } from '../wire/bearer-keys.ts';
import { ARRIVAL, type LedgerEntry, ledgerEntry } from '../wire/ledger.ts';
import { ACCOUNT, allow, deny, newUser } from '../wire/principals.ts';

const MODEL = 'claude-sonnet-4-6';
const ANA = `arn:aws:iam::${ACCOUNT}:user/ana`;
const HELLO: Anthropic.MessageParam[] = [{ role: 'user', content: 'Say hello.' }];
const TOOLS: Anthropic.Tool[] = [
  {
    name: 'weather',
    description: 'The weather of a city.',
    input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
];

let server: TestServer;
let key: string;
let client: Anthropic;

beforeAll(async () => {
  const alias = { targets: [{ model: 'us.anthropic.claude-sonnet-5' }] };
  server = await startServer({ config: { aliases: { 'claude-sonnet-5': alias } } });
  const statements = [
    allow(['bedrock:Invoke*', 'bedrock:CountTokens', 'bedrock:*FoundationModel*', 'bedrock:CallWithBearerToken']),
    deny('*', 'arn:aws:bedrock:*::foundation-model/*opus*'),
  ];
  await newUser(server.admin, 'ana', { statements });
  ({ key } = await longTermKey(server.admin, 'ana'));
  client = clientOf(key);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function clientOf(apiKey: string, more: ConstructorParameters<typeof Anthropic>[0] = {}): Anthropic {
  return new Anthropic({ apiKey, baseURL: `${server.url}/anthropic`, maxRetries: 0, ...more });
}

/** What the simulated model is to report; no member of Anthropic's API. */
function simulating(simulate: object): object {
  return { simulate };
}

function entryOf(requestId: string | null | undefined): Promise<LedgerEntry | undefined> {
  return ledgerEntry(server, requestId!);
}

describe('@anthropic-ai/sdk', () => {
  it('gets a message, and the ledger names who asked and every class of tokens', async () => {
    const usage = { inputTokens: 120, outputTokens: 7, cacheReadInputTokens: 30, cacheWriteInputTokens: 15 };
    const message = await client.messages.create({
      model: MODEL,
      max_tokens: 100,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral', ttl: '1h' } }],
      messages: HELLO,
      metadata: { user_id: 'user-7' },
      service_tier: 'auto',
      ...simulating({ ...usage, cacheWrite1hInputTokens: 5 }),
    });
    expect(message).toMatchObject({
      ...{ type: 'message', role: 'assistant', model: MODEL, stop_reason: 'end_turn' },
      content: [{ type: 'text', text: expect.stringMatching(/\w/) }],
      usage: {
        ...{ input_tokens: 120, output_tokens: 7, cache_read_input_tokens: 30, cache_creation_input_tokens: 15 },
        cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 5 },
        service_tier: 'standard',
      },
    });
    await expect
      .poll(() => entryOf(message._request_id), ARRIVAL)
      .toMatchObject({
        ...{ Principal: ANA, Operation: 'Messages', ModelId: 'anthropic.claude-sonnet-4-6', Status: 'completed' },
        ...{ InputTokens: '120', OutputTokens: '7', CacheReadInputTokens: '30' },
        ...{ CacheWrite5mInputTokens: '10', CacheWrite1hInputTokens: '5', IsEstimated: false },
      });
  });

  it('streams a message', async () => {
    const stream = client.messages.stream({
      model: 'us.anthropic.claude-sonnet-4-6',
      max_tokens: 100,
      messages: HELLO,
      ...simulating({ inputTokens: 9, outputTokens: 12, cacheReadInputTokens: 4 }),
    });
    const types: string[] = [];
    stream.on('streamEvent', ({ type }) => types.push(type));
    const message = await stream.finalMessage();
    expect(types).toEqual([
      ...['message_start', 'content_block_start'],
      ...Array(12).fill('content_block_delta'),
      ...['content_block_stop', 'message_delta', 'message_stop'],
    ]);
    expect(message.usage).toMatchObject({ input_tokens: 9, output_tokens: 12, cache_read_input_tokens: 4 });
    await expect
      .poll(() => entryOf(stream.request_id), ARRIVAL)
      .toMatchObject({
        ...{ Principal: ANA, Operation: 'Messages', Route: 'geo' },
        ...{ InputTokens: '9', OutputTokens: '12', CacheReadInputTokens: '4' },
      });
  });

  it('uses a tool, and goes on with its result', async () => {
    const question = { model: MODEL, max_tokens: 200, tools: TOOLS, messages: HELLO };
    const first = await client.messages.create({ ...question, tool_choice: { type: 'tool', name: 'weather' } });
    expect(first.stop_reason).toBe('tool_use');
    const [use] = first.content.filter((block) => block.type === 'tool_use');
    expect(use).toMatchObject({ name: 'weather', input: { city: expect.any(String) } });
    const second = await client.messages.create({
      ...question,
      messages: [
        ...HELLO,
        { role: 'assistant', content: first.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: use!.id, content: '21 degrees' }] },
      ],
    });
    expect(second.content[0]?.type).toBe('text');
  });

  it('streams the input of a tool', async () => {
    const stream = client.messages.stream({
      ...{ model: MODEL, max_tokens: 200, tools: TOOLS, messages: HELLO },
      tool_choice: { type: 'any' },
    });
    const { content } = await stream.finalMessage();
    expect(content).toMatchObject([{ type: 'tool_use', name: 'weather', input: { city: expect.any(String) } }]);
  });

  it('counts the tokens of a request without being charged', async () => {
    const count = { model: MODEL, messages: HELLO, tools: TOOLS };
    const { input_tokens: tokens } = await client.messages.countTokens(count);
    expect(tokens).toBeGreaterThan(10);
    const message = await client.messages.create({ ...count, max_tokens: 10 });
    expect(message.usage.input_tokens).toBe(tokens);
  });

  it('lists the models, and finds one by Anthropic’s name', async () => {
    const ids: string[] = [];
    for await (const { id } of client.models.list({ limit: 100 })) ids.push(id);
    expect(ids).toContain('claude-haiku-4-5-20251001');
    expect(ids).toContain('amazon.nova-lite-v1:0');
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('us.anthropic.claude-haiku-4-5-20251001-v1:0');
    // Policy does not let her call it.
    expect(ids.filter((id) => id.includes('opus'))).toEqual([]);
    await expect(client.models.retrieve('claude-opus-4-6')).rejects.toMatchObject({ status: 404 });
    const { id, display_name, created_at } = await client.models.retrieve('claude-haiku-4-5');
    expect({ id, display_name, created_at }).toEqual({
      ...{ id: 'claude-haiku-4-5-20251001', display_name: 'Claude Haiku 4.5' },
      created_at: '2025-10-01T00:00:00Z',
    });
  });

  it('goes by the profile that an alias puts in the place of Anthropic’s name', async () => {
    const question = { model: 'claude-sonnet-5', max_tokens: 1, messages: HELLO };
    const { _request_id } = await client.messages.create(question);
    await expect.poll(() => entryOf(_request_id), ARRIVAL).toMatchObject({ Route: 'geo' });
    expect(
      (await client.messages.countTokens({ model: question.model, messages: HELLO })).input_tokens,
    ).toBeGreaterThan(1);
  });

  it('finds the API at the root of the server too', async () => {
    const atRoot = clientOf(key, { baseURL: server.url });
    const { data } = await atRoot.models.list();
    expect(data[0]?.type).toBe('model');
    await atRoot.messages.create({ model: MODEL, max_tokens: 1, messages: HELLO });
  });

  it('takes the key as a bearer token as well', async () => {
    const bearing = clientOf('', { apiKey: null, authToken: key });
    const { _request_id } = await bearing.messages.create({ model: MODEL, max_tokens: 1, messages: HELLO });
    await expect.poll(() => entryOf(_request_id), ARRIVAL).toMatchObject({ Principal: ANA });
  });
});

describe('@anthropic-ai/sdk is refused in Anthropic’s words', () => {
  const question = { model: MODEL, max_tokens: 10, messages: HELLO };

  it.each<[string, () => Promise<unknown>, number, string, RegExp]>([
    [
      'a key that nobody has',
      () => clientOf(`ABSK${Buffer.from('x-at-1:0000000000000000').toString('base64')}`).messages.create(question),
      ...([401, 'authentication_error', /make sure your API Key is valid/] as const),
    ],
    [
      'a key of Anthropic’s own',
      () => clientOf('sk-ant-api03-0000').messages.create(question),
      ...([401, 'authentication_error', /./] as const),
    ],
    [
      'what policy denies',
      () => client.messages.create({ ...question, model: 'claude-opus-4-6' }),
      ...([403, 'permission_error', /not authorized to perform: bedrock:InvokeModel on resource/] as const),
    ],
    [
      'a model that does not exist',
      () => client.messages.create({ ...question, model: 'claude-nobody' }),
      ...([404, 'not_found_error', /model identifier is invalid/] as const),
    ],
    [
      'a request without messages',
      () => client.messages.create({ model: MODEL, max_tokens: 1 } as Anthropic.MessageCreateParamsNonStreaming),
      ...([400, 'invalid_request_error', /required key \[messages\] not found/] as const),
    ],
    [
      'a path that does not exist',
      () => client.beta.files.list(),
      ...([404, 'not_found_error', /Unknown request URL/] as const),
    ],
    [
      'a model that is throttled',
      () => client.messages.create({ ...question, ...simulating({ error: { name: 'ThrottlingException' } }) }),
      ...([429, 'rate_limit_error', /Too many requests/] as const),
    ],
    [
      'a model that is overloaded',
      () => client.messages.create({ ...question, ...simulating({ error: { name: 'ServiceUnavailableException' } }) }),
      ...([503, 'overloaded_error', /unable to process/] as const),
    ],
    [
      'a model that fails',
      () => client.messages.create({ ...question, ...simulating({ error: { name: 'ModelErrorException' } }) }),
      ...([500, 'api_error', /./] as const),
    ],
  ])('%s', async (_, call, status, type, message) => {
    const error = await call().then(
      () => undefined,
      (thrown: unknown) => thrown as APIError,
    );
    expect(error).toBeInstanceOf(Anthropic.APIError);
    expect(error).toMatchObject({ status, type, requestID: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    const told = error?.error as { error: { message: string }; request_id: string };
    expect(told).toMatchObject({ type: 'error', error: { type }, request_id: error?.requestID });
    expect(told.error.message).toMatch(message);
    if (status === 429) expect(error?.headers?.get('retry-after')).toBe('1');
  });

  it('a stream that breaks off, by its last event, and what was used is metered', async () => {
    const error = { name: 'ModelStreamErrorException', afterTokens: 3 };
    const stream = client.messages.stream({ ...question, ...simulating({ inputTokens: 50, outputTokens: 9, error }) });
    await expect(stream.finalMessage()).rejects.toMatchObject({ type: 'api_error' });
    await expect
      .poll(() => entryOf(stream.request_id), ARRIVAL)
      .toMatchObject({
        ...{ Principal: ANA, Status: 'cut', ErrorCode: 'ModelStreamErrorException' },
        ...{ InputTokens: '50', OutputTokens: '3' },
      });
  });
});
