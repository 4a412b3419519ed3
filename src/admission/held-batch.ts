import type { UsageEvent } from '../metering/usage-event.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { unpricedRefusal } from './budget-refusal.ts';
import { giveBack, type HeldLine, type Line, takeRoom, usedOf } from './budget-room.ts';
import type { BudgetState, BudgetTable } from './budget-table.ts';
import type { CounterKeeper } from './counter-keeper.ts';
import type { LimitUnit } from './hard-budget.ts';
import type { RunawayGuard } from './runaway-guard.ts';
import type { SpendCounter } from './spend-counter.ts';
import type { BatchBound, BatchClaim, BatchHold } from './spend-gate.ts';
import { subjectOf } from './spend-scope.ts';
import { usedAmounts } from './usage-bound.ts';

interface HeldBatchParts {
  readonly table: BudgetTable;
  readonly keeper: CounterKeeper;
  readonly guard?: RunawayGuard | undefined;
  readonly prices: PriceBook;
  readonly clock: () => number;
  readonly wait: (delayMs: number) => Promise<void>;
  readonly onSpend: (state: BudgetState, counter: SpendCounter) => void;
  readonly onRefusal: (state: BudgetState, counter: SpendCounter) => void;
}

const PICO_PER_USD = 1e12;

/** What a batch holds from its submission to its end, on every budget that matches, in the window that runs. */
export class HeldBatch implements BatchHold {
  readonly #claim: BatchClaim;
  readonly #parts: HeldBatchParts;
  readonly #onRelease: () => void;
  readonly #lines = new Map<BudgetState, HeldLine>();
  /** What is left of the bound, by unit: what was settled is not held again on a budget that comes later. */
  readonly #left: Record<LimitUnit, bigint>;

  constructor(claim: BatchClaim, parts: HeldBatchParts, onRelease: () => void) {
    this.#claim = claim;
    this.#parts = parts;
    this.#onRelease = onRelease;
    this.#left = leftOf(claim.bound);
  }

  /** Throws the refusal, having held nothing. */
  async reserve(): Promise<void> {
    const { bound, modelId } = this.#claim;
    const lines = this.#matching().map((state) => this.#lineOf(state));
    for (const { budget } of lines) {
      const isRefused = budget.unit === 'USD' && budget.unpriced === 'refuse' && budget.mode === 'enforce';
      if (bound.isUnpriced && isRefused) throw unpricedRefusal(budget, modelId);
    }
    await takeRoom(lines, this.#parts, () => {
      for (const line of lines) this.#hold(line);
    });
  }

  /** Brings what is held in line with the budgets and windows of now, with room for it or not. */
  renew(): void {
    const nowMs = this.#parts.clock();
    const states = new Set(this.#matching());
    for (const [state, line] of this.#lines) {
      if (states.has(state)) continue;
      giveBack(line, line.held);
      this.#lines.delete(state);
    }
    for (const state of states) {
      const line = this.#lines.get(state);
      if (!line) this.#hold(this.#lineOf(state));
      else {
        line.counter.advance(nowMs);
        if (!line.slice.isCounted) this.#hold(line);
      }
    }
  }

  settle(event: UsageEvent): void {
    const { guard, prices, clock, keeper, onSpend } = this.#parts;
    this.renew();
    const used = usedAmounts(event, prices);
    guard?.noteSpend(event.principalArn, Number(used.costPicoUsd) / PICO_PER_USD, clock());
    for (const unit of Object.keys(this.#left) as LimitUnit[]) {
      const left = this.#left[unit] - usedOf(unit, used);
      this.#left[unit] = left > 0n ? left : 0n;
    }
    for (const line of this.#lines.values()) {
      const { state, counter, slice } = line;
      const amount = usedOf(state.budget.unit, used);
      if (amount === 0n) continue;
      counter.spend(slice, amount);
      giveBack(line, amount);
      keeper.noteChange(state, counter);
      onSpend(state, counter);
    }
  }

  release(): void {
    for (const line of this.#lines.values()) giveBack(line, line.held);
    this.#onRelease();
  }

  #matching(): readonly BudgetState[] {
    const { caller, modelId } = this.#claim;
    return this.#parts.table.matching(caller, modelId);
  }

  #lineOf(state: BudgetState): Line {
    const { caller, modelId } = this.#claim;
    const counter = state.counterOf(subjectOf(caller, modelId));
    return { state, budget: state.budget, counter, need: this.#left[state.budget.unit] };
  }

  #hold(line: Line): void {
    const { clock, keeper } = this.#parts;
    const { state, counter } = line;
    const held = this.#left[state.budget.unit];
    this.#lines.set(state, { ...line, held, slice: counter.hold(held, clock()) });
    keeper.noteChange(state, counter);
  }
}

/** A batch is one piece of work at a time, however many calls it is made of. */
function leftOf({ calls, inputTokens, outputTokens, costPicoUsd }: BatchBound): Record<LimitUnit, bigint> {
  return { USD: costPicoUsd, tokens: inputTokens + outputTokens, requests: BigInt(calls), concurrency: 1n };
}
