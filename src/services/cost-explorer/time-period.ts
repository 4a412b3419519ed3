import type { DateInterval } from '@aws-sdk/client-cost-explorer';
import { BUCKET_MS, HOUR_MS, isoSeconds } from '../../kernel/time.ts';
import { type TimeZone, UTC } from '../../kernel/time-zone.ts';
import type { TimeRange } from '../../reports/time-bucket.ts';
import { invalid } from './invalid.ts';

/** The current month and 13 before it; more needs multi-year data, which is not offered here. */
const MONTHS_OF_HISTORY = 13;
const HOURLY_DAYS = 14;
const RESOURCE_DAYS = 14;

/** What instants a period may name, by granularity; absent: dates alone. */
const INSTANT_STEP_MS: Readonly<Record<string, number>> = { HOURLY: HOUR_MS, QUARTER_HOURLY: BUCKET_MS };

const DATE = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/;

/** How a period is read. */
export interface PeriodContext {
  readonly nowMs: number;
  /** Whose days its dates are. */
  readonly zone: TimeZone;
  /** True: of a request that tells resources apart. */
  readonly hasResources?: boolean;
}

/** The range of a cost and usage request. Throws ValidationException in AWS's words. */
export function costPeriod(period: DateInterval, granularity: string | undefined, context: PeriodContext): TimeRange {
  const { nowMs, zone, hasResources } = context;
  const range = readPeriod(period, granularity, zone);
  const { startMs, endMs } = range;
  const { year, month, day } = zone.dateOf(nowMs);
  if (endMs > zone.dayStartMs(year, month + 1, 1)) throw invalid('end date past the beginning of next month');
  if (granularity !== undefined && INSTANT_STEP_MS[granularity]) {
    if (startMs < zone.dayStartMs(year, month, day - HOURLY_DAYS)) {
      throw invalid(
        `Start date is more than ${HOURLY_DAYS} days ago for hourly granularity. Please adjust start date as we support only ${HOURLY_DAYS} days of data at hourly granularity.`,
      );
    }
  }
  // AWS's words for resources are not published.
  if (hasResources && startMs < zone.dayStartMs(year, month, day - RESOURCE_DAYS)) {
    throw invalid(`Start date is more than ${RESOURCE_DAYS} days ago for resource level data.`);
  }
  checkHistory(startMs, nowMs, zone);
  return range;
}

export function checkHistory(startMs: number, nowMs: number, zone = UTC): void {
  const { year, month } = zone.dateOf(nowMs);
  if (startMs < zone.dayStartMs(year, month - MONTHS_OF_HISTORY, 1)) {
    throw invalid("You haven't enabled historical data beyond 14 months.");
  }
}

/** Start and end as instants, the start before the end. */
export function readPeriod(period: DateInterval, granularity: string | undefined, zone = UTC): TimeRange {
  const startMs = instantOf('Start', period.Start!, granularity, zone);
  const endMs = instantOf('End', period.End!, granularity, zone);
  if (startMs >= endMs) throw invalid('Start date (and hour) should be before end date (and hour)');
  return { startMs, endMs };
}

/** A bucket as answers write it: dates, and times only where buckets are shorter than days. */
export function timePeriod(
  { startMs, endMs }: TimeRange,
  granularity: string | undefined,
  zone = UTC,
): { Start: string; End: string } {
  const hasTimes = granularity !== undefined && INSTANT_STEP_MS[granularity] !== undefined;
  const text = (atMs: number) => (hasTimes ? zone.text(atMs) : zone.text(atMs).slice(0, 10));
  return { Start: text(startMs), End: text(endMs) };
}

/** `2026-05-01`, a date of the zone; for requests by the hour also `2026-05-01T00:00:00Z`, on the hour. */
function instantOf(name: 'Start' | 'End', text: string, granularity: string | undefined, zone: TimeZone): number {
  const stepMs = granularity === undefined ? undefined : INSTANT_STEP_MS[granularity];
  const isInstant = INSTANT.test(text) && Date.parse(text) % (stepMs ?? HOUR_MS) === 0;
  if (stepMs === undefined && isInstant) throw invalid('Hourly timePeriod is not supported for this request');
  const utcMs = DATE.test(text) || isInstant ? Date.parse(text) : Number.NaN;
  // Date.parse turns 31 February into March.
  if (Number.isNaN(utcMs) || !isoSeconds(utcMs).startsWith(text.slice(0, 10))) {
    const format = stepMs === undefined ? 'yyyy-MM-dd' : "yyyy-MM-dd'T'HH:mm:ss'Z'";
    throw invalid(`${name} time ${text} is invalid. Valid format is: ${format}.`);
  }
  if (isInstant) return utcMs;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return zone.dayStartMs(year, month - 1, day);
}
