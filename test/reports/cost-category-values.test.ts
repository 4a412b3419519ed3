import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_MS } from '../../src/kernel/time.ts';
import { report } from '../../src/paths/report-path.ts';
import { splitReport } from '../../src/paths/split-charge-path.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import type { ReportFilter, ReportQuery, ReportRow } from '../../src/reports/report-query.ts';
import { CATEGORY_NAMES } from './arbitrary-category.ts';
import { anyCatalog, anyLineItem, BUCKETS, FIRST_MS } from './arbitrary-query.ts';
import { expectedRows } from './report-oracle.ts';
import { openReportStore, type ReportStore } from './report-store.ts';

const ITEMS = fc.sample(anyLineItem, { numRuns: 300, seed: 11 });
const CATALOG = anyCatalog(ITEMS);
const WHOLE: ReportQuery = {
  range: { startMs: FIRST_MS, endMs: FIRST_MS + BUCKETS * BUCKET_MS },
  granularity: 'MONTHLY',
  groupBy: [],
};

let reports: ReportStore;

beforeAll(async () => {
  reports = await openReportStore();
  await reports.store.insert({ token: 'a', usageEvents: [], lineItems: ITEMS });
});

afterAll(() => reports?.close());

function ask(query: ReportQuery, catalog: CostCatalog): Promise<ReportRow[]> {
  return report(query, { store: reports.store, costCatalog: () => catalog });
}

const costOf = (rows: readonly ReportRow[]) => rows.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
const requestsOf = (rows: readonly ReportRow[]) => rows.reduce((sum, { requests }) => sum + requests, 0n);

describe('cost categories of any rules', () => {
  it('give each line the value that a reading of the rules gives it', async () => {
    const shown = new Set<string>();
    const property = fc.asyncProperty(CATALOG, async (catalog) => {
      const query = { ...WHOLE, groupBy: CATEGORY_NAMES.map((costCategory) => ({ costCategory })) };
      const rows = await ask(query, catalog);
      expect(rows).toEqual(expectedRows(query, ITEMS, catalog));
      for (const value of rows.flatMap(({ keys }) => keys)) shown.add(value);
    });
    await fc.assert(property, { seed: 12, numRuns: 40 });
    // By value, by default, by nothing, and inherited from tags and accounts: the rules were about something.
    expect([...shown]).toEqual(expect.arrayContaining(['A', 'B', 'C', 'Größe', 'Other', '', 'payer', 'eng']));
  });

  it('have values that sum to the whole, and split it with their complements', async () => {
    const property = fc.asyncProperty(CATALOG, fc.constantFrom(...CATEGORY_NAMES), async (catalog, costCategory) => {
      const whole = await ask(WHOLE, catalog);
      const rows = await ask({ ...WHOLE, groupBy: [{ costCategory }] }, catalog);
      expect([costOf(rows), requestsOf(rows)]).toEqual([costOf(whole), requestsOf(whole)]);
      const filter: ReportFilter = { key: { costCategory }, equalsAny: [rows[0]?.keys[0] ?? ''] };
      const parts = await Promise.all([
        ask({ ...WHOLE, filter }, catalog),
        ask({ ...WHOLE, filter: { not: filter } }, catalog),
      ]);
      expect(costOf(parts.flat())).toBe(costOf(whole));
    });
    await fc.assert(property, { seed: 13, numRuns: 10 });
  });

  it('are split month by month without a change of any sum', async () => {
    const property = fc.asyncProperty(CATALOG, async (catalog) => {
      const rule = { Source: 'A', Targets: ['B', 'Other', 'C'], Method: 'PROPORTIONAL' as const };
      const categories = new Map(
        [...catalog.categories].map(([name, versions]) => {
          return [name, versions.map((version) => ({ ...version, splitChargeRules: [rule] }))];
        }),
      );
      const costCategory = CATEGORY_NAMES[0]!;
      fc.pre(categories.get(costCategory)!.length > 0);
      const deps = { store: reports.store, costCatalog: () => ({ ...catalog, categories }) };
      const ask = (firstPeriod: string, lastPeriod: string) =>
        splitReport({ costCategory, firstPeriod, lastPeriod }, deps);
      const rows = await ask('2026-02', '2026-07');
      expect(rows.reduce((sum, { totalPicoUsd }) => sum + totalPicoUsd, 0n)).toBe(
        ITEMS.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n),
      );
      const months = await Promise.all(
        [ask('2026-02', '2026-04'), ask('2026-05', '2026-07')].map((half) => half.catch(() => [])),
      );
      expect(rows.filter(({ period }) => months.flat().some((row) => row.period === period))).toEqual(months.flat());
    });
    await fc.assert(property, { seed: 14, numRuns: 10 });
  });
});
