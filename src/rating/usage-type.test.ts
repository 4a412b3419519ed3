import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { billedModel } from './billed-model.ts';
import { productAttributes, type UsageTypeFacts, usageDescription, usageType } from './usage-type.ts';

interface Case {
  readonly usageType: string;
  readonly model: { usageTypeName: string; usageTypeFamily: 'classic' | 'mantle'; provider: string };
  readonly facts: UsageTypeFacts;
}

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/vectors/rating/usage-types.json', import.meta.url), 'utf8'),
) as { cases: Case[] };

const FACTS = { meter: 'output', tier: 'standard', context: 'default', route: 'in_region', isBatch: false } as const;
const SONNET = billedModel({
  modelId: 'anthropic.claude-sonnet-4-6',
  provider: 'Anthropic',
  displayName: 'Claude Sonnet 4.6',
});

describe('usage types', () => {
  it.each(cases)('writes $usageType', ({ usageType: expected, model, facts }) => {
    expect(usageType(billedModel({ modelId: 'some.model', ...model }), facts)).toBe(expected);
  });

  it('does not tell geographic profiles from the region itself, as AWS does not', () => {
    const inRegion = usageType(SONNET, { ...FACTS, region: 'us-west-2' });
    expect(usageType(SONNET, { ...FACTS, region: 'us-west-2', route: 'geo' })).toBe(inRegion);
  });

  it('writes a region that bills have no prefix for as it is', () => {
    expect(usageType(SONNET, { ...FACTS, region: 'xx-new-1' })).toBe(
      'xx-new-1-anthropic.claude-sonnet-4-6-output-tokens',
    );
  });
});

describe('descriptions', () => {
  it('writes the price of a thousand tokens and the place', () => {
    expect(usageDescription('USE1-Nova2.0Lite-output-tokens', { ...FACTS, region: 'us-east-1' }, 2_750_000n)).toBe(
      '$0.00275 per 1K tokens for USE1-Nova2.0Lite-output-tokens in US East (N. Virginia)',
    );
  });

  it('writes a price of zero as a price', () => {
    expect(
      usageDescription('USE1-NovaLite-cache-write-input-token-count', { ...FACTS, region: 'us-east-1' }, 0n),
    ).toMatch(/^\$0 per 1K tokens/);
  });

  it('says that usage is unpriced', () => {
    expect(usageDescription('USE1-x-input-tokens', { ...FACTS, region: 'us-east-1' }, undefined)).toMatch(
      /^Unpriced per 1K tokens/,
    );
  });
});

describe('product attributes', () => {
  it("are those of AWS's own example", () => {
    expect(productAttributes(SONNET, FACTS)).toEqual({
      provider: 'Anthropic',
      model: 'Claude Sonnet 4.6',
      inference_type: 'Output tokens',
      feature: 'On-demand Inference',
    });
  });

  it.each([
    [{ ...FACTS, meter: 'cache_read', tier: 'flex' }, 'Prompt cache read input tokens flex'],
    [{ ...FACTS, tier: 'priority', route: 'global' }, 'Output tokens global priority'],
    [{ ...FACTS, meter: 'cache_write_5m' }, 'Prompt cache write input tokens'],
  ] as const)('name the inference type of %o', (facts, expected) => {
    expect(productAttributes(SONNET, facts).inference_type).toBe(expected);
  });

  it('tell batch from on-demand inference', () => {
    expect(productAttributes(SONNET, { ...FACTS, isBatch: true }).feature).toBe('Batch Inference');
  });
});
