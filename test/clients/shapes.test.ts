import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL } from '../wire/ledger.ts';
import { AnthropicServer, EVENTS, MESSAGE, METERED, send, streamed, whole } from './anthropic-server.ts';
import { type Caller, newCaller } from './caller.ts';

const UNPRICED = 'acme.claude-clone';

const upstream = new AnthropicServer((request, reply) =>
  request.body.stream ? streamed(reply) : whole(reply, MESSAGE),
);
let server: TestServer;

beforeAll(async () => {
  const upstreams = [{ name: 'anthropic', type: 'anthropic', url: await upstream.listen() }];
  server = await startServer({ config: { upstreams, models: [{ modelId: UNPRICED }] } });
});
afterAll(async () => {
  upstream.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** Every shape in which a model can be asked, whole and streamed. */
const text = [{ role: 'user', content: 'Say hello.' }];
const converse = { messages: [{ role: 'user', content: [{ text: 'Say hello.' }] }] };
const native = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 9, messages: text };
const SHAPES: readonly (readonly [operation: string, path: (model: string) => string, body: object])[] = [
  ['Converse', (model) => `/model/${model}/converse`, converse],
  ['ConverseStream', (model) => `/model/${model}/converse-stream`, converse],
  ['InvokeModel', (model) => `/model/${model}/invoke`, native],
  ['InvokeModelWithResponseStream', (model) => `/model/${model}/invoke-with-response-stream`, native],
  ['Messages', () => '/anthropic/v1/messages', { max_tokens: 9, messages: text }],
  ['Messages', () => '/v1/messages', { max_tokens: 9, messages: text, stream: true }],
  ['ChatCompletions', () => '/openai/v1/chat/completions', { messages: text }],
  ['ChatCompletions', () => '/v1/chat/completions', { messages: text, stream: true }],
  ['Responses', () => '/openai/v1/responses', { input: 'Say hello.' }],
  ['Responses', () => '/v1/responses', { input: 'Say hello.', stream: true }],
];

/** The answer's text, read to its end. */
async function ask(caller: Caller, model: string, [, path, body]: (typeof SHAPES)[number]): Promise<string> {
  const response = await fetch(server.url + path(model), {
    method: 'POST',
    headers: { authorization: `Bearer ${caller.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, ...(!path('').startsWith('/model/') && { model }) }),
  });
  const answer = await response.text();
  expect(response.status, answer).toBe(200);
  return answer;
}

describe('peers rows 4, 6, 22, 27, 29, 55: whatever the shape and the route', () => {
  /*
   * 12 input, 40 output, 30 read from the cache, 10 written for five minutes and 5 for an hour, at 3, 15, 0.30, 3.75 and
   * 6 USD per million; a tenth more in the region and in a geography.
   */
  it.each([
    ['in_region', 'anthropic.claude-sonnet-4-6', '0.00078375'],
    ['geo', 'us.anthropic.claude-sonnet-4-6', '0.00078375'],
    ['global', 'global.anthropic.claude-sonnet-4-6', '0.0007125'],
  ])('%s: every class of tokens is metered once and priced at its own price', async (Route, model, CostUsd) => {
    const caller = await newCaller(server, `shapes-${Route.replace('_', '-')}`);
    await Promise.all(SHAPES.map((shape) => ask(caller, model, shape)));
    const operations = SHAPES.map(([operation]) => operation).sort();
    await expect.poll(async () => (await caller.calls()).length, ARRIVAL).toBe(operations.length);
    const calls = await caller.calls();
    expect(calls.map(({ Operation }) => Operation).sort()).toEqual(operations);
    const expected = { ...METERED, Principal: caller.arn, Status: 'completed', Route, CostUsd, IsUnpriced: false };
    expect(calls).toMatchObject(calls.map(() => expected));
  });
});

describe('peers row 51: a stream that breaks off', () => {
  it.each([
    ['anthropic.claude-sonnet-4-6', false],
    [UNPRICED, true],
  ])('of %s keeps its tokens, estimated, and no price is made up', async (model, IsUnpriced) => {
    const caller = await newCaller(server, `cut-${IsUnpriced}`);
    upstream.script = (_, reply) => {
      send(reply, ...EVENTS.slice(0, 11));
      reply.end();
    };
    const messages = SHAPES.find(([operation, path]) => operation === 'Messages' && path('') === '/v1/messages')!;
    const answer = await ask(caller, model, messages);
    expect(answer).toMatch(/event: error\ndata: \{"type":"error","error":\{"type":"api_error"/);
    const cut = {
      ...{ Status: 'cut', ErrorCode: 'ModelStreamErrorException', IsEstimated: true, IsUnpriced },
      ...{ InputTokens: '12', CacheReadInputTokens: '30', OutputTokens: expect.stringMatching(/^[1-9]/) },
    };
    await expect.poll(caller.latest, ARRIVAL).toMatchObject(cut);
  });
});
