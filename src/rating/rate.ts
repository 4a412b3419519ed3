import { totalInputTokens } from '../inference/token-usage.ts';
import type { PicoUsd } from '../kernel/money.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { BillingEntity, ContextClass, Meter } from './line-item.ts';
import { type PriceBook, priceAt } from './price-book.ts';

/** What one token class of one call costs. */
export interface MeterCharge {
  readonly meter: Meter;
  readonly context: ContextClass;
  readonly usageType: string;
  readonly productCode: string;
  readonly service: string;
  readonly billingEntity: BillingEntity;
  readonly pricingUnit: string;
  /** Tokens; never zero. */
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
 * Prices one call: a charge for each token class that was used, in the meters' order. The prices of the instant of
 * admission hold for the whole call, and one context class for all its tokens.
 */
export function rate(event: UsageEvent, prices: PriceBook): MeterCharge[] {
  const { usage, admittedAtMs, accountId, modelId, region, route, tier, isBatch } = event;
  const context = prices.contextClass(modelId, totalInputTokens(usage), admittedAtMs);
  const tariff = prices.tariff({ modelId, region, route, tier, isBatch, context });

  const charges: MeterCharge[] = [];
  const charge = (meter: Meter, tokens = 0) => {
    if (tokens === 0) return;
    const { usageType, prices: ownPrices, listPrices, privateRates } = tariff.meters[meter];
    const price = priceAt(ownPrices, admittedAtMs);
    const list = priceAt(listPrices, admittedAtMs);
    const quantity = BigInt(tokens);
    // Bills give no public price of what is sold through AWS Marketplace: `pricing_public_on_demand_cost` is zero.
    const isListed = tariff.sold.billingEntity === 'AWS';
    const listPrice = list && { listPricePicoUsd: isListed ? list.pricePicoUsd : 0n };
    const shared = {
      meter,
      context,
      usageType,
      ...tariff.sold,
      pricingUnit: tariff.pricingUnit,
      quantity,
      ...listPrice,
    };
    if (price === undefined) charges.push({ ...shared, discountPrices: [], priceId: '', costPicoUsd: 0n });
    else {
      const { pricePicoUsd, priceId } = price;
      const privateRate = priceAt(privateRates, admittedAtMs)?.pricePicoUsd;
      const key = { service: tariff.sold.service, modelId, accountId, meter };
      const net = prices.percentages.netPrice(pricePicoUsd, privateRate, key, admittedAtMs);
      charges.push({ ...shared, pricePicoUsd, ...net, priceId, costPicoUsd: quantity * pricePicoUsd });
    }
  };
  charge('input', usage.inputTokens);
  charge('output', usage.outputTokens);
  charge('cache_read', usage.cacheReadInputTokens);
  charge('cache_write_5m', usage.cacheWrite5mInputTokens);
  charge('cache_write_1h', usage.cacheWrite1hInputTokens);
  return charges;
}
