import { totalInputTokens } from '../inference/token-usage.ts';
import type { PicoUsd } from '../kernel/money.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import type { ContextClass, Meter } from './line-item.ts';
import { type PriceBook, priceAt } from './price-book.ts';

/** What one token class of one call costs. */
export interface Charge {
  readonly meter: Meter;
  readonly context: ContextClass;
  readonly usageType: string;
  readonly productCode: string;
  /** Tokens; never zero. */
  readonly quantity: bigint;
  /** Absent: unpriced. */
  readonly pricePicoUsd?: PicoUsd;
  /** Empty when unpriced. */
  readonly priceId: string;
  /** quantity x price; zero when unpriced. */
  readonly costPicoUsd: PicoUsd;
}

/**
 * Prices one call: a charge for each token class that was used, in the meters' order. The prices of the instant of
 * admission hold for the whole call, and one context class for all its tokens.
 */
export function rate(event: UsageEvent, prices: PriceBook): Charge[] {
  const { usage, admittedAtMs, modelId, region, route, tier } = event;
  const context = prices.contextClass(modelId, totalInputTokens(usage), admittedAtMs);
  const tariff = prices.tariff({ modelId, region, route, tier, isBatch: false, context });

  const charges: Charge[] = [];
  const charge = (meter: Meter, tokens = 0) => {
    if (tokens === 0) return;
    const { usageType } = tariff.meters[meter];
    const price = priceAt(tariff.meters[meter], admittedAtMs);
    const quantity = BigInt(tokens);
    const shared = { meter, context, usageType, productCode: tariff.productCode, quantity };
    if (price === undefined) charges.push({ ...shared, priceId: '', costPicoUsd: 0n });
    else {
      const { pricePicoUsd, priceId } = price;
      charges.push({ ...shared, pricePicoUsd, priceId, costPicoUsd: quantity * pricePicoUsd });
    }
  };
  charge('input', usage.inputTokens);
  charge('output', usage.outputTokens);
  charge('cache_read', usage.cacheReadInputTokens);
  charge('cache_write_5m', usage.cacheWrite5mInputTokens);
  charge('cache_write_1h', usage.cacheWrite1hInputTokens);
  return charges;
}
