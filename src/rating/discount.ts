import { Fault } from '../kernel/fault.ts';
import type { PicoUsd } from '../kernel/money.ts';
import { type Percentage, percentageOf, readPercentage } from '../kernel/percentage.ts';
import type { Meter } from './meter.ts';
import { readDay } from './price-sheet.ts';

/** A percentage off prices, as the configuration gives it. An absent list matches everything. */
export interface PercentageDiscount {
  /** Key of the `discount` map: `edp_discount`. */
  readonly name: string;
  /** Decimal text, at most four fraction digits: `9.5`. */
  readonly percent: string;
  /** Cost Explorer's names: `Amazon Bedrock Service`. */
  readonly services?: readonly string[];
  /** Model ids. */
  readonly models?: readonly string[];
  readonly accounts?: readonly string[];
  readonly meters?: readonly Meter[];
  /** First day, UTC. Absent: since always. */
  readonly effectiveFrom?: string;
  /** First day without it, UTC. Absent: until further notice. */
  readonly effectiveTo?: string;
}

/** What decides which percentages come off a price, but for the time. */
export interface DiscountKey {
  readonly service: string;
  readonly modelId: string;
  readonly accountId: string;
  readonly meter: Meter;
}

/** What one piece costs after discounts, and what each of them takes off it. Both exact: they multiply and add up. */
export interface NetPrice {
  readonly netPricePicoUsd: PicoUsd;
  /** By name, in name order; none that takes off nothing. */
  readonly discountPrices: readonly (readonly [name: string, pricePicoUsd: PicoUsd])[];
}

/** The name under which a private rate shows in the `discount` map. */
const PRIVATE_RATE = 'private_rate_discount';

const NONE: NetPrice['discountPrices'] = [];

/** A percentage with its numbers read. */
interface ReadPercentage {
  readonly discount: PercentageDiscount;
  readonly percentage: Percentage;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Answers kept ready: accounts times models times meters. */
const KEYS_MAX = 20_000;

/** The percentages of an organisation, in the order in which they apply. */
export class PercentageDiscounts {
  readonly #all: readonly ReadPercentage[];
  readonly #byKey = new Map<string, readonly ReadPercentage[]>();

  /** Throws ConfigInvalid for a percentage or day that cannot be read. */
  constructor(discounts: readonly PercentageDiscount[]) {
    this.#all = discounts.map(read);
  }

  /**
   * The price after discounts. The private rate goes first: what it is below the price is the first discount. Every
   * percentage is taken off what the ones before left, rounded half up to a whole pico-dollar per piece.
   */
  netPrice(pricePicoUsd: PicoUsd, privateRatePicoUsd: PicoUsd | undefined, key: DiscountKey, atMs: number): NetPrice {
    const percentages = this.#matching(key);
    if (privateRatePicoUsd === undefined && percentages.length === 0) {
      return { netPricePicoUsd: pricePicoUsd, discountPrices: NONE };
    }
    const amounts = new Map<string, PicoUsd>();
    let left = pricePicoUsd;
    if (privateRatePicoUsd !== undefined && privateRatePicoUsd < left) {
      amounts.set(PRIVATE_RATE, left - privateRatePicoUsd);
      left = privateRatePicoUsd;
    }
    for (const { discount, percentage, fromMs, toMs } of percentages) {
      if (atMs < fromMs || atMs >= toMs) continue;
      const amount = percentageOf(left, percentage);
      if (amount === 0n) continue;
      amounts.set(discount.name, (amounts.get(discount.name) ?? 0n) + amount);
      left -= amount;
    }
    return { netPricePicoUsd: left, discountPrices: [...amounts].sort(([a], [b]) => (a < b ? -1 : 1)) };
  }

  #matching(key: DiscountKey): readonly ReadPercentage[] {
    if (this.#all.length === 0) return this.#all;
    const id = `${key.service}\u0000${key.modelId}\u0000${key.accountId}\u0000${key.meter}`;
    let matching = this.#byKey.get(id);
    if (matching === undefined) {
      matching = this.#all.filter(({ discount }) => matches(discount, key));
      if (this.#byKey.size >= KEYS_MAX) this.#byKey.clear();
      this.#byKey.set(id, matching);
    }
    return matching;
  }
}

function matches({ services, models, accounts, meters }: PercentageDiscount, key: DiscountKey): boolean {
  return (
    (services?.includes(key.service) ?? true) &&
    (models?.includes(key.modelId) ?? true) &&
    (accounts?.includes(key.accountId) ?? true) &&
    (meters?.includes(key.meter) ?? true)
  );
}

function read(discount: PercentageDiscount): ReadPercentage {
  const { name, percent, effectiveFrom, effectiveTo } = discount;
  const fromMs = effectiveFrom === undefined ? Number.NEGATIVE_INFINITY : day(effectiveFrom, name);
  const toMs = effectiveTo === undefined ? Number.POSITIVE_INFINITY : day(effectiveTo, name);
  if (fromMs >= toMs) {
    throw new Fault('ConfigInvalid', `the discount \`${name}\` ends on \`${effectiveTo}\`, before it begins`);
  }
  const percentage = readPercentage(percent);
  if (percentage === undefined) {
    throw new Fault(
      'ConfigInvalid',
      `the percentage \`${percent}\` of the discount \`${name}\` is not one from 0 to 100`,
    );
  }
  return { discount, percentage, fromMs, toMs };
}

function day(text: string, name: string): number {
  const atMs = readDay(text);
  if (atMs === undefined) {
    throw new Fault(
      'ConfigInvalid',
      `the day \`${text}\` of the discount \`${name}\` is not a date such as 2026-09-01`,
    );
  }
  return atMs;
}
