import type { BudgetState, BudgetTable } from '../../admission/budget-table.ts';
import { amountText } from '../../admission/hard-budget.ts';
import { compileScope, dimensionValue, type SpendSubject, subjectOf } from '../../admission/spend-scope.ts';
import type { CallerBudget, CallerBudgets } from '../../identity/caller-budget.ts';

/** Budgets that would refuse the caller's calls, whichever model they are for. */
export function hardBudgets(table: BudgetTable): CallerBudgets {
  return (caller, nowMs) => {
    const subject = subjectOf(caller, '');
    return [...table.all()].filter((state) => isAbout(state, subject)).map((state) => standOf(state, subject, nowMs));
  };
}

function isAbout({ scope: { models: _, ...scope } }: BudgetState, subject: SpendSubject): boolean {
  return compileScope(scope)(subject);
}

function standOf(state: BudgetState, subject: SpendSubject, nowMs: number): CallerBudget {
  const { name, unit, each } = state.budget;
  const stand = { name, kind: 'hard' as const, unit, limit: amountText(state.limit(nowMs), unit) };
  // Of each model there is a counter: none is the caller's.
  if (each === 'model') return stand;
  const counter = state.counters.get(each === undefined ? '' : dimensionValue(each, subject));
  counter?.advance(nowMs);
  const resetsAtMs = counter?.resetsAtMs(nowMs);
  return {
    ...stand,
    used: amountText(counter?.spent ?? 0n, unit),
    ...(resetsAtMs !== undefined && { resetsAtMs }),
  };
}
