import type { Budget, Spend } from './budget.ts';
import { amountText, parseAmount } from './budget-amount.ts';
import type { Period } from './budget-period.ts';

/** What a budget that adjusts itself has set its limit to, for one period. */
export interface AdjustedLimit {
  readonly periodStartMs: number;
  readonly adjustedAtMs: number;
  readonly amount: string;
  /** `historical` only: periods that counted. */
  readonly lookBackAvailable?: number;
}

/** The limit that holds in a period; undefined while a budget has not adjusted itself to it. */
export function limitIn(
  { limit, type }: Pick<Budget, 'limit' | 'type'>,
  period: Period,
  adjusted: AdjustedLimit | undefined,
): Spend | undefined {
  switch (limit.kind) {
    case 'fixed':
      return limit.spend;
    case 'planned': {
      // A plan begins with the calendar's period, which the first period of a budget may cut.
      const [, spend] = limit.spends.findLast(([startMs]) => startMs <= period.startMs) ?? limit.spends[0]!;
      return spend;
    }
    default:
      return adjusted?.periodStartMs === period.startMs ? { amount: adjusted.amount, unit: unitOf(type) } : undefined;
  }
}

/** Unit of amounts: usage is counted as bills count it. */
export function unitOf(type: Budget['type']): string {
  return type === 'COST' ? 'USD' : '1K tokens';
}

/**
 * AWS's rule for limits from history: the average over the look-back, without its first periods as long as they have
 * nothing. With nothing at all the limit is zero, over the whole look-back.
 */
export function historicalLimit(amounts: readonly bigint[]): { amount: bigint; lookBackAvailable: number } {
  const first = amounts.findIndex((amount) => amount !== 0n);
  if (first === -1) return { amount: 0n, lookBackAvailable: amounts.length };
  const counted = amounts.slice(first);
  const sum = counted.reduce((total, amount) => total + amount, 0n);
  const count = BigInt(counted.length);
  // To the nearest 1e-12, and no limit below zero.
  const average = sum > 0n ? (2n * sum + count) / (2n * count) : 0n;
  return { amount: average, lookBackAvailable: counted.length };
}

export function adjustedLimit(
  period: Period,
  nowMs: number,
  adjustment: { readonly amount: bigint; readonly lookBackAvailable?: number },
): AdjustedLimit {
  const { amount, ...lookBack } = adjustment;
  return { periodStartMs: period.startMs, adjustedAtMs: nowMs, amount: amountText(amount), ...lookBack };
}

export function limitAmount(spend: Spend): bigint {
  return parseAmount(spend.amount)!;
}
