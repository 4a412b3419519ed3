import type { Tier } from '../../metering/usage-event.ts';
import type { MetricSpelling } from '../billed-model.ts';
import { billingRegion } from '../billing-region.ts';
import type { Meter } from '../line-item.ts';
import type { UsageTypeFacts } from './facts.ts';

/** `USE1-MP:USE1_InputTokenCount-Units`: metered in millions of tokens. */
export function marketplaceUsageType(spelling: MetricSpelling, facts: UsageTypeFacts): string {
  const { prefix } = billingRegion(facts.region);
  const metric = spelling === 'camel' ? camelMetric(facts) : snakeMetric(facts);
  return `${prefix}-MP:${prefix}_${metric}-Units`;
}

export function isMarketplaceUsageType(usageType: string): boolean {
  return usageType.includes('-MP:');
}

const CAMEL: Readonly<Record<Meter, string>> = {
  input: 'InputTokenCount',
  output: 'OutputTokenCount',
  cache_read: 'CacheReadInputTokenCount',
  cache_write_5m: 'CacheWriteInputTokenCount',
  cache_write_1h: 'CacheWrite1hInputTokenCount',
};

/** Suffixes of the price list; those of the flex, priority and reserved tiers follow them (unverified). */
const CAMEL_TIERS: Readonly<Record<Tier, string>> = {
  standard: '',
  latency_optimized: '_LatencyOptimized',
  flex: '_Flex',
  priority: '_Priority',
  reserved: '_Reserved',
};

function camelMetric({ meter, tier, context, route, isBatch }: UsageTypeFacts): string {
  return [
    CAMEL[meter],
    route === 'global' ? '_Global' : '',
    isBatch ? '_Batch' : '',
    context === 'long_context' ? '_LongContext' : '',
    CAMEL_TIERS[tier],
  ].join('');
}

const SNAKE: Readonly<Record<Meter, string>> = {
  input: 'input_tokens',
  output: 'output_tokens',
  cache_read: 'cache_read_tokens',
  cache_write_5m: 'cache_write_tokens',
  cache_write_1h: 'cache_write_tokens_1h',
};

/** The place of `long_ctx` is that of the mantle family (unverified); the tier is always named and batch is one. */
function snakeMetric({ meter, tier, context, route, isBatch }: UsageTypeFacts): string {
  return [
    SNAKE[meter],
    context === 'long_context' ? 'long_ctx' : '',
    route === 'global' ? 'global' : '',
    isBatch ? 'batch' : tier,
  ]
    .filter(Boolean)
    .join('_');
}

const UNITS: Readonly<Record<Meter, string>> = {
  input: 'Input Tokens',
  output: 'Response Tokens',
  cache_read: 'Cache Read Input Tokens',
  cache_write_5m: 'Cache Write Input Tokens',
  cache_write_1h: '1 hour Cache Write Input Tokens',
};

/** `AWS Marketplace software usage|us-east-1|Million Input Tokens`: three fields, the last one says what a unit is. */
export function marketplaceDescription({ region, meter, route, isBatch }: UsageTypeFacts): string {
  const unit = `Million ${isBatch ? 'Batch ' : ''}${UNITS[meter]}${route === 'global' ? ' Global' : ''}`;
  return `AWS Marketplace software usage|${region}|${unit}`;
}
