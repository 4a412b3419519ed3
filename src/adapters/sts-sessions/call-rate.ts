import { SECOND_MS } from '../../kernel/time.ts';

/** Never more than so many calls start within one second; who asks first is first. Nothing is queued here: callers wait. */
export class CallRate {
  /** When the last calls may start, one place for each that a second has. */
  readonly #startsMs: Float64Array;
  #next = 0;
  #pausedUntilMs = 0;

  constructor(callsPerSecond: number) {
    this.#startsMs = new Float64Array(callsPerSecond).fill(Number.NEGATIVE_INFINITY);
  }

  /** When a call may start; undefined, and no place taken, where that would be after `latestMs`. */
  reserve(nowMs: number, latestMs: number): number | undefined {
    const startMs = Math.max(nowMs, this.#startsMs[this.#next]! + SECOND_MS, this.#pausedUntilMs);
    if (startMs > latestMs) return undefined;
    this.#startsMs[this.#next] = startMs;
    this.#next = (this.#next + 1) % this.#startsMs.length;
    return startMs;
  }

  /** Nobody who has not got a place yet starts before then. */
  pauseUntil(atMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, atMs);
  }
}
