import { createHash } from 'node:crypto';
import type { PicoUsd } from '../kernel/money.ts';
import type { BillingEntity } from '../rating/line-item.ts';
import type { PeriodSum } from './period-sum.ts';

/** Amounts by what they are for. They add up to `total`, which is the sum of the net costs of the lines behind them. */
export interface InvoiceAmounts {
  /** Before discounts. */
  readonly usage: PicoUsd;
  /** Negative. */
  readonly discounts: PicoUsd;
  /** Of earlier periods that are closed, after discounts. */
  readonly corrections: PicoUsd;
  readonly credits: PicoUsd;
  readonly refunds: PicoUsd;
  readonly fees: PicoUsd;
  readonly tax: PicoUsd;
  readonly total: PicoUsd;
}

/** What one seller bills for one period. */
export interface Invoice {
  readonly period: string;
  readonly seller: BillingEntity;
  /** Member accounts with something on the invoice, in the order of their ids. */
  readonly accounts: readonly { readonly accountId: string; readonly amounts: InvoiceAmounts }[];
  readonly amounts: InvoiceAmounts;
}

const NOTHING: InvoiceAmounts = {
  ...{ usage: 0n, discounts: 0n, corrections: 0n },
  ...{ credits: 0n, refunds: 0n, fees: 0n, tax: 0n, total: 0n },
};

/** One invoice for every seller that has something on the bill of the period. */
export function invoicesOf(period: string, sums: readonly PeriodSum[]): Invoice[] {
  const bySeller = Map.groupBy(sums, ({ sold }) => sold.billingEntity);
  return [...bySeller].sort(byKey).map(([seller, ofSeller]) => {
    const byAccount = Map.groupBy(ofSeller, ({ accountId }) => accountId);
    const accounts = [...byAccount]
      .sort(byKey)
      .map(([accountId, own]) => ({ accountId, amounts: own.reduce(plus, NOTHING) }));
    return { period, seller, accounts, amounts: ofSeller.reduce(plus, NOTHING) };
  });
}

/**
 * Ten digits, like AWS's, made of whose bill it is: the same for ever, so that a close that is repeated gives no second one.
 */
export function invoiceId(payerAccountId: string, period: string, seller: BillingEntity): string {
  const hash = createHash('sha256').update(`${payerAccountId}/${period}/${seller}`).digest();
  return (1_000_000_000n + (hash.readBigUInt64BE() % 9_000_000_000n)).toString();
}

function plus(
  amounts: InvoiceAmounts,
  { recordType, isCorrection, costPicoUsd, netCostPicoUsd }: PeriodSum,
): InvoiceAmounts {
  const total = amounts.total + netCostPicoUsd;
  const add = (name: keyof InvoiceAmounts) => ({ ...amounts, [name]: amounts[name] + netCostPicoUsd, total });
  switch (recordType) {
    case 'Usage': {
      if (isCorrection) return add('corrections');
      const discounts = amounts.discounts + netCostPicoUsd - costPicoUsd;
      return { ...amounts, usage: amounts.usage + costPicoUsd, discounts, total };
    }
    case 'Discount':
      return add('discounts');
    case 'Credit':
      return add('credits');
    case 'Refund':
      return add('refunds');
    case 'Fee':
      return add('fees');
    case 'Tax':
      return add('tax');
  }
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
