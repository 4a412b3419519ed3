import { AnthropicBedrock, AnthropicBedrockMantle } from '@anthropic-ai/bedrock-sdk';
import type Anthropic from '@anthropic-ai/sdk';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledger, ledgerEntry } from '../wire/ledger.ts';
import { assumed, INVOKE, newRole, trust } from '../wire/principals.ts';
import { AnthropicServer, MESSAGE, METERED, streamed, whole } from './anthropic-server.ts';
import { type Caller, newCaller } from './caller.ts';

const MODEL = 'us.anthropic.claude-sonnet-4-6';
const HELLO: Anthropic.MessageParam[] = [{ role: 'user', content: 'Say hello.' }];

const upstream = new AnthropicServer();
let server: TestServer;
let ana: Caller;

beforeAll(async () => {
  server = await startServer({
    config: { upstreams: [{ name: 'a', type: 'anthropic', url: await upstream.listen() }] },
  });
  ana = await newCaller(server, 'ana');
});
afterAll(async () => {
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});
beforeEach(() => {
  upstream.script = (request, reply) => (request.body.stream ? streamed(reply) : whole(reply, MESSAGE));
});

function signing({ region, credentials }: Caller['config'] = ana.config): AnthropicBedrock {
  const { accessKeyId, secretAccessKey, sessionToken = null } = credentials;
  const keys = { awsAccessKey: accessKeyId, awsSecretKey: secretAccessKey, awsSessionToken: sessionToken };
  return new AnthropicBedrock({ baseURL: server.url, awsRegion: region, maxRetries: 0, ...keys });
}

function bearing(): AnthropicBedrock {
  const keys = { awsAccessKey: null, awsSecretKey: null, apiKey: ana.key };
  return new AnthropicBedrock({ baseURL: server.url, awsRegion: 'us-east-1', maxRetries: 0, ...keys });
}

describe.each<[string, () => AnthropicBedrock]>([
  ['signs its requests', () => signing()],
  ['presents a Bedrock API key', bearing],
])('@anthropic-ai/bedrock-sdk that %s', (_, clientOf) => {
  it('gets a message', async () => {
    const client = clientOf();
    const message = await client.messages.create({ model: MODEL, max_tokens: 9, messages: HELLO });
    expect(message.content).toEqual(MESSAGE.content);
    expect(message.usage).toEqual(MESSAGE.usage);
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({
      ...{ Principal: ana.arn, Operation: 'InvokeModel', Route: 'geo', Status: 'completed' },
      ...METERED,
    });
  });

  it('gets a stream', async () => {
    const client = clientOf();
    const stream = client.messages.stream({ model: MODEL, max_tokens: 9, messages: HELLO });
    const message = await stream.finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'redacted_thinking', 'text', 'tool_use']);
    expect(message.usage).toMatchObject({ input_tokens: 12, output_tokens: 40, cache_read_input_tokens: 30 });
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({
      ...{ Principal: ana.arn, Operation: 'InvokeModelWithResponseStream', Status: 'completed' },
      ...METERED,
    });
  });
});

describe.each<[string, () => AnthropicBedrockMantle]>([
  [
    'signs its requests',
    () => {
      const { accessKeyId, secretAccessKey } = ana.config.credentials;
      const keys = { awsAccessKey: accessKeyId, awsSecretAccessKey: secretAccessKey };
      return new AnthropicBedrockMantle({ ...mantle(), ...keys });
    },
  ],
  ['presents a Bedrock API key', () => new AnthropicBedrockMantle({ ...mantle(), apiKey: ana.key })],
])('@anthropic-ai/bedrock-sdk for Messages that %s', (_, clientOf) => {
  it('gets a message and a stream', async () => {
    const question = { model: 'anthropic.claude-sonnet-4-6', max_tokens: 9, messages: HELLO };
    const message = await clientOf().messages.create(question);
    expect(message.content).toEqual(MESSAGE.content);
    const stream = clientOf().messages.stream(question);
    const { content } = await stream.finalMessage();
    expect(content.map(({ type }) => type)).toEqual(['thinking', 'redacted_thinking', 'text', 'tool_use']);
    const metered = { ...METERED, Principal: ana.arn, Operation: 'Messages', Route: 'in_region' };
    for (const requestId of [message._request_id, stream.request_id]) {
      await expect.poll(() => ledgerEntry(server, requestId!), ARRIVAL).toMatchObject(metered);
    }
  });
});

function mantle() {
  return { baseURL: `${server.url}/anthropic`, awsRegion: 'us-east-1', maxRetries: 0 };
}

describe('@anthropic-ai/bedrock-sdk', () => {
  it('of an assumed role is billed to the session', async () => {
    const roleArn = await newRole(server.admin, 'chat', { trust: [trust(ana.arn)], statements: [INVOKE] });
    const session = await assumed(ana.config, roleArn, 'ana@example.com');
    const client = signing(session);
    await client.messages.create({ model: MODEL, max_tokens: 9, messages: HELLO });
    const Principal = 'arn:aws:sts::123456789012:assumed-role/chat/ana@example.com';
    await expect.poll(() => ledger(server, { Principal }), ARRIVAL).toMatchObject([METERED]);
  });

  it('hears of errors with Bedrock’s status', async () => {
    const client = bearing();
    const asking = client.messages.create({ model: 'us.anthropic.claude-nobody', max_tokens: 9, messages: HELLO });
    await expect(asking).rejects.toMatchObject({ status: 400 });
  });
});

/*
 * What Claude Code sends when it is set up for Bedrock (CLAUDE_CODE_USE_BEDROCK=1, AWS_BEARER_TOKEN_BEDROCK,
 * ANTHROPIC_BEDROCK_BASE_URL): this SDK, with the members below. The agent itself is not installed here.
 */
describe('a coding agent that is set up for Bedrock', () => {
  const betas = ['claude-code-20250219', 'interleaved-thinking-2025-05-14', 'context-management-2025-06-27'];
  const oneHour = { type: 'ephemeral', ttl: '1h' } as const;
  const question = {
    model: 'global.anthropic.claude-sonnet-4-6',
    max_tokens: 32_000,
    betas,
    thinking: { type: 'enabled' as const, budget_tokens: 31_999 },
    metadata: { user_id: 'user_0011_account__session_6d8c' },
    system: [
      { type: 'text' as const, text: 'You are a coding agent.' },
      { type: 'text' as const, text: 'The project: ...', cache_control: oneHour },
    ],
    tools: [
      {
        ...{ name: 'Read', description: 'Reads a file.', cache_control: oneHour },
        input_schema: { type: 'object' as const, properties: { path: { type: 'string' } } },
      },
    ],
    messages: [
      {
        role: 'user' as const,
        content: [{ type: 'text' as const, text: 'Fix the bug.', cache_control: oneHour }],
      },
    ],
  };

  function agent(): AnthropicBedrock {
    const before = process.env;
    process.env = {
      ...before,
      CLAUDE_CODE_USE_BEDROCK: '1',
      AWS_REGION: 'us-east-1',
      AWS_BEARER_TOKEN_BEDROCK: ana.key,
      ANTHROPIC_BEDROCK_BASE_URL: server.url,
    };
    try {
      // ANTHROPIC_CUSTOM_HEADERS
      const defaultHeaders = { 'X-Amzn-Bedrock-Request-Metadata': '{"project":"compiler","cost-center":"42"}' };
      return new AnthropicBedrock({ maxRetries: 0, defaultHeaders });
    } finally {
      process.env = before;
    }
  }

  it('streams, with its betas in the body, and is metered by the lifetime of its cache', async () => {
    const client = agent();
    const message = await client.beta.messages.stream(question).finalMessage();
    expect(message.content.at(-1)).toMatchObject({ type: 'tool_use', name: 'weather' });
    const { betas: _betas, ...body } = question;
    expect(upstream.last.body).toEqual({ ...body, model: 'claude-sonnet-4-6', stream: true });
    expect(upstream.last.headers['anthropic-beta']).toBe(betas.join(','));
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({
      ...{ Principal: ana.arn, Operation: 'InvokeModelWithResponseStream', Route: 'global' },
      ...METERED,
    });
  });

  it('asks without a stream for its small questions', async () => {
    const small = { ...question, max_tokens: 512, thinking: { type: 'disabled' as const } };
    const { content } = await agent().beta.messages.create(small);
    expect(content).toEqual(MESSAGE.content);
    await expect.poll(ana.latest, ARRIVAL).toMatchObject({ Operation: 'InvokeModel', ...METERED });
  });
});
