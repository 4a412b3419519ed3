import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CostAllocationTag } from '../../src/allocation/cost-allocation-tag.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { namesInUse, report } from '../../src/paths/report-path.ts';
import { OTHER, type ReportQuery, type ReportRow } from '../../src/reports/report-query.ts';
import { timeBuckets } from '../../src/reports/time-bucket.ts';
import { anyCatalog, anyLineItem, anyQuery } from './arbitrary-query.ts';
import { expectedRows, matches } from './report-oracle.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const ITEMS = fc.sample(anyLineItem, { numRuns: 400, seed: 7 });
const CATALOG = anyCatalog(ITEMS);
const SEED = 20_260_501;

let reports: ReportStore;

beforeAll(async () => {
  reports = await openReportStore();
  // Two parts for every month, so that sums never rest on merged rows.
  await reports.store.insert({ token: 'a', usageEvents: [], lineItems: ITEMS.slice(0, 300) });
  await reports.store.insert({ token: 'b', usageEvents: [], lineItems: ITEMS.slice(300) });
});

afterAll(() => reports?.close());

function ask(query: ReportQuery, catalog = NO_CATALOG): Promise<ReportRow[]> {
  return report(query, { store: reports.store, costCatalog: () => catalog });
}

function total(
  rows: readonly ReportRow[],
): Pick<ReportRow, 'costPicoUsd' | 'tokens' | 'quantity' | 'requests' | 'unpricedQuantity'> {
  const sum = (of: (row: ReportRow) => bigint) => rows.reduce((before, row) => before + of(row), 0n);
  return {
    costPicoUsd: sum((row) => row.costPicoUsd),
    tokens: sum((row) => row.tokens),
    quantity: sum((row) => row.quantity),
    requests: sum((row) => row.requests),
    unpricedQuantity: sum((row) => row.unpricedQuantity),
  };
}

const MAY: ReportQuery = {
  range: { startMs: Date.UTC(2026, 4, 1), endMs: Date.UTC(2026, 4, 8) },
  granularity: 'TOTAL',
  groupBy: [],
};
const WHOLE: ReportQuery = { ...MAY, range: { startMs: Date.UTC(2026, 2, 1), endMs: Date.UTC(2026, 5, 1) } };

// peers rows 71.
describe('any query', () => {
  it('answers what a count line by line answers', async () => {
    const property = fc.asyncProperty(anyQuery, CATALOG, async (query, catalog) => {
      expect(await ask(query, catalog)).toEqual(expectedRows(query, ITEMS, catalog));
    });
    await fc.assert(property, { seed: SEED, numRuns: 120 });
  });

  it('has groups that sum to the total, with and without a top N', async () => {
    const property = fc.asyncProperty(anyQuery, CATALOG, async ({ topN, ...query }, catalog) => {
      const whole = total(await ask({ ...query, groupBy: [], granularity: 'TOTAL' }, catalog));
      expect(total(await ask(query, catalog))).toEqual(whole);
      expect(total(await ask({ ...query, topN: topN ?? 2 }, catalog))).toEqual(whole);
    });
    await fc.assert(property, { seed: SEED + 1, numRuns: 40 });
  });

  it('and the same query with its filter reversed split the whole', async () => {
    const property = fc.asyncProperty(
      anyQuery,
      CATALOG,
      async ({ filter = { and: [] }, topN: _, ...query }, catalog) => {
        const totals = { ...query, groupBy: [], granularity: 'TOTAL' as const };
        const kept = await ask({ ...totals, filter }, catalog);
        const left = await ask({ ...totals, filter: { not: filter } }, catalog);
        expect(total([...kept, ...left])).toEqual(total(await ask(totals, catalog)));
      },
    );
    await fc.assert(property, { seed: SEED + 2, numRuns: 40 });
  });

  it('comes in pages that together are the whole answer', async () => {
    const property = fc.asyncProperty(
      anyQuery,
      CATALOG,
      fc.integer({ min: 1, max: 40 }),
      async (query, catalog, limit) => {
        fc.pre(query.groupBy.length > 0);
        const whole = await ask(query, catalog);
        const rows: ReportRow[] = [];
        while (rows.length < whole.length) {
          const after = rows.at(-1);
          const page = await ask({ ...query, page: { limit, ...(after && { after }) } }, catalog);
          expect(page.length).toBe(Math.min(limit, whole.length - rows.length));
          rows.push(...page);
        }
        expect(rows).toEqual(whole);
        const after = rows.at(-1);
        if (after) expect(await ask({ ...query, page: { limit, after } }, catalog)).toEqual([]);
      },
    );
    await fc.assert(property, { seed: SEED + 3, numRuns: 15 });
  });

  it('names the tags and the cost categories that show a value', async () => {
    const property = fc.asyncProperty(anyQuery, CATALOG, async ({ range, filter }, catalog) => {
      const inRange = ITEMS.filter((item) => item.bucketStartMs >= range.startMs && item.bucketStartMs < range.endMs);
      const visible = inRange.filter((item) => !filter || matches(item, filter, catalog));
      const used = [...catalog.tags.keys()].filter((tag) => {
        return visible.some((item) => !matches(item, { absent: { tag } }, catalog));
      });
      const deps = { store: reports.store, costCatalog: () => catalog };
      const query = { range, ...(filter && { filter }) };
      expect(await namesInUse({ ...query, of: 'tags' }, deps)).toEqual(used.sort());
      const categories = [...catalog.categories.keys()].filter((costCategory) => {
        return visible.some((item) => !matches(item, { absent: { costCategory } }, catalog));
      });
      expect(await namesInUse({ ...query, of: 'costCategories' }, deps)).toEqual(categories.sort());
    });
    await fc.assert(property, { seed: SEED + 4, numRuns: 40 });
  });
});

describe('buckets', () => {
  it('of a range without usage are all there, and zero', async () => {
    const startMs = Date.UTC(2025, 0, 31, 22, 30);
    const rows = await ask({ ...MAY, range: { startMs, endMs: startMs + 2 * HOUR_MS }, granularity: 'HOURLY' });
    expect(rows.map(({ bucketStartMs, bucketEndMs }) => [bucketStartMs - startMs, bucketEndMs - startMs])).toEqual([
      [0, HOUR_MS / 2],
      [HOUR_MS / 2, 1.5 * HOUR_MS],
      [1.5 * HOUR_MS, 2 * HOUR_MS],
    ]);
    expect(total(rows)).toEqual({ costPicoUsd: 0n, tokens: 0n, quantity: 0n, requests: 0n, unpricedQuantity: 0n });
  });

  it('follow clocks that change, in any zone and without a gap', () => {
    const zones = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const granularities = fc.constantFrom(
      'QUARTER_HOURLY' as const,
      'HOURLY' as const,
      'DAILY' as const,
      'MONTHLY' as const,
    );
    const quarters = fc.integer({ min: 0, max: 60 * 365 * 96 });
    const property = fc.property(
      zones,
      granularities,
      quarters,
      fc.integer({ min: 1, max: 9_000 }),
      (timeZone, granularity, from, length) => {
        const startMs = from * BUCKET_MS;
        const range = { startMs, endMs: startMs + length * BUCKET_MS };
        const buckets = timeBuckets({ range, granularity, timeZone });
        expect([buckets[0]!.startMs, buckets.at(-1)!.endMs]).toEqual([range.startMs, range.endMs]);
        const format = new Intl.DateTimeFormat('en', {
          timeZone,
          minute: 'numeric',
          hour: 'numeric',
          hourCycle: 'h23',
        });
        for (const [index, bucket] of buckets.entries()) {
          if (index > 0) expect(bucket.startMs).toBe(buckets[index - 1]!.endMs);
          expect(bucket.endMs).toBeGreaterThan(bucket.startMs);
          expect(bucket.startMs % BUCKET_MS).toBe(0);
        }
        const wholeDays = granularity === 'DAILY' ? buckets.slice(1) : [];
        for (const { startMs: day } of wholeDays.slice(0, 10)) expect(format.format(day)).toMatch(/^(00|01):/);
      },
    );
    fc.assert(property, { seed: SEED + 5, numRuns: 150 });
  });

  it('may be as many as are allowed, in any zone', async () => {
    const endMs = WHOLE.range.endMs;
    const range = { startMs: endMs - 9_999 * HOUR_MS, endMs };
    const hours: ReportQuery = { ...WHOLE, range, granularity: 'HOURLY', timeZone: 'Asia/Kathmandu' };
    const rows = await ask(hours);
    expect(rows).toHaveLength(10_000);
    expect(total(rows)).toEqual(total(await ask({ ...WHOLE, range })));
  });

  it('that cut a range at any quarter of an hour sum to the range', async () => {
    const { startMs } = MAY.range;
    const cuts = [startMs, startMs + 15 * 60_000, startMs + 5.5 * HOUR_MS, startMs + 3 * DAY_MS, MAY.range.endMs];
    const parts = cuts.slice(1).map((endMs, index) => ask({ ...MAY, range: { startMs: cuts[index]!, endMs } }));
    expect(total((await Promise.all(parts)).flat())).toEqual(total(await ask(MAY)));
  });
});

describe('measures', () => {
  it('count usage in the units of bills, without a unit where they are mixed', async () => {
    const property = fc.asyncProperty(anyQuery, CATALOG, async ({ topN: _, ...query }, catalog) => {
      const rows = await ask({ ...query, measures: ['quantity', 'usage'] }, catalog);
      const units = await ask({ ...query, measures: ['quantity', 'usage'], topN: 1 }, catalog);
      const sum = (all: readonly ReportRow[]) => all.reduce((before, { usage }) => before + usage!.microUnits, 0n);
      expect(sum(units)).toBe(sum(rows));
      for (const { usage, quantity } of rows) {
        if (usage!.unit === '1K tokens') expect(usage!.microUnits).toBe(quantity * 1_000n);
        else if (usage!.unit === 'Units') expect(usage!.microUnits).toBe(quantity);
        else expect(usage!.microUnits >= quantity && usage!.microUnits <= quantity * 1_000n).toBe(true);
      }
    });
    await fc.assert(property, { seed: SEED + 6, numRuns: 20 });
  });

  it('that are not asked for are zero and change nothing else', async () => {
    const query: ReportQuery = { ...WHOLE, groupBy: [{ dimension: 'principal' }], topN: 2 };
    const all = await ask(query);
    const onlyTokens = await ask({ ...query, measures: ['tokens'] });
    expect(onlyTokens).toEqual(
      all.map((row) => ({
        ...row,
        costPicoUsd: 0n,
        netCostPicoUsd: 0n,
        listCostPicoUsd: 0n,
        quantity: 0n,
        requests: 0n,
        unpricedQuantity: 0n,
      })),
    );
    expect(all.map(({ keys }) => keys[0])).toContain(OTHER);
  });
});

describe('a query that cannot be answered', () => {
  const nested = (depth: number): ReportQuery['filter'] => (depth === 0 ? { and: [] } : { not: nested(depth - 1)! });
  const { startMs, endMs } = MAY.range;
  it.each<[string, Partial<ReportQuery>, string]>([
    ['a range that is empty', { range: { startMs, endMs: startMs } }, 'the start of the range must be before its end'],
    [
      'a cut bucket',
      { range: { startMs: startMs + 1, endMs } },
      '`2026-05-01T00:00:00.001Z` is not on a 15-minute boundary',
    ],
    [
      'a zone of another world',
      { timeZone: 'Mars/Olympus' },
      '`Mars/Olympus` is no time zone; use an IANA name such as `Europe/Berlin`',
    ],
    ['no time', { range: { startMs: Number.NaN, endMs } }, '`NaN` is no time that reports know; use 1970 to 2106'],
    ['a granularity from elsewhere', { granularity: 'toString' as never }, 'unknown granularity `toString`'],
    ['an unknown dimension', { groupBy: [{ dimension: '__proto__' as never }] }, 'unknown dimension `__proto__`'],
    [
      'an unknown dimension in a filter',
      { filter: { not: { absent: { dimension: '1' as never } } } },
      'unknown dimension `1`',
    ],
    ['too many keys', { groupBy: Array(5).fill({ dimension: 'model' }) }, 'group by at most 4 keys, not `5`'],
    ['half a top', { topN: 0.5 }, '`topN` must be a whole number from 1 to 5000, not `0.5`'],
    ['an unknown measure', { measures: ['constructor' as never] }, 'unknown measure `constructor`'],
    ['no measure', { measures: [] }, 'ask for at least one measure'],
    ['a filter that is too deep', { filter: nested(40)! }, 'the filter is nested more than 32 levels deep'],
    [
      'a filter of too many parts',
      { filter: { or: Array(1_000).fill({ and: [] }) } },
      'the filter has more than 1000 parts',
    ],
    [
      'a filter that is too long',
      { filter: { key: { tag: 'iamPrincipal/a' }, equalsAny: ['x'.repeat(40_000)] } },
      'the values of the filter are longer than 40000 characters together',
    ],
    [
      'hours of a decade',
      { granularity: 'HOURLY', range: { startMs: 0, endMs } },
      'the range has more than 10000 buckets of granularity `HOURLY`; use a coarser one',
    ],
    [
      'a page behind another range',
      { page: { limit: 1, after: { bucketStartMs: 0, keys: [] } } },
      '`page.after` is not the start of a bucket in the range',
    ],
    [
      'a page behind what is no bucket',
      { page: { limit: 1, after: { bucketStartMs: MAY.range.startMs + 1, keys: [] } }, granularity: 'QUARTER_HOURLY' },
      '`page.after` is not the start of a bucket in the range',
    ],
  ])('is refused for %s', async (_, change, message) => {
    await expect(ask({ ...MAY, ...change })).rejects.toMatchObject({ code: 'QueryInvalid', message });
  });

  it('is refused when the rules of the months that it asks for are too long together', async () => {
    const rules = Array.from({ length: 500 }, (_, index) => {
      const Dimensions = { Key: 'REGION', Values: [`text ${index}`], MatchOptions: ['STARTS_WITH'] };
      return { Value: `value ${index}`, Rule: { Dimensions } };
    });
    const versions = Array.from({ length: 12 }, (_, month) => {
      return { fromMs: Date.UTC(2026, month), toMs: Date.UTC(2026, month + 1), rules, splitChargeRules: [] };
    });
    const catalog = { ...NO_CATALOG, categories: new Map([['Long', versions]]) };
    const query = { ...MAY, groupBy: [{ costCategory: 'Long' }] };
    expect(total(await ask(query, catalog))).toEqual(total(await ask(MAY)));
    const year = { startMs: Date.UTC(2026, 0), endMs: Date.UTC(2027, 0) };
    const refusal = { code: 'QueryInvalid', message: expect.stringContaining('too long for one question') };
    await expect(ask({ ...query, range: year }, catalog)).rejects.toMatchObject(refusal);
  });

  it('may hold the longest filter that is allowed', async () => {
    const filter = { key: { tag: 'iamPrincipal/team' }, equalsAny: ['日'.repeat(19_000), '\\'.repeat(19_000)] };
    const tag: CostAllocationTag = {
      key: 'iamPrincipal/team',
      status: 'Active',
      lastUsedAtMs: 0,
      discoveredAtMs: 0,
      activeIntervals: [{ fromMs: 0 }],
    };
    const catalog = { ...NO_CATALOG, tags: new Map([[tag.key, tag]]) };
    expect(total(await ask({ ...WHOLE, filter }, catalog)).requests).toBe(0n);
  });
});
