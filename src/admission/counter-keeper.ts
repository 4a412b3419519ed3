import { anewOnConflict, type RecordChange, RecordConflict, type RecordStore } from '../kernel/record-store.ts';
import { type Clock, MINUTE_MS, SECOND_MS } from '../kernel/time.ts';
import type { BudgetState, BudgetTable } from './budget-table.ts';
import type { CountedSlice, SpendCounter } from './spend-counter.ts';

const COUNTER_KIND = 'hard-budget-counter';

/** A lease is renewed by a node that lives; of one that died it returns after this. */
export const LEASE_MS = MINUTE_MS;
/** What clocks of nodes may differ. */
const SKEW_MS = 5 * SECOND_MS;
const COUNTERS_PER_WRITE = 500;
const SWEEP_EVERY_MS = MINUTE_MS;

/** One counter as all nodes see it. Amounts are text: JSON has no integers of that size. */
interface CounterRecord {
  readonly name: string;
  readonly basis: string;
  readonly value: string;
  readonly slices: readonly (readonly [startMs: number, settled: string])[];
  readonly leases: Readonly<Record<string, LeaseRecord>>;
}

/** What one node may use up without asking. The sum of settled spend and leases never exceeds the limit. */
interface LeaseRecord {
  readonly amount: string;
  readonly expiresAtMs: number;
  /** Calls wait there for more: nodes that can spare some give it back. */
  readonly isShort: boolean;
}

export interface CounterKeeperParts {
  readonly records: RecordStore;
  readonly table: BudgetTable;
  readonly nodeId: string;
  /** True where other nodes count on the same records: then room is leased before it is used. */
  readonly isShared: boolean;
  readonly clock: Clock;
  readonly onTrouble: (message: string) => void;
}

/**
 * Keeps counters in records, off the request path, and shares the room of a budget between nodes by leases: what a node
 * spends lies within its lease, so all nodes together stay below the limit however late they hear of each other.
 */
export class CounterKeeper {
  readonly #parts: CounterKeeperParts;
  readonly #dirty = new Map<SpendCounter, BudgetState>();
  /** Counters whose write is under way: what is heard of them meanwhile may be this node's own. */
  readonly #writing = new Map<SpendCounter, Promise<void>>();
  /** Who waits for room. */
  readonly #news = new Map<SpendCounter, PromiseWithResolvers<void>>();
  #nextSweepMs = 0;

  constructor(parts: CounterKeeperParts) {
    this.#parts = parts;
    parts.records.watch((changes) => {
      for (const { kind, key } of changes) if (kind === COUNTER_KIND) this.#hear(key);
    });
  }

  /** Reads what was kept of budgets that begin. */
  load(states: readonly BudgetState[]): void {
    const byBasis = new Map(states.map((state) => [`${state.budget.name}/${state.basis}`, state]));
    for (const { body } of this.#parts.records.all<CounterRecord>(COUNTER_KIND)) {
      byBasis.get(`${body.name}/${body.basis}`)?.counter(body.value);
    }
  }

  /** Lets a counter that is new here begin with what is known of it. */
  begin(state: BudgetState, counter: SpendCounter): void {
    const known = this.#parts.records.get<CounterRecord>(COUNTER_KIND, keyOf(state, counter));
    if (known) this.#adopt(counter, known.body);
  }

  isLeased({ budget }: BudgetState): boolean {
    return this.#parts.isShared && budget.mode === 'enforce';
  }

  noteChange(state: BudgetState, counter: SpendCounter): void {
    this.#dirty.set(counter, state);
  }

  /** Asks for more room for a counter, once at a time; resolves when there is news of it, with room or without. */
  topUp(state: BudgetState, counter: SpendCounter, need: bigint): Promise<void> {
    const waiting = this.#news.get(counter);
    if (waiting) return waiting.promise;
    const news = Promise.withResolvers<void>();
    this.#news.set(counter, news);
    void this.#lease(state, counter, need).then(() => {
      // Others have been told when it is short here; what they give back is news too.
      if ((counter.leased(this.#parts.clock()) ?? 0n) >= need) this.#tell(counter);
    });
    return news.promise;
  }

  #tell(counter: SpendCounter): void {
    this.#news.get(counter)?.resolve();
    this.#news.delete(counter);
  }

  /** Writes what changed and renews what is leased; to be called about every second. */
  async flush(): Promise<void> {
    const nowMs = this.#parts.clock();
    this.#lookAround(nowMs);
    // Who waited for room and did not get any asks again.
    for (const counter of [...this.#news.keys()]) this.#tell(counter);
    const due = [...this.#dirty].filter(([counter]) => !this.#writing.has(counter));
    for (const [counter] of due) this.#dirty.delete(counter);
    for (let at = 0; at < due.length; at += COUNTERS_PER_WRITE) {
      await this.#writeAll(due.slice(at, at + COUNTERS_PER_WRITE));
    }
    if (nowMs >= this.#nextSweepMs) {
      this.#nextSweepMs = nowMs + SWEEP_EVERY_MS;
      await this.#dropForgotten(nowMs);
    }
  }

  async #writeAll(due: readonly (readonly [SpendCounter, BudgetState])[]): Promise<void> {
    try {
      await this.#writeTogether(due, 0n);
    } catch (error) {
      if (!(error instanceof RecordConflict)) return this.#postpone(due, error);
      for (const [counter, state] of due) await this.#lease(state, counter, 0n);
    }
  }

  #postpone(due: readonly (readonly [SpendCounter, BudgetState])[], error: unknown): void {
    for (const [counter, state] of due) this.#dirty.set(counter, state);
    this.#parts.onTrouble(`hard budgets: ${error}`);
  }

  /** Each counter is in one write at a time: what is drafted counts on what was drafted before. */
  async #writeTogether(due: readonly (readonly [SpendCounter, BudgetState])[], need: bigint): Promise<void> {
    const drafts = due.map(([counter, state]) => this.#draft(state, counter, need));
    const writing = Promise.withResolvers<void>();
    for (const [counter] of due) this.#writing.set(counter, writing.promise);
    try {
      await this.#parts.records.write(drafts.map(({ change }) => change));
      for (const { done } of drafts) done();
    } finally {
      for (const [counter] of due) this.#writing.delete(counter);
      writing.resolve();
    }
  }

  /** Writes one counter for the sake of this node's lease. */
  async #lease(state: BudgetState, counter: SpendCounter, need: bigint): Promise<void> {
    try {
      await anewOnConflict(async () => {
        while (this.#writing.has(counter)) await this.#writing.get(counter);
        await this.#writeTogether([[counter, state]], need);
      });
    } catch (error) {
      this.#postpone([[counter, state]], error);
    }
  }

  /** What is to be written of a counter, and what is so once it is. */
  #draft(state: BudgetState, counter: SpendCounter, need: bigint): { change: RecordChange; done: () => void } {
    const { records, clock, nodeId } = this.#parts;
    const nowMs = clock();
    counter.advance(nowMs);
    const key = keyOf(state, counter);
    const before = records.get<CounterRecord>(COUNTER_KIND, key);
    const settled = new Map<CountedSlice, bigint>(counter.slices.map((slice) => [slice, 0n]));
    for (const [startMs, amount] of before?.body.slices ?? []) {
      const slice = counter.sliceIfCounted(startMs, nowMs);
      if (slice) settled.set(slice, BigInt(amount));
    }
    // The ledger may know of more than was written here.
    for (const [slice, amount] of settled) if (slice.settled > amount) settled.set(slice, slice.settled);
    const news = counter.slices
      .filter(({ unwritten }) => unwritten > 0n)
      .map((slice) => [slice, slice.unwritten] as const);
    for (const [slice, amount] of news) settled.set(slice, settled.get(slice)! + amount);
    const leases = this.#leases(state, counter, before?.body, sum(settled.values()), need, nowMs);
    const mine = leases[nodeId];
    // What is given back must not be used while that is being written.
    if (counter.lease && mine) {
      const kept = BigInt(mine.amount) + sum(news.map(([, amount]) => amount));
      if (kept < counter.lease.amount) counter.lease.amount = kept;
    }
    const body: CounterRecord = {
      ...{ name: state.budget.name, basis: state.basis, value: counter.value },
      slices: [...settled]
        .filter(([, amount]) => amount > 0n)
        .map(([{ startMs }, amount]) => [startMs, amount.toString()]),
      leases,
    };
    return {
      change: { kind: COUNTER_KIND, key, body, expectedVersion: before?.version ?? 0 },
      done: () => {
        for (const [slice, amount] of news) counter.noteWritten(slice, amount);
        for (const [slice, amount] of settled) counter.settleAtLeast(slice, amount);
        if (this.isLeased(state))
          counter.lease = mine && { amount: BigInt(mine.amount), expiresAtMs: mine.expiresAtMs };
      },
    };
  }

  /** The leases of the others that live, and this node's anew: all that is left when it is alone, else half of it. */
  #leases(
    state: BudgetState,
    counter: SpendCounter,
    before: CounterRecord | undefined,
    settled: bigint,
    need: bigint,
    nowMs: number,
  ): CounterRecord['leases'] {
    const { nodeId } = this.#parts;
    if (!this.isLeased(state)) return {};
    const others = Object.entries(before?.leases ?? {}).filter(
      ([id, { expiresAtMs }]) => id !== nodeId && expiresAtMs + SKEW_MS > nowMs,
    );
    const left = state.limit(nowMs) - settled - sum(others.map(([, { amount }]) => BigInt(amount)));
    const wanted = counter.held + need;
    const spare = left > wanted ? left - wanted : 0n;
    const amount = others.length === 0 || spare === 0n ? left : wanted + spare / 2n;
    const mine = {
      amount: (amount > 0n ? amount : 0n).toString(),
      expiresAtMs: nowMs + LEASE_MS,
      isShort: amount < wanted,
    };
    return { ...Object.fromEntries(others), [nodeId]: mine };
  }

  /** Another node, or this one, wrote a counter. */
  #hear(key: string): void {
    const body = this.#parts.records.get<CounterRecord>(COUNTER_KIND, key)?.body;
    if (!body) return;
    const state = this.#parts.table.get(body.name);
    if (state?.basis !== body.basis) return;
    const nowMs = this.#parts.clock();
    const isOver = body.slices.every(([startMs]) => state.endMs(startMs) <= nowMs);
    if (isOver && !state.counters.has(body.value)) return;
    const counter = state.counter(body.value);
    if (this.#writing.has(counter)) return;
    this.#adopt(counter, body);
    const othersAreShort = Object.entries(body.leases).some(
      ([id, lease]) => id !== this.#parts.nodeId && lease.isShort,
    );
    if (othersAreShort && (counter.leased(nowMs) ?? 0n) > 0n) void this.#lease(state, counter, 0n);
    this.#tell(counter);
  }

  /** What all nodes have settled; a lease of this node's is its own to know. */
  #adopt(counter: SpendCounter, body: CounterRecord): void {
    const nowMs = this.#parts.clock();
    counter.advance(nowMs);
    for (const [startMs, settled] of body.slices) {
      const slice = counter.sliceIfCounted(startMs, nowMs);
      if (slice) counter.settleAtLeast(slice, BigInt(settled));
    }
  }

  /** Finds the leases that are to be renewed, and the counters that count nothing any more. */
  #lookAround(nowMs: number): void {
    for (const state of this.#parts.table.all()) {
      for (const counter of state.counters.values()) {
        counter.advance(nowMs);
        const leftMs = counter.lease ? counter.lease.expiresAtMs - nowMs : 0;
        const isAwaited = this.#news.has(counter) || this.#writing.has(counter);
        if (counter.isIdle() && leftMs <= 0 && !isAwaited) state.counters.delete(counter.value);
        else if (counter.lease && leftMs < LEASE_MS / 2 && (counter.held > 0n || counter.unwritten > 0n)) {
          this.#dirty.set(counter, state);
        }
      }
    }
  }

  /** Records of budgets that are gone, and of windows that are over, a few at a time. */
  async #dropForgotten(nowMs: number): Promise<void> {
    const { records, table, onTrouble } = this.#parts;
    const forgotten: RecordChange[] = [];
    for (const { key, version, body } of records.all<CounterRecord>(COUNTER_KIND)) {
      if (forgotten.length === COUNTERS_PER_WRITE) break;
      const state = table.get(body.name);
      const isLeased = Object.values(body.leases).some(({ expiresAtMs }) => expiresAtMs + SKEW_MS > nowMs);
      const isOver = state?.basis !== body.basis || !body.slices.some(([startMs]) => state.endMs(startMs) > nowMs);
      if (isOver && !isLeased) forgotten.push({ kind: COUNTER_KIND, key, expectedVersion: version });
    }
    if (forgotten.length === 0) return;
    await records.write(forgotten).catch((error) => {
      if (!(error instanceof RecordConflict)) onTrouble(`hard budgets: ${error}`);
    });
  }
}

function keyOf({ budget, basis }: BudgetState, counter: SpendCounter): string {
  return `${budget.name}/${basis}/${counter.value}`;
}

function sum(amounts: Iterable<bigint>): bigint {
  let total = 0n;
  for (const amount of amounts) total += amount;
  return total;
}
