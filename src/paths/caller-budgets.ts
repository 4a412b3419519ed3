import type { BudgetTable } from '../admission/budget-table.ts';
import type { BudgetRegistry } from '../budgets/budget-registry.ts';
import type { CallerBudgets } from '../identity/caller-budget.ts';
import { alertBudgets } from './caller-budgets/alert-budgets.ts';
import { hardBudgets } from './caller-budgets/hard-budgets.ts';

export interface CallerBudgetsParts {
  readonly budgets: BudgetRegistry;
  readonly hardBudgets: BudgetTable;
  readonly managementAccountId: string;
}

/** The budgets of both kinds that count a caller's calls, hard ones first. */
export function callerBudgets({ budgets, hardBudgets: table, managementAccountId }: CallerBudgetsParts): CallerBudgets {
  const sources = [hardBudgets(table), alertBudgets(budgets, managementAccountId)];
  return (caller, nowMs) => sources.flatMap((budgetsOf) => budgetsOf(caller, nowMs));
}
