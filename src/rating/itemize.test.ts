import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { usageEvent } from '../../test/rating/usage-event.ts';
import type { UsageEvent } from '../metering/usage-event.ts';
import { itemize, LineItemSum } from './itemize.ts';
import type { LineItem } from './line-item.ts';
import { rate } from './rate.ts';

const book = shippedBook();
const START_MS = Date.parse('2026-08-31T23:30:00.000Z');
const HOUR_MS = 3_600_000;

/**
 * Calls around the Sonnet 5 price change, that agree and differ in the fields that line items are grouped by. Few choices
 * for each field, so that many calls meet in one line.
 */
const anyEvent: fc.Arbitrary<UsageEvent> = fc
  .record({
    admittedAtMs: fc.nat(4).map((quarter) => START_MS + quarter * (HOUR_MS / 4 - 1)),
    principalArn: fc.constantFrom('arn:aws:iam::123456789012:user/a', 'arn:aws:iam::123456789012:user/b'),
    principalTags: fc.constantFrom<UsageEvent['principalTags'][]>(
      [['team', 'x']],
      [
        ['team', 'x'],
        ['z', ''],
      ],
    ),
    modelId: fc.constantFrom('anthropic.claude-sonnet-5', 'anthropic.claude-sonnet-4-5-20250929-v1:0', 'acme.unpriced'),
    route: fc.constantFrom('geo' as const, 'global' as const),
    usage: fc.record({
      inputTokens: fc.constantFrom(0, 1, 250_000),
      outputTokens: fc.nat(2),
      cacheReadInputTokens: fc.nat(2),
      isEstimated: fc.boolean(),
    }),
  })
  .map(usageEvent);
const anyEvents = fc.array(anyEvent, { maxLength: 60 });
const anyInstants = fc
  .array(fc.integer({ min: START_MS, max: START_MS + HOUR_MS }), { maxLength: 4 })
  .map((instants) => [...new Set(instants)].sort((a, b) => a - b));

/** What a store does with parts of line items: adds up those that agree in all other fields. */
function merged(parts: readonly LineItem[]): LineItem[] {
  const byKey = new Map<string, LineItem>();
  for (const part of parts) {
    const { quantity, requests, costPicoUsd, listCostPicoUsd, netCostPicoUsd, ...rest } = part;
    const key = JSON.stringify(rest, (_, value) => (typeof value === 'bigint' ? `${value}` : value));
    const known = byKey.get(key);
    byKey.set(key, {
      ...rest,
      quantity: quantity + (known?.quantity ?? 0n),
      requests: requests + (known?.requests ?? 0n),
      costPicoUsd: costPicoUsd + (known?.costPicoUsd ?? 0n),
      listCostPicoUsd: listCostPicoUsd + (known?.listCostPicoUsd ?? 0n),
      netCostPicoUsd: netCostPicoUsd + (known?.netCostPicoUsd ?? 0n),
    });
  }
  return [...byKey.values()];
}

function total(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n);
}

describe('line items', () => {
  it('carry the facts of the calls they sum', () => {
    const tags: UsageEvent['principalTags'] = [['cost-center', '12345']];
    const calls = [1_000, 20_000].map((inputTokens) =>
      usageEvent({ principalTags: tags, usage: { inputTokens, outputTokens: 3 } }),
    );
    const [input, output] = itemize(calls, book, []);
    expect(input).toEqual({
      bucketStartMs: Date.parse('2026-10-05T12:30:00.000Z'),
      sliceStartMs: Date.parse('2026-10-05T12:30:00.000Z'),
      accountId: '123456789012',
      principalArn: 'arn:aws:iam::123456789012:user/alice',
      principalTags: tags,
      resourceTags: [],
      accountTags: [],
      recordType: 'Usage',
      chargeId: '',
      isCorrection: false,
      keyId: 'AKIAALICE',
      client: 'test',
      modelId: 'anthropic.claude-sonnet-4-6',
      resourceArn: 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-6',
      region: 'us-east-1',
      route: 'geo',
      tier: 'standard',
      context: 'default',
      operation: 'Converse',
      upstream: 'simulated',
      isBatch: false,
      meter: 'input',
      usageType: 'USE1-Claude4.6Sonnet-input-tokens',
      productCode: 'AmazonBedrockService',
      service: 'Amazon Bedrock Service',
      billingEntity: 'AWS',
      pricingUnit: '1K tokens',
      quantity: 21_000n,
      requests: 2n,
      pricePicoUsd: 3_300_000n,
      listPricePicoUsd: 3_300_000n,
      netPricePicoUsd: 3_300_000n,
      discountPrices: [],
      priceId: 'anthropic.claude-sonnet-4-6/*/in_region_or_geo/standard/default/input',
      costPicoUsd: 69_300_000_000n,
      listCostPicoUsd: 69_300_000_000n,
      netCostPicoUsd: 69_300_000_000n,
      isUnpriced: false,
      isEstimated: false,
    });
    expect(output).toMatchObject({ meter: 'output', quantity: 6n, requests: 0n });
  });

  it('have no price and a flag where the book has none', () => {
    const [item] = itemize([usageEvent({ modelId: 'acme.unpriced', usage: { inputTokens: 9 } })], book, []);
    expect(item).toMatchObject({ isUnpriced: true, quantity: 9n, costPicoUsd: 0n, priceId: '' });
    expect(item).not.toHaveProperty('pricePicoUsd');
  });

  it('start their slice at the last switch of a tag inside the bucket, to the millisecond', () => {
    const bucketMs = Date.parse('2026-10-05T12:30:00.000Z');
    const sliceOf = (offsetMs: number, instants: number[]) =>
      itemize([usageEvent({ admittedAtMs: bucketMs + offsetMs, usage: { inputTokens: 1 } })], book, instants)[0]!
        .sliceStartMs - bucketMs;
    const instants = [bucketMs - 5, bucketMs + 100, bucketMs + 200, bucketMs + 10 * HOUR_MS];
    expect(sliceOf(99, instants)).toBe(0);
    expect(sliceOf(100, instants)).toBe(100);
    expect(sliceOf(199, instants)).toBe(100);
    expect(sliceOf(899_999, instants)).toBe(200);
    expect(sliceOf(50, [])).toBe(0);
  });

  it('are one per value of every field but the quantities', () => {
    const call = { usage: { inputTokens: 1 } };
    const variants: Parameters<typeof usageEvent>[0][] = [
      { admittedAtMs: Date.parse('2026-10-05T12:45:00.000Z') },
      { accountId: '999999999999' },
      { principalArn: 'arn:aws:iam::123456789012:user/bob' },
      { principalTags: [['team', 'x']] },
      { principalTags: [['team', 'y']] },
      { modelId: 'anthropic.claude-opus-5' },
      { resourceArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6' },
      { region: 'us-west-2' },
      { route: 'global' },
      { tier: 'flex' },
      { operation: 'InvokeModel' },
      { upstream: 'other' },
      { accessKeyId: 'TLYKOTHER' },
      { userAgent: 'Boto3/1.40.1 md/Botocore#1.40.1' },
      { usage: { inputTokens: 1, isEstimated: true } },
    ];
    const calls = [call, ...variants.map((variant) => ({ ...call, ...variant }))].map(usageEvent);
    expect(itemize([...calls, ...calls], book, [])).toHaveLength(calls.length);
    const session = { ...call, accessKeyId: 'ASIAONE', userAgent: 'aws-cli/2.27.0' };
    const noDifference = [
      { requestId: 'other' },
      { principalId: 'other' },
      { sourceIp: '10.0.0.1' },
      { accessKeyId: 'ASIAOTHER' },
      { userAgent: 'aws-cli/2.28.1 exec-env/CloudShell' },
    ];
    expect(
      itemize(
        noDifference.map((other) => usageEvent({ ...session, ...other })),
        book,
        [],
      ),
    ).toHaveLength(1);
  });

  it('keep the prices of a change apart', () => {
    const modelId = 'anthropic.claude-sonnet-5';
    const atMs = Date.parse('2026-09-01T00:00:00.000Z');
    const calls = [atMs - 1, atMs].map((admittedAtMs) =>
      usageEvent({ modelId, admittedAtMs, usage: { inputTokens: 10 } }),
    );
    expect(itemize(calls, book, []).map(({ pricePicoUsd }) => pricePicoUsd)).toEqual([2_200_000n, 3_300_000n]);
  });

  it('sum to the charges, and count each call once', () => {
    fc.assert(
      fc.property(anyEvents, anyInstants, (events, instants) => {
        const items = itemize(events, book, instants);
        const charges = events.map((event) => rate(event, book));
        expect(total(items.map(({ costPicoUsd }) => costPicoUsd))).toBe(
          total(charges.flat().map((one) => one.costPicoUsd)),
        );
        expect(total(items.map(({ quantity }) => quantity))).toBe(total(charges.flat().map((one) => one.quantity)));
        expect(total(items.map(({ requests }) => requests))).toBe(
          BigInt(charges.filter(({ length }) => length > 0).length),
        );
        for (const item of items) expect(item.costPicoUsd).toBe(item.quantity * (item.pricePicoUsd ?? 0n));
      }),
      { seed: 1 },
    );
  });

  it('are the same whatever the order of the calls', () => {
    fc.assert(
      fc.property(
        anyEvents.chain((events) =>
          fc.tuple(fc.constant(events), fc.shuffledSubarray(events, { minLength: events.length })),
        ),
        anyInstants,
        ([events, shuffled], instants) => {
          expect(itemize(shuffled, book, instants)).toEqual(itemize(events, book, instants));
        },
      ),
      { seed: 2 },
    );
  });

  it('are the same whether calls come in one batch or many', () => {
    fc.assert(
      fc.property(anyEvents, anyInstants, fc.array(fc.nat(60), { maxLength: 5 }), (events, instants, cuts) => {
        const edges = [0, ...cuts, events.length].map((cut) => Math.min(cut, events.length)).sort((a, b) => a - b);
        const parts = edges.slice(1).flatMap((end, i) => itemize(events.slice(edges[i], end), book, instants));
        const whole = itemize(events, book, instants);
        expect(merged(parts)).toHaveLength(whole.length);
        expect(new Set(merged(parts).map(asText))).toEqual(new Set(whole.map(asText)));
      }),
      { seed: 3 },
    );
  });

  it('multiply with the calls', () => {
    fc.assert(
      fc.property(anyEvents, fc.integer({ min: 1, max: 4 }), (events, times) => {
        const once = itemize(events, book, []);
        const often = itemize(Array.from({ length: times }, () => events).flat(), book, []);
        const factor = BigInt(times);
        expect(often.map(({ quantity, requests, costPicoUsd }) => [quantity, requests, costPicoUsd])).toEqual(
          once.map(({ quantity, requests, costPicoUsd }) => [
            quantity * factor,
            requests * factor,
            costPicoUsd * factor,
          ]),
        );
      }),
      { seed: 4 },
    );
  });

  it('can be read while the sum goes on', () => {
    const sum = new LineItemSum(book, []);
    const call = usageEvent({ usage: { inputTokens: 5 } });
    sum.add(call);
    expect(sum.items()[0]!.quantity).toBe(5n);
    sum.add(call);
    expect(sum.items()[0]!.quantity).toBe(10n);
  });
});

function asText(item: LineItem): string {
  return JSON.stringify(Object.entries(item).sort(), (_, value) => (typeof value === 'bigint' ? `${value}n` : value));
}
