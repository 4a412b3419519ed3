import { countText, percentText } from './evidence.ts';
import type { FindingKind } from './finding-kind.ts';
import { type Habits, type Trait, traitOf } from './habits.ts';
import { QUARTERS_AN_HOUR, RECENT_QUARTERS, type SubjectHistory, sumOf, type Uses } from './subject-history.ts';
import type { Grain, JudgedMoment, Sensitivity, Suspicion, UsageGrain, Watched } from './suspicion.ts';

/** Calls that say what calls are like now. */
const LEAST_CALLS = 20;
/** The same as a part of what a usual hour has. */
const LEAST_PART_OF_HOUR = 0.25;
/** Stretches that may have as many, in quarters. Who calls seldom has them in six hours or a day. */
const STRETCHES: readonly (readonly [number, Grain])[] = [
  [1, '15m'],
  [2, '1h'],
  [4, '1h'],
  [RECENT_QUARTERS, '1h'],
  [6 * QUARTERS_AN_HOUR, '6h'],
  [24 * QUARTERS_AN_HOUR, '1d'],
];
const LEAST_QUARTERS: Readonly<Record<UsageGrain, number>> = {
  ...{ '15m': 1, '1h': QUARTERS_AN_HOUR, '1d': 24 * QUARTERS_AN_HOUR },
};
/**
 * A trait's finding has at least this part of the least impact within two hours, and in longer stretches as much for every two
 * hours: it lasts, and is found before it is dear.
 */
const PART_OF_IMPACT = 0.25;
/** Calls must cost so much more than usual each, where they are to be told of. */
const LEAST_RISE = 1.15;

interface TraitRule {
  readonly kind: FindingKind;
  readonly trait: Trait;
  /** How far beyond its alarm a trait is: 1 where it begins, undefined where it is in order. */
  readonly strength: (now: number, habit: Habits['traits'][Trait], uses: Uses) => number;
  readonly sentence: (now: number, usual: number, calls: string) => string;
  /** The same of a bill, where a thousand tokens of input stand for a call. */
  readonly sentenceOfBill: (now: number, usual: number) => string;
}

const RULES: readonly TraitRule[] = [
  {
    ...{ kind: 'cache_collapse', trait: 'cacheShare' },
    // Half of what is usual, and below all but the worst hours.
    strength: (now, { low, middle }) =>
      middle < 0.15 ? 0 : (middle - now) / Math.max(0.5 * middle, 1.3 * (middle - low)),
    sentence: (now, usual, calls) =>
      `${percentText(now)} of the input of ${calls} calls was read from the cache; ${percentText(usual)} is usual`,
    sentenceOfBill: (now, usual) =>
      `${percentText(now)} of the input was read from the cache; ${percentText(usual)} is usual`,
  },
  {
    ...{ kind: 'longer_output', trait: 'outputPerCall' },
    // Answers differ much in length: few calls say little.
    strength: (now, { middle, high }, { requests }) =>
      (now - middle) / Math.max(middle * Math.max(1, 8 / Math.sqrt(requests)), 1.8 * (high - middle), 1),
    sentence: (now, usual, calls) =>
      `${calls} calls were answered with ${countText(now)} tokens each; ${countText(usual)} is usual`,
    sentenceOfBill: (now, usual) =>
      `1,000 tokens of input were answered with ${countText(now)} tokens; ${countText(usual)} is usual`,
  },
  {
    ...{ kind: 'error_storm', trait: 'failedShare' },
    strength: (now, { middle, high }, { failed }) =>
      failed < 10 ? 0 : (now - middle) / Math.max(0.2, 1.5 * (high - middle)),
    sentence: (now, usual, calls) => `${percentText(now)} of ${calls} calls failed; ${percentText(usual)} is usual`,
    sentenceOfBill: (now, usual) => `${percentText(now)} of the calls failed; ${percentText(usual)} is usual`,
  },
];

/** Whether the calls of a subject are of another kind than usual, and cost more for it. */
export function judgeCalls(
  watched: Watched,
  { quarter, leastImpactUsd, usageGrain }: JudgedMoment,
  { factor }: Sensitivity,
): Suspicion[] {
  const { habits, subject } = watched;
  const standsAlone = subject.kind === 'principal' || subject.kind === 'role';
  if (!habits) return [];
  return RULES.flatMap(({ kind, trait, strength, sentence, sentenceOfBill }) => {
    for (const { uses, count, grain } of stretches(watched, quarter, usageGrain)) {
      const now = traitOf(trait, uses);
      const by = strength(now, habits.traits[trait], uses) / factor;
      // What is in order by now needs no longer look.
      if (by < 1) return [];
      const expectedUsd = uses.requests * habits.traits.costPerCall.middle;
      // A call that failed should not have cost anything.
      const impactUsd = kind === 'error_storm' ? uses.costUsd * now : uses.costUsd - expectedUsd;
      const isDearer = kind === 'error_storm' || uses.costUsd >= LEAST_RISE * expectedUsd;
      const leastUsd = PART_OF_IMPACT * leastImpactUsd * factor * Math.max(1, count / RECENT_QUARTERS);
      if (!isDearer || impactUsd < leastUsd) continue;
      const usual = habits.traits[trait].middle;
      const seen = usageGrain === '15m' ? sentence(now, usual, countText(uses.requests)) : sentenceOfBill(now, usual);
      return [
        {
          ...{ watched, kind, grain, sinceQuarter: quarter - count + 1, strength: by, isGrave: true, standsAlone },
          ...{ actualUsd: uses.costUsd, expectedUsd: uses.costUsd - impactUsd, evidence: [seen] },
        },
      ];
    }
    return [];
  });
}

interface Stretch {
  readonly uses: Uses;
  /** Quarters. */
  readonly count: number;
  readonly grain: Grain;
}

/** The shortest stretch up to now that has enough calls. */
export function callsToJudge(watched: Watched, quarter: number): Stretch | undefined {
  return stretches(watched, quarter, '15m').next().value ?? undefined;
}

/** Stretches up to now that have enough calls, the shortest first; those of hours once in an hour. */
function* stretches({ history, habits }: Watched, quarter: number, usageGrain: UsageGrain): Generator<Stretch> {
  const least = Math.max(LEAST_CALLS, LEAST_PART_OF_HOUR * (habits?.calls.middle ?? 0));
  const isTurnOfHour = quarter % QUARTERS_AN_HOUR === 0 || usageGrain !== '15m';
  for (const [count, grain] of STRETCHES) {
    if (count < LEAST_QUARTERS[usageGrain] || (count > RECENT_QUARTERS && !isTurnOfHour)) continue;
    const uses = count <= RECENT_QUARTERS ? history.recentUses(quarter, count) : usesOfHours(history, quarter, count);
    if (uses.requests >= least) yield { uses, count, grain };
  }
}

/** Of whole hours, the one under way among them. */
function usesOfHours(history: SubjectHistory, quarter: number, count: number): Uses {
  const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
  return sumOf(Array.from({ length: count / QUARTERS_AN_HOUR }, (_, index) => history.usesOf(hour - index)));
}
