import { BUCKET_MS, HOUR_MS } from '../../../kernel/time.ts';
import type { TimeZone } from '../../../kernel/time-zone.ts';
import type { Granularity } from '../../../reports/report-query.ts';
import type { TimeSpan } from './range.ts';
import { timeText } from './time-text.ts';

/** Spans that a range is cut into, as reports cut it: the first and the last may be shorter. */
export function bucketsOf(span: TimeSpan, granularity: Granularity, zone: TimeZone): TimeSpan[] {
  const next: Readonly<Record<Granularity, (atMs: number) => number>> = {
    TOTAL: () => span.endMs,
    QUARTER_HOURLY: (atMs) => atMs + BUCKET_MS,
    HOURLY: (atMs) => zone.nextHourMs(atMs),
    DAILY: (atMs) => zone.nextDayMs(atMs),
    MONTHLY: (atMs) => zone.nextMonthMs(atMs),
  };
  const buckets: TimeSpan[] = [];
  for (let startMs = span.startMs; startMs < span.endMs; ) {
    const endMs = Math.min(next[granularity](startMs), span.endMs);
    buckets.push({ startMs, endMs });
    startMs = endMs;
  }
  return buckets;
}

/** The grain at which a range reads well: some dozens of places on the axis. */
export function grainFor({ startMs, endMs }: TimeSpan): Granularity {
  const hours = (endMs - startMs) / HOUR_MS;
  if (hours <= 8) return 'QUARTER_HOURLY';
  if (hours <= 3 * 25) return 'HOURLY';
  return hours <= 130 * 24 ? 'DAILY' : 'MONTHLY';
}

/** `2026-11`, `2026-11-20`, `2026-11-20 23:00`: unique on an axis but for the hour that comes twice. */
export function bucketText({ startMs }: TimeSpan, granularity: Granularity, zone: TimeZone): string {
  if (granularity === 'DAILY') return timeText(startMs, zone, 'date');
  if (granularity === 'MONTHLY') return timeText(startMs, zone, 'date').slice(0, 7);
  return timeText(startMs, zone, 'minute');
}
