// How fast usage gets from the journal into line items that can be queried: read > rate > itemize > store, by the
// cost thread itself, into the embedded engine. The baseline in the same run is the engine's own speed: the same two tables
// filled with INSERT ... SELECT from a copy, without Node in between.
//
//   npm run bench:journal            (BENCH_EVENTS to change the number of events)
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@clickhouse/client';
import { ChdbEngine } from '../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../src/adapters/clickhouse-cost-store.ts';
import { FileJournal } from '../src/adapters/file-journal.ts';
import { CostThread } from '../src/app/cost-thread-handle.ts';
import { Fault } from '../src/kernel/fault.ts';
import type { UsageEvent } from '../src/metering/usage-event.ts';
import type { JournalPosition } from '../src/metering/usage-journal.ts';
import { LINE_ITEM_TABLE, USAGE_EVENT_TABLE } from '../src/reports/cost-schema.ts';
import { usageEvents } from './journal/usage-events.ts';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 400_000);
/** 500 calls a second. */
const EVERY_MS = 2;
const START_MS = Date.UTC(2026, 10, 2);

const folder = mkdtempSync(join(tmpdir(), 'tallyline-bench-'));
const engine = await ChdbEngine.start({ folder: join(folder, 'store') });
const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: 'tallyline' });
try {
  await store.prepare();
  let durable: JournalPosition = { segment: 1, offset: 0 };
  const journal = await FileJournal.open({
    folder: join(folder, 'journal'),
    durability: 'os',
    onDurable: (position) => {
      durable = position;
    },
  });
  await timed('append admissions and outcomes to the journal', async () => {
    let pending: Promise<void>[] = [];
    for (const event of usageEvents(EVENTS, START_MS, EVERY_MS)) {
      pending.push(record(journal, event));
      if (pending.length < 256) continue;
      await Promise.all(pending);
      pending = [];
    }
    await Promise.all(pending);
  });

  const thread = new CostThread(
    {
      journalFolder: join(folder, 'journal'),
      firstSegment: journal.firstSegment,
      database: 'tallyline',
      prices: { overrides: [], privateRates: [], percentages: [], models: [], sellers: [] },
      firstOpenPeriod: '',
      gatherMs: 800,
    },
    {
      connection: () => engine.connection(),
      onShipped: (position) => journal.release(position),
      onTrouble: (message) => console.log(message),
    },
  );
  const shipped = await timed('journal to queryable line items', async () => {
    thread.durableUpTo(durable);
    await thread.close(600_000);
  });

  const [counts] = await store.query<{ events: string; lines: string; cost: string }>({
    sql: `SELECT (SELECT count() FROM ${USAGE_EVENT_TABLE}) AS events, count() AS lines, toString(sum(cost)) AS cost FROM ${LINE_ITEM_TABLE}`,
    params: {},
  });
  console.log(`stored: ${counts?.events} events, ${counts?.lines} line item rows, ${counts?.cost} USD`);

  const copied = await timed("baseline: the engine's own copy of both tables", async () => {
    const client = createClient({ ...(await engine.connection()), database: 'tallyline' });
    for (const table of [USAGE_EVENT_TABLE, LINE_ITEM_TABLE]) {
      await client.command({ query: `CREATE TABLE ${table}_copy AS ${table}` });
      await client.command({ query: `INSERT INTO ${table}_copy SELECT * FROM ${table}` });
    }
    await client.close();
  });
  console.log(`ratio to the engine's own copy: ${(shipped / copied).toFixed(1)}x the time`);
  await journal.close();
} finally {
  await store.close();
  await engine.close();
  rmSync(folder, { recursive: true, force: true });
}

/** Waits for the next segment where the journal fills faster than one can be made; a server would refuse the call. */
async function record(journal: FileJournal, event: UsageEvent): Promise<void> {
  for (;;) {
    try {
      await journal.admit(event);
      return await journal.settle(event);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }
}

/** Milliseconds. */
async function timed(what: string, run: () => Promise<void>): Promise<number> {
  const start = performance.now();
  await run();
  const ms = performance.now() - start;
  console.log(`${what}: ${EVENTS} events in ${(ms / 1000).toFixed(2)} s, ${Math.round((EVENTS * 1000) / ms)} events/s`);
  return ms;
}
