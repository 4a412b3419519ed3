import { medianOf } from './quantile.ts';
import { HOURS_KEPT, QUARTERS_AN_HOUR, QUARTERS_KEPT, type SubjectHistory } from './subject-history.ts';

const DAY = 24;
const WEEK = 7 * DAY;
/** Hours before which nothing is called usual. */
const LEAST_HOURS = DAY;
/** From so many hours on, each hour of the day has its own habit; of working days and of weekends, of each; of the week. */
const HOURS_FOR_DAY_HABIT = 3 * DAY;
const HOURS_FOR_WEEKEND_HABIT = 2 * DAY;
const HOURS_FOR_WEEK_HABIT = 3 * WEEK;
/** Days whose middle says how high spend is at present. */
const LEVEL_DAYS = 7;
/** A quarter of an hour may take as much of an hour: what is known of quarters goes back two weeks only. */
const LEAST_QUARTER_PART = 0.35;
/** Who spends on a smaller part of the days works now and then. */
const LEAST_BUSY_PART = 0.6;
/** Spend is never taken to be steadier than this part of what is expected. */
const LEAST_SPREAD = 0.15;

/** Hours over which excess is summed, from the quickest to find to the one that finds the smallest rise. */
export const WINDOW_HOURS = [0.25, 1, 6, 24] as const;
export type WindowHours = (typeof WINDOW_HOURS)[number];

/** What a subject's spend usually looks like. */
export class Baseline {
  /** USD a day at present: the scale of all that follows. */
  readonly levelUsd: number;
  /** Days of history that it rests on. */
  readonly days: number;
  readonly habit: 'none' | 'day' | 'workday' | 'week';
  readonly #shape: Float32Array;
  readonly #edges: ReadonlyMap<WindowHours, number>;

  constructor(parts: {
    readonly levelUsd: number;
    readonly days: number;
    readonly habit: Baseline['habit'];
    readonly shape: Float32Array;
    readonly edges: ReadonlyMap<WindowHours, number>;
  }) {
    this.levelUsd = parts.levelUsd;
    this.days = parts.days;
    this.habit = parts.habit;
    this.#shape = parts.shape;
    this.#edges = parts.edges;
  }

  expectedHourUsd(hour: number): number {
    return this.levelUsd * this.#shape[slotOf(hour, this.habit)]!;
  }

  expectedQuarterUsd(quarter: number): number {
    return this.expectedHourUsd(Math.floor(quarter / QUARTERS_AN_HOUR)) / QUARTERS_AN_HOUR;
  }

  /** How far a window is above what is expected on the worst of usual days, USD. */
  edgeUsd(window: WindowHours): number {
    return this.levelUsd * this.#edges.get(window)!;
  }
}

/** Undefined while too little is known. What is learned ends before `hour`. */
export function learnBaseline(history: SubjectHistory, hour: number): Baseline | undefined {
  const count = Math.min(hour - history.firstHour, HOURS_KEPT - DAY);
  if (count < LEAST_HOURS) return undefined;
  const first = hour - count;
  const hours = Float32Array.from({ length: count }, (_, index) => history.usualHourUsd(first + index));
  const habit = habitAfter(first, count);
  const levels = trailingLevels(hours);
  const levelUsd = levels.at(-1)!;
  if (!(levelUsd > 0)) return undefined;
  const levelAt = (index: number) => levels[dayOf(index, count)]!;
  const shape = learnShape(hours, levels, first, habit);
  const excess = hours.map((usd, index) =>
    Number.isNaN(usd) || !(levelAt(index) > 0) ? 0 : usd / levelAt(index) - shape[slotOf(first + index, habit)]!,
  );
  // A habit that was fitted to few weeks makes the same weeks look steadier than the next will be.
  const caution = 1 + WEEK / count;
  const quarters = quarterExcess(history, hour, levelUsd, (at) => shape[slotOf(at, habit)]!);
  const least = (window: number) => (LEAST_SPREAD * window * shape.reduce((sum, part) => sum + part, 0)) / shape.length;
  const ofHours = (window: 1 | 6 | 24) => caution * Math.max(edgeOf(dailyHighs(excess, window)), least(window));
  const hourEdge = ofHours(1);
  const edges = new Map<WindowHours, number>([
    [0.25, Math.max(caution * edgeOf(dailyHighs(quarters, 1, DAY * QUARTERS_AN_HOUR)), hourEdge * LEAST_QUARTER_PART)],
    [1, hourEdge],
    [6, ofHours(6)],
    [24, ofHours(24)],
  ]);
  return new Baseline({ levelUsd, days: count / DAY, habit, shape, edges });
}

function habitAfter(first: number, count: number): Baseline['habit'] {
  if (count >= HOURS_FOR_WEEK_HABIT) return 'week';
  if (count < HOURS_FOR_DAY_HABIT) return 'none';
  const ofWeekends = Array.from({ length: count }, (_, index) => first + index).filter(isWeekend).length;
  return Math.min(ofWeekends, count - ofWeekends) >= HOURS_FOR_WEEKEND_HABIT ? 'workday' : 'day';
}

/** Position of an hour since 1970 in its habit's shape. */
function slotOf(hour: number, habit: Baseline['habit']): number {
  if (habit === 'week') return hour % WEEK;
  return (habit === 'workday' && isWeekend(hour) ? DAY : 0) + (hour % DAY);
}

/** 1 January 1970 was a Thursday. */
function isWeekend(hour: number): boolean {
  const weekday = Math.floor(hour / DAY + 4) % 7;
  return weekday === 0 || weekday === 6;
}

const SLOTS: Readonly<Record<Baseline['habit'], number>> = { none: DAY, day: DAY, workday: 2 * DAY, week: WEEK };

/**
 * Day of a history of `count` values. Days end with the history, so that each is whole, with all that is done once a day in it;
 * the first one alone may be a part.
 */
function dayOf(index: number, count: number, day = DAY): number {
  return Math.floor((index + ((day - (count % day)) % day)) / day);
}

/**
 * USD a day at each day of the history: the middle of the seven days up to it; where most of those are without spend, their
 * mean. The first days go by what came after them, since there was nothing before.
 */
function trailingLevels(hours: Float32Array): Float32Array {
  const days = Math.ceil(hours.length / DAY);
  const sums = Float32Array.from({ length: days }, (_, day) => {
    const end = hours.length - (days - 1 - day) * DAY;
    // Of the first day it is not known what would have come before its first use: it would look like more, or less.
    if (end < DAY) return Number.NaN;
    const known = hours.subarray(end - DAY, end).filter((usd) => !Number.isNaN(usd));
    return known.length < DAY / 2 ? Number.NaN : (known.reduce((sum, usd) => sum + usd, 0) * DAY) / known.length;
  });
  const known = sums.filter((usd) => !Number.isNaN(usd));
  // Jobs now and then have no level that could rise or fall: a quiet week before does not make the next one remarkable.
  if (known.filter((usd) => usd > 0).length < LEAST_BUSY_PART * known.length) return sums.fill(meanOf(known));
  return sums.map((_, day) => {
    const end = Math.max(day + 1, Math.min(LEVEL_DAYS, days));
    const near = sums.slice(Math.max(0, end - LEVEL_DAYS), end).filter((usd) => !Number.isNaN(usd));
    return medianOf(near) || meanOf(near) || meanOf(known);
  });
}

function meanOf(values: Float32Array): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/**
 * Part of a day's level that each hour of the habit takes: the middle of all such hours. Before there are habits one or two of
 * them have no middle that would say anything: their mean, and less of it the fewer there are, beside a day without hours.
 */
function learnShape(hours: Float32Array, levels: Float32Array, first: number, habit: Baseline['habit']): Float32Array {
  const bySlot: number[][] = Array.from({ length: SLOTS[habit] }, () => []);
  hours.forEach((usd, index) => {
    const level = levels[dayOf(index, hours.length)]!;
    if (!Number.isNaN(usd) && level > 0) bySlot[slotOf(first + index, habit)]!.push(usd / level);
  });
  const known = bySlot.map((values) => Float32Array.from(values));
  if (habit !== 'none') return Float32Array.from(known, medianOf);
  return Float32Array.from(
    known,
    (values) => (values.reduce((sum, part) => sum + part, 0) + 1 / DAY) / (values.length + 1),
  );
}

function quarterExcess(
  history: SubjectHistory,
  hour: number,
  levelUsd: number,
  shapeAt: (hour: number) => number,
): Float32Array {
  const end = hour * QUARTERS_AN_HOUR;
  const count = Math.min(QUARTERS_KEPT - DAY * QUARTERS_AN_HOUR, end - history.firstHour * QUARTERS_AN_HOUR);
  const excess = new Float32Array(count);
  for (let index = 0; index < count; index += 1) {
    const quarter = end - count + index;
    const at = Math.floor(quarter / QUARTERS_AN_HOUR);
    excess[index] = Number.isNaN(history.usualHourUsd(at))
      ? 0
      : history.quarterUsd(quarter) / levelUsd - shapeAt(at) / QUARTERS_AN_HOUR;
  }
  return excess;
}

/** Of each day the most that `window` values in a row came to together, up to a value of that day. */
function dailyHighs(values: Float32Array, window: number, day = DAY): number[] {
  const highs: number[] = [];
  let sum = 0;
  values.forEach((value, index) => {
    sum += value - (index >= window ? values[index - window]! : 0);
    const at = dayOf(index, values.length, day);
    highs[at] = Math.max(highs[at] ?? 0, sum);
  });
  return highs;
}

/**
 * What the worst of usual days came to. One day may have been out of the ordinary itself, so it is the second; and as far as
 * that is from the days that come after it, as far may the next one be: bursts without a typical size stay usual.
 */
function edgeOf(highs: readonly number[]): number {
  const ordered = highs.toSorted((a, b) => b - a);
  const second = ordered[1] ?? ordered[0] ?? 0;
  const after = ordered[Math.max(2, Math.ceil(ordered.length / 6))] ?? 0;
  return Math.max(0, 2 * second - Math.max(after, 0));
}
