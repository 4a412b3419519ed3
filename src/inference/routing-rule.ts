import { createHash } from 'node:crypto';
import type { CallTimeouts } from './model-call.ts';
import type { FailureKind } from './upstream-failure.ts';

/** When a call is tried again, and for how long. */
export interface RetryRule {
  /** Further attempts after the first. Absent: one at every further target. */
  readonly retries?: number;
  /** Longest time for the whole call, all attempts together. Absent: as long as its attempts take. */
  readonly timeoutMs?: number;
  /** Of every attempt. */
  readonly timeouts?: CallTimeouts;
  readonly retryOn: ReadonlySet<FailureKind>;
}

/** Who serves what, in which order. */
export interface RoutingRule<Target> {
  readonly targets: readonly Target[];
  /** A caller stays with the target that was first drawn for it, whose prompt cache knows it. */
  readonly isSticky: boolean;
  readonly retry: RetryRule;
}

/** One upstream of a model. */
export interface UpstreamTarget {
  readonly upstream: string;
  /** Share of the calls, relative to the other weights. Absent: a fallback, used when all with weights have failed. */
  readonly weight?: number;
}

/** One model behind an alias. */
export interface AliasTarget {
  /** As callers name models: id, profile id or ARN. */
  readonly model: string;
  /** Absent: whoever serves the model. */
  readonly upstream?: string;
  /** As of `UpstreamTarget`. */
  readonly weight?: number;
}

/** A number above 0 and up to 1 for a target. */
export type Draw = (target: string) => number;

/** A new draw for every call. `chance` is from 0 up to, but not including, 1. */
export function drawnAnew(chance: () => number): Draw {
  return () => 1 - chance();
}

const DRAWS = 2 ** 48;

/** The same draw for the same caller, so that a target that comes or goes moves only the callers that it must move. */
export function drawnFor(principalArn: string): Draw {
  return (target) => {
    const digest = createHash('sha256').update(`${principalArn}\u0000${target}`).digest();
    return (digest.readUIntBE(0, 6) + 1) / DRAWS;
  };
}

/**
 * Targets with weights in drawn order, then the others as they stand. Each target's exponential clock runs at the rate of
 * its weight: the first to ring is chosen as often as its weight says, and so is the first of the rest.
 */
export function inOrder<Target extends { readonly weight?: number }>(
  targets: readonly Target[],
  nameOf: (target: Target) => string,
  draw: Draw,
): Target[] {
  if (targets.length < 2) return [...targets];
  const ringing = targets
    .filter(({ weight }) => weight !== undefined)
    .map((target) => ({ target, atTime: -Math.log(draw(nameOf(target))) / target.weight! }))
    .sort((a, b) => a.atTime - b.atTime);
  return [...ringing.map(({ target }) => target), ...targets.filter(({ weight }) => weight === undefined)];
}
