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

/**
 * Learns a series once for any number of ranges. Ranges start at the end of the series or later; a day that a range cuts
 * counts by its share. `level` is from 0 to 1: 0.8 for an 80 % interval. Undefined with less than 28 days since the first
 * day that is not zero.
 */
export function forecastOf(series: DailySeries): ForecastRange | undefined {
  const history = historyOf(series);
  if (!history) return undefined;
  const endMs = history.startMs + history.values.length * DAY_MS;
  const forecaster = new Forecaster(history.values);
  // Usage is never below zero; only credits are.
  const floor = history.values.every((value) => value >= 0) ? 0 : Number.NEGATIVE_INFINITY;
  return (fromMs, toMs, level) => {
    if (fromMs < endMs || toMs <= fromMs) throw new RangeError('a forecast is for time after its history');
    const skippedDays = Math.floor((fromMs - endMs) / DAY_MS);
    const window = { skippedDays, days: Math.ceil((toMs - endMs) / DAY_MS) - skippedDays };
    const day = (skipped: number) => forecaster.mean({ skippedDays: skipped, days: 1 });
    const before = (fromMs - endMs) / DAY_MS - skippedDays;
    const after = skippedDays + window.days - (toMs - endMs) / DAY_MS;
    const cut = before * day(skippedDays) + after * day(skippedDays + window.days - 1);
    const mean = forecaster.mean(window) - cut;
    const share = (toMs - fromMs) / DAY_MS / window.days;
    const { below, above } = forecaster.spread(window, level);
    return {
      mean: Math.max(floor, mean),
      lower: Math.max(floor, mean - share * below),
      upper: Math.max(floor, mean + share * above),
    };
  };
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

/** Port: the same beside the requests, because learning a series takes tens of milliseconds of computing. */
export type ForecastBeside = (...question: Parameters<typeof forecastRanges>) => Promise<Forecast[] | undefined>;
