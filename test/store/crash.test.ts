import { expect, it } from 'vitest';
import type { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import type { CostBatch } from '../../src/reports/cost-store.ts';
import { embeddedEngine, eventually } from './embedded-engine.ts';
import { nextBatch, sampleUsage, seededRandom } from './sample-usage.ts';

const KILLS = 6;

it('counts every batch once through six deaths of the engine at random moments', async () => {
  const random = seededRandom(20261122);
  let deaths = 0;
  await using embedded = await embeddedEngine({ onRestart: () => deaths++ });
  const store = embedded.store();
  await store.prepare();
  const usage = sampleUsage({ seed: 9, startMs: Date.UTC(2026, 4, 28), stepMs: 20_000 });
  const expected = { requests: 0n, quantity: 0n, cost: 0n, events: 0 };
  let retried = 0;
  let batchCount = 0;
  while (deaths < KILLS) {
    await embedded.engine.connection();
    const { pid } = embedded.engine;
    const deathsBefore = deaths;
    setTimeout(() => process.kill(pid, 'SIGKILL'), random() * 250);
    // One batch after another, so that death comes in the middle of one.
    while (deaths === deathsBefore) {
      const batch = nextBatch(usage, `batch-${++batchCount}`, 1_500);
      retried += await insertUntilStored(store, batch);
      expected.events += batch.usageEvents.length;
      for (const item of batch.lineItems) {
        expected.requests += item.requests;
        expected.quantity += item.quantity;
        expected.cost += item.costPicoUsd;
      }
    }
  }
  expect(retried).toBeGreaterThan(0);
  const [sums] = await store.query<Record<string, string>>({
    sql: `SELECT sum(requests) AS requests, sum(quantity) AS quantity, sum(cost) AS cost,
      (SELECT count() FROM usage_event) AS events, (SELECT uniqExact(request_id) FROM usage_event) AS ids FROM line_item`,
    params: {},
  });
  expect({
    requests: BigInt(sums!.requests!),
    quantity: BigInt(sums!.quantity!),
    cost: parsePicoUsd(sums!.cost!),
    events: Number(sums!.events),
  }).toEqual(expected);
  expect(Number(sums!.ids)).toBe(expected.events);
  await store.close();
});

it('knows after a restart which batches it has', async () => {
  let deaths = 0;
  await using embedded = await embeddedEngine({ onRestart: () => deaths++ });
  const store = embedded.store();
  await store.prepare();
  const batch = nextBatch(sampleUsage({ seed: 2, startMs: Date.UTC(2026, 4, 1), stepMs: 1_000 }), 'once', 500);
  await store.insert(batch);
  process.kill(embedded.engine.pid, 'SIGKILL');
  await eventually('its death is noticed', () => deaths === 1);
  await store.insert(batch);
  const sql = 'SELECT sum(requests) AS requests, (SELECT count() FROM usage_event) AS events FROM line_item';
  expect(await store.query({ sql, params: {} })).toEqual([{ requests: '500', events: '500' }]);
  await store.close();
});

/** As the cost path does it: the same batch again, until it is stored. Answers how often it failed. */
async function insertUntilStored(store: ClickHouseCostStore, batch: CostBatch): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await store.insert(batch);
      return failures;
    } catch (error) {
      expect(error).toMatchObject({ code: 'StoreUnavailable' });
    }
  }
}
