import { HOUR_MS } from '../kernel/time.ts';
import { type BudgetWindow, type Slice, sliceAt } from './budget-window.ts';

/** Spend of one slice of time. Sums are in the unit's smallest parts. */
export interface CountedSlice extends Slice {
  /** Ended calls, as far as every node may know of them. */
  settled: bigint;
  /** Ended calls of this node that are not among the settled ones yet. */
  unwritten: bigint;
  /** The most that calls can use that are under way here. */
  held: bigint;
  /** False when its time is over. */
  isCounted: boolean;
}

/** A counter without a window has one slice that never ends: for concurrency. */
const ENDLESS: Slice = { startMs: 0, endMs: Number.POSITIVE_INFINITY };

/** What this node may use up of a counter that it shares with others. */
interface Lease {
  amount: bigint;
  expiresAtMs: number;
}

/**
 * One counter of a budget: what was spent in the window, and what calls under way can still spend. Only arithmetic; what
 * others know of it is `CounterKeeper`'s work.
 */
export class SpendCounter {
  /** Value of the budget's dimension; empty where it has none. */
  readonly value: string;
  readonly #window: BudgetWindow | undefined;
  /** Those whose spend counts, oldest first. */
  #slices: CountedSlice[] = [];
  /** Sum of all three over the slices that count. */
  #used = 0n;
  #held = 0n;
  #unwritten = 0n;
  /** Absent: no other node has a say. */
  lease: Lease | undefined;
  /** When it last had no room for a call of this node; absent: it had since the start. */
  refusedAtMs: number | undefined;

  constructor(value: string, window: BudgetWindow | undefined) {
    this.value = value;
    this.#window = window;
  }

  /** Lets slices go whose time is over. */
  advance(nowMs: number): void {
    let first = this.#slices[0];
    while (first && first.endMs <= nowMs) {
      this.#slices.shift();
      this.#used -= first.settled + first.unwritten + first.held;
      this.#held -= first.held;
      this.#unwritten -= first.unwritten;
      first.isCounted = false;
      first = this.#slices[0];
      // What was leased was room of a calendar's window; a rolling one has more room than before.
      if (this.lease && !first) this.lease.amount = 0n;
    }
  }

  /** Settled and held. Call `advance` before. */
  get used(): bigint {
    return this.#used;
  }

  get spent(): bigint {
    return this.#used - this.#held;
  }

  get held(): bigint {
    return this.#held;
  }

  /** Spend that other nodes do not know of. */
  get unwritten(): bigint {
    return this.#unwritten;
  }

  get slices(): readonly CountedSlice[] {
    return this.#slices;
  }

  /** What may still be held here, whatever the limit is; undefined where no lease says. */
  leased(nowMs: number): bigint | undefined {
    if (!this.lease) return undefined;
    return nowMs < this.lease.expiresAtMs ? this.lease.amount - this.#held - this.#unwritten : 0n;
  }

  /** When the window ends, or the oldest spend leaves it; undefined where nothing does. */
  resetsAtMs(nowMs: number): number | undefined {
    if (!this.#window) return undefined;
    return this.#slices[0]?.endMs ?? sliceAt(this.#window, nowMs).endMs;
  }

  hold(amount: bigint, atMs: number): CountedSlice {
    const slice = this.sliceAt(atMs);
    this.#add(slice, 'held', amount);
    return slice;
  }

  /** Holds more in a slice, or less. */
  holdIn(slice: CountedSlice, amount: bigint): void {
    this.#add(slice, 'held', amount);
  }

  /** Adds what an ended call used. */
  spend(slice: CountedSlice, amount: bigint): void {
    this.#add(slice, 'unwritten', amount);
  }

  /** Takes over what all nodes together have settled in a slice; never less than was known. */
  settleAtLeast(slice: CountedSlice, settled: bigint): void {
    if (settled > slice.settled) this.#add(slice, 'settled', settled - slice.settled);
  }

  /** So much of a slice's spend has been written; what was settled then is for `settleAtLeast`. */
  noteWritten(slice: CountedSlice, amount: bigint): void {
    this.#add(slice, 'unwritten', -amount);
  }

  /** The slice of an instant, made when it is not there. */
  sliceAt(atMs: number): CountedSlice {
    const last = this.#slices.at(-1);
    if (last && atMs >= last.startMs && atMs < this.#sliceEndMs(last)) return last;
    const found = this.#slices.find((one) => atMs >= one.startMs && atMs < this.#sliceEndMs(one));
    if (found) return found;
    const { startMs, endMs } = this.#window ? sliceAt(this.#window, atMs) : ENDLESS;
    const made: CountedSlice = { startMs, endMs, settled: 0n, unwritten: 0n, held: 0n, isCounted: true };
    const at = this.#slices.findLastIndex((one) => one.startMs < startMs) + 1;
    this.#slices.splice(at, 0, made);
    return made;
  }

  /** The slice that begins at an instant; undefined when its time is over. */
  sliceIfCounted(startMs: number, nowMs: number): CountedSlice | undefined {
    const endMs = this.#window ? sliceAt(this.#window, startMs).endMs : ENDLESS.endMs;
    return endMs > nowMs ? this.sliceAt(startMs) : undefined;
  }

  /** Nothing that anyone would miss. */
  isIdle(): boolean {
    return this.#used === 0n;
  }

  #sliceEndMs(slice: CountedSlice): number {
    if (!this.#window || !('rollingHours' in this.#window)) return slice.endMs;
    return slice.endMs - this.#window.rollingHours * HOUR_MS;
  }

  #add(slice: CountedSlice, member: 'settled' | 'unwritten' | 'held', amount: bigint): void {
    slice[member] += amount;
    if (!slice.isCounted) return;
    this.#used += amount;
    if (member === 'held') this.#held += amount;
    if (member === 'unwritten') this.#unwritten += amount;
  }
}
