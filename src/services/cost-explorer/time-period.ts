import type { DateInterval } from '@aws-sdk/client-cost-explorer';
import { billingPeriodEndMs, billingPeriodOf, DAY_MS, isoSeconds } from '../../kernel/time.ts';
import type { TimeRange } from '../../reports/time-bucket.ts';
import { invalid } from './invalid.ts';

/** The current month and 13 before it; more needs multi-year data, which is not offered here. */
const MONTHS_OF_HISTORY = 13;
const HOURLY_DAYS = 14;
/** A month keeps changing for about two weeks after its end (Data Exports User Guide, checked 2026-11). */
const FINAL_AFTER_MS = 14 * DAY_MS;

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}:00:00Z$/;

/** The range of a cost and usage request. Throws ValidationException in AWS's words. */
export function costPeriod(period: DateInterval, granularity: string | undefined, nowMs: number): TimeRange {
  const isHourly = granularity === 'HOURLY';
  const startMs = instantOf('Start', period.Start!, isHourly);
  const endMs = instantOf('End', period.End!, isHourly);
  if (startMs >= endMs) throw invalid('Start date (and hour) should be before end date (and hour)');
  if (endMs > billingPeriodEndMs(billingPeriodOf(nowMs))) throw invalid('end date past the beginning of next month');
  if (isHourly && startMs < Math.floor(nowMs / DAY_MS) * DAY_MS - HOURLY_DAYS * DAY_MS) {
    throw invalid(
      `Start date is more than ${HOURLY_DAYS} days ago for hourly granularity. Please adjust start date as we support only ${HOURLY_DAYS} days of data at hourly granularity.`,
    );
  }
  const now = new Date(nowMs);
  if (startMs < Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - MONTHS_OF_HISTORY, 1)) {
    throw invalid("You haven't enabled historical data beyond 14 months.");
  }
  return { startMs, endMs };
}

/** A bucket as answers write it: dates, and hours only for HOURLY. */
export function timePeriod({ startMs, endMs }: TimeRange, granularity: string | undefined): DateInterval {
  const text = (atMs: number) => (granularity === 'HOURLY' ? isoSeconds(atMs) : isoSeconds(atMs).slice(0, 10));
  return { Start: text(startMs), End: text(endMs) };
}

/** True until the bucket's month can no longer change. */
export function isEstimated(bucketStartMs: number, nowMs: number): boolean {
  return nowMs < billingPeriodEndMs(billingPeriodOf(bucketStartMs)) + FINAL_AFTER_MS;
}

/** `2026-05-01`; for hourly requests also `2026-05-01T00:00:00Z`, on the hour. */
function instantOf(name: 'Start' | 'End', text: string, isHourly: boolean): number {
  if (!isHourly && HOUR.test(text)) throw invalid('Hourly timePeriod is not supported for this request');
  const atMs = DATE.test(text) || HOUR.test(text) ? Date.parse(text) : Number.NaN;
  // Date.parse turns 31 February into March.
  if (Number.isNaN(atMs) || !isoSeconds(atMs).startsWith(text.slice(0, 10))) {
    const format = isHourly ? "yyyy-MM-dd'T'HH:mm:ss'Z'" : 'yyyy-MM-dd';
    throw invalid(`${name} time ${text} is invalid. Valid format is: ${format}.`);
  }
  return atMs;
}
