/** Some 2.5 MB of what calls leave behind: collected in 1 to 5 ms. */
const REQUESTS_BETWEEN = 32;

/**
 * Collects young objects after every 32 requests, at a moment at which none is being answered. V8 itself waits until their
 * space is full, which busier times have made large, and then stops in the middle of calls: for 15 to 60 ms every 700 calls on
 * a machine whose processor caches others use, too (docs/decisions/2026-11-30-cost-of-a-call.md).
 */
export class QuietCollection {
  readonly #collect: () => void;
  readonly #inFlight: () => number;
  #answered = 0;
  #isPlanned = false;

  constructor(collect: () => void, inFlight: () => number) {
    this.#collect = collect;
    this.#inFlight = inFlight;
  }

  /** One more request has been answered. */
  answered(): void {
    this.#answered += 1;
    if (this.#answered < REQUESTS_BETWEEN || this.#isPlanned || this.#inFlight() > 0) return;
    this.#isPlanned = true;
    // What has arrived meanwhile goes first.
    setImmediate(() => {
      this.#isPlanned = false;
      if (this.#inFlight() > 0) return;
      this.#answered = 0;
      this.#collect();
    });
  }
}

/** V8's collection of young objects; nothing, where Node was not started with `--expose-gc`. */
export function collectYoung(): void {
  globalThis.gc?.({ type: 'minor' });
}
