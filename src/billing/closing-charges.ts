import { formatUsd, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { type Percentage, percentageOf } from '../kernel/percentage.ts';
import type { Sold } from '../rating/billed-model.ts';
import { type Charge, chargeBucketMs, TAX_SERVICE } from './charge.ts';
import type { Credit } from './credit.ts';
import type { PeriodSum } from './period-sum.ts';

/** A tax that every close adds. */
export interface Tax {
  /** `line_item_tax_type`: `VAT`. */
  readonly type: string;
  readonly percentage: Percentage;
  /** Absent: all accounts. */
  readonly accounts?: readonly string[];
}

export interface ClosingFacts {
  readonly period: string;
  readonly nowMs: number;
  /** Everything on the bill of the period. */
  readonly sums: readonly PeriodSum[];
  readonly credits: readonly Credit[];
  /** What was drawn on the credits so far is among them. */
  readonly charges: readonly Charge[];
  readonly taxes: readonly Tax[];
  /** Tags of an account now, as pairs in key order. */
  readonly accountTagsOf: (accountId: string) => NonNullable<Charge['accountTags']>;
}

/** What one account still has to pay for one service. */
interface Payable {
  readonly accountId: string;
  readonly sold: Sold;
  left: PicoUsd;
}

/** The charges that a close makes: credits that cover usage, then taxes on what is left. */
export function closingCharges(facts: ClosingFacts): Charge[] {
  const drawn = drawnCredits(facts);
  return [...drawn, ...taxesOn(facts, drawn)].map((charge) => ({
    ...charge,
    accountTags: facts.accountTagsOf(charge.accountId),
  }));
}

/**
 * The credit that ends first is drawn first, then the older one. Each covers, account by account and service by service in
 * the order of their names, what usage costs after discounts, other credits and refunds; never more.
 */
function drawnCredits({ period, nowMs, sums, credits, charges }: ClosingFacts): Charge[] {
  const payables = payablesOf(sums);
  const usable = credits.filter(({ lastPeriod }) => lastPeriod === '' || lastPeriod >= period);
  return usable.toSorted(byEndThenAge).flatMap((credit) => {
    let left = remainingOf(credit, charges);
    return payables.flatMap((payable) => {
      const isCovered =
        (credit.accountId === '' || credit.accountId === payable.accountId) &&
        (credit.service === '' || credit.service === payable.sold.service);
      const amount = isCovered ? smaller(left, payable.left) : 0n;
      if (amount <= 0n) return [];
      left -= amount;
      payable.left -= amount;
      return [
        {
          chargeId: `close/${period}/${credit.creditId}/${payable.accountId}/${payable.sold.service}`,
          type: 'Credit' as const,
          ...{ period, bucketStartMs: chargeBucketMs(period, nowMs), accountId: payable.accountId },
          ...{ amountUsd: formatUsd(-amount), description: credit.description, sold: payable.sold, taxType: '' },
          ...{ creditId: credit.creditId, createdAtMs: nowMs },
        },
      ];
    });
  });
}

/** What is left of a credit after all that was drawn on it. */
export function remainingOf(credit: Credit, charges: readonly Charge[]): PicoUsd {
  return charges
    .filter(({ creditId }) => creditId === credit.creditId)
    .reduce((left, { amountUsd }) => left + parsePicoUsd(amountUsd), parsePicoUsd(credit.amountUsd));
}

function payablesOf(sums: readonly PeriodSum[]): Payable[] {
  const payables = new Map<string, Payable>();
  for (const { accountId, sold, recordType, netCostPicoUsd } of sums) {
    if (recordType !== 'Usage' && recordType !== 'Credit' && recordType !== 'Refund') continue;
    const key = `${accountId}\u0000${sold.service}`;
    const known = payables.get(key);
    if (known) known.left += netCostPicoUsd;
    else payables.set(key, { accountId, sold, left: netCostPicoUsd });
  }
  return [...payables].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, payable]) => payable);
}

/** On all that an account pays, rounded half up to a pico-dollar; on nothing where it gets money back. */
function taxesOn({ period, nowMs, sums, taxes }: ClosingFacts, drawn: readonly Charge[]): Charge[] {
  const bases = new Map<string, PicoUsd>();
  const add = (accountId: string, amount: PicoUsd) => bases.set(accountId, (bases.get(accountId) ?? 0n) + amount);
  for (const { accountId, recordType, netCostPicoUsd } of sums) {
    if (recordType !== 'Tax') add(accountId, netCostPicoUsd);
  }
  for (const { accountId, amountUsd } of drawn) add(accountId, parsePicoUsd(amountUsd));
  const ordered = [...bases].sort(([a], [b]) => (a < b ? -1 : 1));
  return taxes.flatMap(({ type, percentage, accounts }, index) =>
    ordered.flatMap(([accountId, base]) => {
      const amount = base > 0n && (accounts?.includes(accountId) ?? true) ? percentageOf(base, percentage) : 0n;
      if (amount === 0n) return [];
      return [
        {
          chargeId: `close/${period}/tax/${index}/${accountId}`,
          type: 'Tax' as const,
          ...{ period, bucketStartMs: chargeBucketMs(period, nowMs), accountId, amountUsd: formatUsd(amount) },
          ...{ description: `${type} for ${period}`, taxType: type, creditId: '', createdAtMs: nowMs },
          sold: { service: TAX_SERVICE, productCode: 'AmazonBedrock', billingEntity: 'AWS' as const },
        },
      ];
    }),
  );
}

function byEndThenAge(a: Credit, b: Credit): number {
  const order = (one: Credit) =>
    `${one.lastPeriod || '9999-99'}/${String(one.createdAtMs).padStart(16, '0')}/${one.creditId}`;
  return order(a) < order(b) ? -1 : 1;
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
