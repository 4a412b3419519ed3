import { BUCKET_MS, billingPeriodOf, billingPeriodStartMs, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { type TimeZone, timeZoneOf, UTC } from '../kernel/time-zone.ts';
import type { Granularity, ReportQuery } from './report-query.ts';

/** Half-open, UTC milliseconds. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** How a range is cut into buckets. */
export type BucketQuestion = Pick<ReportQuery, 'range' | 'granularity' | 'timeZone'>;

/** The buckets of a range in order. The first and the last keep the range's cut. */
export function timeBuckets({ range, granularity, timeZone }: BucketQuestion): TimeRange[] {
  const zone = zoneOf(timeZone);
  const buckets: TimeRange[] = [];
  for (let startMs = range.startMs; startMs < range.endMs; ) {
    const endMs = Math.min(nextBucketMs(startMs, granularity, zone), range.endMs);
    buckets.push({ startMs, endMs });
    startMs = endMs;
  }
  return buckets;
}

/** True where the store knows the buckets by itself; elsewhere it is told where they start. */
export function isStoreCalendar({ granularity, timeZone }: BucketQuestion): boolean {
  return granularity === 'TOTAL' || granularity === 'QUARTER_HOURLY' || zoneOf(timeZone) === UTC;
}

/** The start by which the store knows a bucket: in its own calendar the uncut one. The one bucket of `TOTAL` starts at 0. */
export function storedStartMs(bucketStartMs: number, question: BucketQuestion): number {
  if (!isStoreCalendar(question)) return bucketStartMs;
  const { granularity } = question;
  if (granularity === 'QUARTER_HOURLY') return bucketStartMs;
  if (granularity === 'HOURLY') return Math.floor(bucketStartMs / HOUR_MS) * HOUR_MS;
  if (granularity === 'DAILY') return Math.floor(bucketStartMs / DAY_MS) * DAY_MS;
  return granularity === 'MONTHLY' ? billingPeriodStartMs(billingPeriodOf(bucketStartMs)) : 0;
}

function nextBucketMs(atMs: number, granularity: Granularity, zone: TimeZone): number {
  if (granularity === 'QUARTER_HOURLY') return atMs + BUCKET_MS;
  if (granularity === 'HOURLY') return zone.nextHourMs(atMs);
  if (granularity === 'DAILY') return zone.nextDayMs(atMs);
  return granularity === 'MONTHLY' ? zone.nextMonthMs(atMs) : Number.POSITIVE_INFINITY;
}

/** `Etc/UTC`, `GMT` and the like are all UTC. Unknown zones have been refused before. */
function zoneOf(timeZone: string | undefined): TimeZone {
  const zone = timeZone === undefined ? UTC : timeZoneOf(timeZone)!;
  return zone.name === UTC.name ? UTC : zone;
}
