import type { TimeZone } from '../kernel/time-zone.ts';
import type { UsageCell } from '../reports/change-reasons.ts';
import { type ToldReason, toldReasons } from '../reports/change-words.ts';
import { type GroupKey, OTHER, type ReportFilter, type ReportRow } from '../reports/report-query.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import type { Visibility } from '../reports/visibility.ts';
import { type ReportDeps, report } from './report-path.ts';

/** Two ranges that are compared, and whose usage in them. */
export interface Comparison {
  readonly before: TimeRange;
  readonly after: TimeRange;
  readonly visible: Visibility;
  readonly filter?: ReportFilter;
  readonly signal?: AbortSignal;
}

/** How the cost of one principal, model, tag value, ... changed, and why. */
export interface SpendChange {
  readonly value: string;
  readonly beforePicoUsd: bigint;
  readonly afterPicoUsd: bigint;
  /** Add up to the difference exactly. */
  readonly reasons: readonly ToldReason[];
}

/** More values are not looked at: who changed most is among those that cost most. */
const RANKED_MAX = 2_000;

const USAGE: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };

/** The last seven whole days of the zone and the seven before them. */
export function lastWeeks(nowMs: number, zone: TimeZone): Pick<Comparison, 'before' | 'after'> {
  const { year, month, day } = zone.dateOf(nowMs);
  const [first, middle, last] = [14, 7, 0].map((days) => zone.dayStartMs(year, month, day - days));
  return { before: { startMs: first!, endMs: middle! }, after: { startMs: middle!, endMs: last! } };
}

/** The values of a key whose costs changed most, the largest change first. Both ranges are whole days of the zone. */
export async function topMovers(
  key: GroupKey,
  comparison: Comparison,
  zone: TimeZone,
  count: number,
  deps: ReportDeps,
): Promise<SpendChange[]> {
  const { before, after, visible, filter, signal } = comparison;
  const range = { startMs: before.startMs, endMs: after.endMs };
  // One question for both ranges, so that the same values are kept in both.
  const rows = await report(
    {
      ...{ range, granularity: 'DAILY', groupBy: [key], visible, filter: usageOf(filter) },
      ...{ timeZone: zone.name, topN: RANKED_MAX, measures: ['cost'] as const },
    },
    deps,
    signal,
  );
  const changes = new Map<string, bigint>();
  for (const { bucketStartMs, keys, costPicoUsd } of rows) {
    const value = keys[0]!;
    if (value === OTHER) continue;
    const isAfter = bucketStartMs >= after.startMs;
    changes.set(value, (changes.get(value) ?? 0n) + (isAfter ? costPicoUsd : -costPicoUsd));
  }
  const movers = [...changes]
    .filter(([, change]) => change !== 0n)
    .sort(([a, changeA], [b, changeB]) => compareAmounts(size(changeB), size(changeA)) || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([value]) => value);
  return movers.length === 0 ? [] : await spendChanges(key, movers, comparison, deps);
}

/** How these values of a key changed, in their order. */
export async function spendChanges(
  key: GroupKey,
  values: readonly string[],
  { before, after, visible, filter, signal }: Comparison,
  deps: ReportDeps,
): Promise<SpendChange[]> {
  const ofValues: ReportFilter = { key, equalsAny: values };
  const usage = (range: TimeRange) =>
    report(
      {
        ...{ range, granularity: 'TOTAL', visible, filter: usageOf(filter ? { and: [filter, ofValues] } : ofValues) },
        groupBy: [key, { dimension: 'model' }, { dimension: 'direction' }],
        measures: ['cost', 'quantity', 'requests'],
      },
      deps,
      signal,
    );
  const [rowsBefore, rowsAfter] = await Promise.all([usage(before), usage(after)]);
  return values.map((value) => {
    const [cellsBefore, cellsAfter] = [cellsOf(rowsBefore, value), cellsOf(rowsAfter, value)];
    return {
      ...{ value, beforePicoUsd: costOf(cellsBefore), afterPicoUsd: costOf(cellsAfter) },
      reasons: toldReasons(cellsBefore, cellsAfter),
    };
  });
}

/** Calls alone: credits and taxes have no tokens that could explain them. */
function usageOf(filter: ReportFilter | undefined): ReportFilter {
  return filter ? { and: [USAGE, filter] } : USAGE;
}

function cellsOf(rows: readonly ReportRow[], value: string): UsageCell[] {
  return rows
    .filter(({ keys }) => keys[0] === value)
    .map(({ keys, requests, quantity, costPicoUsd }) => ({
      ...{ modelId: keys[1]!, direction: keys[2]!, requests, quantity, costPicoUsd },
    }));
}

function costOf(cells: readonly UsageCell[]): bigint {
  return cells.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
}

function size(amount: bigint): bigint {
  return amount < 0n ? -amount : amount;
}

function compareAmounts(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1;
}
