import type { TagSet } from '../kernel/tags.ts';
import type { BudgetState } from './budget-table.ts';
import { type Slice, windowStartMs } from './budget-window.ts';
import type { LimitUnit } from './hard-budget.ts';
import { compileScope, roleArnOf } from './spend-scope.ts';

/** Spend of one principal, with one set of tags, on one model. */
export interface LedgerRow {
  readonly principalArn: string;
  readonly accountId: string;
  readonly modelId: string;
  readonly tags: TagSet;
  /** The quarter of an hour or the slice it is of; the range's start where neither was asked for. */
  readonly startMs: number;
  readonly tokens: bigint;
  readonly requests: bigint;
  readonly costPicoUsd: bigint;
}

/** Port: what calls have cost, as far as they are in the cost store. Throws StoreUnavailable. */
export interface SpendLedger {
  spendSince(startMs: number, grain: 'total' | 'quarter-hour'): Promise<LedgerRow[]>;
  /** In slices that follow one another, on 15-minute boundaries; a row's `startMs` is its slice's. */
  spendIn(slices: readonly Slice[]): Promise<LedgerRow[]>;
}

/**
 * Lets counters know what the ledger says of their windows; one question for all budgets of a window. The ledger does not
 * know keys: budgets that look at these go by what they have counted themselves.
 */
export async function seedCounters(
  states: readonly BudgetState[],
  ledger: Pick<SpendLedger, 'spendSince'>,
  nowMs: number,
): Promise<void> {
  const seeded = states.filter(({ budget }) => budget.window && !budget.scope.keys && budget.each !== 'key');
  const byQuestion = Map.groupBy(seeded, ({ budget }) => {
    const grain = 'rollingHours' in budget.window! ? 'quarter-hour' : 'total';
    return `${windowStartMs(budget.window!, nowMs)}/${grain}`;
  });
  for (const [question, asking] of byQuestion) {
    const [startMs, grain] = question.split('/') as [string, 'total' | 'quarter-hour'];
    const rows = await ledger.spendSince(Number(startMs), grain);
    for (const state of asking) seedCountersOf(state, rows, nowMs);
  }
}

function seedCountersOf(state: BudgetState, rows: readonly LedgerRow[], nowMs: number): void {
  const matches = compileScope(state.scope);
  const sums = new Map<string, Map<number, bigint>>();
  for (const row of rows) {
    const subject = { ...row, roleArn: roleArnOf(row.principalArn), keyId: '' };
    if (!matches(subject)) continue;
    const { value } = state.counterOf(subject);
    let bySlice = sums.get(value);
    if (!bySlice) {
      bySlice = new Map();
      sums.set(value, bySlice);
    }
    bySlice.set(row.startMs, (bySlice.get(row.startMs) ?? 0n) + amountOf(state.budget.unit, row));
  }
  for (const [value, bySlice] of sums) {
    const counter = state.counter(value);
    for (const [startMs, amount] of bySlice) {
      const slice = counter.sliceIfCounted(startMs, nowMs);
      if (slice) counter.settleAtLeast(slice, amount);
    }
  }
}

/** What a row counts on a limit in a unit. */
export function amountOf(unit: LimitUnit, { tokens, requests, costPicoUsd }: LedgerRow): bigint {
  switch (unit) {
    case 'USD':
      return costPicoUsd;
    case 'tokens':
      return tokens;
    case 'requests':
      return requests;
    case 'concurrency':
      return 0n;
  }
}
