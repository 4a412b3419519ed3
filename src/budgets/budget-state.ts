import type { AdjustedLimit } from './budget-limit.ts';
import type { NotificationState } from './budget-threshold.ts';

/** What looking at a budget came to. Amounts are whole numbers of 1e-12 of its unit, as text. */
export interface BudgetState {
  /** Absent until it was looked at for the first time, and after a change of its definition. */
  readonly spend?: {
    readonly periodStartMs: number;
    readonly actual: string;
    /** Absent: there is not enough history. */
    readonly forecast?: string;
  };
  /** Why it cannot be counted; absent: it can. */
  readonly unhealthy?: UnhealthyReason;
  /** When that last changed. */
  readonly healthChangedAtMs: number;
  /** Budgets that adjust themselves only. */
  readonly adjusted?: AdjustedLimit;
  /** By `notificationKey`. */
  readonly notifications: Readonly<Record<string, NotificationState>>;
  /** What was budgeted for past periods and the current one, the oldest first; at most `MAX_KEPT_LIMITS`. */
  readonly limits: readonly (readonly [periodStartMs: number, amount: string])[];
}

export type UnhealthyReason = 'FILTER_INVALID';

/** Sixty days, AWS's longest history of budgets. */
const MAX_KEPT_LIMITS = 60;

/** Of a budget that was made or whose definition has changed: thresholds are armed, spend is not known. */
export function freshState(nowMs: number, before?: BudgetState): BudgetState {
  return { healthChangedAtMs: nowMs, notifications: {}, limits: before?.limits ?? [] };
}

/** Notes what is budgeted for a period; what was noted for it before is replaced. */
export function withLimit(limits: BudgetState['limits'], periodStartMs: number, amount: string): BudgetState['limits'] {
  const others = limits.filter(([startMs]) => startMs !== periodStartMs);
  return [...others, [periodStartMs, amount] as const].slice(-MAX_KEPT_LIMITS);
}
