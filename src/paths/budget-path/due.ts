import type { Budget } from '../../budgets/budget.ts';
import { type Period, periodAt } from '../../budgets/budget-period.ts';
import type { BudgetRecord, BudgetRegistry } from '../../budgets/budget-registry.ts';

/** A budget that is to be looked at, in one period. */
export interface DueBudget {
  readonly record: BudgetRecord;
  readonly period: Period;
  /** True for the period before, which ended since it was last looked at: its last amounts have not been compared yet. */
  readonly isClosing: boolean;
  readonly nowMs: number;
}

/** What is to be looked at now; undefined for a budget that is gone, over or yet to begin. */
export function due(
  named: Pick<Budget, 'accountId' | 'name'>,
  registry: BudgetRegistry,
  nowMs: number,
): DueBudget | undefined {
  const record = registry.find(named);
  const period = record && periodAt(record.budget.body, nowMs);
  if (!period) return undefined;
  const { spend } = record.state.body;
  const before = spend && spend.periodStartMs < period.startMs && periodAt(record.budget.body, spend.periodStartMs);
  return before ? { record, period: before, isClosing: true, nowMs } : { record, period, isClosing: false, nowMs };
}
