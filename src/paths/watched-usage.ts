import type { CallFacts, ContextGrowth, UsageSlice } from '../detection/usage-slice.ts';
import { BUCKET_MS, HOUR_MS, SECOND_MS } from '../kernel/time.ts';
import { type CallFactsRow, compileCallFacts } from '../reports/call-facts.ts';
import type { StoredRow } from '../reports/report-rows.ts';
import { compileUsageCells, type UsageCellsQuery, usageCell } from '../reports/usage-cells.ts';
import type { ReportDeps } from './report-path.ts';

/** Combinations of one answer that are told apart. */
const GROUPS_MAX = 2_000;
/** Principals whose calls are looked at in one answer, for each bucket. */
const PRINCIPALS_MAX = 2_000;

/** Calls with the most frequent prompt, by principal and start of the bucket. */
export type RepeatsOf = (principal: string, bucketStartMs: number) => number;

export interface WatchedUsageQuestion extends Omit<UsageCellsQuery, 'topN'> {
  readonly repeatsOf: RepeatsOf;
}

/**
 * All that was metered in a range, bucket by bucket, in two questions to the store however many subjects there are. Amounts
 * are for judging alone.
 */
export async function watchedUsage(
  { repeatsOf, ...question }: WatchedUsageQuestion,
  { store, costCatalog }: ReportDeps,
  signal?: AbortSignal,
): Promise<UsageSlice[]> {
  const { range, granularity, tagKeys } = question;
  const bucketMs = granularity === 'HOURLY' ? HOUR_MS : BUCKET_MS;
  const buckets = (range.endMs - range.startMs) / bucketMs;
  const [rows, factRows] = await Promise.all([
    store.query<StoredRow>(compileUsageCells({ ...question, topN: GROUPS_MAX }, costCatalog()), signal),
    store.query<CallFactsRow>(compileCallFacts(range, bucketMs, PRINCIPALS_MAX * buckets), signal),
  ]);
  const cells = Map.groupBy(
    rows.map((row) => usageCell(row, tagKeys.length)),
    ({ bucket }) => bucket * SECOND_MS,
  );
  const facts = Map.groupBy(factRows, ({ bucket }) => Number(bucket) * SECOND_MS);
  return Array.from({ length: buckets }, (_, index) => {
    const startMs = range.startMs + index * bucketMs;
    return {
      startMs,
      cells: cells.get(startMs) ?? [],
      facts: (facts.get(startMs) ?? []).map((row) => factsOf(row, repeatsOf(row.principal, startMs))),
    };
  });
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
