import type { Budget, Spend } from './budget.ts';
import { limitIn } from './budget-limit.ts';
import { NO_END_MS, periodAt } from './budget-period.ts';
import type { BudgetRegistry } from './budget-registry.ts';
import type { BudgetState } from './budget-state.ts';

/** How a budget stands in the period that is under way. */
export interface BudgetStand {
  readonly limit: Spend;
  /** Absent: not known yet. */
  readonly spend?: NonNullable<BudgetState['spend']>;
  /** End of the period; absent: it has none. */
  readonly endMs?: number;
}

/** Undefined outside of the budget's time, and before it has a limit. */
export function standOf(budget: Budget, registry: BudgetRegistry, nowMs: number): BudgetStand | undefined {
  const state = registry.find(budget)?.state.body;
  const period = periodAt(budget, nowMs);
  const limit = period && limitIn(budget, period, state?.adjusted);
  if (!period || !limit) return undefined;
  return {
    limit,
    ...(state?.spend?.periodStartMs === period.startMs && { spend: state.spend }),
    ...(period.endMs < NO_END_MS && { endMs: period.endMs }),
  };
}
