import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GptTokenCounter } from '../../src/adapters/gpt-token-counter.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, type LedgerEntry, ledger } from '../wire/ledger.ts';
import { type Door, openDoors } from './doors.ts';
import { ScriptedModel, USAGE, WORDS } from './scripted-model.ts';

const MODEL = 'anthropic.claude-sonnet-4-6';
const UNPRICED = 'acme.unpriced-1';
/** At an upstream that is not read for ever when the client has left. */
const FEW_TOKENS = 'amazon.nova-lite-v1:0';
const SHORT_TIME = 'amazon.nova-micro-v1:0';
/** Pieces of a stream: the words, the finish, the usage. */
const FINISH = WORDS.length;
const REPORTED = WORDS.length + 1;

const model = new ScriptedModel();
const counter = new GptTokenCounter();
let server: TestServer;
let doors: Door[];

beforeAll(async () => {
  const url = await model.listen();
  const limits = { breaker: { consecutiveFailures: 1_000_000, minCalls: 1_000_000 } };
  const upstream = { type: 'openai', url };
  server = await startServer({
    config: {
      models: [{ modelId: UNPRICED }],
      upstreams: [
        { ...upstream, name: 'few-tokens', models: { [FEW_TOKENS]: 'x' }, limits: { drainTokens: 20 } },
        { ...upstream, name: 'short-time', models: { [SHORT_TIME]: 'x' }, limits: { drainTimeoutMs: 50 } },
        { ...upstream, name: 'scripted', models: '*', limits },
      ],
    },
  });
  doors = await openDoors(server);
});
afterAll(async () => {
  for (const door of doors ?? []) door.close();
  expect(server.output()).not.toContain('"msg":"bug"');
  expect(await server.stop()).toBe(0);
  await model.close();
  removeFolders();
});

let known = new Set<string>();
beforeEach(async () => {
  model.reset();
  known = new Set((await ledger(server)).map(({ RequestId }) => RequestId));
});

/** What the calls of this test left in the ledger: so many entries, and not one more. */
async function newEntries(count: number): Promise<LedgerEntry[]> {
  const found = async () => (await ledger(server)).filter(({ RequestId }) => !known.has(RequestId));
  await expect.poll(async () => (await found()).length, ARRIVAL).toBe(count);
  return found();
}

const NEVER = new AbortController().signal;

async function readAll(door: Door, modelId = MODEL): Promise<string> {
  let text = '';
  for await (const word of door.words(modelId, NEVER)) text += word;
  return text;
}

/** Reads so many words of a stream that the upstream holds there, and leaves. */
async function leaveAfter(words: number, door: Door, modelId = MODEL): Promise<void> {
  const leaving = new AbortController();
  const reading = door.words(modelId, leaving.signal);
  if (words === 0) {
    const first = reading.next().catch(() => undefined);
    await model.held;
    leaving.abort();
    await first;
  } else {
    for (let read = 0; read < words; read++) await reading.next();
    leaving.abort();
    await reading.next().catch(() => undefined);
  }
  // A whole request and answer later the server has heard of it.
  await ledger(server);
}

const COMPLETED = { Status: 'completed', ErrorCode: '', IsEstimated: false, InputTokens: '1200', OutputTokens: '345' };
const tokensOf = async (text: string) => String(await counter.count([text]));

describe.each(['bedrock', 'openai', 'anthropic'])('at the door of %s', (name) => {
  let door: Door;
  beforeAll(() => {
    door = doors.find((one) => one.name === name)!;
  });

  it('a call is metered once, whole or streamed, with what the upstream reports (peers rows 55)', async () => {
    await door.whole(MODEL);
    expect(await readAll(door)).toBe(WORDS.join(''));
    for (const entry of await newEntries(2)) expect(entry).toMatchObject({ ...COMPLETED, ClientGone: false });
  });

  it('ids that the upstream uses again are no ids of ours (peers rows 38)', async () => {
    for (let call = 0; call < 2; call++) model.next({ does: 'answer', id: 'chatcmpl-424' });
    await door.whole(MODEL);
    await readAll(door);
    for (const entry of await newEntries(2)) expect(entry).toMatchObject(COMPLETED);
  });

  it('counts that contradict each other are flagged', async () => {
    for (let call = 0; call < 2; call++) model.next({ does: 'answer', usage: { ...USAGE, total_tokens: 9_999 } });
    await door.whole(MODEL);
    await readAll(door);
    for (const entry of await newEntries(2)) expect(entry).toMatchObject({ ...COMPLETED, IsEstimated: true });
  });

  it('zero is a count, and none is not (peers rows 50)', async () => {
    const zero = { prompt_tokens: 7, completion_tokens: 0, total_tokens: 7 };
    model.next({ does: 'answer', usage: zero }, { does: 'answer', usage: null });
    await readAll(door);
    await readAll(door);
    const entries = await newEntries(2);
    expect(entries).toContainEqual(expect.objectContaining({ ...COMPLETED, InputTokens: '7', OutputTokens: '0' }));
    expect(entries).toContainEqual(
      expect.objectContaining({ IsEstimated: true, OutputTokens: await tokensOf(WORDS.join('')) }),
    );
  });

  it('of several counts of one call the last is the one (peers rows 45)', async () => {
    model.next({ does: 'answer', counting: true });
    await readAll(door);
    expect(await newEntries(1)).toMatchObject([COMPLETED]);
  });

  it('what an upstream did before it broke off is estimated, wherever that was', async () => {
    const expected: object[] = [];
    for (let pieces = 0; pieces <= REPORTED + 1; pieces++) {
      model.next({ does: 'answer', cutAfter: pieces });
      await readAll(door).catch(() => undefined);
      const OutputTokens = pieces > REPORTED ? '345' : await tokensOf(WORDS.slice(0, pieces).join(''));
      expected.push({ Status: pieces === 0 ? 'failed' : 'cut', IsEstimated: true, OutputTokens });
    }
    const entries = await newEntries(expected.length);
    for (const { InputTokens } of entries) expect(Number(InputTokens)).toBeGreaterThan(0);
    const told = entries.map(({ Status, IsEstimated, OutputTokens }) => ({ Status, IsEstimated, OutputTokens }));
    expect(told).toHaveLength(expected.length);
    expect(told).toEqual(expect.arrayContaining(expected));
  });

  it('a client that leaves pays what the upstream counts in the end, wherever that was (peers rows 47, 48, 54)', async () => {
    for (let words = 0; words <= WORDS.length; words++) {
      model.reset();
      // All words are read, and the last chunks are not: no call is free for that.
      model.next({ does: 'answer', holdAfter: words === WORDS.length ? FINISH : words });
      await leaveAfter(words, door);
      model.release();
    }
    const entries = await newEntries(WORDS.length + 1);
    for (const entry of entries) expect(entry).toMatchObject({ ...COMPLETED, ClientGone: true });
  });

  it('a part of an answer costs tokens also where the model has no price (peers rows 51)', async () => {
    model.next({ does: 'answer', cutAfter: 3 });
    await readAll(door, UNPRICED).catch(() => undefined);
    const [entry] = await newEntries(1);
    expect(entry).toMatchObject({ Status: 'cut', IsUnpriced: true, IsEstimated: true });
    expect([Number(entry!.InputTokens), Number(entry!.OutputTokens)].every((tokens) => tokens > 0)).toBe(true);
  });

  it.each([
    ['tokens', FEW_TOKENS],
    ['time', SHORT_TIME],
  ])(
    'an upstream without an end is not read for ever for a client that has left: %s (peers rows 49)',
    async (_, modelId) => {
      model.next({ does: 'answer', endless: true });
      const leaving = new AbortController();
      const reading = door.words(modelId, leaving.signal);
      await reading.next();
      leaving.abort();
      await reading.next().catch(() => undefined);
      const [entry] = await newEntries(1);
      expect(entry).toMatchObject({
        Status: 'cut',
        ErrorCode: 'ModelStreamErrorException',
        IsEstimated: true,
        ClientGone: true,
      });
      expect(Number(entry!.OutputTokens)).toBeGreaterThan(0);
    },
  );
});
