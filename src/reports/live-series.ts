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

export function addSums(a: LiveSums, b: LiveSums): LiveSums {
  const sums = { ...a };
  addTo(sums, b);
  return sums;
}

function addTo(sums: { -readonly [Member in keyof LiveSums]: LiveSums[Member] }, more: LiveSums): void {
  sums.calls += more.calls;
  sums.refused += more.refused;
  sums.failed += more.failed;
  sums.unpriced += more.unpriced;
  sums.tokens += more.tokens;
  sums.costPicoUsd += more.costPicoUsd;
}

/** Sums of the last so many slots of time, those without anything left out. Only arithmetic: it is told what time it is. */
export class LiveSeries {
  readonly #slotMs: number;
  readonly #kept: number;
  /** By number since the epoch, oldest first. */
  readonly #slots = new Map<number, LiveSums>();

  constructor(slotMs: number, kept: number) {
    this.#slotMs = slotMs;
    this.#kept = kept;
  }

  add(atMs: number, sums: LiveSums): void {
    const slot = Math.floor(atMs / this.#slotMs);
    const known = this.#slots.get(slot);
    if (known) addTo(known, sums);
    else {
      this.advance(atMs);
      this.#slots.set(slot, { ...sums });
    }
  }

  /** Lets slots go whose time is over; the last one is under way. */
  advance(nowMs: number): void {
    const first = Math.floor(nowMs / this.#slotMs) - this.#kept + 1;
    for (const slot of this.#slots.keys()) {
      if (slot >= first) break;
      this.#slots.delete(slot);
    }
  }

  get isEmpty(): boolean {
    return this.#slots.size === 0;
  }

  get total(): LiveSums {
    return [...this.#slots.values()].reduce(addSums, NO_SUMS);
  }

  /** With the start of each in milliseconds. */
  *entries(): Generator<readonly [startMs: number, sums: LiveSums]> {
    for (const [slot, sums] of this.#slots) yield [slot * this.#slotMs, sums];
  }
}
