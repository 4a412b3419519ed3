import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import { formatUsd, parsePicoUsd } from '../kernel/money.ts';
import type { Route, UsageEvent } from '../metering/usage-event.ts';
import type { TokenMeter } from './meter.ts';
import { rate } from './rate.ts';

interface ScenarioRow {
  readonly scenario: string;
  readonly modelId: string;
  readonly region: string;
  readonly route: Route;
  readonly meter: TokenMeter;
  readonly tokens: number;
  readonly usageType: string;
  readonly usd: string;
  readonly printed: string;
}

const { rows } = JSON.parse(
  readFileSync(new URL('../../test/vectors/rating/scenarios.json', import.meta.url), 'utf8'),
) as { rows: ScenarioRow[] };

const book = shippedBook();

function usageOf(meter: TokenMeter, tokens: number): Partial<UsageEvent['usage']> {
  switch (meter) {
    case 'input':
      return { inputTokens: tokens };
    case 'output':
      return { outputTokens: tokens };
    case 'cache_read':
      return { cacheReadInputTokens: tokens };
    case 'cache_write_5m':
      return { cacheWrite5mInputTokens: tokens };
    case 'cache_write_1h':
      return { cacheWrite1hInputTokens: tokens };
  }
}

describe('the published scenario tables', () => {
  it.each(rows)('$scenario: $tokens tokens of $usageType cost $printed', (row) => {
    const { modelId, region, route, meter, tokens, usageType, usd, printed } = row;
    // Months of traffic, in calls below any long-context threshold.
    const calls = Math.ceil(tokens / 100_000);
    const share = Math.floor(tokens / calls);
    let cost = 0n;
    let quantity = 0n;
    for (let i = 0; i < calls; i++) {
      const used = i === 0 ? tokens - share * (calls - 1) : share;
      const charges = rate(usageEvent({ modelId, region, route, usage: usageOf(meter, used) }), book);
      expect(charges.map((charge) => charge.usageType)).toEqual([usageType]);
      cost += charges[0]!.costPicoUsd;
      quantity += charges[0]!.quantity;
    }
    expect(quantity).toBe(BigInt(tokens));
    expect(formatUsd(cost)).toBe(usd);
    const lastDigit = parsePicoUsd(`0.${'0'.repeat(printed.split('.')[1]!.length - 1)}1`);
    const difference = cost - parsePicoUsd(printed);
    expect(difference < lastDigit && -difference < lastDigit).toBe(true);
  });
});

describe('charges', () => {
  it('are one per used token class, in a fixed order, without the unused', () => {
    const usage = {
      inputTokens: 1,
      outputTokens: 2,
      cacheReadInputTokens: 3,
      cacheWrite5mInputTokens: 4,
      cacheWrite1hInputTokens: 5,
    };
    expect(rate(usageEvent({ usage }), book).map(({ meter, quantity }) => [meter, quantity])).toEqual([
      ['input', 1n],
      ['output', 2n],
      ['cache_read', 3n],
      ['cache_write_5m', 4n],
      ['cache_write_1h', 5n],
    ]);
    expect(rate(usageEvent({ usage: { outputTokens: 2, cacheReadInputTokens: 0 } }), book)).toHaveLength(1);
    expect(rate(usageEvent(), book)).toEqual([]);
  });

  it('grow with the quantity exactly', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.integer({ min: 1, max: 1_000 }), (tokens, factor) => {
        const cost = (outputTokens: number) => rate(usageEvent({ usage: { outputTokens } }), book)[0]!.costPicoUsd;
        expect(cost(tokens * factor)).toBe(cost(tokens) * BigInt(factor));
      }),
    );
  });

  it('name the product that sells the model', () => {
    const productOf = (modelId: string) =>
      rate(usageEvent({ modelId, usage: { inputTokens: 1 } }), book)[0]!.productCode;
    expect(productOf('anthropic.claude-sonnet-4-6')).toBe('AmazonBedrockService');
    expect(productOf('anthropic.claude-opus-4-8')).toBe('AmazonBedrock');
    expect(productOf('amazon.nova-lite-v1:0')).toBe('AmazonBedrock');
  });
});

// peers rows 3, 12.
describe('missing prices', () => {
  const isUnpriced = (changes: Parameters<typeof usageEvent>[0]) => {
    const [charge] = rate(usageEvent(changes), book);
    return charge!.pricePicoUsd === undefined && charge!.priceId === '' && charge!.costPicoUsd === 0n;
  };

  it('leave usage unpriced, with its quantity and a usage type of its own', () => {
    const [charge] = rate(usageEvent({ modelId: 'acme.llama-tuned', usage: { inputTokens: 7 } }), book);
    expect(charge).toEqual({
      modelId: 'acme.llama-tuned',
      meter: 'input',
      context: 'default',
      usageType: 'USE1-acme.llama-tuned-input-tokens',
      productCode: 'AmazonBedrock',
      service: 'Amazon Bedrock',
      billingEntity: 'AWS',
      pricingUnit: '1K tokens',
      quantity: 7n,
      discountPrices: [],
      priceId: '',
      costPicoUsd: 0n,
    });
  });

  it('differ from a price of zero: Nova cache writes cost nothing', () => {
    const nova = { modelId: 'amazon.nova-lite-v1:0', route: 'in_region' } as const;
    const [charge] = rate(usageEvent({ ...nova, usage: { cacheWrite5mInputTokens: 5_000 } }), book);
    expect(charge).toMatchObject({ pricePicoUsd: 0n, costPicoUsd: 0n, quantity: 5_000n });
    expect(charge!.priceId).not.toBe('');
    expect(isUnpriced({ ...nova, usage: { cacheWrite1hInputTokens: 5_000 } })).toBe(true);
  });

  it('are not filled from another region, route or tier', () => {
    const llama = {
      modelId: 'meta.llama3-3-70b-instruct-v1:0',
      route: 'in_region',
      usage: { inputTokens: 1 },
    } as const;
    expect(isUnpriced({ ...llama, region: 'us-east-1' })).toBe(false);
    expect(isUnpriced({ ...llama, region: 'eu-central-1' })).toBe(true);
    expect(isUnpriced({ ...llama, tier: 'priority' })).toBe(true);
    expect(isUnpriced({ modelId: 'openai.gpt-5.5', route: 'global', usage: { inputTokens: 1 } })).toBe(true);
  });
});

// peers rows 15, 16.
describe('long context', () => {
  const sonnet45 = { modelId: 'anthropic.claude-sonnet-4-5-20250929-v1:0' } as const;
  const costs = (usage: Partial<UsageEvent['usage']>, changes: Parameters<typeof usageEvent>[0] = {}) =>
    rate(usageEvent({ ...sonnet45, ...changes, usage }), book).map(({ context, costPicoUsd }) => [
      context,
      formatUsd(costPicoUsd),
    ]);

  it('prices the whole request once its input passes the threshold', () => {
    expect(costs({ inputTokens: 200_000, outputTokens: 1_000 })).toEqual([
      ['default', '0.66'],
      ['default', '0.0165'],
    ]);
    expect(costs({ inputTokens: 200_001, outputTokens: 1_000 })).toEqual([
      ['long_context', '1.3200066'],
      ['long_context', '0.02475'],
    ]);
  });

  it('counts cached input, and not output', () => {
    expect(costs({ inputTokens: 1, cacheReadInputTokens: 200_000 })[0]![0]).toBe('long_context');
    expect(costs({ inputTokens: 1, cacheWrite5mInputTokens: 100_000, cacheWrite1hInputTokens: 100_000 })[0]![0]).toBe(
      'long_context',
    );
    expect(costs({ inputTokens: 200_000, outputTokens: 500_000 })[0]![0]).toBe('default');
  });

  it('shows in the usage type', () => {
    const usage = { inputTokens: 300_000 };
    expect(rate(usageEvent({ ...sonnet45, route: 'global', usage }), book)[0]!.usageType).toBe(
      'USE1-Claude4.5Sonnet-input-tokens-long-context-cross-region-global',
    );
  });

  it('does not exist for models with one price, nor before its prices came', () => {
    expect(costs({ inputTokens: 900_000 }, { modelId: 'anthropic.claude-sonnet-4-6' })[0]![0]).toBe('default');
    const terra = { modelId: 'openai.gpt-5.6-terra' };
    const at = (iso: string) => ({ ...terra, admittedAtMs: Date.parse(iso) });
    expect(costs({ inputTokens: 1_000_000 }, at('2026-08-02T23:59:59.999Z'))).toEqual([['default', '2.2']]);
    expect(costs({ inputTokens: 1_000_000 }, at('2026-08-03T00:00:00.000Z'))).toEqual([['long_context', '4.4']]);
  });
});

describe('dated prices', () => {
  const input = (modelId: string, route: Route, iso: string) =>
    formatUsd(
      rate(usageEvent({ modelId, route, admittedAtMs: Date.parse(iso), usage: { inputTokens: 1_000_000 } }), book)[0]!
        .costPicoUsd,
    );

  it('change at the first instant of their first day: Sonnet 5', () => {
    expect(input('anthropic.claude-sonnet-5', 'global', '2026-08-31T23:59:59.999Z')).toBe('2');
    expect(input('anthropic.claude-sonnet-5', 'global', '2026-09-01T00:00:00.000Z')).toBe('3');
    expect(input('anthropic.claude-sonnet-5', 'geo', '2026-08-31T23:59:59.999Z')).toBe('2.2');
    expect(input('anthropic.claude-sonnet-5', 'in_region', '2026-09-01T00:00:00.000Z')).toBe('3.3');
  });

  it('hold for the whole call, whenever it ends', () => {
    const admittedAtMs = Date.parse('2026-08-31T23:59:59.999Z');
    const event = usageEvent({
      modelId: 'anthropic.claude-sonnet-5',
      admittedAtMs,
      endedAtMs: admittedAtMs + 60_000,
      usage: { outputTokens: 1_000_000 },
    });
    expect(formatUsd(rate(event, book)[0]!.costPicoUsd)).toBe('11');
  });
});
