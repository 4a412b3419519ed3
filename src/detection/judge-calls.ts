import { countText, percentText } from './evidence.ts';
import type { FindingKind } from './finding-kind.ts';
import { type Habits, type Trait, traitOf } from './habits.ts';
import { RECENT_QUARTERS, type Uses } from './subject-history.ts';
import type { Grain, JudgedMoment, Sensitivity, Suspicion, Watched } from './suspicion.ts';

/** Calls that say what calls are like now. */
const LEAST_CALLS = 20;
/** The same as a part of what a usual hour has. */
const LEAST_PART_OF_HOUR = 0.25;
/** A trait's finding has at least this part of the least impact within two hours: it lasts, and is found before it is dear. */
const PART_OF_IMPACT = 0.25;
/** Calls must cost so much more than usual each, where they are to be told of. */
const LEAST_RISE = 1.15;

interface TraitRule {
  readonly kind: FindingKind;
  readonly trait: Trait;
  /** How far beyond its alarm a trait is: 1 where it begins, undefined where it is in order. */
  readonly strength: (now: number, habit: Habits['traits'][Trait], uses: Uses) => number;
  readonly sentence: (now: number, usual: number, calls: string) => string;
}

const RULES: readonly TraitRule[] = [
  {
    ...{ kind: 'cache_collapse', trait: 'cacheShare' },
    // Half of what is usual, and below all but the worst hours.
    strength: (now, { low, middle }) =>
      middle < 0.15 ? 0 : (middle - now) / Math.max(0.5 * middle, 1.3 * (middle - low)),
    sentence: (now, usual, calls) =>
      `${percentText(now)} of the input of ${calls} calls was read from the cache; ${percentText(usual)} is usual`,
  },
  {
    ...{ kind: 'longer_output', trait: 'outputPerCall' },
    // Answers differ much in length: few calls say little.
    strength: (now, { middle, high }, { requests }) =>
      (now - middle) / Math.max(middle * Math.max(1, 7 / Math.sqrt(requests)), 1.5 * (high - middle), 1),
    sentence: (now, usual, calls) =>
      `${calls} calls were answered with ${countText(now)} tokens each; ${countText(usual)} is usual`,
  },
  {
    ...{ kind: 'error_storm', trait: 'failedShare' },
    strength: (now, { middle, high }, { failed }) =>
      failed < 10 ? 0 : (now - middle) / Math.max(0.2, 1.5 * (high - middle)),
    sentence: (now, usual, calls) => `${percentText(now)} of ${calls} calls failed; ${percentText(usual)} is usual`,
  },
];

/** Whether the calls of a subject are of another kind than usual, and cost more for it. */
export function judgeCalls(
  watched: Watched,
  { quarter, leastImpactUsd }: JudgedMoment,
  { factor }: Sensitivity,
): Suspicion[] {
  const { habits, subject } = watched;
  const standsAlone = subject.kind === 'principal' || subject.kind === 'role';
  if (!habits) return [];
  const window = callsToJudge(watched, quarter);
  if (!window) return [];
  const { uses, count } = window;
  const expectedUsd = uses.requests * habits.traits.costPerCall.middle;
  const grain: Grain = count === 1 ? '15m' : '1h';
  return RULES.flatMap(({ kind, trait, strength, sentence }) => {
    const now = traitOf(trait, uses);
    const by = strength(now, habits.traits[trait], uses) / factor;
    if (by < 1) return [];
    // A call that failed should not have cost anything.
    const impactUsd = kind === 'error_storm' ? uses.costUsd * now : uses.costUsd - expectedUsd;
    const isDearer = kind === 'error_storm' || uses.costUsd >= LEAST_RISE * expectedUsd;
    if (!isDearer || impactUsd < PART_OF_IMPACT * leastImpactUsd * factor) return [];
    return [
      {
        ...{ watched, kind, grain, sinceQuarter: quarter - count + 1, strength: by, isGrave: true, standsAlone },
        ...{ actualUsd: uses.costUsd, expectedUsd: uses.costUsd - impactUsd },
        evidence: [sentence(now, habits.traits[trait].middle, countText(uses.requests))],
      },
    ];
  });
}

/** The shortest stretch up to now that has enough calls. */
export function callsToJudge({ history, habits }: Watched, quarter: number) {
  const least = Math.max(LEAST_CALLS, LEAST_PART_OF_HOUR * (habits?.calls.middle ?? 0));
  for (const count of [1, 2, 4, RECENT_QUARTERS]) {
    const uses = history.recentUses(quarter, count);
    if (uses.requests >= least) return { uses, count };
  }
  return undefined;
}
