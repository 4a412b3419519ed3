import type { Tier } from '../../metering/usage-event.ts';
import type { MetricSpelling } from '../billed-model.ts';
import { billingRegion } from '../billing-region.ts';
import { isTokenMeter } from '../meter.ts';
import type { UsageTypeFacts } from './facts.ts';
import { TOKEN_NAMES } from './token-names.ts';
import { UNIT_NAMES } from './unit-names.ts';

/** `USE1-MP:USE1_InputTokenCount-Units`: metered in millions of tokens. */
export function marketplaceUsageType(spelling: MetricSpelling, facts: UsageTypeFacts): string {
  const { prefix } = billingRegion(facts.region);
  return `${prefix}-MP:${prefix}_${metric(spelling, facts)}-Units`;
}

function metric(spelling: MetricSpelling, facts: UsageTypeFacts): string {
  const { meter } = facts;
  if (!isTokenMeter(meter)) return UNIT_NAMES[meter].metric;
  return spelling === 'camel'
    ? camelMetric(TOKEN_NAMES[meter].camel, facts)
    : snakeMetric(TOKEN_NAMES[meter].snake, facts);
}

export function isMarketplaceUsageType(usageType: string): boolean {
  return usageType.includes('-MP:');
}

/** Suffixes of the price list; those of the flex, priority and reserved tiers follow them (unverified). */
const CAMEL_TIERS: Readonly<Record<Tier, string>> = {
  standard: '',
  latency_optimized: '_LatencyOptimized',
  flex: '_Flex',
  priority: '_Priority',
  reserved: '_Reserved',
};

function camelMetric(tokens: string, { tier, context, route, isBatch }: UsageTypeFacts): string {
  return [
    tokens,
    route === 'global' ? '_Global' : '',
    isBatch ? '_Batch' : '',
    context === 'long_context' ? '_LongContext' : '',
    CAMEL_TIERS[tier],
  ].join('');
}

/** The place of `long_ctx` is that of the mantle family (unverified); the tier is always named and batch is one. */
function snakeMetric(tokens: string, { tier, context, route, isBatch }: UsageTypeFacts): string {
  return [
    tokens,
    context === 'long_context' ? 'long_ctx' : '',
    route === 'global' ? 'global' : '',
    isBatch ? 'batch' : tier,
  ]
    .filter(Boolean)
    .join('_');
}

/** `AWS Marketplace software usage|us-east-1|Million Input Tokens`: three fields, the last one says what a unit is. */
export function marketplaceDescription({ region, meter, route, isBatch }: UsageTypeFacts): string {
  const unit = isTokenMeter(meter)
    ? `Million ${isBatch ? 'Batch ' : ''}${TOKEN_NAMES[meter].metricUnit}${route === 'global' ? ' Global' : ''}`
    : UNIT_NAMES[meter].metricUnit;
  return `AWS Marketplace software usage|${region}|${unit}`;
}
