import { formatUsdRounded } from '../kernel/money.ts';
import { isoSeconds } from '../kernel/time.ts';
import type { BudgetState } from './budget-table.ts';
import type { LimitUnit } from './hard-budget.ts';
import type { SpendCounter } from './spend-counter.ts';

/** The highest threshold that has been reached, in percent; undefined below all of them. */
export function reachedPercent(state: BudgetState, counter: SpendCounter, nowMs: number): number | undefined {
  counter.advance(nowMs);
  const used = usedOf(state, counter);
  const reached = state.thresholds(nowMs).findLastIndex((amount) => used >= amount);
  return state.budget.warnAtPercent[reached];
}

/** A budget near its limit as a header says it; undefined far from it. */
export function warningText(state: BudgetState, counter: SpendCounter, nowMs: number): string | undefined {
  if (reachedPercent(state, counter, nowMs) === undefined) return undefined;
  const { name, unit } = state.budget;
  const resetsAtMs = counter.resetsAtMs(nowMs);
  const parts = [
    name,
    `used=${shortAmount(usedOf(state, counter), unit)}`,
    `limit=${shortAmount(state.limit(nowMs), unit)}`,
    `unit=${unit}`,
    ...(resetsAtMs === undefined ? [] : [`resets=${isoSeconds(resetsAtMs)}`]),
  ];
  return parts.join('; ');
}

/** What counts for thresholds: what was spent; of concurrency, what is held. */
function usedOf({ budget }: BudgetState, counter: SpendCounter): bigint {
  return budget.unit === 'concurrency' ? counter.used : counter.spent;
}

function shortAmount(amount: bigint, unit: LimitUnit): string {
  return unit === 'USD' ? formatUsdRounded(amount, 6) : amount.toString();
}
