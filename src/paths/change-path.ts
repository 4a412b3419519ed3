import { Fault } from '../kernel/fault.ts';
import { magnitude } from '../kernel/money.ts';
import { inMonths, monthsJustBefore } from '../kernel/present.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { TimeZone } from '../kernel/time-zone.ts';
import {
  CELLS_MAX,
  type ChangeQuestion,
  type ChangeRow,
  changeCell,
  compileChange,
  lengthsOf,
} from '../reports/change-query.ts';
import { type ExplainedCell, explainCells } from '../reports/change-reasons.ts';
import { costOf, type ToldReason, toldReasons } from '../reports/change-words.ts';
import { type GroupKey, OTHER, type ReportFilter, type ReportQuery } from '../reports/report-query.ts';
import { validateQuery } from '../reports/validate-query.ts';
import { billedBy, type ReportDeps, report } from './report-path.ts';

/** Two ranges that are compared, and whose usage in them. */
export interface Comparison extends Omit<ChangeQuestion, 'keys' | 'isEachApart'> {
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

/** What is compared where no time is named. */
export type LatestPeriods = Pick<Comparison, 'before' | 'after' | 'zone'>;

/**
 * The last seven whole days of the zone and the seven before them; of a bill by months its latest month and the one before.
 * `knownMs`: up to when the usage of the book is known.
 */
export async function latestPeriods(
  book: Pick<ReportQuery, 'book'>,
  { knownMs, zone }: { readonly knownMs: number; readonly zone: TimeZone },
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<LatestPeriods> {
  if ((await billedBy(book, knownMs, deps, signal)) !== 'month') return lastWeeks(knownMs, zone);
  const after = inMonths({ startMs: knownMs - DAY_MS, endMs: knownMs });
  return { before: monthsJustBefore(after), after, zone };
}

export function lastWeeks(nowMs: number, zone: TimeZone): LatestPeriods {
  const { year, month, day } = zone.dateOf(nowMs);
  const [first, middle, last] = [14, 7, 0].map((days) => zone.dayStartMs(year, month, day - days));
  return { before: { startMs: first!, endMs: middle! }, after: { startMs: middle!, endMs: last! }, zone };
}

/**
 * The way of a question about a change: validate > compile > run > explain. Every surface asks here, so that no two give other
 * reasons. Throws as `report` does.
 */
export async function explainedCells(
  question: ChangeQuestion,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<ExplainedCell[]> {
  const { before, after, keys, filter } = question;
  for (const range of [before, after]) {
    validateQuery({ range, granularity: 'TOTAL', groupBy: keys, ...(filter && { filter }) });
  }
  const rows = await deps.store.query<ChangeRow>(compileChange(question, deps.costCatalog()), signal);
  if (rows.length > CELLS_MAX) {
    throw new Fault(
      'QueryInvalid',
      `the change has more than \`${CELLS_MAX}\` parts; ask for fewer keys, a shorter range or a filter`,
    );
  }
  const cells = rows.map((row) => changeCell(row, keys));
  const questions = question.isEachApart ? [...Map.groupBy(cells, ({ keys: [value] }) => value).values()] : [cells];
  return questions.flatMap((own) => explainCells(own, lengthsOf(question)));
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
      ...{ range, granularity: 'DAILY', groupBy: [key], filter: usageOf(filter) },
      ...{ timeZone: zone.name, topN: RANKED_MAX, measures: ['cost'] as const },
      ...(visible && { visible }),
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
    .sort(([a, changeA], [b, changeB]) => compareAmounts(magnitude(changeB), magnitude(changeA)) || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([value]) => value);
  return movers.length === 0 ? [] : await spendChanges(key, movers, comparison, deps);
}

/** How these values of a key changed, in their order, each as a question of its own. */
export async function spendChanges(
  key: GroupKey,
  values: readonly string[],
  comparison: Comparison,
  deps: ReportDeps,
): Promise<SpendChange[]> {
  const { filter, signal, ...ranges } = comparison;
  const ofValues: ReportFilter = { key, equalsAny: values };
  const question = { ...ranges, filter: usageOf(filter ? { and: [filter, ofValues] } : ofValues), isEachApart: true };
  const cells = await explainedCells({ ...question, keys: [key] }, deps, signal);
  return values.map((value) => {
    const own = cells.filter(({ keys }) => keys[0] === value);
    return {
      ...{ value, beforePicoUsd: costOf(own, 'before'), afterPicoUsd: costOf(own, 'after') },
      reasons: toldReasons(own, lengthsOf(ranges)),
    };
  });
}

/** Calls alone: credits and taxes have no tokens that could explain them. */
function usageOf(filter: ReportFilter | undefined): ReportFilter {
  return filter ? { and: [USAGE, filter] } : USAGE;
}

function compareAmounts(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1;
}
