import type { BudgetNotification, NotificationType, Threshold } from './budget.ts';
import { amountOfNumber } from './budget-amount.ts';

/** What a budget has come to in its current period, in 1e-12 of its unit. */
export interface Standing {
  readonly periodStartMs: number;
  readonly actual: bigint;
  /** Absent: there is not enough history to foresee anything. */
  readonly forecast?: bigint;
  readonly limit: bigint;
}

const HUNDRED_PERCENT = amountOfNumber(100);

/** True when the amount is over (or under, or at) the threshold. Exact: nothing is rounded. */
export function isCrossed(
  { value, type }: Threshold,
  operator: BudgetNotification['operator'],
  amount: bigint,
  limit: bigint,
): boolean {
  const threshold = amountOfNumber(value);
  const [left, right] = type === 'PERCENTAGE' ? [amount * HUNDRED_PERCENT, limit * threshold] : [amount, threshold];
  if (operator === 'GREATER_THAN') return left > right;
  return operator === 'LESS_THAN' ? left < right : left === right;
}

/** What a threshold of this type is compared with; undefined for a forecast that there is not. */
export function comparedAmount(type: NotificationType, { actual, forecast }: Standing): bigint | undefined {
  return type === 'ACTUAL' ? actual : forecast;
}

/** How a notification stands. */
export interface NotificationState {
  readonly state: 'OK' | 'ALARM';
  readonly periodStartMs: number;
  /** Period in which it last told its subscribers. */
  readonly toldPeriodStartMs?: number;
}

/**
 * The next state, and whether subscribers are to be told. Of actual amounts they are told once a period; of forecasts each
 * time that one goes over the threshold.
 */
export function nextState(
  { type, operator, threshold }: Omit<BudgetNotification, 'subscribers'>,
  before: NotificationState | undefined,
  standing: Standing,
): { readonly state: NotificationState; readonly isTold: boolean } {
  const { periodStartMs, limit } = standing;
  const amount = comparedAmount(type, standing);
  const isAlarm = amount !== undefined && isCrossed(threshold, operator, amount, limit);
  const wasAlarm = before?.state === 'ALARM' && before.periodStartMs === periodStartMs;
  const wasTold = before?.toldPeriodStartMs === periodStartMs;
  const isTold = isAlarm && (type === 'ACTUAL' ? !wasTold : !wasAlarm);
  const told = isTold ? periodStartMs : before?.toldPeriodStartMs;
  return {
    state: {
      state: isAlarm ? 'ALARM' : 'OK',
      periodStartMs,
      ...(told !== undefined && { toldPeriodStartMs: told }),
    },
    isTold,
  };
}
