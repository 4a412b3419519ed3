import { type TokenUsage, totalInputTokens, UNIT_METERS } from '../inference/token-usage.ts';
import type { PicoUsd } from '../kernel/money.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import { billedModelId, isHeldModel } from './billed-feature.ts';
import type { BillingEntity, ContextClass } from './line-item.ts';
import type { Meter } from './meter.ts';
import { type PriceBook, priceAt, type Tariff, type TariffKey } from './price-book.ts';
import type { Price } from './price-sheet.ts';

/** What one meter of one call costs. */
export interface MeterCharge {
  /** The model that was called, or what was used beside it. */
  readonly modelId: string;
  readonly meter: Meter;
  readonly context: ContextClass;
  readonly usageType: string;
  readonly productCode: string;
  readonly service: string;
  readonly billingEntity: BillingEntity;
  readonly pricingUnit: string;
  /** Pieces of the meter; never zero. */
  readonly quantity: bigint;
  /** Absent: unpriced. */
  readonly pricePicoUsd?: PicoUsd;
  /** Public on-demand price; absent when there is none. */
  readonly listPricePicoUsd?: PicoUsd;
  /** After discounts; absent when unpriced. */
  readonly netPricePicoUsd?: PicoUsd;
  readonly discountPrices: readonly (readonly [name: string, pricePicoUsd: PicoUsd])[];
  /** Empty when unpriced. */
  readonly priceId: string;
  /** quantity x price; zero when unpriced. */
  readonly costPicoUsd: PicoUsd;
}

/**
 * Prices one call: a charge for each meter that was used, in the meters' order. The prices of the instant of admission hold
 * for the whole call, and one context class for all its tokens.
 */
export function rate(event: UsageEvent, prices: PriceBook): MeterCharge[] {
  const { usage, admittedAtMs: atMs, accountId } = event;
  const key = calledKey(event, prices);
  const charges: MeterCharge[] = [];
  forEachMeter(usage, (meter, pieces) => charges.push(chargedCall(key, { meter, pieces, accountId, atMs }, prices)));
  return charges;
}

/** What a call used and cost in all. */
export interface CallCost {
  /** Of every class, input and output. */
  readonly tokens: bigint;
  readonly costPicoUsd: PicoUsd;
  /** Something that was used has no price, and adds nothing. */
  readonly isUnpriced: boolean;
}

/** The sum of what `rate` charges, without all else that bills say. */
export function costOf(event: UsageEvent, prices: PriceBook): CallCost {
  const key = calledKey(event, prices);
  const tokens = BigInt(totalInputTokens(event.usage) + event.usage.outputTokens);
  const cost = { tokens, costPicoUsd: 0n, isUnpriced: false };
  const own = prices.tariff(key);
  forEachMeter(event.usage, (meter, pieces) => {
    const modelId = billedModelId(key.modelId, meter);
    const isOwn = modelId === key.modelId;
    if (key.isHeld && isOwn) return;
    const { of } = isOwn ? own : besideTheModel(key, modelId, prices);
    const price = priceAt(of(meter).prices, event.admittedAtMs);
    if (price) cost.costPicoUsd += BigInt(pieces) * price.pricePicoUsd;
    else cost.isUnpriced = true;
  });
  return cost;
}

/** What chooses the prices of a call. */
export function calledKey(event: UsageEvent, prices: PriceBook): CalledKey {
  const { usage, admittedAtMs, modelId, region, route, tier, isBatch } = event;
  const context = prices.contextClass(modelId, totalInputTokens(usage), admittedAtMs);
  return { modelId, region, route, tier, isBatch, context, isHeld: isHeldModel(event.resourceArn) };
}

/** What was used of each meter, in the meters' order. */
export function forEachMeter(usage: TokenUsage, use: (meter: Meter, pieces: number) => void): void {
  const note = (meter: Meter, pieces = 0) => {
    if (pieces !== 0) use(meter, pieces);
  };
  note('input', usage.inputTokens);
  note('output', usage.outputTokens);
  note('cache_read', usage.cacheReadInputTokens);
  note('cache_write_5m', usage.cacheWrite5mInputTokens);
  note('cache_write_1h', usage.cacheWrite1hInputTokens);
  if (usage.units) for (const meter of UNIT_METERS) note(meter, usage.units[meter]);
}

/** What chooses the price of a call. */
export interface CalledKey extends TariffKey {
  /** Tokens of the model are paid for by the hour. */
  readonly isHeld: boolean;
}

/** Prices pieces of one meter of calls; tokens of a model that is paid for by the hour have no price of their own. */
export function chargedCall(key: CalledKey, metered: MeteredPieces, prices: PriceBook): MeterCharge {
  const made = charged(key, metered, prices);
  return key.isHeld && made.modelId === key.modelId ? ofHeldModel(made) : made;
}

/** What chooses the price of everything that is used beside a model. */
export const BESIDE_THE_MODEL = { route: 'in_region', tier: 'standard', isBatch: false, context: 'default' } as const;

/** How much of what was used when, and by which account. */
export interface MeteredPieces {
  readonly meter: Meter;
  readonly pieces: number;
  readonly accountId: string;
  readonly atMs: number;
}

/** Prices pieces of one meter at an instant. */
export function charged(
  key: TariffKey,
  { meter, pieces, accountId, atMs }: MeteredPieces,
  prices: PriceBook,
): MeterCharge {
  const { modelId, sold, tariff } = billedAs(key, meter, prices);
  const { usageType, pricingUnit, prices: ownPrices, listPrices, privateRates } = tariff;
  const price = priceAt(ownPrices, atMs);
  const list = priceAt(listPrices, atMs);
  const quantity = BigInt(pieces);
  // Bills give no public price of what is sold through AWS Marketplace: `pricing_public_on_demand_cost` is zero.
  const listPrice = list && { listPricePicoUsd: sold.billingEntity === 'AWS' ? list.pricePicoUsd : 0n };
  const { context } = key;
  const shared = { modelId, meter, context, usageType, ...sold, pricingUnit, quantity, ...listPrice };
  if (price === undefined) return { ...shared, discountPrices: [], priceId: '', costPicoUsd: 0n };
  const { pricePicoUsd, priceId } = price;
  const privateRate = priceAt(privateRates, atMs)?.pricePicoUsd;
  const discounted = { service: sold.service, modelId, accountId, meter };
  const net = prices.percentages.netPrice(pricePicoUsd, privateRate, discounted, atMs);
  return { ...shared, pricePicoUsd, ...net, priceId, costPicoUsd: quantity * pricePicoUsd };
}

/** What a meter has cost over time, most specific and newest first; `priceAt` finds the one that holds. */
export function pricesOf(key: TariffKey, meter: Meter, prices: PriceBook): readonly Price[] {
  return billedAs(key, meter, prices).tariff.prices;
}

function billedAs(key: TariffKey, meter: Meter, prices: PriceBook) {
  const modelId = billedModelId(key.modelId, meter);
  const { sold, of } = modelId === key.modelId ? prices.tariff(key) : besideTheModel(key, modelId, prices);
  return { modelId, sold, tariff: of(meter) };
}

/** What is used beside the model has one price whatever way the model was called. */
function besideTheModel(key: TariffKey, modelId: string, prices: PriceBook): Tariff {
  return prices.tariff({ ...key, ...BESIDE_THE_MODEL, modelId });
}

/** Tokens of a model that is paid for by the hour: counted, at no price. AWS's bills do not list them. */
function ofHeldModel({ listPricePicoUsd: _, ...made }: MeterCharge): MeterCharge {
  return {
    ...made,
    usageType: `${made.usageType}-provisioned`,
    ...{ pricePicoUsd: 0n, netPricePicoUsd: 0n, discountPrices: [], priceId: 'held', costPicoUsd: 0n },
  };
}
