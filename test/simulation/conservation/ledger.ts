import { type Charge, chargeLineItem } from '../../../src/billing/charge.ts';
import { parsePicoUsd } from '../../../src/kernel/money.ts';
import { billingPeriodEndMs, billingPeriodOf } from '../../../src/kernel/time.ts';
import { itemize } from '../../../src/rating/itemize.ts';
import type { LineItem } from '../../../src/rating/line-item.ts';
import type { PriceBook } from '../../../src/rating/price-book.ts';
import type { Organisation } from './organisation.ts';

/**
 * What ought to be on the bill, call by call: nothing is summed, stored or sliced. A tag is active or not at the very
 * instant of the call. A call that is heard of after its month was closed is billed at the start of the next.
 */
export function ledger({ events, acts }: Organisation, prices: PriceBook, charges: readonly Charge[]): LineItem[] {
  const calls = events.flatMap((event) => {
    const period = billingPeriodOf(event.admittedAtMs);
    const closed = acts.filter((act) => act.kind === 'close' && act.period >= period && act.atMs <= event.endedAtMs);
    const lines = itemize([event], prices, []);
    if (closed.length === 0) return lines.map((item) => ({ ...item, sliceStartMs: event.admittedAtMs }));
    const startMs = billingPeriodEndMs(closed.flatMap((act) => (act.kind === 'close' ? act.period : [])).at(-1)!);
    return lines.map((item) => ({ ...item, bucketStartMs: startMs, sliceStartMs: startMs }));
  });
  return [...calls, ...charges.map(chargeLineItem)];
}

/** Costs by a text: what to compare answers in. */
export type Sums = Readonly<Record<string, string>>;

export function sumsOf<Row>(rows: Iterable<Row>, keyOf: (row: Row) => string, amountOf: (row: Row) => bigint): Sums {
  const sums = new Map<string, bigint>();
  for (const row of rows) sums.set(keyOf(row), (sums.get(keyOf(row)) ?? 0n) + amountOf(row));
  return Object.fromEntries([...sums].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, sum]) => [key, String(sum)]));
}

/**
 * The exact amount behind a double that was made from it: below 9,000 USD doubles lie closer together than 1e-12 USD, so
 * that the nearest amount is the one.
 */
export function exactly(usd: unknown): bigint {
  if (typeof usd !== 'number' || Math.abs(usd) > 9_000) throw new RangeError(`no amount that can be told: ${usd}`);
  return parsePicoUsd(usd.toFixed(12));
}
