import type {
  BudgetedAndActualAmounts,
  DescribeBudgetPerformanceHistoryRequest,
  DescribeBudgetPerformanceHistoryResponse,
} from '@aws-sdk/client-budgets';
import type { Budget } from '../../budgets/budget.ts';
import { amountText } from '../../budgets/budget-amount.ts';
import { questionOf, rowAmount } from '../../budgets/budget-filter.ts';
import { limitIn, unitOf } from '../../budgets/budget-limit.ts';
import { bucketed, type Period, periodAt, periodsBefore } from '../../budgets/budget-period.ts';
import type { BudgetRecord } from '../../budgets/budget-registry.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { report } from '../../paths/report-path.ts';
import type { ReportRow } from '../../reports/report-query.ts';
import { budgetNeed } from './access.ts';
import { wireBudget, wireSpend } from './budget-description.ts';
import { type BudgetsParts, requireBudget } from './budgets-parts.ts';
import { pageOf } from './page.ts';

/** Periods before the current one (Budgets API reference, checked 2026-11: there is no history of annual budgets). */
const PAST_PERIODS = { DAILY: 60, MONTHLY: 12, QUARTERLY: 4 } as const;

/** What was budgeted for each period, and what it comes to by now. */
export function describeBudgetPerformanceHistory(
  parts: BudgetsParts,
): OperationHandler<DescribeBudgetPerformanceHistoryRequest, DescribeBudgetPerformanceHistoryResponse> {
  return {
    access: budgetNeed('ViewBudget', parts),
    run: async ({ input, nowMs, request }) => {
      const record = requireBudget(parts, input, 'get budget performance history');
      const { Start: start, End: end } = input.TimePeriod ?? {};
      const asked = knownPeriods(record.budget.body, nowMs).filter(
        ({ startMs, endMs }) => (!start || endMs > start.getTime()) && (!end || startMs < end.getTime()),
      );
      const { items, rest } = pageOf(asked, ({ startMs }) => new Date(startMs).toISOString(), input);
      const amounts =
        items.length === 0 ? [] : await actualAmounts(record.budget.body, items, parts, request.client.gone);
      const { BudgetName, BudgetType, CostFilters, CostTypes, TimeUnit, BillingViewArn, FilterExpression, Metrics } =
        wireBudget(record, nowMs, true);
      return {
        BudgetPerformanceHistory: {
          ...{ BudgetName, BudgetType, CostFilters, CostTypes, TimeUnit, BillingViewArn, FilterExpression, Metrics },
          BudgetedAndActualAmountsList: items.map((period, index) => wireAmounts(record, period, amounts[index]!)),
        },
        ...rest,
      };
    },
  };
}

/** Oldest first, with the current one; none before the budget's start. */
function knownPeriods(budget: Budget, nowMs: number): Period[] {
  const { timeUnit } = budget;
  const past = Object.hasOwn(PAST_PERIODS, timeUnit)
    ? periodsBefore(timeUnit as keyof typeof PAST_PERIODS, nowMs, PAST_PERIODS[timeUnit as keyof typeof PAST_PERIODS])
    : [];
  if (timeUnit === 'ANNUALLY') return [];
  // The last instant of a period is the budget's own, also when its start cuts the period.
  return [...past.map(({ endMs }) => endMs - 1), nowMs].flatMap((atMs) => periodAt(budget, atMs) ?? []);
}

async function actualAmounts(
  budget: Budget,
  periods: readonly Period[],
  parts: BudgetsParts,
  signal: AbortSignal,
): Promise<bigint[]> {
  const { measure, ...question } = questionOf(budget, parts.managementAccountId);
  const range = bucketed({ startMs: periods[0]!.startMs, endMs: periods.at(-1)!.endMs });
  const granularity = budget.timeUnit === 'CUSTOM' ? 'TOTAL' : budget.timeUnit === 'DAILY' ? 'DAILY' : 'MONTHLY';
  const query = { ...question, range, granularity, groupBy: [], measures: [measure] } as const;
  const rows = await report(query, parts, signal);
  return periods.map((period) => sumWithin(rows, bucketed(period), (row) => rowAmount(row, measure)));
}

function sumWithin(
  rows: readonly ReportRow[],
  { startMs, endMs }: Period,
  amountOf: (row: ReportRow) => bigint,
): bigint {
  const within = rows.filter(({ bucketStartMs }) => bucketStartMs >= startMs && bucketStartMs < endMs);
  return within.reduce((sum, row) => sum + amountOf(row), 0n);
}

/** What was budgeted at the time where that is on record, else what would be today. */
function wireAmounts({ budget, state }: BudgetRecord, period: Period, actual: bigint): BudgetedAndActualAmounts {
  const unit = unitOf(budget.body.type);
  const kept = state.body.limits.find(([startMs]) => startMs === period.startMs)?.[1];
  const budgeted = kept === undefined ? limitIn(budget.body, period, undefined) : { amount: kept, unit };
  return {
    ...(budgeted && { BudgetedAmount: wireSpend(budgeted) }),
    ActualAmount: { Amount: amountText(actual), Unit: unit },
    TimePeriod: { Start: new Date(period.startMs), End: new Date(period.endMs) },
  };
}
