import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import type { CallPattern } from './call-patterns.ts';
import type { ChangeCell } from './change-reasons.ts';
import { familyOf } from './saving-suggestions/model-family.ts';
import { savingSuggestions } from './saving-suggestions.ts';

const BOOK = shippedBook();
const AT_MS = Date.UTC(2026, 9, 15);
const SONNET = 'anthropic.claude-sonnet-4-6';
const NONE = { requests: 0n, quantity: 0n, costPicoUsd: 0n };
const MILLION = 1_000_000n;
const USD = 10n ** 12n;

/** Tokens in millions. */
function cell(meter: string, before: number, after: number, parts: Partial<ChangeCell> = {}): ChangeCell {
  const sums = (millions: number) => ({ ...NONE, quantity: BigInt(Math.round(millions * 1_000_000)) });
  return {
    ...{ keys: [], labels: '', subject: 'alice', line: 'Usage', modelId: SONNET, region: 'us-east-1' },
    ...{
      route: 'geo',
      tier: 'standard',
      context: 'default',
      meter,
      before: sums(before),
      after: sums(after),
      ...parts,
    },
  };
}

const pattern = (parts: Partial<CallPattern> = {}): CallPattern => ({
  ...{ subject: 'alice', modelId: SONNET, region: 'us-east-1', route: 'geo', tier: 'standard' },
  ...{ allCalls: 100n, streamed: 100n, commonTokens: 10_000n, medianTokens: 12_000n, calls: 90n, windows: 10n },
  ...{ isPart: false, ...parts },
});

const suggest = (cells: readonly ChangeCell[], patterns: readonly CallPattern[] = []) =>
  savingSuggestions(cells, patterns, BOOK, AT_MS);
const of = (kind: string, cells: readonly ChangeCell[], patterns: readonly CallPattern[] = []) =>
  suggest(cells, patterns).find((one) => one.kind === kind);

describe('what would have cost less', () => {
  it('reads as much from the cache as before: 3.30 of input against 0.33 of cache reads per million', () => {
    const cells = [cell('input', 1, 10), cell('cache_read', 9, 0), cell('output', 1, 1)];
    expect(of('restoreCache', cells)).toMatchObject({
      costPicoUsd: 33n * USD,
      savingPicoUsd: (9n * 297n * USD) / 100n,
    });
    expect(of('restoreCache', [cell('input', 1, 1), cell('cache_read', 9, 9)])).toBeUndefined();
  });

  it('caches what calls have in common, written once in each five minutes, unless it is cached already or too short', () => {
    const cells = [cell('input', 1, 1)];
    // 80 reads at 0.33 instead of 3.30, 10 writes at 4.125 instead of 3.30, of 10,000 tokens each.
    const saving = 10_000n * (80n * 2_970_000n - 10n * 825_000n);
    expect(of('cachePrompts', cells, [pattern()])).toMatchObject({ savingPicoUsd: saving });
    expect(of('cachePrompts', cells, [pattern({ commonTokens: 900n, medianTokens: 900n })])).toBeUndefined();
    expect(of('cachePrompts', cells, [pattern({ medianTokens: 40_000n })])).toBeUndefined();
    expect(of('cachePrompts', cells, [pattern({ windows: 90n })])).toBeUndefined();
    expect(of('cachePrompts', [...cells, cell('cache_read', 0, 1)], [pattern()])).toBeUndefined();
  });

  it('does not write what is hardly read', () => {
    const cells = [cell('input', 1, 1), cell('cache_write_5m', 10, 10), cell('cache_read', 1, 1)];
    // Ten millions at 4.125 and one at 0.33, or eleven at 3.30.
    expect(of('dropCacheWrites', cells)).toMatchObject({
      savingPicoUsd: (4_125n - 3_300n) * 10n * 10n ** 9n - 297n * 10n ** 10n,
    });
    expect(of('dropCacheWrites', [cell('cache_write_5m', 1, 1), cell('cache_read', 9, 9)])).toBeUndefined();
  });

  it('sends as batches what nobody reads as it is written, without a cache', () => {
    const cells = [cell('input', 1, 1), cell('output', 1, 1)];
    expect(of('batch', cells, [pattern({ streamed: 0n })])).toMatchObject({
      savingPicoUsd: (165n + 825n) * 10n ** 10n,
    });
    expect(of('batch', cells, [pattern({ streamed: 1n })])).toBeUndefined();
    expect(of('batch', [cell('cache_read', 9, 9)], [pattern({ streamed: 0n })])).toBeUndefined();
  });

  it('takes the global route and the flex tier where the price book has them', () => {
    expect(of('globalRoute', [cell('input', 1, 1)])).toMatchObject({ savingPicoUsd: (3n * USD) / 10n });
    expect(of('globalRoute', [cell('input', 1, 1, { route: 'global' })])).toBeUndefined();
    const nova = { modelId: 'amazon.nova-pro-v1:0', route: 'in_region' };
    expect(of('flexTier', [cell('input', 1, 1, nova)])).toMatchObject({ savingPicoUsd: (4n * USD) / 10n });
    expect(of('flexTier', [cell('input', 1, 1)])).toBeUndefined();
  });

  it('tries a smaller model of the family as a what-if, after everything else', () => {
    const all = suggest([cell('input', 1, 1), cell('output', 1, 1)]);
    expect(all.at(-1)).toMatchObject({ kind: 'smallerModel', isWhatIf: true });
    expect(all.at(-1)!.text).toBe('try Claude Haiku 4.5 (anthropic.claude-haiku-4-5-20251001-v1:0) for it');
  });

  it('tries no model of an earlier generation but where there is no other, and says so', () => {
    const smallerThan = (modelId: string, meters = ['input', 'output']) =>
      of(
        'smallerModel',
        meters.map((meter) => cell(meter, 1, 1, { modelId, route: 'in_region' })),
      )?.text;
    expect(smallerThan('anthropic.claude-opus-4-6-v1')).toBe('try Claude Sonnet 5 (anthropic.claude-sonnet-5) for it');
    expect(smallerThan('anthropic.claude-3-haiku-20240307-v1:0')).toBeUndefined();
    expect(smallerThan('amazon.nova-pro-v1:0')).toMatch(/^try Nova .*for it$/);
    expect(smallerThan('amazon.titan-embed-text-v1', ['input'])).toMatch(/^try Titan .*Embeddings/);
    // Whatever is used: of the earlier generations' models none is named as if it were as good.
    const generation = (name: string) => familyOf(BOOK.model(name)).version[0]!;
    for (const modelId of BOOK.models.keys()) {
      const text = smallerThan(modelId);
      const other = /^try (?:.*[(])?([^ )]+)[)]?(, a model of an earlier generation,)? for it$/.exec(text ?? '');
      if (!text) continue;
      expect([modelId, generation(other![1]!) < generation(modelId)]).toEqual([modelId, other![2] !== undefined]);
    }
  });

  it('tells versions from sizes and dates in the names of the listed models', () => {
    const versions = (modelId: string) => familyOf(BOOK.model(modelId)).version.join('.');
    expect(
      [
        ...['anthropic.claude-3-5-sonnet-20241022-v2:0', 'anthropic.claude-opus-5', 'amazon.nova-lite-v1:0'],
        ...['meta.llama3-3-70b-instruct-v1:0', 'mistral.mistral-large-2402-v1:0', 'qwen.qwen3-235b-a22b-2507-v1:0'],
        ...['openai.gpt-oss-120b-1:0', 'mistral.mixtral-8x7b-instruct-v0:1', 'amazon.nova-2-lite-v1:0'],
      ].map(versions),
    ).toEqual(['3.5', '5', '1', '3.3', '1', '3', '1', '1', '2']);
  });

  it('gives model units back that cost more than what they answered would have', () => {
    const hours = cell('model_unit_hour', 0, 0, {
      subject: '',
      route: '',
      tier: '',
      context: '',
      after: { ...NONE, quantity: 24n, costPicoUsd: 480n * USD },
    });
    const free = cell('input', 0, 0, { after: { ...NONE, quantity: 100n * MILLION } });
    expect(of('releaseHeldModel', [hours, free])).toMatchObject({ savingPicoUsd: 150n * USD });
    const busy = { ...free, after: { ...NONE, quantity: 1_000n * MILLION } };
    expect(of('releaseHeldModel', [hours, busy])).toBeUndefined();
  });

  it('never saves the same usage twice, nor more than it cost', () => {
    const millions = fc.integer({ min: 0, max: 50 });
    const one = fc.record({
      ...{ subject: fc.constantFrom('alice', 'bob', ''), route: fc.constantFrom('geo', 'global', 'in_region') },
      ...{
        meter: fc.constantFrom('input', 'output', 'cache_read', 'cache_write_5m'),
        before: millions,
        after: millions,
      },
    });
    const cells = fc.uniqueArray(one, { selector: ({ subject, route, meter }) => `${subject} ${route} ${meter}` });
    const property = fc.property(cells, fc.boolean(), (parts, isStreamed) => {
      const all = parts.map(({ meter, before, after, ...rest }) => cell(meter, before, after, rest));
      const patterns = ['geo', 'global'].map((route) =>
        pattern({ route, streamed: isStreamed ? 1n : 0n, calls: 20n, windows: 1n }),
      );
      const suggestions = suggest(all, patterns);
      for (const { addsPicoUsd, savingPicoUsd, costPicoUsd } of suggestions) {
        expect(addsPicoUsd >= 0n && addsPicoUsd <= savingPicoUsd && savingPicoUsd <= costPicoUsd).toBe(true);
      }
      const spent = all.reduce((sum, { meter, after, route }) => sum + after.quantity * priceOf(meter, route), 0n);
      const saved = suggestions.reduce((sum, { addsPicoUsd }) => sum + addsPicoUsd, 0n);
      expect(saved <= spent).toBe(true);
    });
    fc.assert(property, { seed: 20_261_129, numRuns: 200 });
  });
});

function priceOf(meter: string, route: string): bigint {
  const tariff = { modelId: SONNET, region: 'us-east-1', route, tier: 'standard', isBatch: false, context: 'default' };
  return BOOK.find({ ...tariff, meter, atMs: AT_MS } as never)!.pricePicoUsd;
}
