/** Longest time that outcomes gather. */
const GATHER_MS_MAX = 6;
const WAITING_PER_GATHER_MS = 2;

/**
 * One sync for all who wait. A sync costs as much processor time as a request, so they gather for it: a millisecond for each two that
 * the one before was for, 6 at most, and only until half of the calls in flight wait. Where calls come one by one nobody waits for others.
 */
export class SharedSync {
  readonly #sync: () => Promise<void>;
  readonly #openCalls: () => number;
  #next: PromiseWithResolvers<void> | undefined;
  #waiting = 0;
  #waitedBefore = 0;
  #gathering: NodeJS.Timeout | undefined;
  #isDue = false;
  #isRunning = false;

  /** `openCalls`: those that are to come and wait as well. */
  constructor(sync: () => Promise<void>, openCalls: () => number) {
    this.#sync = sync;
    this.#openCalls = openCalls;
  }

  /** Resolves when a sync that began after this was called has ended. Rejects with its error, or that of the one under way. */
  ended(): Promise<void> {
    this.#next ??= Promise.withResolvers();
    this.#waiting += 1;
    this.#schedule();
    return this.#next.promise;
  }

  #schedule(): void {
    if (this.#isRunning || this.#isDue) return;
    const gatherMs = Math.min(GATHER_MS_MAX, Math.floor(this.#waitedBefore / WAITING_PER_GATHER_MS));
    if (gatherMs > 0 && this.#waiting < this.#openCalls()) {
      this.#gathering ??= setTimeout(() => void this.#run(), gatherMs);
      return;
    }
    clearTimeout(this.#gathering);
    this.#isDue = true;
    setImmediate(() => void this.#run());
  }

  async #run(): Promise<void> {
    const waited = this.#next;
    this.#waitedBefore = this.#waiting;
    this.#next = undefined;
    this.#waiting = 0;
    this.#gathering = undefined;
    this.#isDue = false;
    this.#isRunning = true;
    try {
      await this.#sync();
      waited?.resolve();
    } catch (error) {
      for (const waiting of [waited, this.#next]) waiting?.reject(error);
      this.#next = undefined;
      this.#waiting = 0;
    } finally {
      this.#isRunning = false;
    }
    if (this.#waiting > 0) this.#schedule();
  }
}
