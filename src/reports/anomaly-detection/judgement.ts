import { type Baseline, baselineOf, MIN_HISTORY_DAYS, median } from './baseline.ts';

/** How easily a monitored value raises an alarm. */
export interface Sensitivity {
  /** A day counts as anomalous when its impact is this many times the usual deviation. */
  readonly deviations: number;
  /** Spend up to this much a day is known to be in order, in USD. */
  readonly acceptedUsd: number;
}

export const STANDARD_SENSITIVITY: Sensitivity = { deviations: 5, acceptedUsd: 0 };

/** The smallest impact that is ever worth an alarm: 1 USD, or this share of what the monitor usually sees in a day. */
const LEAST_IMPACT_USD = 1;
const LEAST_IMPACT_SHARE = 0.01;

export interface Judgement {
  readonly isAnomalous: boolean;
  readonly expectedUsd: number;
  /** 0 to 1; 0.5 is where alarms begin at the standard sensitivity. */
  readonly score: number;
}

/** What one day of one value is judged with. */
export interface DaySpend {
  readonly actualUsd: number;
  /** The value's spend on the days before, oldest first, ending the day before. */
  readonly history: readonly number[];
  /** The smallest impact that matters to the monitor, from `leastImpact`. */
  readonly leastImpactUsd: number;
}

/** From the days of all that a monitor watches. */
export function leastImpact(scopeDays: readonly number[]): number {
  return Math.max(LEAST_IMPACT_USD, LEAST_IMPACT_SHARE * median(scopeDays));
}

/** Only more than expected is anomalous; savings are no alarm. */
export function judgeDay(
  { actualUsd, history, leastImpactUsd }: DaySpend,
  { deviations, acceptedUsd }: Sensitivity = STANDARD_SENSITIVITY,
): Judgement {
  const { expectedUsd, scaleUsd }: Baseline = baselineOf(sinceFirstUse(history));
  const impactUsd = actualUsd - expectedUsd;
  const scale = Math.max(scaleUsd, leastImpactUsd / STANDARD_SENSITIVITY.deviations);
  const distance = Math.max(impactUsd, 0) / scale;
  return {
    isAnomalous: distance >= deviations && actualUsd > acceptedUsd,
    expectedUsd,
    score: distance / (distance + STANDARD_SENSITIVITY.deviations),
  };
}

/** A value that is younger than its monitor is judged by its own days as soon as these are enough. */
function sinceFirstUse(history: readonly number[]): readonly number[] {
  const firstUse = history.findIndex((usd) => usd > 0);
  return firstUse !== -1 && history.length - firstUse >= MIN_HISTORY_DAYS ? history.slice(firstUse) : history;
}
