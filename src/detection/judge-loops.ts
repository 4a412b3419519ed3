import { countText, percentText } from './evidence.ts';
import { spendOver } from './judge-spend.ts';
import type { JudgedMoment, Sensitivity, Suspicion, Watched } from './suspicion.ts';
import type { CallFacts } from './usage-slice.ts';

/** Calls with one prompt in a bucket that look like a loop, and their part of all. */
const LEAST_REPEATS = 30;
const LEAST_REPEAT_SHARE = 0.5;
/** Where the same prompt is usual, as for checks of health: so much more than usual. */
const REPEATS_BEYOND_USUAL = 0.3;
/** Calls against the busiest hours of the last two weeks. */
const LEAST_RATE = 2;
/** Calls in a row whose input grows, how often, and to how many times the first. */
const LEAST_GROWING_CALLS = 10;
const LEAST_RISING_SHARE = 0.8;
const LEAST_GROWTH = 2.5;
/** Input of a call beyond the highest of what is usual. */
const LEAST_INPUT = 1.3;
/** Loops cost by the minute: they are told of before their impact is what others must have. */
const PART_OF_IMPACT = 0.25;

/** What a principal's calls in the bucket under way and the one before were like, together. */
export type LoopFacts = Pick<CallFacts, 'calls' | 'repeats' | 'growth'>;

/**
 * Whether a principal calls itself into a loop. `usualRepeatShare`: part of its calls that have its most frequent prompt in
 * other buckets; undefined while that is not known.
 */
export function judgeLoops(
  watched: Watched,
  facts: LoopFacts,
  usualRepeatShare: number | undefined,
  { quarter, leastImpactUsd }: JudgedMoment,
  { factor }: Sensitivity,
): Suspicion[] {
  const { history, baseline, habits } = watched;
  const spend = spendOver(history, baseline, quarter, 2);
  const impactUsd = spend.actualUsd - spend.expectedUsd;
  if (impactUsd < PART_OF_IMPACT * leastImpactUsd * factor) return [];
  const about = {
    watched,
    grain: '15m' as const,
    sinceQuarter: quarter - 1,
    ...spend,
    isGrave: true,
    standsAlone: true,
  };
  const suspicions: Suspicion[] = [];
  const repeatShare = facts.repeats / Math.max(facts.calls, 1);
  // Two buckets against the busiest hours; somebody without habits has no rate that could be usual.
  const callsBeyond = habits ? (facts.calls * 2) / (LEAST_RATE * habits.calls.high) : 1;
  const beyondUsual =
    usualRepeatShare === undefined ? callsBeyond : (repeatShare - usualRepeatShare) / REPEATS_BEYOND_USUAL;
  const repetition = Math.min(facts.repeats / LEAST_REPEATS, repeatShare / LEAST_REPEAT_SHARE, beyondUsual) / factor;
  if (repetition >= 1) {
    const times = countText(facts.repeats);
    const usual = usualRepeatShare === undefined ? '' : `; ${percentText(usualRepeatShare)} with one prompt is usual`;
    suspicions.push({
      ...{ ...about, kind: 'runaway_loop', strength: Math.max(repetition, callsBeyond) },
      evidence: [`the same prompt came ${times} times among ${countText(facts.calls)} calls${usual}`],
    });
  }
  const { growth } = facts;
  if (growth && habits) {
    const usualInput = Math.max(habits.traits.inputPerCall.high, 1);
    const grown = Math.min(
      growth.calls / LEAST_GROWING_CALLS,
      growth.risingShare / LEAST_RISING_SHARE,
      growth.toTokens / Math.max(growth.fromTokens, 1) / LEAST_GROWTH,
      growth.toTokens / usualInput / LEAST_INPUT,
    );
    if (grown / factor >= 1) {
      suspicions.push({
        ...{ ...about, kind: 'growing_context', strength: grown / factor },
        evidence: [
          `the input of ${growth.calls} calls in a row grew from ${countText(growth.fromTokens)} to ${countText(growth.toTokens)} tokens; ${countText(usualInput)} a call is much already`,
        ],
      });
    }
  }
  return suspicions;
}
