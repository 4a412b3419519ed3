import { describe, expect, it } from 'vitest';
import { readJson, shippedBook, shippedModels, shippedSheet } from '../../test/rating/shipped-prices.ts';
import { nativeKindOf } from '../inference/model-catalog.ts';
import { BILLED_FEATURES } from './billed-feature.ts';
import { type Meter, TOKEN_METERS } from './meter.ts';
import { PriceBook, type TariffKey } from './price-book.ts';
import type { PriceRow, PriceSheet } from './price-sheet.ts';

const NOW_MS = Date.parse('2026-10-05T00:00:00.000Z');
const KEY = {
  modelId: 'acme.one',
  region: 'us-east-1',
  route: 'geo',
  tier: 'standard',
  isBatch: false,
  context: 'default',
  meter: 'input',
  atMs: NOW_MS,
} as const;

/** A book of one model, priced per million tokens as given. */
function bookOf(
  list: readonly (Partial<Omit<PriceRow, 'usdPerMillionTokens' | 'usdPerUnit'>> & { usd: string })[],
  overrides: readonly PriceRow[] = [],
): PriceBook {
  const entries = list.map(({ usd, region = '*', meter = 'input', ...rest }) => ({
    modelId: 'acme.one',
    regions: [region],
    usdPerMillionTokens: { [meter]: usd },
    source: 'list',
    certainty: 'high' as const,
    ...rest,
  }));
  const sheet: PriceSheet = { sources: { list: { title: 'A list', checked: '2026-08-21' } }, entries };
  return new PriceBook({ models: [{ modelId: 'acme.one' }], sheet, overrides });
}

function own(usdPerMillionTokens: string, row: Partial<PriceRow> = {}): PriceRow {
  return { modelId: 'acme.one', meter: 'input', usdPerMillionTokens, ...row };
}

function usdOf(book: PriceBook, key: Partial<TariffKey> & { atMs?: number } = {}): number | undefined {
  const price = book.find({ ...KEY, ...key })?.pricePicoUsd;
  return price === undefined ? undefined : Number(price) / 1e6;
}

describe('finding a price', () => {
  it('says what it is, where it comes from and how long it holds', () => {
    const book = bookOf([{ usd: '2' }, { usd: '3', effectiveFrom: '2026-09-01' }]);
    const common = {
      modelId: 'acme.one',
      meter: 'input',
      region: '*',
      routing: 'any',
      tier: 'standard',
      context: 'default',
    };
    const source = { source: 'list', certainty: 'high', checked: '2026-08-21' };
    const changeMs = Date.parse('2026-09-01T00:00:00.000Z');
    expect(book.find(KEY)).toEqual({
      ...common,
      ...source,
      priceId: 'acme.one/*/any/standard/default/input/2026-09-01',
      pricePicoUsd: 3_000_000n,
      effectiveFromMs: changeMs,
    });
    expect(book.find({ ...KEY, atMs: changeMs - 1 })).toEqual({
      ...common,
      ...source,
      priceId: 'acme.one/*/any/standard/default/input',
      pricePicoUsd: 2_000_000n,
      effectiveToMs: changeMs,
    });
  });

  it("takes the region's price before that of all regions, and no other region's", () => {
    const book = bookOf([{ usd: '1' }, { usd: '2', region: 'eu-west-1' }]);
    expect(usdOf(book, { region: 'eu-west-1' })).toBe(2);
    expect(usdOf(book, { region: 'us-east-1' })).toBe(1);
    expect(usdOf(bookOf([{ usd: '2', region: 'eu-west-1' }]))).toBeUndefined();
  });

  it("takes the route's price before that of any route, and no other route's", () => {
    const book = bookOf([{ usd: '1' }, { usd: '2', routing: 'global' }]);
    expect(usdOf(book, { route: 'global' })).toBe(2);
    expect(usdOf(book, { route: 'geo' })).toBe(1);
    const regional = bookOf([{ usd: '3', routing: 'in_region_or_geo' }]);
    expect(usdOf(regional, { route: 'in_region' })).toBe(3);
    expect(usdOf(regional, { route: 'geo' })).toBe(3);
    expect(usdOf(regional, { route: 'global' })).toBeUndefined();
  });

  it('looks at the region before the route', () => {
    const book = bookOf([
      { usd: '1', region: 'us-east-1' },
      { usd: '2', routing: 'in_region_or_geo' },
    ]);
    expect(usdOf(book)).toBe(1);
  });

  // peers rows 11.
  it('does not take prices of all commercial regions for GovCloud', () => {
    expect(usdOf(bookOf([{ usd: '1' }]), { region: 'us-gov-west-1' })).toBeUndefined();
    expect(usdOf(bookOf([{ usd: '2', region: 'us-gov-west-1' }]), { region: 'us-gov-west-1' })).toBe(2);
  });

  // peers rows 14.
  it('has one batch price for every tier, and none for its cache', () => {
    const book = shippedBook();
    const sonnet = { ...KEY, modelId: 'anthropic.claude-sonnet-4-6', isBatch: true };
    expect(book.find(sonnet)?.pricePicoUsd).toBe(1_650_000n);
    expect(book.find({ ...sonnet, tier: 'flex' })?.pricePicoUsd).toBe(1_650_000n);
    expect(book.find({ ...sonnet, route: 'global' })?.pricePicoUsd).toBe(1_500_000n);
    expect(book.find({ ...sonnet, meter: 'cache_read' })).toBeUndefined();
  });

  it('gives the same answers when asked for more kinds of calls than it keeps ready', () => {
    const book = bookOf([{ usd: '1' }]);
    for (let i = 0; i < 20_500; i++) book.tariff({ ...KEY, region: `region-${i}` });
    expect(usdOf(book)).toBe(1);
  });
});

// peers rows 24, 28.
describe("the organisation's own prices", () => {
  it('go before every list price, even a more specific one', () => {
    const book = bookOf([{ usd: '1', region: 'us-east-1', routing: 'in_region_or_geo' }], [own('0.5')]);
    expect(usdOf(book)).toBe(0.5);
    expect(book.find(KEY)).toMatchObject({
      source: 'override',
      priceId: 'override/acme.one/*/any/standard/default/input',
    });
  });

  it('hold from their first day; before it the list price does', () => {
    const book = bookOf(
      [{ usd: '1' }],
      [own('0.5', { effectiveFrom: '2026-10-01' }), own('0.4', { effectiveFrom: '2026-11-01' })],
    );
    expect(usdOf(book, { atMs: Date.parse('2026-09-30T23:59:59.999Z') })).toBe(1);
    expect(usdOf(book, { atMs: Date.parse('2026-10-01T00:00:00.000Z') })).toBe(0.5);
    expect(usdOf(book, { atMs: Date.parse('2026-11-01T00:00:00.000Z') })).toBe(0.4);
  });

  it('may be zero', () => {
    expect(usdOf(bookOf([{ usd: '1' }], [own('0')]))).toBe(0);
  });

  it.each([
    [own('1.1234567'), /`1.1234567`.*more than 6 fraction digits/],
    [own('-1'), /`-1`.*must not be negative/],
    [own('1e-3'), /`1e-3`.*is not a decimal number/],
    [own('1', { effectiveFrom: '2026-02-30' }), /`2026-02-30`.*is not a date/],
    [own('1', { effectiveFrom: 'soon' }), /`soon`.*is not a date/],
  ])('must be exact and dated: %o', (row, message) => {
    expect(() => bookOf([], [row])).toThrow(
      expect.objectContaining({ code: 'ConfigInvalid', message: expect.stringMatching(message) }),
    );
  });

  it('must not be given twice for one time', () => {
    expect(() => bookOf([], [own('1'), own('2')])).toThrow(expect.objectContaining({ code: 'ConfigInvalid' }));
    expect(() => bookOf([], [own('1'), own('2', { tier: 'flex' })])).not.toThrow();
  });
});

describe('listing prices', () => {
  const ids = (book: PriceBook, filter: Partial<Parameters<PriceBook['prices']>[0]> = {}) =>
    book.prices({ atMs: NOW_MS, ...filter }).map(({ priceId }) => priceId);

  it('shows only what a call would cost now', () => {
    const book = bookOf([
      { usd: '2' },
      { usd: '3', effectiveFrom: '2026-09-01' },
      { usd: '4', effectiveFrom: '2027-01-01' },
    ]);
    expect(ids(book)).toEqual(['acme.one/*/any/standard/default/input/2026-09-01']);
  });

  it("leaves out what a region's or an own price replaces", () => {
    const book = bookOf([{ usd: '1' }, { usd: '2', region: 'eu-west-1' }], [own('0.5', { region: 'us-east-1' })]);
    expect(ids(book, { region: 'eu-west-1' })).toEqual(['acme.one/eu-west-1/any/standard/default/input']);
    expect(ids(book, { region: 'us-east-1' })).toEqual(['override/acme.one/us-east-1/any/standard/default/input']);
    expect(ids(book, { region: 'sa-east-1' })).toEqual(['acme.one/*/any/standard/default/input']);
    expect(ids(book)).toHaveLength(3);
  });

  it('filters by model, route and tier', () => {
    const book = shippedBook();
    const found = book.prices({ modelText: 'sonnet-4-6', route: 'global', tier: 'standard', atMs: NOW_MS });
    expect(found.map(({ meter, routing }) => [meter, routing])).toEqual(
      [...TOKEN_METERS].sort((a, b) => (a < b ? -1 : 1)).map((meter) => [meter, 'global']),
    );
  });
});

/** Of a million tokens, per token. */
const HALF_A_CENT = 5_000n;

describe('the shipped prices', () => {
  it('follow their schema', async () => {
    const { Ajv } = await import('ajv');
    const validate = new Ajv({ allErrors: true, strict: false }).compile(readJson('schema.json') as object);
    expect([validate(readJson('bedrock.json')), validate.errors]).toEqual([true, null]);
    expect([validate(readJson('models.json')), validate.errors]).toEqual([true, null]);
  });

  it('name a known source each', () => {
    for (const { source } of shippedSheet.entries) expect(Object.keys(shippedSheet.sources)).toContain(source);
  });

  // peers rows 30.
  it('are of listed models, and every listed model has the prices of its kind', () => {
    const priced = new Map<string, Set<string>>();
    for (const { modelId, usdPerMillionTokens = {}, usdPerUnit = {} } of shippedSheet.entries) {
      const meters = [...Object.keys(usdPerMillionTokens), ...Object.keys(usdPerUnit)];
      priced.set(modelId, new Set([...(priced.get(modelId) ?? []), ...meters]));
    }
    const sold = [...shippedModels, ...BILLED_FEATURES].map(({ modelId }) => modelId);
    expect([...priced.keys()].sort()).toEqual(sold.sort());
    const expected = { embedding: ['input'], image: ['image', 'image_1024'], rerank: ['query'], text: ['input'] };
    for (const model of shippedModels) {
      const kind = nativeKindOf(model) ?? 'text';
      const meters = priced.get(model.modelId)!;
      expect(
        expected[kind].some((meter) => meters.has(meter)),
        model.modelId,
      ).toBe(true);
      expect(meters.has('output'), model.modelId).toBe(kind === 'text');
    }
  });

  it('have a long-context price for exactly the models with a threshold', () => {
    const withPrice = new Set(shippedSheet.entries.flatMap(({ context, modelId }) => (context ? [modelId] : [])));
    const withThreshold = shippedModels.filter(
      ({ longContextThresholdTokens }) => longContextThresholdTokens !== undefined,
    );
    expect([...withPrice].sort()).toEqual(withThreshold.map(({ modelId }) => modelId));
  });

  it('give no two models one usage-type name', () => {
    const names = shippedModels.map(({ usageTypeName }) => usageTypeName);
    expect(new Set(names).size).toBe(names.length);
  });

  /** Prices in force by what chooses them but for the meter. */
  const inForce = Map.groupBy(
    shippedBook().prices({ atMs: NOW_MS }),
    ({ modelId, region, routing, tier, context }) => `${modelId} ${region} ${routing} ${context} ${tier}`,
  );

  // peers rows 9.
  it('are in the order that every vendor has: cache read < input <= cache write, input <= output', () => {
    for (const [key, prices] of inForce) {
      const of = (meter: Meter) => prices.find((price) => price.meter === meter)?.pricePicoUsd;
      const input = of('input');
      if (input === undefined) continue;
      expect((of('cache_read') ?? -1n) < input, `${key}: cache read`).toBe(true);
      expect(input <= (of('output') ?? input), `${key}: output`).toBe(true);
      const [short, long] = [of('cache_write_5m'), of('cache_write_1h')];
      // Nothing is the price of Nova's writes.
      expect(short === undefined || short === 0n || short >= input, `${key}: cache write`).toBe(true);
      expect(long === undefined || long > short!, `${key}: one-hour cache write`).toBe(true);
    }
  });

  // peers rows 14.
  it("are half in a batch and in flex and seven quarters in priority, but for AWS's rounding to cents", () => {
    const factors = { batch: 2n, flex: 2n, priority: 7n } as const;
    let compared = 0;
    for (const price of shippedBook().prices({ atMs: NOW_MS })) {
      const { modelId, region, routing, context, tier, meter, pricePicoUsd } = price;
      if (tier !== 'batch' && tier !== 'flex' && tier !== 'priority') continue;
      const standard = inForce.get(`${modelId} ${region} ${routing} ${context} standard`);
      const usual = standard?.find((one) => one.meter === meter)?.pricePicoUsd;
      if (usual === undefined) continue;
      compared += 1;
      const difference = pricePicoUsd * 4n - usual * factors[tier];
      expect(difference <= HALF_A_CENT * 4n && -difference <= HALF_A_CENT * 4n, price.priceId).toBe(true);
    }
    expect(compared).toBeGreaterThan(200);
  });

  // peers rows 9.
  it("follow Anthropic's rules between the meters of each Claude entry", () => {
    const book = shippedBook();
    for (const { modelId } of shippedModels.filter(({ provider }) => provider === 'Anthropic')) {
      for (const route of ['in_region', 'global'] as const) {
        const price = (meter: (typeof TOKEN_METERS)[number]) =>
          book.find({ ...KEY, modelId, route, meter })?.pricePicoUsd;
        const input = price('input')!;
        for (const [meter, twentieths] of [
          ['cache_read', 2n],
          ['cache_write_5m', 25n],
          ['cache_write_1h', 40n],
        ] as const) {
          expect([undefined, (input * twentieths) / 20n], `${modelId} ${meter}`).toContain(price(meter));
        }
        expect(price('output')).toBe(input * 5n);
      }
    }
  });

  // peers rows 10.
  it('cost a tenth more in a region than globally, for the Claude models that tell the two apart', () => {
    const book = shippedBook();
    const regional = book.prices({ modelText: 'anthropic.', route: 'in_region', atMs: NOW_MS });
    const apart = regional.filter(({ routing }) => routing === 'in_region_or_geo');
    expect(apart.length).toBeGreaterThan(50);
    for (const { modelId, meter, tier, context, pricePicoUsd } of apart) {
      const key = { ...KEY, modelId, meter, context, route: 'global' as const, isBatch: tier === 'batch' };
      expect(book.find(key)!.pricePicoUsd * 11n).toBe(pricePicoUsd * 10n);
    }
  });
});
