import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { TagLedger } from '../../src/allocation/tag-ledger.ts';
import { bucketStartMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { report } from '../../src/paths/report-path.ts';
import { tagKeyUsage } from '../../src/reports/tag-usage.ts';
import { ADMIN, lineItem } from './line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const TEAM = 'iamPrincipal/team';
const MAY_MS = Date.UTC(2026, 4, 1);
const HOUR_START_MS = Date.UTC(2026, 4, 10, 9);
const ACTIVATED_MS = HOUR_START_MS + 20 * MINUTE_MS + 30_500;
const DEACTIVATED_MS = HOUR_START_MS + 27 * MINUTE_MS;

let reports: ReportStore;
let ledger: TagLedger;
let nowMs = HOUR_START_MS;

beforeAll(async () => {
  reports = await openReportStore();
  const clock = () => nowMs;
  const records = new SqliteRecordStore(':memory:', clock);
  ledger = new TagLedger({ records, clock, usedKeys: () => tagKeyUsage(reports.store) });
});

afterAll(() => reports?.close());

/** One call by somebody with team `ds`, sliced at the instants that the ledger knows when it is itemized. */
async function call(atMs: number): Promise<void> {
  const instant = ledger.sliceInstants().findLast((candidate) => candidate <= atMs) ?? 0;
  const item = lineItem(bucketStartMs(atMs), {
    sliceStartMs: Math.max(bucketStartMs(atMs), instant),
    principalTags: [['team', 'ds']],
  });
  await reports.store.insert({ token: `${atMs}`, usageEvents: [], lineItems: [item] });
}

/** Calls with and without the tag's value in May's first half. */
async function calls(): Promise<Record<string, bigint>> {
  const range = { startMs: MAY_MS, endMs: Date.UTC(2026, 4, 15) };
  const rows = await report(
    { range, granularity: 'TOTAL', groupBy: [{ tag: TEAM }] },
    { store: reports.store, costCatalog: () => ({ ...NO_CATALOG, tags: ledger.all() }) },
  );
  return Object.fromEntries(rows.map(({ keys, requests }) => [keys[0], requests]));
}

describe('a cost allocation tag', () => {
  it('is discovered from the usage, and shows nothing while it is inactive', async () => {
    await call(Date.UTC(2026, 4, 9, 12));
    await call(HOUR_START_MS);
    await ledger.discover();
    const bucket = { firstUsedAtMs: Date.UTC(2026, 4, 9, 12), lastUsedAtMs: HOUR_START_MS };
    expect(await tagKeyUsage(reports.store)).toEqual([{ key: TEAM, ...bucket }]);
    expect(await calls()).toEqual({ '': 2n });
  });

  it('shows exactly the calls from its activation until its deactivation', async () => {
    await call(HOUR_START_MS + 20 * MINUTE_MS);
    nowMs = ACTIVATED_MS;
    await ledger.setStatuses([{ key: TEAM, status: 'Active' }], ADMIN);
    await call(ACTIVATED_MS - 1);
    await call(ACTIVATED_MS);
    nowMs = DEACTIVATED_MS;
    await ledger.setStatuses([{ key: TEAM, status: 'Inactive' }], ADMIN);
    await call(DEACTIVATED_MS - 1);
    await call(DEACTIVATED_MS);
    await call(HOUR_START_MS + 2 * HOUR_MS);
    expect(await calls()).toEqual({ '': 6n, ds: 2n });
  });

  it('keeps what was shown while it is inactive, and drops it with a backfill', async () => {
    nowMs = DEACTIVATED_MS + HOUR_MS;
    expect(await calls()).toEqual({ '': 6n, ds: 2n });
    await ledger.startBackfill(MAY_MS, ADMIN);
    expect(await calls()).toEqual({ '': 8n });
  });

  it('shows all of history when it is active and backfilled', async () => {
    nowMs += DAY_MS;
    await ledger.setStatuses([{ key: TEAM, status: 'Active' }], ADMIN);
    expect(await calls()).toEqual({ '': 8n });
    await ledger.startBackfill(MAY_MS, ADMIN);
    expect(await calls()).toEqual({ ds: 8n });
  });
});
