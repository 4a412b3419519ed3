import type { Budget } from '../../budgets/budget.ts';
import { type BudgetQuestion, questionOf, rowAmount } from '../../budgets/budget-filter.ts';
import type { BudgetOutlooks } from '../../budgets/budget-forecast.ts';
import {
  type AdjustedLimit,
  adjustedLimit,
  historicalLimit,
  limitAmount,
  limitIn,
} from '../../budgets/budget-limit.ts';
import { bucketed, type Period, periodsBefore } from '../../budgets/budget-period.ts';
import type { UnhealthyReason } from '../../budgets/budget-state.ts';
import type { Standing } from '../../budgets/budget-threshold.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Granularity } from '../../reports/report-query.ts';
import { knownUntil, type ReportDeps, report } from '../report-path.ts';
import type { DueBudget } from './due.ts';

export interface AskParts extends ReportDeps {
  readonly managementAccountId: string;
  readonly outlooks: BudgetOutlooks;
  /** Ends a question that takes too long, or that nobody waits for any more. */
  readonly newSignal: () => AbortSignal;
}

/** A due budget with what it has come to. */
export interface AskedBudget extends DueBudget {
  /** Absent: it cannot be counted, or has no limit yet. */
  readonly standing?: Standing;
  /** Absent: it cannot be counted. */
  readonly spend?: { readonly actual: bigint; readonly forecast?: bigint };
  readonly adjusted?: AdjustedLimit;
  readonly unhealthy?: UnhealthyReason;
}

/** Asks the reports. Throws StoreUnavailable when the store is down; a filter that holds no more is the budget's own trouble. */
export async function ask(due: DueBudget, parts: AskParts): Promise<AskedBudget> {
  try {
    return await measured(due, parts);
  } catch (error) {
    const isFilterFault = error instanceof Fault && ['ValidationException', 'QueryInvalid'].includes(error.code);
    if (isFilterFault) return { ...due, unhealthy: 'FILTER_INVALID' };
    throw error;
  }
}

async function measured(due: DueBudget, parts: AskParts): Promise<AskedBudget> {
  const { period, isClosing, nowMs } = due;
  const budget = due.record.budget.body;
  const question = questionOf(budget, parts.managementAccountId);
  const [actual = 0n] = await amounts(question, bucketed(period), 'TOTAL', parts);
  const forecast = isClosing ? undefined : await forecastFor(due, question, actual, parts);
  const spend = { actual, ...(forecast !== undefined && { forecast }) };
  const known = due.record.state.body.adjusted;
  const adjusted =
    known?.periodStartMs === period.startMs || isClosing ? known : await adjust(due, question, forecast, parts);
  const limit = limitIn(budget, period, adjusted);
  return {
    ...due,
    spend,
    ...(adjusted && { adjusted }),
    ...(limit && { standing: { periodStartMs: period.startMs, ...spend, limit: limitAmount(limit) } }),
  };

  /** Undefined for a limit that is fixed, and for a forecast that there is not: that is tried again the next time. */
  async function adjust(
    { record }: DueBudget,
    asked: BudgetQuestion,
    expected: bigint | undefined,
    deps: AskParts,
  ): Promise<AdjustedLimit | undefined> {
    const { limit: rule, timeUnit } = record.budget.body;
    if (rule.kind === 'forecast') {
      return expected === undefined ? undefined : adjustedLimit(period, nowMs, { amount: positive(expected) });
    }
    if (rule.kind !== 'historical' || timeUnit === 'CUSTOM') return undefined;
    const past = await pastAmounts(asked, timeUnit, nowMs, rule.lookBackPeriods, deps);
    return adjustedLimit(period, nowMs, historicalLimit(past));
  }
}

/** What each of the calendar periods before the current one came to, the oldest first. */
async function pastAmounts(
  question: BudgetQuestion,
  timeUnit: Exclude<Budget['timeUnit'], 'CUSTOM'>,
  nowMs: number,
  count: number,
  deps: AskParts,
): Promise<bigint[]> {
  const periods = periodsBefore(timeUnit, nowMs, count);
  const range = { startMs: periods[0]!.startMs, endMs: periods.at(-1)!.endMs };
  const isDaily = timeUnit === 'DAILY';
  const parts = await amounts(question, range, isDaily ? 'DAILY' : 'MONTHLY', deps);
  if (isDaily || timeUnit === 'MONTHLY') return parts;
  const monthsEach = parts.length / count;
  return periods.map((_, index) =>
    parts.slice(index * monthsEach, (index + 1) * monthsEach).reduce((sum, amount) => sum + amount, 0n),
  );
}

/** One amount for each bucket of the range. */
async function amounts(
  { measure, ...question }: BudgetQuestion,
  range: Period,
  granularity: Granularity,
  deps: AskParts,
): Promise<bigint[]> {
  const query = { ...question, range, granularity, groupBy: [], measures: [measure] };
  return (await report(query, deps, deps.newSignal())).map((row) => rowAmount(row, measure));
}

async function forecastFor(
  { record, period, nowMs }: DueBudget,
  question: BudgetQuestion,
  actual: bigint,
  parts: AskParts,
): Promise<bigint | undefined> {
  const { key, version } = record.budget;
  const knownMs = await knownUntil(question, nowMs, parts, parts.newSignal());
  return parts.outlooks.foreseen(`${key} ${version}`, { period, actual, nowMs, knownMs }, (days) =>
    amounts(question, days, 'DAILY', parts),
  );
}

function positive(amount: bigint): bigint {
  return amount > 0n ? amount : 0n;
}
