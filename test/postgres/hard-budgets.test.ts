import { randomBytes } from 'node:crypto';
import { Pool } from 'undici';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { gatewayKey, tallyline } from '../wire/gateway-keys.ts';
import { INVOKE, newUser } from '../wire/principals.ts';
import { POSTGRES_BIN, type PostgresServer, startPostgres } from './postgres-server.ts';

const MODEL = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const WINDOW = { Unit: 'month', TimeZone: 'UTC' };

describe.skipIf(!POSTGRES_BIN)('a hard budget of two nodes', () => {
  let postgres: PostgresServer;
  let one: TestServer;
  let pools: Pool[];
  let nodes: TestServer[];
  let key: string;
  let servedInAll = 0;

  beforeAll(async () => {
    const masterKey = randomBytes(32).toString('base64');
    postgres = await startPostgres();
    const startNode = () =>
      startServer({
        config: { directoryStore: { url: postgres.url }, masterKeyEnv: 'NODE_TEST_MASTER_KEY' },
        environment: { NODE_TEST_MASTER_KEY: masterKey },
      });
    one = await startNode();
    nodes = [one, await startNode()];
    pools = nodes.map(({ url }) => new Pool(url, { connections: 32 }));
    await newUser(one.admin, 'ana', { statements: [INVOKE] });
    key = (await gatewayKey(one, { UserName: 'ana' })).Secret;
    await vi.waitFor(async () => expect(await call(1)).toBe(200), 10_000);
  }, 120_000);
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    await Promise.all(nodes.map((node) => node.stop()));
    await postgres.stop();
    removeFolders();
  }, 60_000);

  async function call(node: number): Promise<number> {
    const { statusCode, body } = await pools[node]!.request({
      ...{ method: 'POST', path: `/model/${encodeURIComponent(MODEL)}/converse` },
      headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
      body: JSON.stringify({
        messages: [{ role: 'user', content: [{ text: 'tell me something' }] }],
        inferenceConfig: { maxTokens: 20 },
      }),
    });
    await body.dump();
    if (statusCode === 200) servedInAll += 1;
    return statusCode;
  }

  /** What the calls of the node with more of them cost, by its ledger. Fails while a ledger lacks a call. */
  async function largerLedger(): Promise<bigint> {
    const month = billingPeriodOf(Date.now());
    const range = { Start: isoSeconds(billingPeriodStartMs(month)), End: isoSeconds(billingPeriodEndMs(month)) };
    const reports = nodes.map(({ url }) => {
      const client = new TallylineClient({ ...readProfile(one.data, {}), endpoint: url }, () => Date.now());
      const question = { ...range, Granularity: 'TOTAL' };
      return client.call<{ Rows: { CostUsd: string; Requests: string }[] }>('GetReport', question);
    });
    const rows = (await Promise.all(reports)).flatMap(({ Rows }) => Rows);
    expect(rows.reduce((sum, { Requests }) => sum + Number(Requests), 0)).toBe(servedInAll);
    let largest = 0n;
    for (const cost of rows.map(({ CostUsd }) => parsePicoUsd(CostUsd))) if (cost > largest) largest = cost;
    return largest;
  }

  /** Served calls of a thousand at once, and then of one after the other on both nodes until neither serves one. */
  async function served(): Promise<number> {
    const statuses = await Promise.all(Array.from({ length: 1_000 }, (_, index) => call(index % 2)));
    let count = statuses.filter((status) => status === 200).length;
    for (let refused = 0; refused < 4; ) {
      const status = await call(refused % 2);
      if (status === 200) count += 1;
      else refused += 1;
    }
    return count;
  }

  it('lets as many calls through as it has room for, whichever node they come to', async () => {
    await tallyline(one, 'CreateHardBudget', { Name: 'calls', Unit: 'requests', Limit: '1000', Window: WINDOW });
    // The other node has told what its ledger knows: one call, from before.
    await vi.waitFor(async () => {
      const { Counters } = await tallyline<{ Counters: object[] }>(one, 'GetHardBudget', { Name: 'calls' });
      expect(Counters).toMatchObject([{ Spent: '1' }]);
    }, 10_000);
    const limit = '101';
    await tallyline(one, 'UpdateHardBudget', { Name: 'calls', Unit: 'requests', Limit: limit, Window: WINDOW });
    await vi.waitFor(async () => {
      const answer = await tallyline<{ HardBudget: object }>(one, 'GetHardBudget', { Name: 'calls' });
      expect(answer.HardBudget).toMatchObject({ Limit: limit });
    });
    expect(await served()).toBe(100);
    await tallyline(one, 'DeleteHardBudget', { Name: 'calls' });
  });

  it('is never exceeded in money', async () => {
    await tallyline(one, 'CreateHardBudget', { Name: 'usd', Unit: 'USD', Limit: '0.05', Window: WINDOW });
    const spentOf = async () => {
      const { Counters } = await tallyline<{ Counters: { Spent: string }[] }>(one, 'GetHardBudget', { Name: 'usd' });
      return parsePicoUsd(Counters[0]!.Spent);
    };
    await vi.waitFor(async () => expect(await call(1)).toBe(200), 5_000);
    // Nodes with stores of their own begin a budget with what the larger ledger knows, once its node has told it.
    await vi.waitFor(async () => expect(await spentOf()).toBeGreaterThanOrEqual(await largerLedger()), 10_000);
    expect(await served()).toBeGreaterThan(50);
    await vi.waitFor(async () => {
      const spent = await spentOf();
      expect(spent).toBeLessThanOrEqual(parsePicoUsd('0.05'));
      expect(spent).toBeGreaterThan(parsePicoUsd('0.048'));
    }, 5_000);
    await tallyline(one, 'DeleteHardBudget', { Name: 'usd' });
  });

  it('goes on within the leases while the database is away, and is exact afterwards', async () => {
    const budget = { Name: 'away', Unit: 'tokens', Limit: '40000', Window: WINDOW, Mode: 'enforce' };
    await tallyline(one, 'CreateHardBudget', { ...budget, Limit: '1000000' });
    const spentOf = async () => {
      const { Counters } = await tallyline<{ Counters: { Spent: string }[] }>(one, 'GetHardBudget', { Name: 'away' });
      return Number(Counters[0]?.Spent ?? 0);
    };
    const limit = (await spentOf()) + 40_000;
    await tallyline(one, 'UpdateHardBudget', { ...budget, Limit: String(limit) });
    for (const node of [0, 1, 0, 1]) await vi.waitFor(async () => expect(await call(node)).toBe(200), 5_000);
    await postgres.kill();
    for (const node of [0, 1, 0, 1]) expect(await call(node)).toBe(200);
    await postgres.start();
    await vi.waitFor(async () => {
      await Promise.all(Array.from({ length: 50 }, (_, index) => call(index % 2)));
      const spent = await spentOf();
      expect(spent).toBeLessThanOrEqual(limit);
      expect(spent).toBeGreaterThan(limit - 1_000);
    }, 60_000);
    await tallyline(one, 'DeleteHardBudget', { Name: 'away' });
  });

  it('and a stop hold on the other node at once', async () => {
    await vi.waitFor(async () => expect(await call(1)).toBe(200), 5_000);
    const { InferenceStop } = await tallyline<{ InferenceStop: { StopId: string } }>(one, 'StopInference', {
      Reason: 'enough',
    });
    await vi.waitFor(async () => expect(await call(1)).toBe(403), 5_000);
    await tallyline(one, 'ResumeInference', { StopId: InferenceStop.StopId });
    await vi.waitFor(async () => expect(await call(1)).toBe(200), 5_000);
  });
});
