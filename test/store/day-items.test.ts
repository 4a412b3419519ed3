import { createClient } from '@clickhouse/client';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { billingPeriodOf } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { DAY_ITEM_COLUMNS } from '../../src/reports/cost-schema.ts';
import { anyLineItem, FIRST_MS } from '../reports/arbitrary-query.ts';
import { type EmbeddedEngine, embeddedEngine } from './embedded-engine.ts';

const PERIOD = billingPeriodOf(FIRST_MS);
const PARTITION = PERIOD.replace('-', '');
const CLOSED = { firstOpenPeriod: '2026-06', correctionId: `correction/${PERIOD}` };
const SUMS = ['quantity', 'requests', 'cost', 'list_cost', 'net_cost'];
const TIMES = ['bucket_start', 'slice_start', 'day_item_key'];
const KEYS = Object.keys(DAY_ITEM_COLUMNS).filter((name) => ![...SUMS, ...TIMES].includes(name));
const ITEMS = fc.sample(anyLineItem, { numRuns: 120, seed: 31 });
const OF_PERIOD = ITEMS.filter((item) => billingPeriodOf(item.bucketStartMs) === PERIOD);

let embedded: EmbeddedEngine;
let stores = 0;

beforeAll(async () => {
  embedded = await embeddedEngine();
});
afterAll(() => embedded?.[Symbol.asyncDispose]());

/** A store with tables of its own, and statements straight to them. */
async function freshStore() {
  stores += 1;
  const database = `days_${stores}`;
  const open = () => new ClickHouseCostStore({ connection: () => embedded.engine.connection(), database });
  const store = open();
  await store.prepare();
  const command = async (query: string) => {
    const client = createClient({ ...(await embedded.engine.connection()), database });
    await client.command({ query });
    await client.close();
  };
  return { open, store, command };
}

/** What a table says of every day, by everything that reports tell apart. */
async function sumsByDay(store: ClickHouseCostStore, table: string): Promise<string[]> {
  const sums = SUMS.map((name) => `sum(${name})`);
  const rows = await store.query<{ line: string }>({
    sql: `SELECT toString((toStartOfDay(bucket_start) AS day, ${KEYS.join(', ')}, ${sums.join(', ')})) AS line
      FROM ${table} GROUP BY day, ${KEYS.join(', ')}
      HAVING ${sums.map((sum) => `${sum} != 0`).join(' OR ')} ORDER BY line`,
    params: {},
  });
  return rows.map(({ line }) => line);
}

async function expectTheSame(store: ClickHouseCostStore): Promise<void> {
  expect(await sumsByDay(store, 'line_item_day')).toEqual(await sumsByDay(store, 'line_item'));
}

async function* pages(items: readonly LineItem[]): AsyncGenerator<readonly LineItem[]> {
  yield items;
}

const some = (items: readonly LineItem[]) => fc.subarray([...items], { minLength: 1, maxLength: 25 });
const step = fc.oneof(
  fc.record({ kind: fc.constant('insert' as const), token: fc.nat({ max: 5 }), items: some(ITEMS) }),
  fc.record({ kind: fc.constant('replace' as const), items: fc.oneof(fc.constant([]), some(OF_PERIOD)) }),
  fc.record({ kind: fc.constant('restate' as const), items: some(OF_PERIOD) }),
  fc.record({ kind: fc.constant('merge' as const) }),
);

describe('the sums by day', () => {
  const whatever = 'say what the line items say, whatever is stored, stored again, replaced, restated and merged';
  it(whatever, { timeout: 180_000 }, async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
      const { store, command } = await freshStore();
      const batches = new Map<number, readonly LineItem[]>();
      for (const one of steps) {
        if (one.kind === 'insert') {
          // A token comes again with the same lines.
          const lineItems = batches.get(one.token) ?? one.items;
          batches.set(one.token, lineItems);
          await store.insert({ token: `${one.token}`, usageEvents: [], lineItems });
        } else if (one.kind === 'replace') await store.replacePeriod(PERIOD, pages(one.items));
        else if (one.kind === 'restate') await store.restatePeriod(PERIOD, CLOSED, pages(one.items));
        else for (const table of ['line_item', 'line_item_day']) await command(`OPTIMIZE TABLE ${table} FINAL`);
        await expectTheSame(store);
      }
      await store.close();
    });
    await fc.assert(property, { seed: 20_261_129, numRuns: 8 });
  });

  it('are made anew at the next start, when a process died while it changed them', async () => {
    const { open, store, command } = await freshStore();
    await store.insert({ token: 'cut-off', usageEvents: [], lineItems: ITEMS });
    await command(`INSERT INTO line_item_day_state (period, is_stale) VALUES (${PARTITION}, 1)`);
    await command(`ALTER TABLE line_item_day DROP PARTITION ID '${PARTITION}'`);
    expect(await sumsByDay(store, 'line_item_day')).not.toEqual(await sumsByDay(store, 'line_item'));
    for (const _ of ['next start', 'start after that']) {
      const next = open();
      await next.prepare();
      await expectTheSame(next);
      await next.close();
    }
    await store.close();
  });
});
