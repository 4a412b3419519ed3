/** What a day should have cost, judged by the days before it. USD. */
export interface Baseline {
  readonly expectedUsd: number;
  /** How far a day is usually off: about one standard deviation, without being carried away by past spikes. */
  readonly scaleUsd: number;
}

const WEEK = 7;
/** Weeks that are looked back on: enough for each weekday to have a habit, few enough to follow growth. */
export const HISTORY_DAYS = 6 * WEEK;
/** Days that say how high spend is at present. */
const LEVEL_DAYS = 2 * WEEK;
/** AWS asks for ten days of history before it detects anything (User Guide, checked 2026-11). */
export const MIN_HISTORY_DAYS = 10;

/** Makes the median absolute deviation of normal noise its standard deviation. */
const MAD_TO_DEVIATION = 1.4826;
/** Spend is never taken to be steadier than this share of what is expected; less is known after fewer weeks. */
const LEAST_DEVIATION = 0.1;
const LEAST_DEVIATION_OF_ONE_WEEK = 0.3;
/** On a weekday that usually costs little, spend still wanders by this share of an average day. */
const LEAST_DEVIATION_OF_HEIGHT = 0.05;

/**
 * A robust seasonal baseline. Each weekday has its share of the week (the median over the weeks, so that one spike does not
 * count), and the height is the median of the last two weeks with the weekday taken out. `history` is the spend of
 * consecutive days, oldest first, ending on the day before the one that is judged; at least a week of it.
 */
export function baselineOf(history: readonly number[]): Baseline {
  const recent = history.slice(-HISTORY_DAYS);
  const weeks = weeksBackwards(recent);
  const shares = weekdayShares(weeks);
  // Day `ago` days before the judged one has the judged one's weekday when `ago` is a multiple of seven.
  const shareOf = (ago: number) => shares[ago % WEEK]!;
  const height = median(
    recent
      .slice(-LEVEL_DAYS)
      .toReversed()
      .flatMap((usd, index) => (shareOf(index + 1) > 0 ? [usd / shareOf(index + 1)] : [])),
  );
  const expectedUsd = height * shareOf(0);
  const count = Math.max(weeks.length, 1);
  const leastDeviation = LEAST_DEVIATION + (LEAST_DEVIATION_OF_ONE_WEEK - LEAST_DEVIATION) / count;
  // Shares that are fitted to few weeks make the same weeks look steadier than the next will be.
  const deviation = MAD_TO_DEVIATION * relativeDeviation(weeks, shares) * (1 + 1 / count);
  return {
    expectedUsd,
    scaleUsd: Math.max(expectedUsd * Math.max(deviation, leastDeviation), height * LEAST_DEVIATION_OF_HEIGHT),
  };
}

/** Whole weeks, the latest first; in each, index 1 is the day before the judged weekday, 0 its own weekday. */
function weeksBackwards(days: readonly number[]): number[][] {
  const weeks: number[][] = [];
  for (let end = days.length; end >= WEEK; end -= WEEK) {
    const [sameWeekday, ...rest] = days.slice(end - WEEK, end);
    weeks.push([sameWeekday!, ...rest.toReversed()]);
  }
  return weeks;
}

/** What each weekday costs as a multiple of its week's mean: 1 for all without a habit. */
function weekdayShares(weeks: readonly (readonly number[])[]): number[] {
  const used = weeks.filter((week) => mean(week) > 0);
  return Array.from({ length: WEEK }, (_, weekday) =>
    used.length === 0 ? 1 : median(used.map((week) => week[weekday]! / mean(week))),
  );
}

/** How far days usually are from their share of their week, as a part of it. */
function relativeDeviation(weeks: readonly (readonly number[])[], shares: readonly number[]): number {
  const deviations = weeks.flatMap((week) => {
    const height = median(week.flatMap((usd, weekday) => (shares[weekday]! > 0 ? [usd / shares[weekday]!] : [])));
    if (height <= 0) return [];
    return week.flatMap((usd, weekday) =>
      shares[weekday]! > 0 ? [Math.abs(usd / (height * shares[weekday]!) - 1)] : [],
    );
  });
  return median(deviations);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** 0 for nothing. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return 0;
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
