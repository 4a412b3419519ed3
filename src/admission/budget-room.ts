import { budgetRefusal, type Shortage } from './budget-refusal.ts';
import type { BudgetState } from './budget-table.ts';
import type { CounterKeeper } from './counter-keeper.ts';
import type { LimitUnit } from './hard-budget.ts';
import type { CountedSlice, SpendCounter } from './spend-counter.ts';
import type { Amounts } from './usage-bound.ts';

/** What is asked of one counter. */
export interface Line extends Shortage {
  readonly state: BudgetState;
}

/** What is held on one counter. */
export interface HeldLine extends Line {
  slice: CountedSlice;
  held: bigint;
}

interface RoomParts {
  readonly keeper: CounterKeeper;
  readonly clock: () => number;
  /** Resolves after so many milliseconds. */
  readonly wait: (delayMs: number) => Promise<void>;
  readonly onRefusal: (state: BudgetState, counter: SpendCounter) => void;
}

/** A call waits so long for room that other nodes may give back. */
const ROOM_WAIT_MS = 250;

/**
 * Takes room for all lines or for none: between the look and `take` nothing else runs. Throws the refusal of the budget that
 * has room again last. A promise only where there is something to wait for.
 */
export function takeRoom(lines: readonly Line[], parts: RoomParts, take: () => void): Promise<void> | undefined {
  const nowMs = parts.clock();
  for (const line of lines) if (!hasRoom(line, parts.keeper, nowMs)) return waitForRoom(lines, parts, take);
  take();
  return undefined;
}

async function waitForRoom(lines: readonly Line[], parts: RoomParts, take: () => void): Promise<void> {
  const { clock, keeper, wait } = parts;
  let deadline: Promise<void> | undefined;
  let isLate = false;
  for (;;) {
    const nowMs = clock();
    const lacking = lines.filter((line) => !hasRoom(line, keeper, nowMs));
    if (lacking.length === 0) return take();
    const hopeless = lacking.filter((line) => !isWithinLimit(line, nowMs));
    if (isLate || hopeless.length > 0) throw refusal(hopeless.length > 0 ? hopeless : lacking, parts, nowMs);
    deadline ??= wait(ROOM_WAIT_MS).then(() => {
      isLate = true;
    });
    const news = lacking.map(({ state, counter, need }) => keeper.topUp(state, counter, need));
    await Promise.race([deadline, Promise.all(news)]);
  }
}

function hasRoom(line: Line, keeper: CounterKeeper, nowMs: number): boolean {
  const { state, counter, need } = line;
  counter.advance(nowMs);
  if (need === 0n || state.budget.mode === 'warn') return true;
  if (!isWithinLimit(line, nowMs)) return false;
  return !keeper.isLeased(state) || need <= (counter.leased(nowMs) ?? 0n);
}

function isWithinLimit({ state, counter, need }: Line, nowMs: number): boolean {
  return counter.used + need <= state.limit(nowMs);
}

function refusal(lacking: readonly Line[], { onRefusal }: RoomParts, nowMs: number): Error {
  const resetOf = ({ counter }: Line) => counter.resetsAtMs(nowMs) ?? nowMs;
  const last = lacking.reduce((latest, line) => (resetOf(line) > resetOf(latest) ? line : latest));
  last.counter.refusedAtMs = nowMs;
  onRefusal(last.state, last.counter);
  return budgetRefusal(last, nowMs);
}

/** Gives back as much as there is of an amount. */
export function giveBack(line: HeldLine, amount: bigint): void {
  const back = amount > line.held ? line.held : amount;
  line.counter.holdIn(line.slice, -back);
  line.held -= back;
}

export function boundOf(unit: LimitUnit, { tokens, costPicoUsd }: Amounts): bigint {
  switch (unit) {
    case 'USD':
      return costPicoUsd;
    case 'tokens':
      return tokens;
    case 'requests':
    case 'concurrency':
      return 1n;
  }
}

/** Concurrency is held while a call is under way, and nothing is left of it. */
export function usedOf(unit: LimitUnit, used: Amounts): bigint {
  return unit === 'concurrency' ? 0n : boundOf(unit, used);
}
