import type { CallFacts, ContextGrowth, UsageSlice } from '../detection/usage-slice.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS, SECOND_MS } from '../kernel/time.ts';
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

export interface WatchedUsageQuestion extends Pick<UsageCellsQuery, 'range' | 'tagKeys'> {
  readonly granularity: 'QUARTER_HOURLY' | 'HOURLY';
  readonly repeatsOf: RepeatsOf;
}

/**
 * All that was metered in a range, bucket by bucket, in two questions to the store however many subjects there are. Amounts
 * are for judging alone.
 */
export async function watchedUsage(
  { repeatsOf, ...question }: WatchedUsageQuestion,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<UsageSlice[]> {
  const { range, granularity } = question;
  const bucketMs = granularity === 'HOURLY' ? HOUR_MS : BUCKET_MS;
  const buckets = (range.endMs - range.startMs) / bucketMs;
  const [cells, factRows] = await Promise.all([
    cellsOf({ ...question, book: 'ledger' }, deps, signal),
    deps.store.query<CallFactsRow>(compileCallFacts(range, bucketMs, PRINCIPALS_MAX * buckets), signal),
  ]);
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

/** Input tokens of a bill that stand for one call, since a bill counts none. */
const INPUT_A_CALL = 1_000;

/** All that imported bills say of a range, hour by hour or day by day. What calls were like they do not say. */
export async function billedUsage(
  question: Pick<UsageCellsQuery, 'range' | 'tagKeys'> & { readonly granularity: 'HOURLY' | 'DAILY' },
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<UsageSlice[]> {
  const { range, granularity } = question;
  const lengthMs = granularity === 'HOURLY' ? HOUR_MS : DAY_MS;
  const cells = await cellsOf({ ...question, book: 'bill' }, deps, signal);
  return Array.from({ length: (range.endMs - range.startMs) / lengthMs }, (_, index) => {
    const startMs = range.startMs + index * lengthMs;
    const own = (cells.get(startMs) ?? []).map((cell) => {
      const { inputTokens, cacheReadTokens, cacheWriteTokens } = cell;
      return { ...cell, requests: (inputTokens + cacheReadTokens + cacheWriteTokens) / INPUT_A_CALL };
    });
    return { startMs, cells: own, facts: [] };
  });
}

async function cellsOf(
  question: Omit<UsageCellsQuery, 'topN'>,
  { store, costCatalog }: ReportDeps,
  signal: AbortSignal | undefined,
) {
  const rows = await store.query<StoredRow>(
    compileUsageCells({ ...question, topN: GROUPS_MAX }, costCatalog()),
    signal,
  );
  return Map.groupBy(
    rows.map((row) => usageCell(row, question.tagKeys.length)),
    ({ bucket }) => bucket * SECOND_MS,
  );
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
