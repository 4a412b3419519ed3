import type { CallPlan, ModelRouter, RoutedModel } from '../../inference/model-router.ts';
import { retryAfterMsOf } from '../../inference/upstream-failure.ts';
import type { Clock, Wait } from '../../kernel/time.ts';
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

/** One attempt at one upstream: a metered call of its own. */
export interface Attempt {
  readonly target: RoutedModel<Candidate>;
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
  #made = 1;
  #isCharged = false;

  constructor(authorized: AuthorizedInference, parts: AttemptParts) {
    const { candidates, alias, caller } = authorized;
    this.#authorized = authorized;
    this.#parts = parts;
    this.#plan = parts.router.plan(candidates, alias, caller.principalArn);
  }

  first(): Attempt {
    const { requestId, nowMs: startedAtMs } = this.#authorized;
    return { target: this.#targetOf(0), number: 1, requestId, startedAtMs, attemptOf: '', isRepeat: false };
  }

  /** Resolves with the next attempt when it may be made; throws the failure when there is none. */
  async after(failed: FailedAttempt): Promise<Attempt> {
    this.#isCharged ||= failed.isCharged;
    const { clock, wait, newRequestId } = this.#parts;
    const { retries = this.#plan.targets.length - 1, retryOn, timeoutMs } = this.#plan.retry;
    const { request, requestId, nowMs } = this.#authorized;
    const target = this.#targetOf(this.#made);
    const pauseMs = this.#pauseMs(failed, target);
    const leftMs = timeoutMs === undefined ? Number.POSITIVE_INFINITY : nowMs + timeoutMs - clock();
    const mayRetry = failed.kind !== undefined && retryOn.has(failed.kind) && this.#made <= retries;
    if (!mayRetry || pauseMs >= leftMs || pauseMs > RETRY_AFTER_MS_MAX) throw failed.error;
    if (pauseMs > 0) await wait(pauseMs, request.clientGone);
    if (request.clientGone.aborted) throw failed.error;
    this.#made += 1;
    const isRepeat = this.#isCharged;
    return {
      target,
      number: this.#made,
      requestId: newRequestId(),
      startedAtMs: clock(),
      attemptOf: requestId,
      isRepeat,
    };
  }

  #targetOf(attempt: number): RoutedModel<Candidate> {
    const { targets } = this.#plan;
    return targets[attempt % targets.length]!;
  }

  /** Another upstream is asked at once; the same one after a random part of a growing time, and not before it said. */
  #pauseMs({ error }: FailedAttempt, next: RoutedModel<Candidate>): number {
    if (next.backend !== this.#targetOf(this.#made - 1).backend) return 0;
    const longestMs = Math.min(PAUSE_MS_MAX, FIRST_PAUSE_MS * 2 ** (this.#made - 1));
    return Math.max(retryAfterMsOf(error) ?? 0, Math.round(this.#parts.chance() * longestMs));
  }
}
