import { describe, expect, it } from 'vitest';
import { shippedModels, shippedSheet } from '../../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../../test/rating/usage-event.ts';
import { billedModel } from '../billed-model.ts';
import { itemize } from '../itemize.ts';
import { PriceBook } from '../price-book.ts';
import { type UsageTypeFacts, usageDescription, usageType } from '../usage-type.ts';

const FACTS: UsageTypeFacts = {
  ...{ region: 'us-west-2', meter: 'input', tier: 'standard', context: 'default', route: 'in_region', isBatch: false },
};
const camel = billedModel({ modelId: 'some.old', marketplace: { metrics: 'camel' } });
const snake = billedModel({ modelId: 'some.new', marketplace: { metrics: 'snake' } });

describe('usage types of AWS Marketplace', () => {
  /** Strings of real bills, price lists and tools that read them (2025 and 2026). */
  it.each<[string, Partial<UsageTypeFacts>]>([
    ['USW2-MP:USW2_InputTokenCount-Units', {}],
    ['USE1-MP:USE1_OutputTokenCount-Units', { region: 'us-east-1', meter: 'output', route: 'geo' }],
    [
      'USE1-MP:USE1_CacheWrite1hInputTokenCount_Global-Units',
      { region: 'us-east-1', meter: 'cache_write_1h', route: 'global' },
    ],
    ['USW2-MP:USW2_InputTokenCount_Batch-Units', { isBatch: true }],
    ['USW2-MP:USW2_OutputTokenCount_LatencyOptimized-Units', { meter: 'output', tier: 'latency_optimized' }],
  ])('writes %s', (expected, facts) => {
    expect(usageType(camel, { ...FACTS, ...facts })).toBe(expected);
  });

  it.each<[string, Partial<UsageTypeFacts>]>([
    ['USE1-MP:USE1_input_tokens_global_standard-Units', { region: 'us-east-1', route: 'global' }],
    ['USW2-MP:USW2_cache_write_tokens_standard-Units', { meter: 'cache_write_5m' }],
    ['USW2-MP:USW2_output_tokens_standard-Units', { meter: 'output' }],
  ])('writes %s', (expected, facts) => {
    expect(usageType(snake, { ...FACTS, ...facts })).toBe(expected);
  });

  it('say in their description what a unit is', () => {
    const text = (facts: Partial<UsageTypeFacts>) => {
      const all = { ...FACTS, ...facts };
      return usageDescription(usageType(camel, all), all, 3_000_000n);
    };
    expect(text({})).toBe('AWS Marketplace software usage|us-west-2|Million Input Tokens');
    expect(text({ meter: 'output' })).toBe('AWS Marketplace software usage|us-west-2|Million Response Tokens');
    expect(text({ route: 'global' })).toBe('AWS Marketplace software usage|us-west-2|Million Input Tokens Global');
  });
});

it('a model that AWS Marketplace sells has a product of its own, and no public price', () => {
  const book = new PriceBook({ models: shippedModels, sheet: shippedSheet });
  const call = usageEvent({
    ...{ modelId: 'anthropic.claude-3-5-sonnet-20240620-v1:0', region: 'us-west-2', route: 'in_region' },
    usage: { inputTokens: 26_450 },
  });
  expect(itemize([call], book, [])).toMatchObject([
    {
      ...{ usageType: 'USW2-MP:USW2_InputTokenCount-Units', productCode: '4a524th30q694o538qndh9ucht' },
      ...{ service: 'Claude 3.5 Sonnet (Amazon Bedrock Edition)', billingEntity: 'AWS Marketplace' },
      ...{ pricingUnit: 'Units', quantity: 26_450n, costPicoUsd: 79_350_000_000n, listCostPicoUsd: 0n },
    },
  ]);
  expect(book.soldUnder('Claude 3.5 Sonnet (Amazon Bedrock Edition)')?.billingEntity).toBe('AWS Marketplace');
});
