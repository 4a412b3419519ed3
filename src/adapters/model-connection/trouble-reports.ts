import type { Clock } from '../../kernel/time.ts';

/** The same trouble is told at most so often. */
const EVERY_MS = 60_000;
/** Different troubles told in that time; messages may name principals, and there may be many. */
const MESSAGES_MAX = 100;

/** Tells an operator what to put right, once and not with every call that meets it. */
export class TroubleReports {
  readonly #report: (message: string) => void;
  readonly #clock: Clock;
  readonly #toldAtMs = new Map<string, number>();

  constructor(report: (message: string) => void, clock: Clock) {
    this.#report = report;
    this.#clock = clock;
  }

  tell(message: string): void {
    const nowMs = this.#clock();
    for (const [known, atMs] of this.#toldAtMs) if (atMs + EVERY_MS <= nowMs) this.#toldAtMs.delete(known);
    if (this.#toldAtMs.has(message) || this.#toldAtMs.size >= MESSAGES_MAX) return;
    this.#toldAtMs.set(message, nowMs);
    this.#report(message);
  }
}
