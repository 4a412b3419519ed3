import type { Baseline, WindowHours } from './baseline.ts';
import { spendSentence } from './evidence.ts';
import { QUARTERS_AN_HOUR, type SubjectHistory } from './subject-history.ts';
import type { Grain, JudgedMoment, Sensitivity, Suspicion, UsageGrain, Watched } from './suspicion.ts';

/**
 * How many times the edge of what is usual an excess must be. Shorter windows are looked at more often, and need more. Chosen
 * on the training seeds of `bench/detection.ts`.
 */
const EDGES_TO_ALARM: Readonly<Record<WindowHours, number>> = { 0.25: 1.7, 1: 1.8, 6: 1.95, 24: 2 };
const GRAINS: Readonly<Record<WindowHours, Grain>> = { 0.25: '15m', 1: '1h', 6: '6h', 24: '1d' };
/** Teams, models and all together are a mixture that changes by itself: they need more, where no principal stands out. */
const MIXTURE_FACTOR = 1.4;
/** Least impacts that are worth a notice; fewer are, where there is no doubt. */
const GRAVE_IMPACTS = 4;
const STRONG = 2.5;
/** So far back the first bad bucket is looked for. */
const ONSET_QUARTERS = 36 * QUARTERS_AN_HOUR;

/**
 * Whether spend is out of the ordinary, over whichever stretch shows it best. The bucket under way is compared with all that a
 * whole one usually costs, so that it alarms as soon as it is too much and never because of a guess.
 */
export function judgeSpend(
  watched: Watched,
  { quarter, leastImpactUsd, usageGrain }: JudgedMoment,
  sensitivity: Sensitivity,
): Suspicion | undefined {
  const { baseline, history, subject } = watched;
  if (!baseline) return undefined;
  const factor = sensitivity.factor * (subject.kind === 'principal' ? 1 : MIXTURE_FACTOR);
  let worst: { readonly window: WindowHours; readonly strength: number; readonly end: number } | undefined;
  const look = (window: WindowHours, end: number) => {
    const { actualUsd, expectedUsd } = spendOver(history, baseline, end, window * QUARTERS_AN_HOUR);
    const limitUsd =
      Math.max(EDGES_TO_ALARM[window] * baseline.edgeUsd(window, Math.floor(end / QUARTERS_AN_HOUR)), leastImpactUsd) *
      factor;
    const strength = (actualUsd - expectedUsd) / limitUsd;
    const isAccepted = actualUsd <= sensitivity.acceptedHourUsd * Math.max(window, 1);
    if (strength >= 1 && !isAccepted && strength > (worst?.strength ?? 0)) worst = { window, strength, end };
  };
  for (const [window, end] of looksAt(usageGrain, quarter)) look(window, end);
  if (!worst) return undefined;
  const { window, strength, end } = worst;
  const sinceQuarter = onsetOf(history, baseline, end, window * QUARTERS_AN_HOUR);
  const spend = spendOver(history, baseline, quarter, quarter - sinceQuarter + 1);
  const impacts = (spend.actualUsd - spend.expectedUsd) / leastImpactUsd;
  const isGrave = impacts >= (strength >= STRONG ? 1 : GRAVE_IMPACTS);
  return {
    ...{ watched, grain: GRAINS[window], sinceQuarter, ...spend, strength, isGrave, standsAlone: true },
    kind: window > 1 ? 'sustained_rise' : 'spend_spike',
    evidence: [spendSentence(watched, end, window * QUARTERS_AN_HOUR)],
  };
}

/** Windows with their last quarters: long ones where an hour is over. */
function looksAt(usageGrain: UsageGrain, quarter: number): (readonly [WindowHours, number])[] {
  const at = (windows: readonly WindowHours[], end: number) => windows.map((window) => [window, end] as const);
  if (usageGrain === '1d') return at([24], quarter);
  if (usageGrain === '1h') return at([1, 6, 24], quarter);
  const isTurnOfHour = quarter % QUARTERS_AN_HOUR === 0;
  return [...at([0.25, 1], quarter), ...at([0.25], quarter - 1), ...(isTurnOfHour ? at([6, 24], quarter - 1) : [])];
}

/** What the `count` quarters up to `end` cost and should have cost. */
export function spendOver(history: SubjectHistory, baseline: Baseline | undefined, end: number, count: number) {
  let [actualUsd, expectedUsd] = [0, 0];
  for (let at = end - count + 1; at <= end; at += 1) {
    actualUsd += history.quarterUsd(at);
    expectedUsd += baseline?.expectedQuarterUsd(at) ?? 0;
  }
  return { actualUsd, expectedUsd };
}

/** Where the sum of what is above usual began to grow and has not come back to nothing since. */
function onsetOf(history: SubjectHistory, baseline: Baseline, end: number, window: number): number {
  const { actualUsd, expectedUsd } = spendOver(history, baseline, end, window);
  // What wanders without alarming does not add up, nor what is above usual by less than half of what alarmed.
  const slack = Math.max(
    baseline.edgeUsd(1, Math.floor(end / QUARTERS_AN_HOUR)) / QUARTERS_AN_HOUR / 4,
    (actualUsd - expectedUsd) / window / 2,
  );
  let [sum, since] = [0, end - window + 1];
  for (let at = Math.max(end - ONSET_QUARTERS, history.firstHour * QUARTERS_AN_HOUR); at <= end; at += 1) {
    if (sum === 0) since = at;
    sum = Math.max(0, sum + history.quarterUsd(at) - baseline.expectedQuarterUsd(at) - slack);
  }
  return sum === 0 ? end - window + 1 : since;
}
