import { Fault } from '../kernel/fault.ts';
import { bucketStartMs, HOUR_MS } from '../kernel/time.ts';
import { type BudgetWindow, type Slice, sliceAt } from './budget-window.ts';
import { type HardBudgetDraft, hardBudgetOf } from './hard-budget.ts';
import { amountOf, type SpendLedger } from './spend-ledger.ts';
import { compileScope, dimensionValue, roleArnOf } from './spend-scope.ts';

/** What would have counted on a budget's counters in a window that is over, or has begun. */
export interface WindowSpend extends Slice {
  /** In the unit's smallest parts, by the value of the budget's dimension; the highest first. */
  readonly used: readonly (readonly [value: string, amount: bigint])[];
}

/**
 * What a budget would have counted in its last windows, oldest first; the last one is under way. Of a rolling window: the
 * stretches of that length up to now, which need not be those with the most spend. Throws ValidationException for a definition
 * that makes no sense, or one that the ledger cannot say anything about.
 */
export async function spendHistory(
  draft: HardBudgetDraft,
  ledger: Pick<SpendLedger, 'spendIn'>,
  count: number,
  nowMs: number,
): Promise<WindowSpend[]> {
  const { scope, each, window, unit } = hardBudgetOf(draft);
  if (!window) throw new Fault('ValidationException', 'the ledger does not know how many calls were under way at once');
  if (scope.keys || each === 'key') {
    throw new Fault('ValidationException', 'the ledger does not know the keys of calls: leave them out to look back');
  }
  const matches = compileScope(scope);
  const slices = lastWindows(window, count, nowMs);
  const bySlice = new Map(slices.map(({ startMs }) => [startMs, new Map<string, bigint>()]));
  for (const row of await ledger.spendIn(slices)) {
    const subject = { ...row, roleArn: roleArnOf(row.principalArn), keyId: '' };
    const sums = bySlice.get(row.startMs);
    if (!sums || !matches(subject)) continue;
    const value = each === undefined ? '' : dimensionValue(each, subject);
    sums.set(value, (sums.get(value) ?? 0n) + amountOf(unit, row));
  }
  return slices.map((slice) => {
    const sums = [...bySlice.get(slice.startMs)!];
    return { ...slice, used: sums.sort(([, a], [, b]) => (a > b ? -1 : a < b ? 1 : 0)) };
  });
}

function lastWindows(window: BudgetWindow, count: number, nowMs: number): Slice[] {
  const slices: Slice[] = [];
  let slice = currentWindow(window, nowMs);
  while (slices.length < count) {
    slices.unshift(slice);
    slice = windowBefore(window, slice);
  }
  return slices;
}

function currentWindow(window: BudgetWindow, nowMs: number): Slice {
  if (!('rollingHours' in window)) return sliceAt(window, nowMs);
  const endMs = bucketStartMs(nowMs);
  return { startMs: endMs - window.rollingHours * HOUR_MS, endMs };
}

function windowBefore(window: BudgetWindow, { startMs }: Slice): Slice {
  if (!('rollingHours' in window)) return sliceAt(window, startMs - 1);
  return { startMs: startMs - window.rollingHours * HOUR_MS, endMs: startMs };
}
