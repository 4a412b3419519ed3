export const WEEK = 7;
/** Days that only start the smoothing: two weeks, so that every weekday is seen twice. */
export const WARM_UP_DAYS = 2 * WEEK;
/** Of the running mean error: what lies farther from the forecast is drawn in to here before it is learned from. */
const OUTLIER_ERRORS = 4;
const SCALE_RATE = 0.1;

/** One way to smooth a series exponentially. Rates are from 0 (never learns) to 1 (believes the last day). */
export interface Smoothing {
  readonly levelRate: number;
  /** 0: no trend. */
  readonly trendRate: number;
  /** What is left of the trend a day later. */
  readonly damping: number;
  /** Undefined: all weekdays are alike. */
  readonly weekRate?: number;
  /** Bounds what a single spike teaches. */
  readonly isRobust: boolean;
}

const WEEK_RATES = [undefined, 0.1, 0.3];
const LEVEL_RATES = [0.03, 0.1, 0.2, 0.4, 0.7];
const TRENDS = [
  { trendRate: 0, damping: 0 },
  { trendRate: 0.05, damping: 0.98 },
  { trendRate: 0.15, damping: 0.9 },
];

const SMOOTHINGS: readonly Smoothing[] = WEEK_RATES.flatMap((weekRate) =>
  LEVEL_RATES.flatMap((levelRate) =>
    TRENDS.flatMap((trend) =>
      [true, false].map((isRobust) => ({ levelRate, ...trend, isRobust, ...(weekRate !== undefined && { weekRate }) })),
    ),
  ),
);

const LEVELS_ALONE = SMOOTHINGS.filter((smoothing) => {
  return !smoothing.isRobust && smoothing.trendRate === 0 && smoothing.weekRate === undefined;
});

/** Of usage on fewer than half of the days the level alone is known: a day with usage looks like an outlier or a weekday. */
export function smoothingsFor(values: readonly number[]): readonly Smoothing[] {
  const isIntermittent = values.filter((value) => value === 0).length * 2 > values.length;
  return isIntermittent ? LEVELS_ALONE : SMOOTHINGS;
}

/** What a smoothing knows at the end of each day of a series: `origin` is the count of days it has seen. */
export class SmoothedSeries {
  readonly #damping: number;
  readonly #levels: Float64Array;
  readonly #trends: Float64Array;
  /** Factors by weekday of the series, mean 1; one week after the other. Absent where all weekdays are alike. */
  readonly #weeks: Float64Array | undefined;

  constructor(values: readonly number[], smoothing: Smoothing) {
    const { levelRate, trendRate, damping, weekRate, isRobust } = smoothing;
    this.#damping = damping;
    this.#levels = new Float64Array(values.length);
    this.#trends = new Float64Array(values.length);
    this.#weeks = weekRate === undefined ? undefined : new Float64Array(values.length * WEEK);
    const start = values.slice(0, WARM_UP_DAYS);
    let level = mean(start);
    let trend = 0;
    const week = weekRate === undefined ? NO_WEEK.slice() : weekOf(start, level);
    let scale = mean(start.map((value, day) => Math.abs(value - level * week[day % WEEK]!)));
    for (const [day, value] of values.entries()) {
      const factor = week[day % WEEK]!;
      const expectedLevel = level + damping * trend;
      const expected = expectedLevel * factor;
      const reach = OUTLIER_ERRORS * scale;
      const taught =
        isRobust && day >= WARM_UP_DAYS ? Math.min(Math.max(value, expected - reach), expected + reach) : value;
      // In the size of the level; a weekday that is nearly always zero says nothing about it.
      const seen = factor > 0.05 ? taught / factor : expectedLevel;
      level = expectedLevel + levelRate * (seen - expectedLevel);
      trend = damping * trend + trendRate * (level - expectedLevel);
      if (weekRate !== undefined && level > 0) {
        week[day % WEEK] = factor + weekRate * (Math.max(taught, 0) / level - factor);
        normalize(week);
      }
      scale += SCALE_RATE * (Math.min(Math.abs(value - expected), reach || Number.POSITIVE_INFINITY) - scale);
      this.#levels[day] = level;
      this.#trends[day] = trend;
      this.#weeks?.set(week, day * WEEK);
    }
  }

  /** The sum that was foreseen at an origin for some days, counted from it. */
  foreseen(origin: number, skippedDays: number, days: number): number {
    const weeks = this.#weeks;
    const firstFactor = (origin - 1) * WEEK;
    let rest = this.#trends[origin - 1]!;
    let level = this.#levels[origin - 1]!;
    let sum = 0;
    for (let ahead = 0; ahead < skippedDays + days; ahead += 1) {
      rest *= this.#damping;
      level += rest;
      if (ahead >= skippedDays) sum += weeks ? level * weeks[firstFactor + ((origin + ahead) % WEEK)]! : level;
    }
    return sum;
  }
}

const NO_WEEK = Float64Array.from({ length: WEEK }, () => 1);

function weekOf(values: readonly number[], level: number): Float64Array {
  if (!(level > 0)) return NO_WEEK.slice();
  return NO_WEEK.map((_, weekday) => {
    return mean(values.filter((_, day) => day % WEEK === weekday).map((value) => Math.max(value, 0))) / level;
  });
}

/** To a mean of 1. */
function normalize(week: Float64Array): void {
  let size = 0;
  for (const factor of week) size += factor / WEEK;
  for (let weekday = 0; weekday < WEEK; weekday += 1) week[weekday] = size > 0 ? week[weekday]! / size : 1;
}

export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
