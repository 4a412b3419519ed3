import type { OperationTable } from '../paths/operation-handler.ts';
import { actionOperations } from './budgets/actions.ts';
import { budgetOperations } from './budgets/budget-operations.ts';
import type { BudgetsParts } from './budgets/budgets-parts.ts';
import { notificationOperations } from './budgets/notifications.ts';
import { describeBudgetPerformanceHistory } from './budgets/performance-history.ts';
import { tagOperations } from './budgets/tags.ts';

export type { BudgetsParts };

/** AWS Budgets (`budgets`, API version 2016-10-20). An account has its own budgets alone. */
export function budgetsOperations(parts: BudgetsParts): OperationTable {
  return {
    ...budgetOperations(parts),
    ...notificationOperations(parts),
    ...actionOperations(parts),
    ...tagOperations(parts),
    DescribeBudgetPerformanceHistory: describeBudgetPerformanceHistory(parts),
  };
}
