import { inMonths, monthsJustBefore, type Present } from '../../../kernel/present.ts';
import { BUCKET_MS, billingPeriodOf, bucketEndMs, DAY_MS, HOUR_MS } from '../../../kernel/time.ts';
import type { TimeZone } from '../../../kernel/time-zone.ts';

/** A half-open span of time. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** Each with its words, and those of usage that has ended. */
export const RANGE_PRESETS = [
  ['today', 'Today', 'Latest day'],
  ['yesterday', 'Yesterday', 'Day before'],
  ['24h', 'Last 24 hours', 'Last 24 hours'],
  ['7d', 'Last 7 days', 'Last 7 days'],
  ['30d', 'Last 30 days', 'Last 30 days'],
  ['90d', 'Last 90 days', 'Last 90 days'],
  ['mtd', 'Month to date', 'Latest month'],
  ['last-month', 'Last month', 'Month before'],
] as const;

/** Of a bill by months. */
export const MONTH_PRESETS = [
  ['30d', 'Latest month'],
  ['last-month', 'Month before'],
  ['90d', 'Last 3 months'],
  ['180d', 'Last 6 months'],
  ['360d', 'Last 12 months'],
] as const;

/**
 * A range as it stands in an address: a preset (`7d`), whole days (`2026-11-01..2026-11-15`, the last included), or instants
 * (`2026-11-01T06:00Z..2026-11-01T09:30Z`, the last excluded).
 */
export type RangeText = string;

function dayStart(zone: TimeZone, atMs: number, days = 0): number {
  const { year, month, day } = zone.dateOf(atMs);
  return zone.dayStartMs(year, month, day + days);
}

function monthStart(zone: TimeZone, atMs: number, months = 0): number {
  const { year, month } = zone.dateOf(atMs);
  return zone.dayStartMs(year, month + months, 1);
}

/**
 * The span of a range; undefined for text that is none. Days are the zone's, with 23 to 25 hours. Presets count back from the
 * present, in whole months where usage is known by the month.
 */
export function spanOf(range: RangeText, present: Present): TimeSpan | undefined {
  const counted = countedSpan(range, present);
  if (!counted) return customSpan(range, present.zone);
  return present.isByMonth ? inMonths(counted) : counted;
}

/** Undefined for a range that names its time. */
function countedSpan(range: RangeText, { atMs: nowMs, zone }: Present): TimeSpan | undefined {
  const soonMs = bucketEndMs(nowMs + 1);
  const tomorrowMs = dayStart(zone, nowMs, 1);
  switch (range) {
    case 'today':
      return { startMs: dayStart(zone, nowMs), endMs: tomorrowMs };
    case 'yesterday':
      return { startMs: dayStart(zone, nowMs, -1), endMs: dayStart(zone, nowMs) };
    case '24h':
      return { startMs: Math.floor((soonMs - DAY_MS) / HOUR_MS) * HOUR_MS, endMs: soonMs };
    case 'mtd':
      return { startMs: monthStart(zone, nowMs), endMs: tomorrowMs };
    case 'last-month':
      return { startMs: monthStart(zone, nowMs, -1), endMs: monthStart(zone, nowMs) };
  }
  const days = /^(\d{1,3})d$/.exec(range);
  if (!days || Number(days[1]) === 0) return undefined;
  return { startMs: dayStart(zone, nowMs, 1 - Number(days[1])), endMs: tomorrowMs };
}

function customSpan(range: string, zone: TimeZone): TimeSpan | undefined {
  const [from, to] = range.split('..');
  if (!from || !to) return undefined;
  const startMs = instantOf(from, zone, 0);
  const endMs = instantOf(to, zone, 1);
  return startMs !== undefined && endMs !== undefined && startMs < endMs ? { startMs, endMs } : undefined;
}

function instantOf(text: string, zone: TimeZone, daysAfter: number): number | undefined {
  const date = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text);
  if (date) return zone.dayStartMs(Number(date[1]), Number(date[2]) - 1, Number(date[3]) + daysAfter);
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? undefined : Math.round(atMs / BUCKET_MS) * BUCKET_MS;
}

/** Text of a span: whole days where it begins and ends with days of the zone, else instants. */
export function rangeOf({ startMs, endMs }: TimeSpan, zone: TimeZone): RangeText {
  if (dayStart(zone, startMs) === startMs && dayStart(zone, endMs) === endMs)
    return `${isoDate(startMs, zone)}..${isoDate(endMs - 1, zone)}`;
  const instant = (atMs: number) => `${new Date(atMs).toISOString().slice(0, 16)}Z`;
  return `${instant(startMs)}..${instant(endMs)}`;
}

/** `2026-11-01`: the date of an instant in a zone. */
export function isoDate(atMs: number, zone: TimeZone): string {
  const { year, month, day } = zone.dateOf(atMs);
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10);
}

/**
 * The span before, to compare with. Of calendar months the months before, up to the same day; of everything else as many days
 * or hours just before.
 */
export function spanBefore(range: RangeText, span: TimeSpan, present: Present): TimeSpan {
  const { atMs: nowMs, zone } = present;
  if (present.isByMonth && isOfMonths(span, zone)) return monthsJustBefore(span);
  if (range === 'mtd') {
    const startMs = monthStart(zone, nowMs, -1);
    const { year, month, day } = zone.dateOf(nowMs);
    return { startMs, endMs: Math.min(zone.dayStartMs(year, month - 1, day + 1), span.startMs) };
  }
  if (range === 'last-month') return { startMs: monthStart(zone, nowMs, -2), endMs: span.startMs };
  const wholeDays = dayStart(zone, span.startMs) === span.startMs && dayStart(zone, span.endMs) === span.endMs;
  if (!wholeDays) return { startMs: span.startMs - (span.endMs - span.startMs), endMs: span.startMs };
  const days = Math.round((span.endMs - span.startMs) / DAY_MS);
  return { startMs: dayStart(zone, span.startMs, -days), endMs: span.startMs };
}

function isOfMonths({ startMs, endMs }: TimeSpan, zone: TimeZone): boolean {
  return monthStart(zone, startMs) === startMs && monthStart(zone, endMs) === endMs;
}

/** What stands for a range, with its span. */
export function labelIn(range: RangeText, present: Present): string {
  const span = spanOf(range, present);
  if (!span) return labelOf(range);
  if (!present.isByMonth || !countedSpan(range, present))
    return labelOf(range, present.ended && isoDate(span.endMs - 1, present.zone));
  const [first, last] = [billingPeriodOf(span.startMs), billingPeriodOf(span.endMs - 1)];
  return `${first === last ? first : `${first} – ${last}`}, billed by the month`;
}

/** `endsAt`: the last day of a span that counts back from the end of usage. */
export function labelOf(range: RangeText, endsAt?: string): string {
  const preset = RANGE_PRESETS.find(([value]) => value === range);
  const days = /^(\d+)d$/.exec(range);
  if (preset || days) {
    const [, words, ended] = preset ?? [range, `Last ${days![1]} days`, `Last ${days![1]} days`];
    return endsAt === undefined ? words : `${ended} to ${endsAt}`;
  }
  const [from = '', to = ''] = range.split('..');
  return from === to ? from : `${from.replace('T', ' ')} – ${to.replace('T', ' ')}`;
}
