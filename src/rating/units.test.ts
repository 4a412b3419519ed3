import { describe, expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import type { TokenUsage } from '../inference/token-usage.ts';
import { formatUsd } from '../kernel/money.ts';
import { itemize } from './itemize.ts';
import { PriceBook } from './price-book.ts';
import type { PriceRow } from './price-sheet.ts';
import { rate } from './rate.ts';
import { usageDescription } from './usage-type.ts';

const book = shippedBook();

function charged(modelId: string, units: NonNullable<TokenUsage['units']>) {
  return rate(usageEvent({ modelId, usage: { units } }), book).map((charge) => [
    charge.usageType,
    charge.pricingUnit,
    charge.quantity,
    charge.priceId === '' ? 'unpriced' : formatUsd(charge.costPicoUsd),
  ]);
}

describe('what is no text token', () => {
  /** Usage types as price lists and bills write them: see `usage-type/unit-names.ts`. */
  it('has the unit, the usage type and the price of its kind', () => {
    expect(charged('amazon.rerank-v1:0', { query: 3 })).toEqual([
      ['USE1-AmazonRerank-v1-searchunits', 'Search Units', 3n, '0.003'],
    ]);
    expect(charged('cohere.rerank-v3-5:0', { query: 1 })).toEqual([
      ['USE1-MP:USE1_search_units-Units', 'Units', 1n, '0.002'],
    ]);
    expect(charged('stability.stable-image-core-v1:1', { image: 2 })).toEqual([
      ['USE1-MP:USE1_created_image-Units', 'Units', 2n, '0.08'],
    ]);
    expect(charged('amazon.nova-canvas-v1:0', { image_1024: 1, image_2048_premium: 2 })).toEqual([
      ['USE1-NovaCanvas-T2I-1024-Standard', 'image', 1n, '0.04'],
      ['USE1-NovaCanvas-T2I-2048-Premium', 'image', 2n, '0.16'],
    ]);
    expect(charged('amazon.titan-embed-image-v1', { input_image: 1 })).toEqual([
      ['USE1-TitanEmbeddingsG1-Image-input-image', 'Images Processed', 1n, '0.00006'],
    ]);
  });

  it('is unpriced where the sheet has no price, with its quantity', () => {
    expect(charged('anthropic.claude-sonnet-4-6', { image: 4 })).toEqual([
      ['USE1-Claude4.6Sonnet-created-image', 'image', 4n, 'unpriced'],
    ]);
  });

  it('is described by what its price is for', () => {
    const facts = { tier: 'standard', context: 'default', route: 'in_region', isBatch: false } as const;
    const all = { ...facts, region: 'us-east-1', meter: 'content_policy_unit' } as const;
    expect(usageDescription('USE1-Guardrail-ContentPolicyUnitsConsumed', all, 150_000_000n)).toBe(
      '$0.15 per 1K text units for USE1-Guardrail-ContentPolicyUnitsConsumed in US East (N. Virginia)',
    );
  });

  it('is priced in one member or the other, by what is counted', () => {
    const own = (row: Omit<PriceRow, 'modelId'>) =>
      new PriceBook({ models: [], sheet: { sources: {}, entries: [] }, overrides: [{ modelId: 'a.b', ...row }] });
    expect(() => own({ meter: 'image', usdPerMillionTokens: '1' })).toThrow(
      'give the price of `a.b/*/any/standard/default/image` as `usdPerUnit`, in USD per image',
    );
    expect(() => own({ meter: 'input', usdPerUnit: '1' })).toThrow('as `usdPerMillionTokens`, in USD per 1M tokens');
    expect(() => own({ meter: 'query', usdPerUnit: '1', usdPerMillionTokens: '1' })).toThrow('in USD per 1K queries');
    expect(() => own({ meter: 'query', usdPerUnit: '0.0000000001' })).toThrow('more than 9 fraction digits');
    expect(own({ meter: 'image', usdPerUnit: '0.000000000001' }).models).toBeDefined();
  });
});

describe('guardrails in line with a model', () => {
  const call = usageEvent({
    ...{ modelId: 'anthropic.claude-sonnet-4-6', region: 'us-east-1', route: 'global', tier: 'flex' },
    usage: { inputTokens: 100, units: { content_policy_unit: 2, word_policy_unit: 2 } },
  });

  it('are billed as guardrails, at one price whatever the model, its route and its tier', () => {
    expect(itemize([call], book, [])).toMatchObject([
      { modelId: 'anthropic.claude-sonnet-4-6', meter: 'input', isUnpriced: true, requests: 1n },
      {
        ...{ modelId: 'bedrock.guardrails', meter: 'content_policy_unit', requests: 0n, costPicoUsd: 300_000_000n },
        ...{ usageType: 'USE1-Guardrail-ContentPolicyUnitsConsumed', pricingUnit: 'TextUnit', quantity: 2n },
      },
      { modelId: 'bedrock.guardrails', meter: 'word_policy_unit', costPicoUsd: 0n, isUnpriced: false },
    ]);
  });
});
