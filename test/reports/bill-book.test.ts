import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { namesInUse, report } from '../../src/paths/report-path.ts';
import { billingView } from '../../src/reports/billing-view.ts';
import type { CostCatalog } from '../../src/reports/cost-catalog.ts';
import { DAY_ITEM_COLUMNS, LINE_ITEM_COLUMNS } from '../../src/reports/cost-schema.ts';
import type { ReportQuery } from '../../src/reports/report-query.ts';
import { anyCatalog, anyLineItem, anyQuery } from './arbitrary-query.ts';
import { expectedRows } from './report-oracle.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const ITEMS = fc.sample(anyLineItem, { numRuns: 300, seed: 11 });
const TAG_KEYS = [
  ...new Set(
    ITEMS.flatMap(({ principalTags, resourceTags, accountTags }) => [
      ...principalTags.map(([key]) => `iamPrincipal/${key}`),
      ...resourceTags.map(([key]) => `resourceTags/${key}`),
      ...accountTags.map(([key]) => `accountTag/${key}`),
    ]),
  ),
];
const BOOKS = { primary: 'bill', billSources: ['acme'], billTagKeys: TAG_KEYS } as const;

let reports: ReportStore;

/** The same lines as a bill of one counted source, and twice over in one that does not count. */
beforeAll(async () => {
  reports = await openReportStore();
  await reports.store.insert({ token: 'a', usageEvents: [], lineItems: ITEMS });
  for (const source of ['acme', 'spare', 'spare']) {
    for (const [from, into, columns] of [
      ['line_item', 'bill_line', LINE_ITEM_COLUMNS],
      ['line_item_day', 'bill_line_day', DAY_ITEM_COLUMNS],
    ] as const) {
      const names = Object.keys(columns).filter((name) => !name.endsWith('_item_key'));
      await reports.command(
        `INSERT INTO ${into} (${names.join(', ')}, source_id, period)
         SELECT ${names.join(', ')}, '${source}', toYYYYMM(bucket_start) FROM ${from}`,
      );
    }
  }
});

afterAll(() => reports?.close());

const ask = (query: ReportQuery, catalog: CostCatalog) =>
  report(query, { store: reports.store, costCatalog: () => catalog });

/** Whoever wrote a bill has switched its tags: what is switched here does not count. */
function alwaysActive(catalog: CostCatalog): CostCatalog {
  const always = { status: 'Active', lastUsedAtMs: 0, discoveredAtMs: 0, activeIntervals: [{ fromMs: 0 }] } as const;
  return { ...catalog, tags: new Map(TAG_KEYS.map((key) => [key, { key, ...always }])) };
}

it('answers any question from the bill as it would from a ledger with the same lines', async () => {
  const property = fc.asyncProperty(anyQuery, anyCatalog(ITEMS), async (query, catalog) => {
    const expected = expectedRows(query, ITEMS, alwaysActive(catalog));
    expect(await ask(query, { ...catalog, books: BOOKS })).toEqual(expected);
    // Named by the question, whichever is primary.
    const books = { ...BOOKS, primary: 'ledger' } as const;
    expect(await ask({ ...query, book: 'bill' }, { ...catalog, books })).toEqual(expected);
    expect(await ask({ ...query, book: 'ledger' }, { ...catalog, books: BOOKS })).toEqual(
      expectedRows(query, ITEMS, catalog),
    );
  });
  await fc.assert(property, { seed: 20_261_129, numRuns: 25 });
});

it('is empty where no source counts', async () => {
  const range = { startMs: Date.UTC(2026, 2, 1), endMs: Date.UTC(2026, 5, 1) };
  const catalog = { ...NO_CATALOG, books: { ...BOOKS, billSources: [] } };
  const [row] = await ask({ range, granularity: 'TOTAL', groupBy: [] }, catalog);
  expect(row?.costPicoUsd ?? 0n).toBe(0n);
  expect(await namesInUse({ of: 'tags', range }, { store: reports.store, costCatalog: () => catalog })).toEqual([]);
});

it('is chosen by a billing view of the account', () => {
  const arn = (name: string) => `arn:aws:billing::111122223333:billingview/${name}`;
  expect(billingView(arn('custom-bill'), '111122223333')).toEqual({ book: 'bill' });
  expect(billingView(arn('custom-ledger'), '111122223333')).toEqual({ book: 'ledger' });
  expect(billingView(arn('primary'), '111122223333')).toEqual({});
  expect(billingView(arn('custom-other'), '111122223333')).toBeUndefined();
  expect(billingView(arn('custom-bill'), '444455556666')).toBeUndefined();
});
