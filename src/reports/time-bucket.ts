import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { Granularity } from './report-query.ts';

/** Half-open, UTC milliseconds. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
}

/** The buckets of a range in order. The first and the last keep the range's cut. */
export function timeBuckets(range: TimeRange, granularity: Granularity): TimeRange[] {
  const buckets: TimeRange[] = [];
  for (let startMs = range.startMs; startMs < range.endMs; ) {
    const endMs = Math.min(bucketEndMs(startMs, granularity), range.endMs);
    buckets.push({ startMs, endMs });
    startMs = endMs;
  }
  return buckets;
}

/** Start of the uncut bucket that holds an instant. The one bucket of `TOTAL` starts at 0. */
export function bucketFloorMs(atMs: number, granularity: Granularity): number {
  if (granularity === 'HOURLY') return Math.floor(atMs / HOUR_MS) * HOUR_MS;
  if (granularity === 'DAILY') return Math.floor(atMs / DAY_MS) * DAY_MS;
  return granularity === 'MONTHLY' ? billingPeriodStartMs(billingPeriodOf(atMs)) : 0;
}

function bucketEndMs(atMs: number, granularity: Granularity): number {
  if (granularity === 'HOURLY') return bucketFloorMs(atMs, granularity) + HOUR_MS;
  if (granularity === 'DAILY') return bucketFloorMs(atMs, granularity) + DAY_MS;
  return granularity === 'MONTHLY' ? billingPeriodEndMs(billingPeriodOf(atMs)) : Number.POSITIVE_INFINITY;
}
