/** What happened in a stretch of time. `calls` are attempts at an upstream that ended. */
export interface LiveSums {
  readonly calls: number;
  /** Calls that were not made: no room on a budget, or inference is stopped. */
  readonly refused: number;
  /** Of the calls. */
  readonly failed: number;
  /** Calls that used something without a price. */
  readonly unpriced: number;
  readonly tokens: bigint;
  readonly costPicoUsd: bigint;
}

export const NO_SUMS: LiveSums = { calls: 0, refused: 0, failed: 0, unpriced: 0, tokens: 0n, costPicoUsd: 0n };

/** Sums that are added up in place: there are many of them. */
export type GrowingSums = { -readonly [Member in keyof LiveSums]: LiveSums[Member] };

export function addTo(sums: GrowingSums, more: LiveSums): void {
  sums.calls += more.calls;
  sums.refused += more.refused;
  sums.failed += more.failed;
  sums.unpriced += more.unpriced;
  sums.tokens += more.tokens;
  sums.costPicoUsd += more.costPicoUsd;
}

function takeFrom(sums: GrowingSums, less: LiveSums): void {
  sums.calls -= less.calls;
  sums.refused -= less.refused;
  sums.failed -= less.failed;
  sums.unpriced -= less.unpriced;
  sums.tokens -= less.tokens;
  sums.costPicoUsd -= less.costPicoUsd;
}

/** Sums of the last so many slots of time, those without anything left out. Only arithmetic: it is told what time it is. */
export class LiveSeries {
  readonly #slotMs: number;
  readonly #kept: number;
  /** By number since the epoch, oldest first. */
  readonly #slots = new Map<number, GrowingSums>();
  readonly #total: GrowingSums = { ...NO_SUMS };

  constructor(slotMs: number, kept: number) {
    this.#slotMs = slotMs;
    this.#kept = kept;
  }

  add(atMs: number, sums: LiveSums): void {
    const slot = Math.floor(atMs / this.#slotMs);
    const known = this.#slots.get(slot);
    addTo(this.#total, sums);
    if (known) addTo(known, sums);
    else {
      this.advance(atMs);
      this.#slots.set(slot, { ...sums });
    }
  }

  /** Lets slots go whose time is over; the last one is under way. */
  advance(nowMs: number): void {
    const first = Math.floor(nowMs / this.#slotMs) - this.#kept + 1;
    for (const [slot, sums] of this.#slots) {
      if (slot >= first) break;
      takeFrom(this.#total, sums);
      this.#slots.delete(slot);
    }
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0;
  }

  /** Of all slots. It goes on growing: whoever keeps it copies it. */
  get total(): LiveSums {
    return this.#total;
  }

  /** With the start of each in milliseconds. */
  *entries(): Generator<readonly [startMs: number, sums: LiveSums]> {
    for (const [slot, sums] of this.#slots) yield [slot * this.#slotMs, sums];
  }
}
