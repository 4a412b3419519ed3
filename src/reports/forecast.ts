import { DAY_MS } from '../kernel/time.ts';
import { type DailySeries, historyOf } from './forecast/daily-series.ts';
import { Forecaster } from './forecast/forecaster.ts';
import type { TimeRange } from './time-bucket.ts';

export type { DailySeries };

/** What a sum of days is expected to be, in the unit of its series. */
export interface Forecast {
  readonly mean: number;
  /** A share `level` of outcomes is expected between the two. */
  readonly lower: number;
  readonly upper: number;
}

/** Foresees one range at a time from one history. Pure: the same series gives the same numbers. */
export type ForecastRange = (fromMs: number, toMs: number, level: number) => Forecast;

/** What may become of a sum that must not exceed something. */
export interface Outlook extends Forecast {
  /** That the sum exceeds the room, from 0 to 1; no surer than the looks back allow. */
  readonly chance: number;
  /**
   * Begins of the days on which the sum so far first exceeds the room: if more is spent than expected, as expected, and if less.
   * Absent: not in the range.
   */
  readonly earliestMs?: number;
  readonly likelyMs?: number;
  readonly latestMs?: number;
}

/**
 * Learns a series once for any number of ranges. Ranges start at the end of the series or later; a day that a range cuts
 * counts by its share. `level` is from 0 to 1: 0.8 for an 80 % interval. Undefined with less than 28 days since the first
 * day that is not zero.
 */
export function forecastOf(series: DailySeries): ForecastRange | undefined {
  const learned = learn(series);
  return (
    learned &&
    ((fromMs, toMs, level) => {
      const { mean, below, above } = learned(fromMs, toMs);
      return { mean: mean(0), lower: mean(-below(level)), upper: mean(above(level)) };
    })
  );
}

/** Several ranges of `forecastOf`, in their order. */
export function forecastRanges(
  series: DailySeries,
  ranges: readonly TimeRange[],
  level: number,
): Forecast[] | undefined {
  const forecast = forecastOf(series);
  return forecast && ranges.map(({ startMs, endMs }) => forecast(startMs, endMs, level));
}

/** Whether a range exceeds some room, and when: by the quantiles of the forecast's own errors. As `forecastOf`. */
export function outlookOf(series: DailySeries, range: TimeRange, room: number, level: number): Outlook | undefined {
  const learned = learn(series);
  if (!learned) return undefined;
  const { startMs, endMs } = range;
  const { mean, below, above, shareBelow } = learned(startMs, endMs);
  const days = Math.ceil((endMs - startMs) / DAY_MS);
  const sumOf = (day: number) => learned(startMs, Math.min(endMs, startMs + (day + 1) * DAY_MS));
  const first = (sum: (part: ReturnType<typeof sumOf>) => number) => firstDay(days, (day) => sum(sumOf(day)) > room);
  const earliest = first((part) => part.mean(part.above(level)));
  const likely = first((part) => part.mean(0));
  const latest = first((part) => part.mean(-part.below(level)));
  const startOf = (day: number) => startMs + day * DAY_MS;
  return {
    ...{ mean: mean(0), lower: mean(-below(level)), upper: mean(above(level)), chance: 1 - shareBelow(room) },
    ...(earliest !== undefined && { earliestMs: startOf(earliest) }),
    ...(likely !== undefined && { likelyMs: startOf(likely) }),
    ...(latest !== undefined && { latestMs: startOf(latest) }),
  };
}

/** Ports: the same beside the requests, because learning a series takes tens of milliseconds of computing. */
export type ForecastBeside = (...question: Parameters<typeof forecastRanges>) => Promise<Forecast[] | undefined>;
export type OutlookBeside = (...question: Parameters<typeof outlookOf>) => Promise<Outlook | undefined>;

/** A range as it was learned. */
interface LearnedRange {
  /** The expected sum with an error added. */
  readonly mean: (error: number) => number;
  /** How far below and above it may lie. */
  readonly below: (level: number) => number;
  readonly above: (level: number) => number;
  /** The share of outcomes that are expected up to an amount. */
  readonly shareBelow: (amount: number) => number;
}

function learn(series: DailySeries): ((fromMs: number, toMs: number) => LearnedRange) | undefined {
  const history = historyOf(series);
  if (!history) return undefined;
  const endMs = history.startMs + history.values.length * DAY_MS;
  const forecaster = new Forecaster(history.values);
  // Usage is never below zero; only credits are.
  const floor = history.values.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  return (fromMs, toMs) => {
    if (fromMs < endMs || toMs <= fromMs) throw new RangeError('a forecast is for time after its history');
    const skippedDays = Math.floor((fromMs - endMs) / DAY_MS);
    const window = { skippedDays, days: Math.ceil((toMs - endMs) / DAY_MS) - skippedDays };
    const day = (skipped: number) => forecaster.mean({ skippedDays: skipped, days: 1 });
    const before = (fromMs - endMs) / DAY_MS - skippedDays;
    const after = skippedDays + window.days - (toMs - endMs) / DAY_MS;
    const cut = before * day(skippedDays) + after * day(skippedDays + window.days - 1);
    const expected = forecaster.mean(window) - cut;
    const share = (toMs - fromMs) / DAY_MS / window.days;
    const { quantile, count } = forecaster.errors(window);
    return {
      mean: (error) => Math.max(floor, expected + share * error),
      below: (level) => Math.max(0, -quantile((1 - level) / 2)),
      above: (level) => Math.max(0, quantile((1 + level) / 2)),
      shareBelow: (amount) => shareUpTo(amount, (part) => expected + share * quantile(part), count),
    };
  };
}

/** Halvings of a share: finer than any look back can tell. */
const HALVINGS = 12;

/** The share whose quantile is an amount; never surer than one more look back, that went the other way, would leave it. */
function shareUpTo(amount: number, quantile: (share: number) => number, count: number): number {
  let [low, high] = [0, 1];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (quantile(middle) <= amount) low = middle;
    else high = middle;
  }
  const doubt = 1 / (count + 2);
  return Math.min(Math.max((low + high) / 2, doubt), 1 - doubt);
}

/** The first of so many days that has something which all days after have as well. Undefined: none has. */
function firstDay(days: number, has: (day: number) => boolean): number | undefined {
  if (!has(days - 1)) return undefined;
  let [low, high] = [0, days - 1];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (has(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
