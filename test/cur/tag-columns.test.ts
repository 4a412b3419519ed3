import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { wireTagKey } from '../../src/kernel/billing-tag-key.ts';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { bucketStartMs, DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { report } from '../../src/paths/report-path.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { filterOf } from '../../src/reports/cost-expression.ts';
import type { ReportFilter, ReportQuery } from '../../src/reports/report-query.ts';
import { lineItem } from '../reports/line-items.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from '../reports/report-store.ts';
import { anyStep, STEP_KEYS, TagHistory } from '../reports/tag-steps.ts';
import { definition, Exporter, PAYER, readParquet } from './exporter.ts';

const PERIOD = '2026-05';
const MAY = { startMs: Date.UTC(2026, 4, 1), endMs: Date.UTC(2026, 5, 1) };
const PROPERTIES = { INCLUDE_RESOURCES: 'TRUE' };
const COLUMNS = 'line_item_unblended_cost, tags, resource_tags';

let reports: ReportStore;
let exporter: Exporter;

beforeAll(async () => {
  reports = await openReportStore();
  exporter = new Exporter(reports.store);
});
afterAll(async () => {
  exporter.close();
  await reports.close();
});

const value = fc.constantFrom('', 'ds', 'eng');
/** What the calls carry, the first call first. */
const anyTags = fc.array(fc.record({ principal: value, resource: value, account: value }), {
  minLength: 25,
  maxLength: 25,
});
/** All of it in one month. */
const anySteps = fc.array(anyStep(1, 10 * MINUTE_MS, 9 * HOUR_MS, 20 * HOUR_MS), { minLength: 8, maxLength: 25 });

it('any tag filter and its complement sum to the whole, and CUR says the same as reports, for every source', async () => {
  const property = fc.asyncProperty(anySteps, anyTags, fc.constantFrom(0, DAY_MS), async (steps, tags, delayMs) => {
    const history = new TagHistory(MAY.startMs + HOUR_MS, delayMs);
    for (const step of steps) await history.take(step);
    const items = history.calls.map(({ atMs, sliceMs }, index) =>
      itemOf(atMs, sliceMs, tags[index]!, BigInt(index + 1)),
    );
    await seed(items);
    const catalog = { ...NO_CATALOG, tags: history.ledger.all() };
    const ask = (query: Partial<ReportQuery>) => {
      const whole = { range: MAY, granularity: 'TOTAL' as const, groupBy: [] };
      return report({ ...whole, ...query }, { store: reports.store, costCatalog: () => catalog });
    };
    const sum = async (filter: ReportFilter) => (await ask({ filter }))[0]!.costPicoUsd;

    const total = items.reduce((all, { costPicoUsd }) => all + costPicoUsd, 0n);
    const rows = await delivered(catalog.tags);
    for (const tag of STEP_KEYS) {
      const groups = new Map(
        (await ask({ groupBy: [{ tag }] })).map(({ keys, costPicoUsd }) => [keys[0]!, costPicoUsd]),
      );
      expect([...groups.values()].reduce((all, cost) => all + cost, 0n)).toBe(total);
      expect(groups).toEqual(costBy(rows, (row) => row.tags[tag] ?? ''));
      const Key = wireTagKey(tag);
      for (const leaf of [
        { Key, Values: ['ds'] },
        { Key, Values: ['eng', ''] },
        { Key, MatchOptions: ['ABSENT'] },
      ]) {
        const filter = filterOf({ Tags: leaf });
        expect((await sum(filter)) + (await sum({ not: filter }))).toBe(total);
      }
      expect(await sum({ absent: { tag } })).toBe(groups.get('') ?? 0n);
    }
    for (const row of rows) expect(row.resource_tags.user_team).toBe(row.tags['resourceTags/team']);
    await history.close();
  });
  await fc.assert(property, { seed: 29, numRuns: 6 });
});

interface DeliveredRow {
  readonly line_item_unblended_cost: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly resource_tags: Readonly<Record<string, string>>;
}

function itemOf(
  atMs: number,
  sliceStartMs: number,
  tags: { readonly principal: string; readonly resource: string; readonly account: string },
  thousands: bigint,
): LineItem {
  const pairs = (text: string): [string, string][] => (text === '' ? [] : [['team', text]]);
  return lineItem(bucketStartMs(atMs), {
    ...{ accountId: PAYER, sliceStartMs, quantity: thousands * 1_000n },
    ...{ principalTags: pairs(tags.principal), resourceTags: pairs(tags.resource), accountTags: pairs(tags.account) },
  });
}

async function seed(items: readonly LineItem[]): Promise<void> {
  async function* pages() {
    yield items;
  }
  await reports.store.replacePeriod(PERIOD, pages());
}

async function delivered(tags: Exporter['tags']): Promise<DeliveredRow[]> {
  exporter.tags = tags;
  const query = definition(`e${exporter.newId()}`, `SELECT ${COLUMNS} FROM COST_AND_USAGE_REPORT`, PROPERTIES);
  const { dataFiles, status } = await exporter.deliver(query);
  expect(status).toBe('DELIVERY_SUCCESS');
  const files = await Promise.all(dataFiles.map((file) => readParquet(exporter.read(file))));
  return files.flat() as unknown as DeliveredRow[];
}

function costBy(rows: readonly DeliveredRow[], keyOf: (row: DeliveredRow) => string): Map<string, bigint> {
  const sums = new Map<string, bigint>();
  for (const row of rows) {
    const cost = parsePicoUsd(row.line_item_unblended_cost.toFixed(6));
    sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0n) + cost);
  }
  return sums;
}
