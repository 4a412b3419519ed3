interface Slice {
  readonly startMs: number;
  calls: number;
  failures: number;
}

/** The window moves on in so many steps. */
const SLICES = 6;

/** Counts calls and failures of the last time, in a bounded place. */
export class FailureWindow {
  readonly #windowMs: number;
  #slices: Slice[] = [];

  constructor(windowMs: number) {
    this.#windowMs = windowMs;
  }

  count(hasFailed: boolean, nowMs: number): void {
    const sliceMs = this.#windowMs / SLICES;
    const startMs = Math.floor(nowMs / sliceMs) * sliceMs;
    let slice = this.#slices.at(-1);
    if (slice?.startMs !== startMs) {
      slice = { startMs, calls: 0, failures: 0 };
      this.#slices = [...this.#current(nowMs), slice];
    }
    slice.calls += 1;
    if (hasFailed) slice.failures += 1;
  }

  sums(nowMs: number): { readonly calls: number; readonly failures: number } {
    const current = this.#current(nowMs);
    return {
      calls: current.reduce((sum, { calls }) => sum + calls, 0),
      failures: current.reduce((sum, { failures }) => sum + failures, 0),
    };
  }

  clear(): void {
    this.#slices = [];
  }

  #current(nowMs: number): Slice[] {
    return this.#slices.filter(({ startMs }) => startMs > nowMs - this.#windowMs);
  }
}
