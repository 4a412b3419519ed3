import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GptTokenCounter } from '../../src/adapters/gpt-token-counter.ts';
import { type EventMessage, EventStreamDecoder } from '../../src/wire/event-stream.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { type MisbehavingUpstream, startUpstream, WRITTEN } from './misbehaving-upstream.ts';
import { callAs, callAsAdmin } from './principals.ts';
import { errorOf, jsonCall, MODEL, type RawAnswer, restCall } from './raw-client.ts';
import { expectNoSecrets, noteSecret, watch } from './secret-watch.ts';

const API_KEY = 'sk-of-the-upstream-0123456789';
/** Served by an upstream at whose address nobody listens. */
const MODEL_OF_NOBODY = 'amazon.nova-lite-v1:0';

/** What `tallyline requests` shows of a call. */
interface Listed {
  readonly RequestId: string;
  readonly Status: string;
  readonly ErrorCode?: string;
  readonly InputTokens: string;
  readonly OutputTokens: string;
  readonly IsEstimated: boolean;
}

let upstream: MisbehavingUpstream;
let server: TestServer;
/** What the ledger must show in the end, by request id. */
const expectedRows = new Map<string, Omit<Listed, 'RequestId'>>();

beforeAll(async () => {
  upstream = await startUpstream();
  const nobody = await startUpstream();
  await nobody.close();
  noteSecret("the upstream's API key", API_KEY);
  // It fails all the time, and is to be asked all the same.
  const limits = { breaker: { consecutiveFailures: 1_000_000, minCalls: 1_000_000 } };
  const timeouts = { headersTimeoutMs: 200, idleTimeoutMs: 200, limits };
  const upstreams = [
    { name: 'nobody', type: 'openai', url: nobody.url, models: { [MODEL_OF_NOBODY]: 'x' }, limits },
    { name: 'misbehaving', type: 'openai', url: upstream.url, apiKeyEnv: 'UPSTREAM_KEY', models: '*', ...timeouts },
  ];
  server = watch(await startServer({ config: { upstreams }, environment: { UPSTREAM_KEY: API_KEY } }));
});
afterAll(async () => {
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  await upstream.close();
  expectNoSecrets();
  removeFolders();
});

function ask(text: string, operation: 'converse' | 'converse-stream', model = MODEL): Promise<RawAnswer> {
  const request = restCall(`/model/${model}/${operation}`, { messages: [{ role: 'user', content: [{ text }] }] });
  return callAs(server, server.admin.credentials, 'bedrock', request);
}

const counter = new GptTokenCounter();
/** Our own count, with what a chat template adds to a message. */
const inputOf = async (text: string) => (await counter.count([text])) + 4;
const outputOf = (text: string) => counter.count([text]);

type Tokens = 'reported' | 'none' | 'input' | 'all' | 'contradictory' | 'partial';

/** Tokens that the ledger must show, and whether they are flagged as estimated. */
async function tokensOf(
  kind: Tokens,
  text: string,
): Promise<Pick<Listed, 'InputTokens' | 'OutputTokens' | 'IsEstimated'>> {
  const tokens = (input: number, output: number, IsEstimated: boolean) => ({
    InputTokens: `${input}`,
    OutputTokens: `${output}`,
    IsEstimated,
  });
  switch (kind) {
    case 'reported':
      return tokens(11, 3, false);
    case 'contradictory':
      return tokens(11, 3, true);
    case 'partial':
      return tokens(11, 2, true);
    case 'none':
      return tokens(0, 0, false);
    case 'input':
      return tokens(await inputOf(text), 0, true);
    case 'all':
      return tokens(await inputOf(text), await outputOf(WRITTEN), true);
  }
}

async function expectRow(answer: RawAnswer, Status: string, kind: Tokens, text: string, ErrorCode = ''): Promise<void> {
  const tokens = await tokensOf(kind, text);
  expectedRows.set(String(answer.headers['x-amzn-requestid']), { Status, ErrorCode, ...tokens });
}

const TIMED_OUT = [
  408,
  'ModelTimeoutException',
  'Model has timed out in processing the request. Try your request again.',
] as const;
const UNAVAILABLE = [503, 'ServiceUnavailableException', 'Bedrock is unable to process your request.'] as const;
const THROTTLED = [429, 'ThrottlingException', 'Too many requests, please wait before trying again.'] as const;
const modelError = (detail: string) => [424, 'ModelErrorException', `The model returned an error${detail}`] as const;

/** What the client gets, and the tokens that were or may have been used. */
const FAILURES: readonly (readonly [text: string, error: readonly [number, string, string], tokens: Tokens])[] = [
  ['answer never', TIMED_OUT, 'input'],
  ['hang up', UNAVAILABLE, 'input'],
  ['send half and wait', TIMED_OUT, 'input'],
  ['send half and hang up', modelError(': the answer broke off'), 'input'],
  ['send garbage', modelError(': the answer is not a chat completion'), 'input'],
  ['send nothing', modelError(': the answer is not a chat completion'), 'input'],
  ['send a list', modelError(': the answer is not a chat completion'), 'input'],
  ['send no choices', modelError(': the answer is not a chat completion'), 'reported'],
  ['send an error with success', modelError(': out of memory'), 'input'],
  ['send a page', modelError(' (502): <html><body><h1>502 Bad Gateway</h1></body></html>'), 'none'],
  [
    'send 400',
    [400, 'ValidationException', 'The model returned the following errors: bad request of Bearer ***'],
    'none',
  ],
  ['send 401', modelError(' (401): the upstream refused our credentials'), 'none'],
  ['send 404', modelError(' (404): The model does not exist'), 'none'],
  ['send 429', THROTTLED, 'none'],
  ['send 500', modelError(' (500): internal'), 'none'],
  ['send 503', UNAVAILABLE, 'none'],
  ['send elsewhere', modelError(' (307): unknown error'), 'none'],
];

describe('an upstream that fails', () => {
  it.each(FAILURES)(
    'before it answers (%s): the client gets the exception that Bedrock has for it',
    async (text, [status, code, message], tokens) => {
      const answer = await ask(text, 'converse');
      expect(errorOf(answer)).toEqual({ status, code, message });
      await expectRow(answer, 'failed', tokens, text, code);
      const original = /\((\d+)\)/.exec(message)?.[1];
      if (original) expect(JSON.parse(answer.text)).toMatchObject({ originalStatusCode: Number(original) });
    },
  );

  const withoutAnswer = ['answer never', 'hang up'];
  it.each(FAILURES.filter(([text, , tokens]) => tokens === 'none' || withoutAnswer.includes(text)))(
    'before it streams (%s): so does the client of a stream',
    async (text, [status, code, message], tokens) => {
      const answer = await ask(text, 'converse-stream');
      expect(errorOf(answer)).toEqual({ status, code, message });
      await expectRow(answer, 'failed', tokens, text, code);
    },
  );

  it('because it is down: the client gets ServiceUnavailableException', async () => {
    for (const operation of ['converse', 'converse-stream'] as const) {
      const answer = await ask('hello', operation, MODEL_OF_NOBODY);
      const [status, code, message] = UNAVAILABLE;
      expect(errorOf(answer)).toEqual({ status, code, message });
      await expectRow(answer, 'failed', 'none', 'hello', code);
    }
  });
});

describe('an upstream that answers', () => {
  it.each<[text: string, tokens: Tokens]>([
    ['answer well', 'reported'],
    ['report no usage', 'all'],
    ['report usage that contradicts itself', 'contradictory'],
    ['report usage that is none', 'all'],
  ])('and does %s: the client gets the answer and the usage that is metered', async (text, tokens) => {
    const answer = await ask(text, 'converse');
    expect(answer.status).toBe(200);
    const { InputTokens, OutputTokens } = await tokensOf(tokens, text);
    const usage = { inputTokens: Number(InputTokens), outputTokens: Number(OutputTokens) };
    expect(JSON.parse(answer.text)).toMatchObject({ output: { message: { content: [{ text: WRITTEN }] } }, usage });
    await expectRow(answer, 'completed', tokens, text);
  });

  it('with more tokens than there can be is not believed', async () => {
    const answer = await ask('report usage beyond all bounds', 'converse');
    const { InputTokens } = await tokensOf('input', 'report usage beyond all bounds');
    expect(JSON.parse(answer.text)).toMatchObject({ usage: { inputTokens: Number(InputTokens), outputTokens: 3 } });
    expectedRows.set(String(answer.headers['x-amzn-requestid']), {
      Status: 'completed',
      ErrorCode: '',
      InputTokens,
      OutputTokens: '3',
      IsEstimated: true,
    });
  });
});

describe('an upstream that streams', () => {
  const eventsOf = ({ body }: RawAnswer): EventMessage[] => {
    const decoder = new EventStreamDecoder();
    const events = [...decoder.decode(body)];
    decoder.end();
    return events;
  };
  const writtenIn = (events: readonly EventMessage[]) =>
    events
      .map(({ payload }) => (JSON.parse(payload.toString('utf8')) as { delta?: { text?: string } }).delta?.text ?? '')
      .join('');

  it.each<[text: string, tokens: Tokens]>([
    ['stream well', 'reported'],
    ['stream without usage', 'all'],
  ])('and does %s: the last event has the usage that is metered', async (text, tokens) => {
    const answer = await ask(text, 'converse-stream');
    const events = eventsOf(answer);
    expect(writtenIn(events)).toBe(WRITTEN);
    const last = events.at(-1)!;
    const { InputTokens, OutputTokens } = await tokensOf(tokens, text);
    expect(last.headers[':event-type']).toBe('metadata');
    const usage = { inputTokens: Number(InputTokens), outputTokens: Number(OutputTokens) };
    expect(JSON.parse(last.payload.toString('utf8'))).toMatchObject({ usage });
    await expectRow(answer, 'completed', tokens, text);
  });

  it.each<[text: string, reason: string, tokens: Tokens]>([
    ['stream without an end', 'the upstream ended the stream before the answer', 'all'],
    ['stream and wait', 'the upstream sent nothing for too long', 'all'],
    ['stream and hang up', 'the connection was closed', 'partial'],
    ['stream garbage', 'the upstream sent a chunk that is not JSON', 'all'],
    ['stream an error', 'out of memory', 'all'],
  ])('and does %s: the client gets what was written, then the exception', async (text, reason, tokens) => {
    const answer = await ask(text, 'converse-stream');
    expect(answer.status).toBe(200);
    const events = eventsOf(answer);
    expect(writtenIn(events)).toBe(WRITTEN);
    const { headers, payload } = events.at(-1)!;
    expect([headers[':message-type'], headers[':exception-type']]).toEqual(['exception', 'modelStreamErrorException']);
    expect(JSON.parse(payload.toString('utf8'))).toEqual({
      message: `The model stream broke off: ${reason}`,
      originalMessage: reason,
      originalStatusCode: 200,
    });
    await expectRow(answer, 'cut', tokens, text, 'ModelStreamErrorException');
  });

  it.each([
    ['stream without words', 'the upstream ended the stream before the answer'],
    ['stream one endless line', 'the upstream sent an event that is longer than allowed'],
  ])('and does %s: the client gets the exception alone', async (text, reason) => {
    const answer = await ask(text, 'converse-stream');
    const { headers, payload } = eventsOf(answer).at(-1)!;
    expect(headers[':exception-type']).toBe('modelStreamErrorException');
    expect(JSON.parse(payload.toString('utf8'))).toMatchObject({ originalMessage: reason });
    await expectRow(answer, 'failed', 'input', text, 'ModelStreamErrorException');
  });
});

describe('the ledger', () => {
  it('shows every one of these calls as it ended, with its tokens, and the estimated ones flagged', async () => {
    const rows = async () => {
      const { text } = await callAsAdmin(
        server,
        'tallyline',
        jsonCall('Tallyline.ListRequests', { MaxResults: 1_000 }),
      );
      const { Requests } = JSON.parse(text) as { Requests: Listed[] };
      return new Map(
        Requests.map(({ RequestId, Status, ErrorCode = '', InputTokens, OutputTokens, IsEstimated }) => [
          RequestId,
          { Status, ErrorCode, InputTokens, OutputTokens, IsEstimated },
        ]),
      );
    };
    expect(expectedRows.size).toBeGreaterThan(40);
    await expect.poll(async () => (await rows()).size, { timeout: 20_000 }).toBe(expectedRows.size);
    expect(await rows()).toEqual(expectedRows);
  });

  it('is what `tallyline requests` prints', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [...MAIN, 'requests', '--data', server.data, '--limit', '1000', '--csv'],
      { encoding: 'utf8' },
    );
    expect(status).toBe(0);
    expect(stdout.trim().split('\n').slice(1)).toHaveLength(expectedRows.size);
    for (const [id, { Status, ErrorCode, IsEstimated }] of expectedRows) {
      const line = stdout.split('\n').find((one) => one.includes(id))!;
      expect(line).toContain([Status, ErrorCode, IsEstimated && 'estimated'].filter(Boolean).join(' '));
    }
  });
});
