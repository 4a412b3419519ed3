import { formatUsd, type PicoUsd } from '../kernel/money.ts';
import type { Tier } from '../metering/usage-event.ts';
import type { BilledModel } from './billed-model.ts';
import { billingRegion } from './billing-region.ts';
import { countsTokens, isTokenMeter, meterUnit, type TokenMeter } from './meter.ts';
import type { UsageTypeFacts } from './usage-type/facts.ts';
import { isMarketplaceUsageType, marketplaceDescription, marketplaceUsageType } from './usage-type/marketplace.ts';
import { TOKEN_NAMES } from './usage-type/token-names.ts';
import { UNIT_NAMES } from './usage-type/unit-names.ts';

export type { UsageTypeFacts } from './usage-type/facts.ts';

/** `line_item_usage_type` as AWS writes it: `USE1-Claude4.6Sonnet-input-tokens`. */
export function usageType(model: BilledModel, facts: UsageTypeFacts): string {
  if (model.marketplace) return marketplaceUsageType(model.marketplace.metrics, facts);
  return `${billingRegion(facts.region).prefix}-${model.usageTypeName}-${suffix(model, facts)}`;
}

function suffix(model: BilledModel, facts: UsageTypeFacts): string {
  const { meter } = facts;
  if (!isTokenMeter(meter)) return UNIT_NAMES[meter].suffix;
  return model.usageTypeFamily === 'mantle'
    ? mantleSuffix(mantleTokens(model, meter), facts)
    : classicSuffix(TOKEN_NAMES[meter].classic, facts);
}

/** `<token-type>[-<tier>][-long-context][-cross-region-global][-batch]` */
function classicSuffix(tokens: string, { tier, context, route, isBatch }: UsageTypeFacts): string {
  return [
    tokens,
    tier === 'standard' ? '' : hyphenated(tier),
    context === 'long_context' ? 'long-context' : '',
    route === 'global' ? 'cross-region-global' : '',
    isBatch ? 'batch' : '',
  ]
    .filter(Boolean)
    .join('-');
}

/** `mantle-<token-type>[-<ttl>][-long-ctx][-global]-<tier>`; the tier is always named and batch is one. */
function mantleSuffix(tokens: string, { tier, context, route, isBatch }: UsageTypeFacts): string {
  return [
    'mantle',
    tokens,
    context === 'long_context' ? 'long-ctx' : '',
    route === 'global' ? 'global' : '',
    isBatch ? 'batch' : hyphenated(tier),
  ]
    .filter(Boolean)
    .join('-');
}

function mantleTokens(model: BilledModel, meter: TokenMeter): string {
  const { mantle, mantleLifetime } = TOKEN_NAMES[meter];
  // Claude's five-minute writes carry no lifetime in the price list, those of other vendors do.
  const isNamed = mantleLifetime !== undefined && !(mantleLifetime === '5m' && model.provider === 'Anthropic');
  return isNamed ? `${mantle}-${mantleLifetime}` : mantle;
}

function hyphenated(tier: Tier): string {
  return tier.replace('_', '-');
}

/**
 * `line_item_line_item_description`: `$0.0033 per 1K tokens for USE1-Claude4.6Sonnet-input-tokens in US East (N. Virginia)`.
 * Usage without a price says so where the amount would be. What is sold through AWS Marketplace has words of its own.
 */
export function usageDescription(usageType: string, facts: UsageTypeFacts, pricePicoUsd: PicoUsd | undefined): string {
  if (isMarketplaceUsageType(usageType)) return marketplaceDescription(facts);
  const { billed, priced } = meterUnit(facts.meter);
  const unit = countsTokens(facts.meter) ? billed : priced;
  const price = pricePicoUsd === undefined ? 'Unpriced' : `$${formatUsd(pricePicoUsd * unit.pieces)}`;
  return `${price} per ${unit.name} for ${usageType} in ${billingRegion(facts.region).location}`;
}

/** The members of CUR 2.0's `product` map that say which model did what (Bedrock User Guide, CUR data, read 2026-11). */
export interface ProductAttributes {
  readonly provider: string;
  readonly model: string;
  readonly inference_type: string;
  readonly feature: string;
}

export function productAttributes(model: BilledModel, facts: Omit<UsageTypeFacts, 'region'>): ProductAttributes {
  return {
    provider: model.provider,
    model: model.displayName,
    inference_type: inferenceType(facts),
    feature: facts.isBatch ? 'Batch Inference' : 'On-demand Inference',
  };
}

/** The price list's `inferenceType`: `Output tokens global priority`. The order of the suffixes follows its few examples. */
export function inferenceType({ meter, tier, context, route, isBatch }: Omit<UsageTypeFacts, 'region'>): string {
  if (!isTokenMeter(meter)) return UNIT_NAMES[meter].inferenceType;
  return [
    TOKEN_NAMES[meter].inferenceType,
    context === 'long_context' ? 'long context' : '',
    route === 'global' ? 'global' : '',
    tier === 'standard' ? '' : tier.replace('_', ' '),
    isBatch ? 'batch' : '',
  ]
    .filter(Boolean)
    .join(' ');
}
