import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { bucketStartMs, HOUR_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { gatewayKey, tallyline } from '../wire/gateway-keys.ts';
import { ACCOUNT, INVOKE, newUser } from '../wire/principals.ts';

const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const CALLS = 1_000;

interface WireCounter {
  readonly Value: string;
  readonly Spent: string;
  readonly Held: string;
}

interface WireBudget {
  readonly HardBudget: Record<string, unknown>;
  readonly Counters: readonly WireCounter[];
}

let server: TestServer;
let pool: Pool;

beforeAll(async () => {
  server = await startServer();
  pool = new Pool(server.url, { connections: 64 });
});
afterAll(async () => {
  await pool.close();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

interface Door {
  readonly name: string;
  readonly path: string;
  readonly body: object;
  /** Of a refusal that is not worth trying again. */
  readonly refusal: { readonly status: number; readonly body: object };
}

const TEXT = 'tell me something';
const ASKED = { messages: [{ role: 'user', content: [{ type: 'text', text: TEXT }] }], max_tokens: 20 };
const NAMED = expect.stringContaining('The hard budget usd-');

const DOORS: readonly Door[] = [
  {
    name: 'bedrock',
    path: `/model/${encodeURIComponent(HAIKU)}/converse`,
    body: { messages: [{ role: 'user', content: [{ text: TEXT }] }], inferenceConfig: { maxTokens: 20 } },
    refusal: { status: 403, body: { message: NAMED } },
  },
  {
    name: 'anthropic',
    path: '/anthropic/v1/messages',
    body: { model: HAIKU, ...ASKED },
    refusal: { status: 402, body: { type: 'error', error: { type: 'billing_error', message: NAMED } } },
  },
  {
    name: 'openai',
    path: '/openai/v1/chat/completions',
    body: { model: HAIKU, messages: [{ role: 'user', content: TEXT }], max_tokens: 20 },
    refusal: { status: 402, body: { error: { code: 'insufficient_quota', message: NAMED } } },
  },
  {
    name: 'responses',
    path: '/openai/v1/responses',
    body: { model: HAIKU, input: TEXT, max_output_tokens: 20 },
    refusal: { status: 402, body: { error: { code: 'insufficient_quota', message: NAMED } } },
  },
];

async function post(door: Door, key: string) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const {
    statusCode,
    headers: answered,
    body,
  } = await pool.request({
    ...{ method: 'POST', path: door.path, headers: { ...headers, 'anthropic-version': '2023-06-01' } },
    body: JSON.stringify(door.body),
  });
  return { status: statusCode, headers: answered, body: (await body.json()) as Record<string, unknown> };
}

async function counterOf(name: string): Promise<WireCounter> {
  const { Counters } = await tallyline<WireBudget>(server, 'GetHardBudget', { Name: name });
  return Counters[0]!;
}

// The same on every route, and no cap trips while a call still fits: peers rows 25, 72, 76, 77, 79.
describe.each(DOORS)('a thousand calls at once at the door of $name', (door) => {
  const user = `user-${door.name}`;
  let key: string;

  beforeAll(async () => {
    await newUser(server.admin, user, { statements: [INVOKE] });
    key = (await gatewayKey(server, { UserName: user })).Secret;
  });

  const scope = { Principals: [`arn:aws:iam::${ACCOUNT}:user/${user}`] };
  const window = { Unit: 'month', TimeZone: 'Europe/Berlin' };

  it('spend never more than a budget has, and leave less than one call could need', async () => {
    const name = `usd-${door.name}`;
    // A call costs less than half a thousandth of a dollar: about a hundred of them.
    const budget = { Name: name, Scope: scope, Window: window, Unit: 'USD', Limit: '0.012' };
    await tallyline(server, 'CreateHardBudget', budget);
    const answers = await Promise.all(Array.from({ length: CALLS }, () => post(door, key)));
    // Calls that came while others held what they did not use in the end were refused; there may be room again.
    while (answers.at(-1)!.status === 200 || answers.length === CALLS) answers.push(await post(door, key));
    const served = answers.filter(({ status }) => status === 200);
    const refused = answers.filter(({ status }) => status !== 200);
    expect(served.length).toBeGreaterThan(50);
    for (const { status, body } of refused) expect({ status, body }).toMatchObject(door.refusal);
    const { Spent, Held } = await counterOf(name);
    expect(Held).toBe('0');
    const spent = parsePicoUsd(Spent);
    expect(spent).toBeLessThanOrEqual(parsePicoUsd('0.012'));
    const needed = / needs up to (\S+) USD/.exec(JSON.stringify(refused[0]!.body))![1]!;
    expect(parsePicoUsd('0.012') - spent).toBeLessThan(parsePicoUsd(needed));
    // The ledger says the same, to the last digit.
    await vi.waitFor(async () => {
      const Filter = { key: { dimension: 'principal' }, equalsAny: scope.Principals };
      const startMs = bucketStartMs(Date.now());
      const Range = { Start: new Date(startMs - HOUR_MS), End: new Date(startMs + HOUR_MS) };
      const { Rows } = await tallyline<{ Rows: { CostUsd: string; Requests: string }[] }>(server, 'GetReport', {
        ...{ ...Range, Granularity: 'TOTAL', Filter },
      });
      expect(Rows[0]).toMatchObject({ CostUsd: formatUsd(spent), Requests: served.length.toString() });
    }, 10_000);
    await tallyline(server, 'DeleteHardBudget', { Name: name });
  });

  it('are let through exactly as often as a budget in requests says', async () => {
    const name = `requests-${door.name}`;
    const budget = { Name: name, Scope: scope, Window: { Unit: 'rolling', Hours: 5 }, Unit: 'requests' };
    // What the ledger knows of before counts too.
    await tallyline(server, 'CreateHardBudget', { ...budget, Limit: '1000000' });
    const before = Number((await counterOf(name)).Spent);
    expect(before).toBeGreaterThan(50);
    await tallyline(server, 'UpdateHardBudget', { ...budget, Limit: String(before + 100) });
    const answers = await Promise.all(Array.from({ length: CALLS }, () => post(door, key)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(100);
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(CALLS - 100);
    expect(Number((await counterOf(name)).Spent)).toBe(before + 100);
    const warnings = answers.map(({ headers }) => headers['x-tallyline-budget-warning']).filter(Boolean);
    expect(warnings[0]).toMatch(/^requests-\w+; used=\d+; limit=\d+; unit=requests; resets=/);
  });
});
