import { DAY_MS } from '../../kernel/time.ts';

/** Amounts of consecutive whole days, the oldest first, in any unit. Days without usage are zero, not left out. */
export interface DailySeries {
  /** Begin of the first day. */
  readonly startMs: number;
  readonly values: readonly number[];
}

/** The shortest billing cycle: with less history nothing is forecast. */
export const MIN_HISTORY_DAYS = 28;
/** Older days say nothing about the next ones. */
const MAX_HISTORY_DAYS = 400;

/** What a forecast learns from: the days since the first that is not zero. Undefined when they are too few. */
export function historyOf({ startMs, values }: DailySeries): DailySeries | undefined {
  const first = values.findIndex((value) => value !== 0);
  const skipped = Math.max(first, values.length - MAX_HISTORY_DAYS);
  if (first === -1 || values.length - skipped < MIN_HISTORY_DAYS) return undefined;
  return { startMs: startMs + skipped * DAY_MS, values: values.slice(skipped) };
}
