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

/** Days in a row that may stand out together, and what part of the highest of them the others are. */
const PEAK_DAYS_MAX = 3;
/** Of fewer days one alone may stand out. */
const DAYS_FOR_PEAK = 14;
const PEAK_PART = 0.5;
/** What comes once a month comes again after so many days at least, and is over after so many, a day's sum with it. */
const MONTH_DAYS = [28, 33] as const;

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
  readonly #edges: ReadonlyMap<WindowHours, Edge>;
  readonly #peakHours: readonly number[];

  constructor(parts: {
    readonly levelUsd: number;
    readonly days: number;
    readonly habit: Baseline['habit'];
    readonly shape: Float32Array;
    readonly edges: ReadonlyMap<WindowHours, Edge>;
    /** First hours of the days that stood out most. */
    readonly peakHours: readonly number[];
  }) {
    this.levelUsd = parts.levelUsd;
    this.days = parts.days;
    this.habit = parts.habit;
    this.#shape = parts.shape;
    this.#edges = parts.edges;
    this.#peakHours = parts.peakHours;
  }

  expectedHourUsd(hour: number): number {
    return this.levelUsd * this.#shape[slotOf(hour, this.habit)]!;
  }

  expectedQuarterUsd(quarter: number): number {
    return this.expectedHourUsd(Math.floor(quarter / QUARTERS_AN_HOUR)) / QUARTERS_AN_HOUR;
  }

  /** How far a window is above what is expected on the worst of usual days, USD; `hour`: in which it ends. */
  edgeUsd(window: WindowHours, hour: number): number {
    const { usual, withPeak } = this.#edges.get(window)!;
    return this.levelUsd * (this.#isMonthAfterPeak(hour) ? withPeak : usual);
  }

  /** What stood out a month ago may do so again. */
  #isMonthAfterPeak(hour: number): boolean {
    return this.#peakHours.some((peak) => hour - peak >= MONTH_DAYS[0] * DAY && hour - peak < MONTH_DAYS[1] * DAY);
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
  const highs = { 1: dailyHighs(excess, 1), 6: dailyHighs(excess, 6), 24: dailyHighs(excess, 24) };
  const ofHours = (window: 1 | 6 | 24) => edgeOf(highs[window], caution, least(window));
  const hourEdge = ofHours(1);
  const quarterEdge = edgeOf(dailyHighs(quarters, 1, DAY * QUARTERS_AN_HOUR), caution, 0);
  const edges = new Map<WindowHours, Edge>([
    [0.25, mapEdge(quarterEdge, (usd, of) => Math.max(usd, hourEdge[of] * LEAST_QUARTER_PART))],
    [1, hourEdge],
    [6, ofHours(6)],
    [24, ofHours(24)],
  ]);
  const peakHours = peakOf(highs[24]).map((day) => hour - (highs[24].length - day) * DAY);
  return new Baseline({ levelUsd, days: count / DAY, habit, shape, edges, peakHours });
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

/** How far above what is expected usual days go, as a part of the level. */
interface Edge {
  readonly usual: number;
  /** With the days that stood out most among them. */
  readonly withPeak: number;
}

function mapEdge({ usual, withPeak }: Edge, change: (part: number, of: keyof Edge) => number): Edge {
  return { usual: change(usual, 'usual'), withPeak: change(withPeak, 'withPeak') };
}

/**
 * What the worst of usual days came to. Some days in a row may have been out of the ordinary themselves, so it is the worst
 * beside them; and as far as that is from the days that come after it, as far may the next one be: bursts without a typical
 * size stay usual.
 */
function edgeOf(highs: readonly number[], caution: number, least: number): Edge {
  const peak = new Set(peakOf(highs));
  const beyond = (days: readonly number[]) => {
    const ordered = days.toSorted((a, b) => b - a);
    const after = ordered[Math.max(1, Math.ceil(highs.length / 6) - 1)] ?? 0;
    return caution * Math.max(2 * (ordered[0] ?? 0) - Math.max(after, 0), least);
  };
  const [day] = peakOf(highs, 1);
  return {
    usual: beyond(peak.size < highs.length ? highs.filter((_, index) => !peak.has(index)) : highs),
    withPeak: beyond(highs.length > 1 ? highs.filter((_, index) => index !== day) : highs),
  };
}

/** The day that stood out most, those beside it that did as well, and those a month before or after. */
function peakOf(highs: readonly number[], daysMax = highs.length < DAYS_FOR_PEAK ? 1 : PEAK_DAYS_MAX): number[] {
  const top = highs.indexOf(Math.max(...highs));
  if (top === -1) return [];
  const isHigh = (day: number) => (highs[day] ?? 0) >= PEAK_PART * highs[top]!;
  let [from, to] = [top, top];
  while (to - from + 1 < daysMax && (isHigh(from - 1) || isHigh(to + 1))) {
    if ((highs[from - 1] ?? 0) > (highs[to + 1] ?? 0)) from -= 1;
    else to += 1;
  }
  const days = Array.from({ length: to - from + 1 }, (_, index) => from + index);
  if (daysMax === 1) return days;
  const monthBeside = highs.flatMap((_, day) => {
    const away = Math.abs(day - top);
    return away >= MONTH_DAYS[0] - PEAK_DAYS_MAX && away < MONTH_DAYS[1] && isHigh(day) ? [day] : [];
  });
  return [...days, ...monthBeside];
}
