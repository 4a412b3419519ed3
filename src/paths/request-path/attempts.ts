import type { CallTimeouts } from '../../inference/model-call.ts';
import type { CallPlan, ModelRouter, RoutedModel } from '../../inference/model-router.ts';
import type { Turn } from '../../inference/upstream.ts';
import type { Clock, Wait } from '../../kernel/time.ts';
import { AttemptLimit } from './attempt-limit.ts';
import type { Candidate } from './authorize.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import type { AuthorizedInference } from './reserve.ts';

export interface AttemptParts {
  readonly clock: Clock;
  readonly wait: Wait;
  /** From 0 up to, but not including, 1. */
  readonly chance: () => number;
  readonly router: ModelRouter;
  readonly newRequestId: () => string;
}

/** Where an attempt is made. */
export type AttemptTarget = RoutedModel<Candidate>;

/** One attempt at one upstream: a metered call of its own. */
export interface Attempt {
  readonly target: AttemptTarget;
  readonly turn: Turn;
  readonly limit: AttemptLimit;
  readonly timeouts?: CallTimeouts;
  /** From 1 on. */
  readonly number: number;
  /** The caller's for the first attempt. */
  readonly requestId: string;
  readonly startedAtMs: number;
  /** As of the usage event, like the next. */
  readonly attemptOf: string;
  readonly isRepeat: boolean;
}

/** Longest pause before the same upstream is asked the second time; it doubles from there, to the other bound. */
const FIRST_PAUSE_MS = 200;
const PAUSE_MS_MAX = 5_000;
/** A client is not kept waiting for longer than this because an upstream wishes so. */
const RETRY_AFTER_MS_MAX = 30_000;

/** The attempts that one call is made of: where the next one goes, and whether there is one. */
export class Attempts {
  readonly #authorized: AuthorizedInference;
  readonly #parts: AttemptParts;
  readonly #plan: CallPlan<Candidate>;
  /** Place in the plan, which begins again at its end. */
  #place: number;
  #tries = 1;
  #begun = 0;
  #isCharged = false;

  constructor(authorized: AuthorizedInference, parts: AttemptParts) {
    const { candidates, alias, caller } = authorized;
    this.#authorized = authorized;
    this.#parts = parts;
    this.#plan = parts.router.plan(candidates, alias, caller.principalArn);
    this.#place = this.#availableFrom(0);
  }

  get target(): AttemptTarget {
    return this.#targetAt(this.#place);
  }

  /** The attempt at the target, whose turn has come. */
  begin(turn: Turn): Attempt {
    const { requestId, nowMs, request } = this.#authorized;
    const { newRequestId, clock, wait } = this.#parts;
    const { target } = this;
    const limit = new AttemptLimit(target.upstream.patience, this.leftMs, request.client, wait);
    this.#begun += 1;
    const { timeouts } = this.#plan.retry;
    const at = { target, turn, limit, ...(timeouts && { timeouts }), number: this.#begun };
    if (this.#begun === 1) return { ...at, requestId, startedAtMs: nowMs, attemptOf: '', isRepeat: false };
    const isRepeat = this.#isCharged;
    return { ...at, requestId: newRequestId(), startedAtMs: clock(), attemptOf: requestId, isRepeat };
  }

  /** Resolves when the next target may be asked; throws the failure when there is to be no further attempt. */
  async after(failed: FailedAttempt): Promise<void> {
    this.#isCharged ||= failed.isCharged;
    const { retries = this.#plan.targets.length - 1, retryOn } = this.#plan.retry;
    const { request } = this.#authorized;
    const place = this.#availableFrom(this.#place + 1);
    const pauseMs = this.#pauseMs(this.#targetAt(place));
    const mayRetry = failed.kind !== undefined && retryOn.has(failed.kind) && this.#tries <= retries;
    if (!mayRetry || pauseMs >= this.leftMs || pauseMs > RETRY_AFTER_MS_MAX) throw failed.error;
    if (pauseMs > 0) await this.#parts.wait(pauseMs, request.client.gone);
    if (request.client.isGone) throw failed.error;
    this.#tries += 1;
    this.#place = place;
  }

  /** Of the time for the whole call; infinite where it has no bound. */
  get leftMs(): number {
    const { timeoutMs = Number.POSITIVE_INFINITY } = this.#plan.retry;
    return this.#authorized.nowMs + timeoutMs - this.#parts.clock();
  }

  #targetAt(place: number): AttemptTarget {
    const { targets } = this.#plan;
    return targets[place % targets.length]!;
  }

  /** The next place at which somebody can be asked; that place itself where nobody can. */
  #availableFrom(place: number): number {
    // With one there is no choice, and whether it can be asked is seen when it is.
    if (this.#plan.targets.length === 1) return place;
    for (let next = place; next < place + this.#plan.targets.length; next++) {
      const { upstream, candidate } = this.#targetAt(next);
      if (upstream.isAvailable(candidate.model.modelId)) return next;
    }
    return place;
  }

  /** Another upstream is asked at once, the same one after a random part of a growing time; neither before it said. */
  #pauseMs({ upstream, candidate }: AttemptTarget): number {
    const askedForMs = upstream.pausedForMs(candidate.model.modelId);
    if (upstream !== this.target.upstream) return askedForMs;
    const longestMs = Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** (this.#tries - 1));
    return Math.max(askedForMs, Math.round(this.#parts.chance() * longestMs));
  }
}
