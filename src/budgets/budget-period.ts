import { bucketEndMs, bucketStartMs, DAY_MS } from '../kernel/time.ts';
import type { Budget, TimeUnit } from './budget.ts';

/** Half-open, UTC milliseconds. */
export interface Period {
  readonly startMs: number;
  readonly endMs: number;
}

/** AWS's end for budgets that name none: 2087-06-15. */
export const NO_END_MS = 3_706_473_600_000;

type CalendarUnit = Exclude<TimeUnit, 'CUSTOM'>;

const MONTHS: Readonly<Record<Exclude<CalendarUnit, 'DAILY'>, number>> = { MONTHLY: 1, QUARTERLY: 3, ANNUALLY: 12 };

/** Start of the calendar day, month, quarter or year that holds an instant. */
export function calendarStartMs(unit: CalendarUnit, atMs: number): number {
  if (unit === 'DAILY') return Math.floor(atMs / DAY_MS) * DAY_MS;
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), Math.floor(at.getUTCMonth() / MONTHS[unit]) * MONTHS[unit], 1);
}

/** Start of the calendar period so many after (or before) the one that starts here. */
export function shiftedStartMs(unit: CalendarUnit, startMs: number, count: number): number {
  if (unit === 'DAILY') return startMs + count * DAY_MS;
  const start = new Date(startMs);
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + count * MONTHS[unit], 1);
}

type Dated = Pick<Budget, 'timeUnit' | 'startMs' | 'endMs'>;

/**
 * The period that holds an instant: the calendar's, cut by the budget's own start and end; of a custom budget, all of it.
 * Undefined before the start and from the end on.
 */
export function periodAt({ timeUnit, startMs, endMs }: Dated, atMs: number): Period | undefined {
  if (atMs < startMs || atMs >= endMs) return undefined;
  if (timeUnit === 'CUSTOM') return { startMs, endMs };
  const calendarMs = calendarStartMs(timeUnit, atMs);
  return {
    startMs: Math.max(calendarMs, startMs),
    endMs: Math.min(shiftedStartMs(timeUnit, calendarMs, 1), endMs),
  };
}

/** Whole calendar periods that came before the one that holds an instant, the oldest first. */
export function periodsBefore(unit: CalendarUnit, atMs: number, count: number): Period[] {
  const currentMs = calendarStartMs(unit, atMs);
  return Array.from({ length: count }, (_, index) => ({
    startMs: shiftedStartMs(unit, currentMs, index - count),
    endMs: shiftedStartMs(unit, currentMs, index - count + 1),
  }));
}

/** The quarter hours that a period touches: what reports can be asked for. */
export function bucketed({ startMs, endMs }: Period): Period {
  return {
    startMs: bucketStartMs(startMs),
    endMs: bucketEndMs(endMs),
  };
}
