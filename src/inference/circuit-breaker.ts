import { FailureWindow } from './failure-window.ts';

/** When a breaker opens, and for how long. */
export interface BreakerRule {
  /** So many failures in a row open it. */
  readonly consecutiveFailures: number;
  /** So does this share of failures in the window, once it has seen enough calls. */
  readonly errorRatePercent: number;
  readonly minCalls: number;
  readonly windowMs: number;
  /** Then one call is let through to see. */
  readonly openMs: number;
}

export type BreakerState = 'closed' | 'open' | 'half-open';

/** Keeps calls from something that fails: closed, open after failures, half-open for one call at a time when time has passed. */
export class CircuitBreaker {
  readonly #rule: BreakerRule;
  readonly #window: FailureWindow;
  #consecutive = 0;
  #openedAtMs: number | undefined;
  #isProbed = false;

  constructor(rule: BreakerRule) {
    this.#rule = rule;
    this.#window = new FailureWindow(rule.windowMs);
  }

  state(nowMs: number): BreakerState {
    if (this.#openedAtMs === undefined) return 'closed';
    return nowMs < this.#openedAtMs + this.#rule.openMs ? 'open' : 'half-open';
  }

  /** Zero while closed. */
  opensAgainInMs(nowMs: number): number {
    return this.#openedAtMs === undefined ? 0 : Math.max(0, this.#openedAtMs + this.#rule.openMs - nowMs);
  }

  mayPass(nowMs: number): boolean {
    const state = this.state(nowMs);
    return state === 'closed' || (state === 'half-open' && !this.#isProbed);
  }

  /** Begins a call that may pass; true where it is the one that is let through to see. */
  begin(nowMs: number): boolean {
    if (this.state(nowMs) !== 'half-open') return false;
    this.#isProbed = true;
    return true;
  }

  succeeded(isProbe: boolean, nowMs: number): void {
    this.#window.count(false, nowMs);
    this.#consecutive = 0;
    if (!isProbe) return;
    this.#isProbed = false;
    this.#openedAtMs = undefined;
    this.#window.clear();
  }

  /** `isAlive`: it answered, with an error, which may be the caller's doing: such failures count by their share alone. */
  failed(isProbe: boolean, nowMs: number, isAlive = false): void {
    this.#window.count(true, nowMs);
    if (!isAlive) this.#consecutive += 1;
    if (isProbe) this.#isProbed = false;
    const { consecutiveFailures, errorRatePercent, minCalls } = this.#rule;
    const { calls, failures } = this.#window.sums(nowMs);
    const isOften = calls >= minCalls && failures * 100 >= calls * errorRatePercent;
    const isBad = this.#consecutive >= consecutiveFailures || isOften;
    // What began before it opened must not keep it open for longer.
    if (isProbe || (this.#openedAtMs === undefined && isBad)) this.#openedAtMs = nowMs;
  }

  /** The call said nothing about what is behind the breaker. */
  undecided(isProbe: boolean): void {
    if (isProbe) this.#isProbed = false;
  }

  /** Somebody else saw that it works: the next call is let through to see. */
  revive(nowMs: number): void {
    if (this.state(nowMs) === 'open') this.#openedAtMs = nowMs - this.#rule.openMs;
  }
}
