import type { Caller } from './principal.ts';

/** A budget as one of those sees it whose calls it counts. */
export interface CallerBudget {
  readonly name: string;
  /** `alert` tells and may change permissions, late; `hard` refuses calls. */
  readonly kind: 'alert' | 'hard';
  /** `USD`, `tokens`, `requests`, ... */
  readonly unit: string;
  /** Exact decimal text, as `used`. */
  readonly limit: string;
  /** By everybody whom the budget counts; absent: not known yet. */
  readonly used?: string;
  /** Absent: never. */
  readonly resetsAtMs?: number;
}

/** Port: the budgets that a caller's next call would count against, as far as that can be said without the call. */
export type CallerBudgets = (caller: Caller, nowMs: number) => readonly CallerBudget[];
