import type { Caller } from '../identity/principal.ts';
import { nameUuid } from '../kernel/name-uuid.ts';
import { sliceAt } from './budget-window.ts';
import { CallIndex } from './call-index.ts';
import { type HardBudget, limitOf } from './hard-budget.ts';
import { SpendCounter } from './spend-counter.ts';
import { dimensionValue, type SpendScope, type SpendSubject } from './spend-scope.ts';

/** Counters of one budget. Callers and tag values beyond share the counter of the value `*`: nobody is outside. */
export const MAX_COUNTERS = 10_000;
const SHARED_VALUE = '*';

/** A budget with its counters. */
export class BudgetState {
  #budget: HardBudget;
  #limit: (atMs: number) => bigint;
  /** For the limit that was asked about last: it changes when somebody changes it. */
  #thresholds: { readonly limit: bigint; readonly amounts: readonly bigint[] } | undefined;
  /** What its counters count: another one begins anew. */
  readonly basis: string;
  readonly counters = new Map<string, SpendCounter>();
  readonly #onBegin: (state: BudgetState, counter: SpendCounter) => void;

  /** `onBegin` is told of every counter before it counts anything. */
  constructor(budget: HardBudget, onBegin: (state: BudgetState, counter: SpendCounter) => void) {
    this.#budget = budget;
    this.#limit = limitOf(budget);
    this.basis = basisOf(budget);
    this.#onBegin = onBegin;
  }

  get budget(): HardBudget {
    return this.#budget;
  }

  set budget(budget: HardBudget) {
    this.#budget = budget;
    this.#limit = limitOf(budget);
    this.#thresholds = undefined;
  }

  get scope(): SpendScope {
    return this.budget.scope;
  }

  counterOf(subject: SpendSubject): SpendCounter {
    const { each } = this.budget;
    return this.counter(each === undefined ? '' : dimensionValue(each, subject));
  }

  counter(value: string): SpendCounter {
    const known = this.counters.get(value);
    if (known) return known;
    if (this.counters.size >= MAX_COUNTERS && value !== SHARED_VALUE) return this.counter(SHARED_VALUE);
    const counter = new SpendCounter(value, this.budget.window);
    this.counters.set(value, counter);
    this.#onBegin(this, counter);
    return counter;
  }

  /** When the spend of an instant stops to count. */
  endMs(atMs: number): number {
    const { window } = this.budget;
    return window ? sliceAt(window, atMs).endMs : Number.POSITIVE_INFINITY;
  }

  limit(nowMs: number): bigint {
    return this.#limit(nowMs);
  }

  /** The amounts at which it warns, in the order of its percents. */
  thresholds(nowMs: number): readonly bigint[] {
    const limit = this.#limit(nowMs);
    if (this.#thresholds?.limit !== limit) {
      const amounts = this.#budget.warnAtPercent.map((percent) => thresholdOf(limit, percent));
      this.#thresholds = { limit, amounts };
    }
    return this.#thresholds.amounts;
  }
}

/** Percents may have two decimals. What is used has reached the threshold when it is at least this, rounded up. */
function thresholdOf(limit: bigint, percent: number): bigint {
  const hundredths = (limit * BigInt(Math.round(percent * 100))) / 100n;
  return (hundredths + 99n) / 100n;
}

export function basisOf({ scope, each, window, unit }: HardBudget): string {
  return nameUuid(JSON.stringify([scope, each, window, unit])).slice(0, 8);
}

/** All budgets, found by whose call it is. */
export class BudgetTable {
  /** Told of every counter before it counts anything. */
  onBegin: (state: BudgetState, counter: SpendCounter) => void = () => {};
  readonly #states = new Map<string, BudgetState>();
  #index = new CallIndex<BudgetState>([]);

  /** Brings the table in line; counters stay where they count the same as before. Returns the budgets that begin anew. */
  replace(budgets: Iterable<HardBudget>): BudgetState[] {
    const begun: BudgetState[] = [];
    const names = new Set<string>();
    for (const budget of budgets) {
      names.add(budget.name);
      const known = this.#states.get(budget.name);
      if (known?.basis === basisOf(budget)) known.budget = budget;
      else {
        const state = new BudgetState(budget, (...begun) => this.onBegin(...begun));
        this.#states.set(budget.name, state);
        begun.push(state);
      }
    }
    for (const name of this.#states.keys()) if (!names.has(name)) this.#states.delete(name);
    this.#index = new CallIndex(this.#states.values());
    return begun;
  }

  get(name: string): BudgetState | undefined {
    return this.#states.get(name);
  }

  all(): Iterable<BudgetState> {
    return this.#states.values();
  }

  matching(caller: Caller, modelId: string): readonly BudgetState[] {
    return this.#index.matching(caller, modelId);
  }
}
