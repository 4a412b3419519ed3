import { totalInputTokens } from '../../../inference/token-usage.ts';
import { formatUsd } from '../../../kernel/money.ts';
import { BUCKET_MS, billingPeriodOf, bucketStartMs } from '../../../kernel/time.ts';
import type { UsageEvent } from '../../../metering/usage-event.ts';
import { isHeldModel } from '../../../rating/billed-feature.ts';
import { meterUnit } from '../../../rating/meter.ts';
import { type PriceBook, priceAt } from '../../../rating/price-book.ts';
import type { Price } from '../../../rating/price-sheet.ts';
import { type MeterCharge, pricesOf, rate } from '../../../rating/rate.ts';

/** What a call cost, line by line: quantity times price, and the price's row in the book. */
export function requestLedger(event: UsageEvent, prices: PriceBook) {
  const charges = rate(event, prices);
  const sum = (amount: (charge: MeterCharge) => bigint) =>
    formatUsd(charges.reduce((all, one) => all + amount(one), 0n));
  return {
    Charges: charges.map((charge) => wireCharge(charge, priceRow(event, charge, prices))),
    CostUsd: sum(({ costPicoUsd }) => costPicoUsd),
    NetCostUsd: sum(({ quantity, netPricePicoUsd = 0n }) => quantity * netPricePicoUsd),
    LineItem: lineItem(event),
  };
}

/** The row of the price book that gave a charge its price. Absent: none did. */
function priceRow(event: UsageEvent, { meter, priceId }: MeterCharge, prices: PriceBook): Price | undefined {
  const { modelId, region, route, tier, isBatch, admittedAtMs, usage } = event;
  const context = prices.contextClass(modelId, totalInputTokens(usage), admittedAtMs);
  const row = priceAt(pricesOf({ modelId, region, route, tier, isBatch, context }, meter, prices), admittedAtMs);
  return row?.priceId === priceId ? row : undefined;
}

function wireCharge(charge: MeterCharge, row: Price | undefined): unknown {
  const { modelId, meter, context, quantity, pricePicoUsd, netPricePicoUsd, costPicoUsd } = charge;
  const { priced } = meterUnit(meter);
  return {
    Meter: meter,
    ModelId: modelId,
    Context: context,
    Quantity: quantity.toString(),
    CostUsd: formatUsd(costPicoUsd),
    IsUnpriced: pricePicoUsd === undefined,
    ...(pricePicoUsd !== undefined && {
      UnitPriceUsd: formatUsd(pricePicoUsd),
      QuotedPriceUsd: formatUsd(pricePicoUsd * priced.pieces),
      QuotedPer: priced.name,
    }),
    ...(netPricePicoUsd !== undefined && {
      NetUnitPriceUsd: formatUsd(netPricePicoUsd),
      NetCostUsd: formatUsd(quantity * netPricePicoUsd),
    }),
    Discounts: charge.discountPrices.map(([Name, price]) => ({ Name, UnitPriceUsd: formatUsd(price) })),
    ...(row && { Price: wirePrice(row) }),
    UsageType: charge.usageType,
    ProductCode: charge.productCode,
    Service: charge.service,
    BillingEntity: charge.billingEntity,
    PricingUnit: charge.pricingUnit,
  };
}

function wirePrice({
  priceId,
  region,
  routing,
  tier,
  effectiveFromMs,
  effectiveToMs,
  source,
  certainty,
  checked,
  note,
}: Price) {
  return {
    PriceId: priceId,
    Region: region,
    Routing: routing,
    Tier: tier,
    ...(effectiveFromMs !== undefined && { EffectiveFrom: new Date(effectiveFromMs) }),
    ...(effectiveToMs !== undefined && { EffectiveTo: new Date(effectiveToMs) }),
    Source: source,
    Certainty: certainty,
    ...(checked !== undefined && { Checked: checked }),
    ...(note !== undefined && { Note: note }),
  };
}

/** Where bills have the call: the quarter hour whose line items it is added up in. */
function lineItem({ admittedAtMs, principalArn, resourceArn }: UsageEvent) {
  const startMs = bucketStartMs(admittedAtMs);
  return {
    BillingPeriod: billingPeriodOf(admittedAtMs),
    BucketStart: new Date(startMs),
    BucketEnd: new Date(startMs + BUCKET_MS),
    IamPrincipal: principalArn,
    ResourceId: resourceArn,
    IsHeldModel: isHeldModel(resourceArn),
  };
}
