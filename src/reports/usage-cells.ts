import type { Book } from './book.ts';
import { MEASURE_SQL } from './compile-sql/measure-sql.ts';
import { compileReport } from './compile-sql.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import { type GroupKey, type Measure, OTHER, type ReportQuery } from './report-query.ts';
import type { StoredRow } from './report-rows.ts';
import type { TimeRange } from './time-bucket.ts';
import { validateQuery } from './validate-query.ts';

/** What calls used that differ in none of these keys, in one bucket. Amounts are doubles, for judging: nobody is shown them. */
export interface UsageCell {
  /** Start of the bucket in Unix seconds. */
  readonly bucket: number;
  readonly principal: string;
  readonly model: string;
  readonly region: string;
  readonly client: string;
  /** Values of the tag keys that were asked for, in their order; empty for none. */
  readonly tags: readonly string[];
  readonly costUsd: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
}

export interface UsageCellsQuery {
  readonly range: TimeRange;
  readonly granularity: 'QUARTER_HOURLY' | 'HOURLY' | 'DAILY';
  readonly book: Book;
  /** Prefixed keys of tags that are told apart. */
  readonly tagKeys: readonly string[];
  /** Combinations that are told apart, those that cost most first; the others are one. */
  readonly topN: number;
}

/** What the rest is called. */
const REST = 'all others';

const CALLS: readonly GroupKey[] = [
  { dimension: 'principal' },
  { dimension: 'model' },
  { dimension: 'region' },
  { dimension: 'client' },
];
const MEASURES = [
  'cost',
  'requests',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
] as const satisfies readonly Measure[];

/** All that was metered or billed in a range, as one statement. Throws QueryInvalid for a range that is no whole buckets. */
export function compileUsageCells(
  { range, granularity, book, tagKeys, topN }: UsageCellsQuery,
  catalog: CostCatalog,
): CompiledQuery {
  const query: ReportQuery = {
    ...{ range, granularity, book, topN, measures: MEASURES },
    groupBy: [...CALLS, ...tagKeys.map((tag) => ({ tag }))],
    filter: { key: { dimension: 'recordType' }, equalsAny: ['Usage'] },
  };
  // More keys than people may group by: it is still one pass over a short range.
  validateQuery({ ...query, groupBy: [] });
  return compileReport(query, catalog);
}

/** A row of `compileUsageCells`. */
export function usageCell(row: StoredRow, tagCount: number): UsageCell {
  const key = (index: number) => String(row[`key${index}`]);
  const isRest = key(0) === OTHER;
  const sum = (measure: (typeof MEASURES)[number]) => Number(row[MEASURE_SQL[measure][0].column] ?? 0);
  return {
    bucket: Number(row.bucket),
    ...(isRest
      ? { principal: REST, model: REST, region: '', client: '' }
      : { principal: key(0), model: key(1), region: key(2), client: key(3) }),
    tags: Array.from({ length: tagCount }, (_, index) => (isRest ? '' : key(CALLS.length + index))),
    ...{ costUsd: sum('cost'), requests: sum('requests'), inputTokens: sum('inputTokens') },
    ...{ cacheReadTokens: sum('cacheReadTokens'), cacheWriteTokens: sum('cacheWriteTokens') },
    outputTokens: sum('outputTokens'),
  };
}
