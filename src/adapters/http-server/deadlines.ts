import { PassingMap } from '../../kernel/passing-map.ts';

/** How often the oldest is looked at, as a share of the time that all have. */
const LOOKS = 8;

/**
 * What must be over in the same time, each with what is to be done when it is not: up to an eighth of the time late. A timer for
 * each is 1.5 microseconds of every request (Node 24), and hardly any ever rings.
 */
export class Deadlines {
  readonly #timeoutMs: number;
  /** The oldest first, with the milliseconds of a clock that nobody sets at which they are due. */
  readonly #due = new PassingMap<() => void, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#timer = setInterval(() => this.#expire(performance.now()), timeoutMs / LOOKS).unref();
  }

  begin(expire: () => void): void {
    this.#due.set(expire, performance.now() + this.#timeoutMs);
  }

  end(expire: () => void): void {
    this.#due.delete(expire);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #expire(nowMs: number): void {
    for (const [expire, dueMs] of this.#due.entries()) {
      if (dueMs > nowMs) return;
      this.#due.delete(expire);
      expire();
    }
  }
}
