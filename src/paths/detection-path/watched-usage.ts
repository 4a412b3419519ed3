import type { CallFacts, ContextGrowth, SliceCell, UsageSlice } from '../../detection/usage-slice.ts';
import { BUCKET_MS, HOUR_MS, SECOND_MS } from '../../kernel/time.ts';
import { type CallFactsRow, compileCallFacts } from '../../reports/call-facts.ts';
import { MEASURE_SQL } from '../../reports/compile-sql/measure-sql.ts';
import { compileReport } from '../../reports/compile-sql.ts';
import type { GroupKey, Measure, ReportQuery } from '../../reports/report-query.ts';
import { OTHER } from '../../reports/report-query.ts';
import type { StoredRow } from '../../reports/report-rows.ts';
import type { TimeRange } from '../../reports/time-bucket.ts';
import { validateQuery } from '../../reports/validate-query.ts';
import type { ReportDeps } from '../report-path.ts';

/** Combinations of one answer that are told apart, those that cost most first; the others are watched as one. */
const GROUPS_MAX = 2_000;
/** Principals whose calls are looked at in one answer, for each bucket. */
const PRINCIPALS_MAX = 2_000;
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

/** Calls with the most frequent prompt, by principal and start of the bucket. */
export type RepeatsOf = (principal: string, bucketStartMs: number) => number;

export interface WatchedUsageQuestion {
  readonly range: TimeRange;
  readonly granularity: 'QUARTER_HOURLY' | 'HOURLY';
  /** Prefixed keys of tags that are told apart. */
  readonly tagKeys: readonly string[];
  readonly repeatsOf: RepeatsOf;
}

/**
 * All that was metered in a range, bucket by bucket, in two questions to the store however many subjects there are. Amounts
 * are for judging alone.
 */
export async function watchedUsage(
  { range, granularity, tagKeys, repeatsOf }: WatchedUsageQuestion,
  { store, costCatalog }: ReportDeps,
  signal?: AbortSignal,
): Promise<UsageSlice[]> {
  const query: ReportQuery = {
    ...{ range, granularity, book: 'ledger', topN: GROUPS_MAX, measures: MEASURES },
    groupBy: [...CALLS, ...tagKeys.map((tag) => ({ tag }))],
    filter: { key: { dimension: 'recordType' }, equalsAny: ['Usage'] },
  };
  // More keys than people may group by: it is still one pass over a short range.
  validateQuery({ ...query, groupBy: [] });
  const bucketMs = granularity === 'HOURLY' ? HOUR_MS : BUCKET_MS;
  const buckets = (range.endMs - range.startMs) / bucketMs;
  const [rows, factRows] = await Promise.all([
    store.query<StoredRow>(compileReport(query, costCatalog()), signal),
    store.query<CallFactsRow>(compileCallFacts(range, bucketMs, PRINCIPALS_MAX * buckets), signal),
  ]);
  const cells = Map.groupBy(rows, ({ bucket }) => Number(bucket) * SECOND_MS);
  const facts = Map.groupBy(factRows, ({ bucket }) => Number(bucket) * SECOND_MS);
  return Array.from({ length: buckets }, (_, index) => {
    const startMs = range.startMs + index * bucketMs;
    return {
      startMs,
      cells: (cells.get(startMs) ?? []).map((row) => cellOf(row, tagKeys.length)),
      facts: (facts.get(startMs) ?? []).map((row) => factsOf(row, repeatsOf(row.principal, startMs))),
    };
  });
}

function cellOf(row: StoredRow, tagCount: number): SliceCell {
  const key = (index: number) => String(row[`key${index}`]);
  const isRest = key(0) === OTHER;
  const sum = (measure: (typeof MEASURES)[number]) => Number(row[MEASURE_SQL[measure][0].column] ?? 0);
  return {
    ...(isRest
      ? { principal: REST, model: REST, region: '', client: '' }
      : { principal: key(0), model: key(1), region: key(2), client: key(3) }),
    tags: Array.from({ length: tagCount }, (_, index) => (isRest ? '' : key(CALLS.length + index))),
    ...{ costUsd: sum('cost'), requests: sum('requests'), inputTokens: sum('inputTokens') },
    ...{ cacheReadTokens: sum('cacheReadTokens'), cacheWriteTokens: sum('cacheWriteTokens') },
    outputTokens: sum('outputTokens'),
  };
}

function factsOf({ principal, calls, failed, networks, inputs }: CallFactsRow, repeats: number): CallFacts {
  const growth = growthOf(inputs.map(Number));
  return { principal, calls: Number(calls), failed: Number(failed), networks, repeats, ...(growth && { growth }) };
}

function growthOf(inputs: readonly number[]): ContextGrowth | undefined {
  if (inputs.length < 2) return undefined;
  const rises = inputs.filter((tokens, index) => index > 0 && tokens > inputs[index - 1]!).length;
  return {
    calls: inputs.length,
    fromTokens: inputs[0]!,
    toTokens: inputs.at(-1)!,
    risingShare: rises / (inputs.length - 1),
  };
}
