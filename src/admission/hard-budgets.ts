import type { Caller } from '../identity/principal.ts';
import type { Fault } from '../kernel/fault.ts';
import { PassingMap } from '../kernel/passing-map.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { PriceBook } from '../rating/price-book.ts';
import { unboundedRefusal, unpricedRefusal } from './budget-refusal.ts';
import { boundOf, giveBack, type HeldLine, type Line, takeRoom, usedOf } from './budget-room.ts';
import type { BudgetState, BudgetTable } from './budget-table.ts';
import { warningText } from './budget-warning.ts';
import type { CounterKeeper } from './counter-keeper.ts';
import type { HardBudget } from './hard-budget.ts';
import { HeldBatch } from './held-batch.ts';
import type { RunawayGuard } from './runaway-guard.ts';
import type { SpendCounter } from './spend-counter.ts';
import type {
  AttemptClaim,
  BatchBound,
  BatchCall,
  BatchClaim,
  BatchGate,
  BatchHold,
  SpendClaim,
  SpendGate,
  SpendHold,
} from './spend-gate.ts';
import { compileScope, type SpendSubject, subjectOf } from './spend-scope.ts';
import { type SpendStop, stopRefusal } from './spend-stop.ts';
import type { StopTable } from './stop-table.ts';
import { type BoundSettings, boundAmounts, usageBound, usedAmounts } from './usage-bound.ts';

export interface HardBudgetsParts {
  readonly table: BudgetTable;
  readonly stops: StopTable;
  readonly keeper: CounterKeeper;
  /** Absent: callers are not watched. */
  readonly guard?: RunawayGuard | undefined;
  readonly prices: PriceBook;
  readonly bounds: BoundSettings;
  readonly clock: () => number;
  /** A hold ends after this even when nobody releases it. */
  readonly reservationMs: number;
  /** Resolves after so many milliseconds. */
  readonly wait: (delayMs: number) => Promise<void>;
  /** Told when a counter's spend has grown, and of refusals. */
  readonly onSpend: (state: BudgetState, counter: SpendCounter) => void;
  readonly onRefusal: (state: BudgetState, counter: SpendCounter) => void;
}

const PICO_PER_USD = 1e12;
const NO_HEADERS: Readonly<Record<string, string>> = {};

/**
 * The gate of hard budgets. What a call can use at most is held on every budget that matches, on all or on none; between the
 * look and the hold nothing else runs, so no two calls get the same room.
 */
export class HardBudgets implements SpendGate, BatchGate {
  readonly #parts: HardBudgetsParts;
  /** In the order in which they end at the latest. */
  readonly #open = new PassingMap<BudgetHold, true>();
  readonly #batches = new Set<HeldBatch>();

  constructor(parts: HardBudgetsParts) {
    this.#parts = parts;
  }

  reserve(claim: SpendClaim): SpendHold | Promise<SpendHold> {
    this.#parts.guard?.noteCall(claim);
    const hold = new BudgetHold(claim, this.#parts, () => this.#open.delete(hold));
    const opened = (): SpendHold => {
      this.#open.set(hold, true);
      return hold;
    };
    const waiting = hold.cover(claim);
    return waiting ? waiting.then(opened) : opened();
  }

  boundOf(call: BatchCall): BatchBound {
    const { bounds, prices, clock } = this.#parts;
    const most = usageBound(call, bounds);
    const { costPicoUsd, isUnpriced } = boundAmounts(most, call, clock(), prices, { isBatch: true });
    const { inputTokens, outputTokens } = most;
    return { calls: 1, inputTokens, outputTokens, costPicoUsd, isUnpriced };
  }

  async reserveBatch(claim: BatchClaim): Promise<BatchHold> {
    const refusal = this.stopFor(claim.caller, claim.modelId);
    if (refusal) throw refusal;
    const batch = new HeldBatch(claim, this.#parts, () => this.#batches.delete(batch));
    await batch.reserve();
    this.#batches.add(batch);
    return batch;
  }

  resumeBatch(claim: BatchClaim): BatchHold {
    const batch = new HeldBatch(claim, this.#parts, () => this.#batches.delete(batch));
    batch.renew();
    this.#batches.add(batch);
    return batch;
  }

  stopFor(caller: Caller, modelId: string): Fault | undefined {
    const { stops, clock } = this.#parts;
    const stop = stops.find(caller, modelId, clock());
    return stop && stopRefusal(stop);
  }

  /** Cuts the streams under way that a stop is about. */
  cut(stop: SpendStop): void {
    const isAbout = compileScope(stop.scope);
    for (const hold of this.#open.keys()) if (isAbout(hold.subject)) hold.cut(stopRefusal(stop));
  }

  /**
   * Gives back what is held by calls that take too long; a stop cuts them all the same. What batches hold goes over into
   * windows that have begun and budgets that are new.
   */
  expire(nowMs: number): void {
    for (const batch of this.#batches) batch.renew();
    for (const hold of this.#open.keys()) {
      if (hold.expiresAtMs > nowMs) break;
      hold.giveBack();
    }
  }
}

class BudgetHold implements SpendHold {
  readonly expiresAtMs: number;
  readonly #claim: SpendClaim;
  readonly #parts: HardBudgetsParts;
  readonly #onRelease: () => void;
  #lines: HeldLine[] = [];
  #onCut: ((reason: Fault) => void) | undefined;
  #cutFor: Fault | undefined;
  #modelId: string;

  constructor(claim: SpendClaim, parts: HardBudgetsParts, onRelease: () => void) {
    this.#claim = claim;
    this.#parts = parts;
    this.#onRelease = onRelease;
    this.expiresAtMs = claim.nowMs + parts.reservationMs;
    this.#modelId = claim.modelId;
  }

  get subject(): SpendSubject {
    return subjectOf(this.#claim.caller, this.#modelId);
  }

  get headers(): Readonly<Record<string, string>> {
    const nowMs = this.#parts.clock();
    const texts: string[] = [];
    for (const { state, counter } of this.#lines) {
      const text = warningText(state, counter, nowMs);
      if (text !== undefined) texts.push(text);
    }
    return texts.length === 0 ? NO_HEADERS : { 'x-tallyline-budget-warning': texts.join(', ') };
  }

  cover(attempt: AttemptClaim): Promise<void> | undefined {
    const { caller, nowMs } = this.#claim;
    const { table, stops, prices, bounds, clock } = this.#parts;
    const stop = stops.find(caller, attempt.modelId, clock());
    if (stop) throw stopRefusal(stop);
    this.#modelId = attempt.modelId;
    const states = table.matching(caller, attempt.modelId);
    if (this.#lines.length > 0) this.#keepOnly(states);
    if (states.length === 0) return undefined;
    const most = usageBound({ ...attempt, bodyBytes: this.#claim.bodyBytes }, bounds);
    const bound = boundAmounts(most, attempt, nowMs, prices);
    const subject = subjectOf(caller, attempt.modelId);
    const lines: Line[] = [];
    for (const state of states) {
      const { budget } = state;
      if (budget.unit === 'USD' && bound.isUnpriced && budget.unpriced === 'refuse' && budget.mode === 'enforce') {
        throw unpricedRefusal(budget, most.unpriced ?? attempt.modelId);
      }
      if (most.unbounded !== undefined && isLimitOfUse(budget)) throw unboundedRefusal(budget, most.unbounded);
      const counter = state.counterOf(subject);
      const held = this.#heldOn(counter)?.held ?? 0n;
      const amount = boundOf(budget.unit, bound);
      lines.push({ state, budget, counter, need: amount > held ? amount - held : 0n });
    }
    return takeRoom(lines, this.#parts, () => this.#take(lines));
  }

  /** Gives back what is held on the others. */
  #keepOnly(states: readonly BudgetState[]): void {
    const keep = new Set(states);
    for (const line of this.#lines) if (!keep.has(line.state)) giveBack(line, line.held);
    this.#lines = this.#lines.filter(({ state }) => keep.has(state));
  }

  #heldOn(counter: SpendCounter): HeldLine | undefined {
    for (const line of this.#lines) if (line.counter === counter) return line;
    return undefined;
  }

  onCut(listener: (reason: Fault) => void): void {
    this.#onCut = listener;
    if (this.#cutFor) listener(this.#cutFor);
  }

  /** A call that waits for its turn has no stream yet: it is cut when it has. */
  cut(reason: Fault): void {
    this.#cutFor = reason;
    this.#onCut?.(reason);
  }

  settle(event: UsageEvent): void {
    const { guard, prices, clock } = this.#parts;
    if (this.#lines.length === 0 && !guard) return;
    const used = usedAmounts(event, prices);
    guard?.noteSpend(event.principalArn, Number(used.costPicoUsd) / PICO_PER_USD, clock());
    for (const line of this.#lines) {
      const { state, counter, slice } = line;
      const amount = usedOf(state.budget.unit, used);
      if (amount === 0n) continue;
      counter.spend(slice, amount);
      giveBack(line, amount);
      this.#parts.keeper.noteChange(state, counter);
      this.#parts.onSpend(state, counter);
    }
  }

  release(): void {
    this.giveBack();
    this.#onRelease();
  }

  giveBack(): void {
    for (const line of this.#lines) if (line.held > 0n) giveBack(line, line.held);
  }

  #take(lines: readonly Line[]): void {
    const { nowMs } = this.#claim;
    for (const { state, budget, counter, need } of lines) {
      const known = this.#heldOn(counter);
      if (known) {
        known.held += need;
        counter.holdIn(known.slice, need);
      } else this.#lines.push({ state, budget, counter, need, slice: counter.hold(need, nowMs), held: need });
    }
  }
}

function isLimitOfUse({ unit, mode }: HardBudget): boolean {
  return mode === 'enforce' && (unit === 'USD' || unit === 'tokens');
}
