import type { Budget } from '../../budgets/budget.ts';
import { type Period, periodAt } from '../../budgets/budget-period.ts';
import type { BudgetRecord, BudgetRegistry } from '../../budgets/budget-registry.ts';

/** A budget that is to be looked at, in one period. */
export interface DueBudget {
  readonly record: BudgetRecord;
  readonly period: Period;
  /** True for a period that ended since it was last looked at: its last amounts have not been compared yet. */
  readonly isClosing: boolean;
  readonly nowMs: number;
}

/** What is to be looked at now; `over` for a budget whose end has come; undefined for one that is gone or yet to begin. */
export function due(
  named: Pick<Budget, 'accountId' | 'name'>,
  registry: BudgetRegistry,
  nowMs: number,
): DueBudget | { readonly over: BudgetRecord } | undefined {
  const record = registry.find(named);
  if (!record) return undefined;
  const budget = record.budget.body;
  const period = periodAt(budget, nowMs);
  const { spend } = record.state.body;
  const lastPeriod = spend && periodAt(budget, spend.periodStartMs);
  if (lastPeriod && lastPeriod.endMs <= nowMs) return { record, period: lastPeriod, isClosing: true, nowMs };
  if (period) return { record, period, isClosing: false, nowMs };
  return nowMs >= budget.endMs ? { over: record } : undefined;
}
