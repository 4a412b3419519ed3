import { Fault } from '../kernel/fault.ts';
import { HOUR_MS, isoSeconds } from '../kernel/time.ts';
import { windowText } from './budget-window.ts';
import { amountText, type HardBudget, limitAt } from './hard-budget.ts';
import type { SpendCounter } from './spend-counter.ts';
import { scopeText } from './spend-scope.ts';

/** What a call lacks on one budget. */
export interface Shortage {
  readonly budget: HardBudget;
  readonly counter: SpendCounter;
  /** The most that the call can use. */
  readonly need: bigint;
}

/**
 * The refusal, with the budget's name. Clients try throttled calls again, so only what resets within the hour is throttled.
 * Other vendors' doors answer 429 and 402 (`insufficient_quota`, `billing_error`) by the same facts.
 */
export function budgetRefusal({ budget, counter, need }: Shortage, nowMs: number): Fault {
  const { name, unit, window } = budget;
  const amount = (value: bigint) =>
    `${amountText(value < 0n ? 0n : value, unit)} ${unit === 'concurrency' ? 'calls' : unit}`;
  const limit = limitAt(budget, nowMs);
  const resetsAtMs = counter.resetsAtMs(nowMs);
  const whose = counter.value === '' ? scopeText(budget.scope) : counter.value;
  const sentences = [
    `The hard budget ${name} has no room for this call.`,
    `Limit: ${amount(limit)}${window ? ` ${windowText(window)}` : ' at a time'} for ${whose};`,
    `spent: ${amount(counter.spent)}; held by calls under way: ${amount(counter.held)};`,
    `this call needs up to ${amount(need)}.`,
    ...(resetsAtMs === undefined ? [] : [`It resets at ${isoSeconds(resetsAtMs)}.`]),
  ];
  const message = sentences.join(' ');
  const isShort = resetsAtMs === undefined || unit === 'requests' || resetsAtMs - nowMs <= HOUR_MS;
  if (!isShort) return new Fault('AccessDeniedException', message, { cause: 'budget' });
  const retryAfterSeconds = resetsAtMs === undefined ? 1 : Math.ceil((resetsAtMs - nowMs) / 1_000);
  return new Fault('ThrottlingException', message, { retryAfterSeconds });
}

/** A model, or what a request asks for besides, without a price on a budget in USD that lets none of these through. */
export function unpricedRefusal({ name }: HardBudget, unpriced: string): Fault {
  return new Fault(
    'AccessDeniedException',
    `The hard budget ${name} refuses calls without a known price, and ${unpriced} has none.`,
    { cause: 'budget' },
  );
}

/** A call whose cost nobody can bound, on a budget that refuses what is over its limit. */
export function unboundedRefusal({ name }: HardBudget, unbounded: string): Fault {
  return new Fault(
    'AccessDeniedException',
    `The hard budget ${name} refuses calls whose cost has no bound, and ${unbounded} has none.`,
    { cause: 'budget' },
  );
}
