import { BUCKET_MS, bucketStartMs, HOUR_MS } from '../kernel/time.ts';
import { type TimeZone, timeZoneOf } from '../kernel/time-zone.ts';

/** Over which time a limit holds. */
export type BudgetWindow =
  | {
      /** Weeks begin on Monday. */
      readonly unit: 'hour' | 'day' | 'week' | 'month';
      /** IANA name. */
      readonly timeZone: string;
    }
  /** The last so many hours, in slices of 15 minutes. */
  | { readonly rollingHours: number };

/** A stretch of time whose spend is counted as one. */
export interface Slice {
  readonly startMs: number;
  /** From here on its spend does not count any more. */
  readonly endMs: number;
}

/** The slice that an instant's spend is counted in. Slices of a calendar are its hours, days, weeks or months. */
export function sliceAt(window: BudgetWindow, atMs: number): Slice {
  if ('rollingHours' in window) {
    const startMs = bucketStartMs(atMs);
    // The slice that is under way counts besides the full ones, so that no stretch of that many hours exceeds the limit.
    return { startMs, endMs: startMs + BUCKET_MS + window.rollingHours * HOUR_MS };
  }
  const zone = timeZoneOf(window.timeZone)!;
  switch (window.unit) {
    case 'hour':
      return between(hourStartMs(zone, atMs), (fromMs) => zone.nextHourMs(fromMs), atMs);
    case 'day':
      return between(dayStartMs(zone, atMs, 0), (fromMs) => zone.nextDayMs(fromMs), atMs);
    case 'week': {
      const { year, month, day } = zone.dateOf(atMs);
      const sinceMonday = (new Date(Date.UTC(year, month, day)).getUTCDay() + 6) % 7;
      return {
        startMs: zone.dayStartMs(year, month, day - sinceMonday),
        endMs: zone.dayStartMs(year, month, day - sinceMonday + 7),
      };
    }
    case 'month': {
      const { day } = zone.dateOf(atMs);
      return between(dayStartMs(zone, atMs, day - 1), (fromMs) => zone.nextMonthMs(fromMs), atMs);
    }
  }
}

/** Since when spend counts at an instant. */
export function windowStartMs(window: BudgetWindow, atMs: number): number {
  return 'rollingHours' in window ? bucketStartMs(atMs) - window.rollingHours * HOUR_MS : sliceAt(window, atMs).startMs;
}

function hourStartMs(zone: TimeZone, atMs: number): number {
  const offsetMs = zone.offsetMs(atMs);
  return Math.floor((atMs + offsetMs) / HOUR_MS) * HOUR_MS - offsetMs;
}

function dayStartMs(zone: TimeZone, atMs: number, daysBefore: number): number {
  const { year, month, day } = zone.dateOf(atMs);
  return zone.dayStartMs(year, month, day - daysBefore);
}

/** Where clocks are put back over the boundary, the same local time comes twice: the second one belongs to what follows. */
function between(startMs: number, nextMs: (fromMs: number) => number, atMs: number): Slice {
  let slice = { startMs, endMs: nextMs(startMs) };
  while (slice.endMs <= atMs) slice = { startMs: slice.endMs, endMs: nextMs(slice.endMs) };
  return slice;
}

/** `hour`, `30 days` as people say it: for refusals. */
export function windowText(window: BudgetWindow): string {
  if (!('rollingHours' in window)) return `a ${window.unit}`;
  const { rollingHours } = window;
  return rollingHours % 24 === 0 ? `in ${rollingHours / 24} days` : `in ${rollingHours} hours`;
}
