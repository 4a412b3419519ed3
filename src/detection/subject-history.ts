import { BUCKET_MS, HOUR_MS } from '../kernel/time.ts';

/** What is kept of one bucket; `inputTokens` with what was read from and written to caches. */
export interface Uses {
  readonly costUsd: number;
  readonly requests: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly outputTokens: number;
  readonly failed: number;
}

export const NO_USES: Uses = {
  ...{ costUsd: 0, requests: 0, inputTokens: 0, cacheReadTokens: 0, outputTokens: 0, failed: 0 },
};

export function sumOf(all: readonly Uses[]): Uses {
  const sums = METRICS.map((metric) => [metric, all.reduce((sum, uses) => sum + uses[metric], 0)] as const);
  return Object.fromEntries(sums) as Record<(typeof METRICS)[number], number>;
}

const METRICS = ['costUsd', 'requests', 'inputTokens', 'cacheReadTokens', 'outputTokens', 'failed'] as const;

export const QUARTERS_AN_HOUR = HOUR_MS / BUCKET_MS;
const HOURS_A_DAY = 24;
/** Six weeks: each hour of the week has been there six times. */
export const HOURS_KEPT = 6 * 7 * 24;
export const QUARTERS_KEPT = 14 * 24 * QUARTERS_AN_HOUR;
/** Hours whose tokens and calls are kept, for what a call is usually like. */
export const USE_HOURS_KEPT = 14 * 24;
/** Buckets that are kept in full: what is judged, and may still change. */
export const RECENT_QUARTERS = 8;

/** Bytes that the arrays of one subject take: 21 kB. */
export const BYTES_A_SUBJECT =
  4 * (HOURS_KEPT + QUARTERS_KEPT + METRICS.length * (USE_HOURS_KEPT + RECENT_QUARTERS)) + HOURS_KEPT / 8;

export function hourOf(atMs: number): number {
  return Math.floor(atMs / HOUR_MS);
}

export function quarterOf(atMs: number): number {
  return Math.floor(atMs / BUCKET_MS);
}

/** What one subject used, in arrays of fixed size that go round: memory does not grow with time. Hours and quarters are counted since 1970. */
export class SubjectHistory {
  /** Hour in which something was used for the first time. */
  readonly firstHour: number;
  /** The latest quarter that the arrays reach up to. */
  #lastQuarter: number;
  readonly #hours = new Float32Array(HOURS_KEPT);
  readonly #quarters = new Float32Array(QUARTERS_KEPT);
  readonly #useHours = METRICS.map(() => new Float32Array(USE_HOURS_KEPT));
  readonly #recent = METRICS.map(() => new Float32Array(RECENT_QUARTERS));
  /** One bit an hour: no example of what is usual. */
  readonly #setAside = new Uint8Array(HOURS_KEPT / 8);

  constructor(firstQuarter: number) {
    this.#lastQuarter = firstQuarter;
    this.firstHour = Math.floor(firstQuarter / QUARTERS_AN_HOUR);
  }

  get lastQuarter(): number {
    return this.#lastQuarter;
  }

  /** What a quarter came to, in place of what was said of it before; of the last two hours, and of what is newer. */
  put(quarter: number, uses: Uses): void {
    this.advance(quarter);
    const hour = Math.floor(quarter / QUARTERS_AN_HOUR);
    METRICS.forEach((metric, index) => {
      const recent = this.#recent[index]!;
      const slot = quarter % RECENT_QUARTERS;
      const change = uses[metric] - recent[slot]!;
      recent[slot] = uses[metric];
      this.#useHours[index]![hour % USE_HOURS_KEPT]! += change;
      if (index === 0) this.#hours[hour % HOURS_KEPT]! += change;
    });
    this.#quarters[quarter % QUARTERS_KEPT] = uses.costUsd;
  }

  /** Adds an hour that is over, where no more is known of its quarters than that. */
  putHour(hour: number, uses: Uses): void {
    for (let quarter = 0; quarter < QUARTERS_AN_HOUR; quarter += 1) {
      this.put(hour * QUARTERS_AN_HOUR + quarter, scaled(uses, 1 / QUARTERS_AN_HOUR));
    }
  }

  /** Adds a day that is over, likewise. */
  putDay(firstHour: number, uses: Uses): void {
    for (let hour = 0; hour < HOURS_A_DAY; hour += 1) this.putHour(firstHour + hour, scaled(uses, 1 / HOURS_A_DAY));
  }

  /** Makes room for quarters up to this one: nothing has been used in them so far. */
  advance(quarter: number): void {
    if (quarter <= this.#lastQuarter) return;
    const from = Math.max(this.#lastQuarter + 1, quarter - QUARTERS_KEPT + 1);
    for (let at = from; at <= quarter; at += 1) {
      this.#quarters[at % QUARTERS_KEPT] = 0;
      for (const recent of this.#recent) recent[at % RECENT_QUARTERS] = 0;
    }
    const [lastHour, hour] = [this.#lastQuarter, quarter].map((at) => Math.floor(at / QUARTERS_AN_HOUR));
    for (let at = Math.max(lastHour! + 1, hour! - HOURS_KEPT + 1); at <= hour!; at += 1) {
      this.#hours[at % HOURS_KEPT] = 0;
      this.#setBit(at, false);
      for (const useHours of this.#useHours) useHours[at % USE_HOURS_KEPT] = 0;
    }
    this.#lastQuarter = quarter;
  }

  /** USD of an hour that is kept; NaN where it is set aside. */
  usualHourUsd(hour: number): number {
    const slot = hour % HOURS_KEPT;
    return (this.#setAside[slot >> 3]! >> (slot & 7)) & 1 ? Number.NaN : this.#hours[slot]!;
  }

  hourUsd(hour: number): number {
    return this.#hours[hour % HOURS_KEPT]!;
  }

  /** USD of the last `count` quarters up to `quarter`. */
  quartersUsd(quarter: number, count: number): number {
    let sum = 0;
    for (let at = quarter - count + 1; at <= quarter; at += 1) sum += this.quarterUsd(at);
    return sum;
  }

  quarterUsd(quarter: number): number {
    return quarter > this.#lastQuarter || quarter <= this.#lastQuarter - QUARTERS_KEPT
      ? 0
      : this.#quarters[quarter % QUARTERS_KEPT]!;
  }

  /** All that was used in the last `count` quarters up to `quarter`, at most `RECENT_QUARTERS`. */
  recentUses(quarter: number, count: number): Uses {
    const sums = METRICS.map((metric, index) => {
      let sum = 0;
      for (let at = quarter - count + 1; at <= quarter; at += 1) sum += this.#recent[index]![at % RECENT_QUARTERS]!;
      return [metric, sum] as const;
    });
    return Object.fromEntries(sums) as Record<(typeof METRICS)[number], number>;
  }

  /** All that was used in an hour of the last two weeks. */
  usesOf(hour: number): Uses {
    const slot = hour % USE_HOURS_KEPT;
    const [costUsd, requests, inputTokens, cacheReadTokens, outputTokens, failed] = this.#useHours;
    return {
      ...{ costUsd: costUsd![slot]!, requests: requests![slot]!, inputTokens: inputTokens![slot]! },
      ...{ cacheReadTokens: cacheReadTokens![slot]!, outputTokens: outputTokens![slot]!, failed: failed![slot]! },
    };
  }

  /** Says that an hour is no example of what is usual, or is one after all. */
  setAside(hour: number, isSetAside = true): void {
    if (hour > this.#lastQuarter / QUARTERS_AN_HOUR - HOURS_KEPT) this.#setBit(hour, isSetAside);
  }

  #setBit(hour: number, isSet: boolean): void {
    const slot = hour % HOURS_KEPT;
    const bit = 1 << (slot & 7);
    this.#setAside[slot >> 3] = isSet ? this.#setAside[slot >> 3]! | bit : this.#setAside[slot >> 3]! & ~bit;
  }
}

function scaled(uses: Uses, factor: number): Uses {
  return {
    ...{ costUsd: uses.costUsd * factor, requests: uses.requests * factor, failed: uses.failed * factor },
    ...{ inputTokens: uses.inputTokens * factor, cacheReadTokens: uses.cacheReadTokens * factor },
    outputTokens: uses.outputTokens * factor,
  };
}
