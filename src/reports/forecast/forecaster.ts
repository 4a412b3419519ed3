import type { DayWindow } from './day-window.ts';
import { errorQuantile } from './error-quantile.ts';
import { mean, SmoothedSeries, smoothingsFor, WARM_UP_DAYS } from './smoothing.ts';

/** Smoothings that a forecast is the mean of: the best ones on the series itself. */
const MEMBERS = 4;
/** What a smoothing is judged by: sums of a day, a week and a month, foreseen from every day of the recent past. */
const JUDGED_DAYS = [1, 7, 28];
/** Days that are looked back at: how a quarter of a year was foreseen says how the next days will be. */
const MAX_ORIGINS = 90;
/** The longest window whose errors are measured, in shares of the history: longer ones happened too seldom. */
const MEASURED_SHARE = 0.5;

/** Foresees sums of days behind a series, and how far off it would have been so far. */
export class Forecaster {
  readonly #sums: readonly number[];
  readonly #members: readonly SmoothedSeries[];
  /** Typical size of a day at each origin: errors are learned relative to it. */
  readonly #sizes: readonly number[];

  constructor(values: readonly number[]) {
    this.#sums = runningSums(values);
    this.#sizes = values.map((_, day) => sizeBefore(values, day + 1));
    const judged = smoothingsFor(values).map((smoothing) => {
      const smoothed = new SmoothedSeries(values, smoothing);
      return { smoothed, error: this.#error(smoothed) };
    });
    this.#members = judged
      .sort((a, b) => a.error - b.error)
      .slice(0, MEMBERS)
      .map(({ smoothed }) => smoothed);
  }

  mean(window: DayWindow): number {
    return this.#foreseen(this.#days, window);
  }

  /** How far the sum may lie below and above the mean, so that a share `level` of outcomes lies between. */
  spread(window: DayWindow, level: number): { below: number; above: number } {
    const { quantile } = this.errors(window);
    return { below: Math.max(0, -quantile((1 - level) / 2)), above: Math.max(0, quantile((1 + level) / 2)) };
  }

  /** How far off the mean outcomes lie, by the share of outcomes below; and of how many looks back that is known. */
  errors(window: DayWindow): { readonly quantile: (share: number) => number; readonly count: number } {
    const known = this.#knownWindow(window);
    const errors = this.#origins(known).map((origin) => {
      return (this.#actual(origin, known) - this.#foreseen(origin, known)) / this.#sizes[origin - 1]!;
    });
    const span = known.skippedDays + known.days;
    // Errors of levels add up over the days of a window, and grow with the root of the distance.
    const growth =
      (window.days / known.days) * Math.sqrt((window.skippedDays + window.days) / span) * this.#sizes.at(-1)!;
    const sorted = errors.toSorted((a, b) => a - b);
    return { quantile: (share) => growth * errorQuantile(sorted, share, known.days), count: errors.length };
  }

  get #days(): number {
    return this.#sums.length - 1;
  }

  /** Mean error of a smoothing, by the day and in the size of a day, over windows of several lengths. */
  #error(smoothed: SmoothedSeries): number {
    return JUDGED_DAYS.reduce((total, days) => {
      const window = { skippedDays: 0, days };
      const errors = this.#origins(window).map((origin) => {
        return Math.abs(this.#actual(origin, window) - smoothed.foreseen(origin, 0, days)) / this.#sizes[origin - 1]!;
      });
      return total + (errors.length === 0 ? 0 : mean(errors) / days);
    }, 0);
  }

  #foreseen(origin: number, { skippedDays, days }: DayWindow): number {
    const sum = this.#members.reduce((total, member) => total + member.foreseen(origin, skippedDays, days), 0);
    return sum / this.#members.length;
  }

  #actual(origin: number, { skippedDays, days }: DayWindow): number {
    const from = origin + skippedDays;
    return this.#sums[from + days]! - this.#sums[from]!;
  }

  /** Days of the past from which a window lies in the past as well. */
  #origins({ skippedDays, days }: DayWindow): number[] {
    const last = this.#days - skippedDays - days;
    const first = Math.max(WARM_UP_DAYS, last - MAX_ORIGINS);
    const origins: number[] = [];
    for (let origin = first; origin <= last; origin += 1) if (this.#sizes[origin - 1]! > 0) origins.push(origin);
    return origins;
  }

  /** The window, or one like it that is short enough to have happened several times. */
  #knownWindow({ skippedDays, days }: DayWindow): DayWindow {
    const span = Math.max(1, Math.floor((this.#days - WARM_UP_DAYS) * MEASURED_SHARE));
    const knownDays = Math.min(days, span);
    return { days: knownDays, skippedDays: Math.min(skippedDays, span - knownDays) };
  }
}

function runningSums(values: readonly number[]): number[] {
  const sums = [0];
  for (const value of values) sums.push(sums.at(-1)! + value);
  return sums;
}

/** Mean size of the four weeks before an origin. */
function sizeBefore(values: readonly number[], origin: number): number {
  const recent = values.slice(Math.max(0, origin - 28), origin);
  return recent.reduce((sum, value) => sum + Math.abs(value), 0) / recent.length;
}
