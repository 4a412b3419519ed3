import { Fault } from '../kernel/fault.ts';
import { bucketEndMs, DAY_MS } from '../kernel/time.ts';
import type { TimeZone } from '../kernel/time-zone.ts';
import type { TimeRange } from './time-bucket.ts';

/** Two periods, and in words how they are compared. */
export interface ComparedPeriods {
  readonly before: TimeRange;
  readonly after: TimeRange;
  readonly words: string;
}

/**
 * A period beside the equally long one before. What begins with a day of the zone is moved by days, so that hours of the day stay
 * what they are: four days and a morning beside the four days and that morning five days before.
 */
export function besideTheOneBefore(after: TimeRange, zone: TimeZone): ComparedPeriods {
  const lengthMs = after.endMs - after.startMs;
  const { year, month, day } = zone.dateOf(after.startMs);
  const isOnDay = zone.dayStartMs(year, month, day) === after.startMs;
  if (!isOnDay) return besideEachOther({ startMs: after.startMs - lengthMs, endMs: after.startMs }, after, zone);
  const days = wholeDays(after, zone);
  const startMs = zone.dayStartMs(year, month, day - (days ?? Math.ceil(lengthMs / DAY_MS)));
  return besideEachOther({ startMs, endMs: days === undefined ? startMs + lengthMs : after.startMs }, after, zone);
}

export function besideEachOther(before: TimeRange, after: TimeRange, zone: TimeZone): ComparedPeriods {
  const [lengthBefore, lengthAfter] = [lengthWords(before, zone), lengthWords(after, zone)];
  const isEqual = lengthBefore === lengthAfter;
  const isNext = before.endMs === after.startMs;
  const other = isEqual
    ? isNext
      ? `the ${lengthBefore} before`
      : `as many from ${zone.text(before.startMs).slice(0, 10)} on`
    : lengthBefore;
  return {
    ...{ before, after },
    words: `${lengthAfter} against ${other}${isEqual ? '' : '; what the length makes of it is a reason of its own'}`,
  };
}

/**
 * A month of the zone beside another one, by default the one before. A month that runs is compared as far as it has come, with
 * the other one up to the same day and time of day.
 */
export function monthsBeside(month: string, other: string | undefined, nowMs: number, zone: TimeZone): ComparedPeriods {
  const after = monthOf(month, zone);
  if (after.startMs > nowMs) throw new Fault('QueryInvalid', `the month \`${month}\` has not begun yet`);
  const { year, month: number } = zone.dateOf(after.startMs);
  const before = other === undefined ? monthRange(year, number - 1, zone) : monthOf(other, zone);
  if (after.endMs <= nowMs) return besideEachOther(before, after, zone);
  const endMs = Math.min(bucketEndMs(nowMs + 1), after.endMs);
  const today = zone.dateOf(nowMs);
  const ofDayMs = endMs - zone.dayStartMs(today.year, today.month, today.day);
  const first = zone.dateOf(before.startMs);
  const sameMs = Math.min(zone.dayStartMs(first.year, first.month, today.day) + ofDayMs, before.endMs);
  const compared = besideEachOther({ ...before, endMs: sameMs }, { ...after, endMs }, zone);
  return { ...compared, words: 'the month so far against the other one up to the same day and time' };
}

/** Days beside the same days of the week of as many whole weeks before, so that no weekend stands against working days. */
export function besideTheWeeksBefore(after: TimeRange, zone: TimeZone): ComparedPeriods {
  const weeks = Math.max(1, Math.ceil((after.endMs - after.startMs) / (7 * DAY_MS)));
  const shifted = (atMs: number) => atMs - weeks * 7 * DAY_MS;
  const before = { startMs: shifted(after.startMs), endMs: shifted(after.endMs) };
  return {
    ...besideEachOther(before, after, zone),
    words: `against the same time ${weeks === 1 ? 'a week' : `${weeks} weeks`} before`,
  };
}

/** Undefined for a range that begins or ends inside a day of the zone. */
export function wholeDays({ startMs, endMs }: TimeRange, zone: TimeZone): number | undefined {
  const { year, month, day } = zone.dateOf(startMs);
  if (zone.dayStartMs(year, month, day) !== startMs) return undefined;
  let days = 0;
  for (let atMs = startMs; atMs < endMs; days += 1) {
    atMs = zone.nextDayMs(atMs);
    if (atMs > endMs) return undefined;
  }
  return days;
}

function lengthWords(range: TimeRange, zone: TimeZone): string {
  const days = wholeDays(range, zone);
  if (days !== undefined) return days === 1 ? '1 day' : `${days} days`;
  const hours = (range.endMs - range.startMs) / (DAY_MS / 24);
  return hours === 1 ? '1 hour' : `${hours} hours`;
}

function monthOf(text: string, zone: TimeZone): TimeRange {
  const [year = 0, month = 0] = text.split('-').map(Number);
  return monthRange(year, month - 1, zone);
}

function monthRange(year: number, month: number, zone: TimeZone): TimeRange {
  return { startMs: zone.dayStartMs(year, month, 1), endMs: zone.dayStartMs(year, month + 1, 1) };
}
