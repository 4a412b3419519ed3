import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedModels, shippedSheet } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import { type PercentageDiscount, PercentageDiscounts } from './discount.ts';
import { itemize } from './itemize.ts';
import type { LineItem } from './line-item.ts';
import { PriceBook } from './price-book.ts';
import type { PriceRow } from './price-sheet.ts';

const AT_MS = Date.parse('2026-10-05T12:00:00.000Z');
const KEY = {
  service: 'Amazon Bedrock Service',
  modelId: 'anthropic.claude-sonnet-4-6',
  accountId: '123456789012',
  meter: 'input',
} as const;

function netOf(price: bigint, privateRate: bigint | undefined, ...discounts: PercentageDiscount[]) {
  const { netPricePicoUsd, discountPrices } = new PercentageDiscounts(discounts).netPrice(
    price,
    privateRate,
    KEY,
    AT_MS,
  );
  return [netPricePicoUsd, Object.fromEntries(discountPrices)];
}

const edp = (percent: string, more: Partial<PercentageDiscount> = {}) => ({ name: 'edp_discount', percent, ...more });

describe('the price after discounts', () => {
  it('is the private rate less every percentage of what is left, in their order', () => {
    expect(netOf(3_300_000n, undefined)).toEqual([3_300_000n, {}]);
    expect(netOf(3_300_000n, 3_000_000n, edp('10'), { name: 'extra', percent: '50' })).toEqual([
      1_350_000n,
      { private_rate_discount: 300_000n, edp_discount: 300_000n, extra: 1_350_000n },
    ]);
  });

  it('never rises: a private rate above the price is none', () => {
    expect(netOf(3n, 4n)).toEqual([3n, {}]);
    expect(netOf(3n, 3n)).toEqual([3n, {}]);
  });

  it('rounds each discount half up to a whole pico-dollar per token, and leaves out what rounds to nothing', () => {
    expect(netOf(5n, undefined, edp('10'))).toEqual([4n, { edp_discount: 1n }]);
    expect(netOf(4n, undefined, edp('10'))).toEqual([4n, {}]);
    expect(netOf(1_000_000n, undefined, edp('0.0001'))).toEqual([999_999n, { edp_discount: 1n }]);
    expect(netOf(7n, undefined, edp('100'))).toEqual([0n, { edp_discount: 7n }]);
  });

  it('adds up discounts of one name', () => {
    expect(netOf(100n, undefined, edp('10'), edp('10'))).toEqual([81n, { edp_discount: 19n }]);
  });

  it('has only the discounts of its service, model, account, meter and day', () => {
    const matching = {
      services: ['Amazon Bedrock', KEY.service],
      models: [KEY.modelId],
      accounts: [KEY.accountId],
      meters: ['input' as const],
      effectiveFrom: '2026-10-05',
      effectiveTo: '2026-10-06',
    };
    expect(netOf(100n, undefined, edp('10', matching))).toEqual([90n, { edp_discount: 10n }]);
    const others: Partial<PercentageDiscount>[] = [
      { services: ['Amazon Bedrock'] },
      { models: ['amazon.nova-lite-v1:0'] },
      { accounts: ['999999999999'] },
      { meters: ['output'] },
      { effectiveFrom: '2026-10-06' },
      { effectiveTo: '2026-10-05' },
    ];
    for (const other of others) expect(netOf(100n, undefined, edp('10', other))).toEqual([100n, {}]);
  });

  it('refuses what cannot be read', () => {
    expect(() => netOf(1n, undefined, edp('101'))).toThrow('the percentage `101` of the discount `edp_discount`');
    expect(() => netOf(1n, undefined, edp('1', { effectiveFrom: '2026-02-30' }))).toThrow('the day `2026-02-30`');
    const reversed = { effectiveFrom: '2026-10-05', effectiveTo: '2026-10-05' };
    expect(() => netOf(1n, undefined, edp('1', reversed))).toThrow('before it begins');
  });

  it('and what the discounts take off are the price, whatever they are', () => {
    const percent = fc.integer({ min: 0, max: 1_000_000 }).map((n) => (n / 10_000).toFixed(4));
    const discounts = fc.array(fc.record({ name: fc.constantFrom('a', 'b', 'c'), percent }), { maxLength: 5 });
    fc.assert(
      fc.property(
        fc.bigInt(0n, 10n ** 9n),
        fc.option(fc.bigInt(0n, 10n ** 9n), { nil: undefined }),
        discounts,
        (price, rate, all) => {
          const { netPricePicoUsd, discountPrices } = new PercentageDiscounts(all).netPrice(price, rate, KEY, AT_MS);
          expect(discountPrices.reduce((sum, [, amount]) => sum + amount, netPricePicoUsd)).toBe(price);
          expect(netPricePicoUsd).toBeGreaterThanOrEqual(0n);
          for (const [, amount] of discountPrices) expect(amount).toBeGreaterThan(0n);
        },
      ),
      { seed: 1 },
    );
  });
});

describe('line items with discounts', () => {
  const own: PriceRow = {
    modelId: KEY.modelId,
    meter: 'output',
    usdPerMillionTokens: '9',
    routing: 'in_region_or_geo',
  };
  const book = new PriceBook({
    models: shippedModels,
    sheet: shippedSheet,
    overrides: [own],
    privateRates: [{ modelId: KEY.modelId, meter: 'input', usdPerMillionTokens: '3' }],
    percentages: [
      { name: 'half', percent: '33.3333', accounts: ['222222222222'] },
      { name: 'edp', percent: '9.9' },
    ],
  });

  it('keep the public price, the own price and the price after discounts apart', () => {
    const call = usageEvent({ usage: { inputTokens: 1_000, outputTokens: 10 } });
    expect(itemize([call], book, [])).toMatchObject([
      {
        ...{ meter: 'input', pricePicoUsd: 3_300_000n, listPricePicoUsd: 3_300_000n, netPricePicoUsd: 2_703_000n },
        discountPrices: [
          ['edp', 297_000n],
          ['private_rate_discount', 300_000n],
        ],
        ...{ costPicoUsd: 3_300_000_000n, listCostPicoUsd: 3_300_000_000n, netCostPicoUsd: 2_703_000_000n },
      },
      {
        ...{ meter: 'output', pricePicoUsd: 9_000_000n, listPricePicoUsd: 16_500_000n, netPricePicoUsd: 8_109_000n },
        ...{ costPicoUsd: 90_000_000n, listCostPicoUsd: 165_000_000n, netCostPicoUsd: 81_090_000n },
      },
    ]);
  });

  it('add up exactly under any partition of the calls: cost less discounts is net cost', () => {
    const anyCall = fc
      .record({
        accountId: fc.constantFrom('111111111111', '222222222222'),
        principalArn: fc.constantFrom('a', 'b', 'c'),
        route: fc.constantFrom('geo' as const, 'global' as const),
        modelId: fc.constantFrom(KEY.modelId, 'amazon.nova-lite-v1:0', 'acme.unpriced'),
        usage: fc.record({ inputTokens: fc.nat(1_000_000), outputTokens: fc.nat(9), cacheReadInputTokens: fc.nat(9) }),
      })
      .map(usageEvent);
    const sums = (items: readonly LineItem[]) =>
      items.reduce(
        ([cost, net, off], item) => [
          cost! + item.costPicoUsd,
          net! + item.netCostPicoUsd,
          off! + item.discountPrices.reduce((all, [, price]) => all + price * item.quantity, 0n),
        ],
        [0n, 0n, 0n],
      );
    fc.assert(
      fc.property(fc.array(anyCall, { maxLength: 20 }), fc.nat(20), (calls, cut) => {
        const [cost, net, off] = sums(itemize(calls, book, []));
        expect(net! + off!).toBe(cost);
        const parts = [calls.slice(0, cut), calls.slice(cut)].flatMap((part) => itemize(part, book, []));
        expect(sums(parts)).toEqual([cost, net, off]);
        for (const item of parts) expect(item.netCostPicoUsd).toBe(item.quantity * (item.netPricePicoUsd ?? 0n));
      }),
      { seed: 2 },
    );
  });
});
