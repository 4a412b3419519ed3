import { Familiarity } from './familiarity.ts';
import type { LoopFacts } from './judge-loops.ts';
import type { CallFacts, ContextGrowth } from './usage-slice.ts';

/** Weight of a bucket in what is usual: about a day of buckets counts. */
const WEIGHT = 0.02;
/** Buckets before which it is not known how much a principal repeats itself. */
const LEAST_BUCKETS = 20;
const LEAST_CALLS = 10;

/** What is known of a principal beside its spend. */
export class WatchedPrincipal {
  readonly familiarity = new Familiarity();
  #repeatShare = 0;
  #buckets = 0;

  /** Part of the calls of a bucket with the same prompt; undefined while that is not known. */
  get usualRepeatShare(): number | undefined {
    return this.#buckets >= LEAST_BUCKETS ? this.#repeatShare : undefined;
  }

  /** A bucket that is over, and in which nothing was wrong. */
  learn({ calls, repeats }: CallFacts): void {
    if (calls < LEAST_CALLS) return;
    this.#buckets += 1;
    const weight = Math.max(WEIGHT, 1 / this.#buckets);
    this.#repeatShare += weight * (repeats / calls - this.#repeatShare);
  }
}

/** Facts of two buckets as one. */
export function joinFacts(facts: readonly (CallFacts | undefined)[]): LoopFacts | undefined {
  const known = facts.filter((fact) => fact !== undefined);
  if (known.length === 0) return undefined;
  const growths = known.flatMap(({ growth }) => (growth ? [growth] : []));
  return {
    calls: known.reduce((sum, { calls }) => sum + calls, 0),
    repeats: known.reduce((sum, { repeats }) => sum + repeats, 0),
    ...(growths.length > 0 && { growth: growths.reduce(joinGrowth) }),
  };
}

function joinGrowth(first: ContextGrowth, then: ContextGrowth): ContextGrowth {
  const calls = first.calls + then.calls;
  const risingShare = (first.risingShare * first.calls + then.risingShare * then.calls) / calls;
  return { calls, risingShare, fromTokens: first.fromTokens, toTokens: then.toTokens };
}
