import type { Meter } from '../../rating/meter.ts';
import type { PriceBook } from '../../rating/price-book.ts';
import type { CallPattern } from '../call-patterns.ts';
import { isInputSide, pieces } from '../change-reasons/change-cell.ts';
import { grouped } from '../change-words.ts';
import type { SavingPart, Suggestion } from './suggestion.ts';
import { costAt, priceOf, uncached, type WayOfUse } from './way-of-use.ts';

/** Shorter prompts cannot be cached; some models need 2,048 or 4,096 (Bedrock User Guide, prompt caching, 2026-08). */
const LEAST_CACHED_TOKENS = 1_024n;

/** The shares of the input that the cache had in the earlier period, at today's prices. */
export function restoreCache(way: WayOfUse, prices: PriceBook, atMs: number): Suggestion[] {
  const input = way.cells.filter(({ meter }) => isInputSide(meter));
  const sum = (side: 'before' | 'after', meter?: string) =>
    input.reduce(
      (total, cell) => (meter === undefined || cell.meter === meter ? total + pieces(cell[side]) : total),
      0n,
    );
  const [read, all, readBefore, allBefore] = [
    sum('after', 'cache_read'),
    sum('after'),
    sum('before', 'cache_read'),
    sum('before'),
  ];
  // Read less from the cache by at least a tenth of the input.
  if (allBefore === 0n || all === 0n || 10n * (readBefore * all - read * allBefore) < allBefore * all) return [];
  let [asBefore, left] = [0n, all];
  for (const { meter, before } of input) {
    const tokens = (all * before.quantity) / allBefore;
    const price = priceOf(way.tariff, meter as Meter, prices, atMs);
    if (!price) return [];
    asBefore += tokens * price.pricePicoUsd;
    left -= tokens;
  }
  const inputPrice = priceOf(way.tariff, 'input', prices, atMs);
  if (!inputPrice) return [];
  const now = costAt(ofInput(way), way.tariff, prices, atMs)!;
  const saving = now - asBefore - left * inputPrice.pricePicoUsd;
  return suggestion(way, input, saving, {
    kind: 'restoreCache',
    costPicoUsd: now,
    text: `read from the cache again what was read from it before (${share(readBefore, allBefore)} of the input, now ${share(read, all)})`,
    assumption: 'the same shares of the input are read from and written to the cache as in the earlier period',
  });
}

/** Writes that cost more than the reads of them saved. */
export function dropCacheWrites(way: WayOfUse, prices: PriceBook, atMs: number): Suggestion[] {
  const written = (way.used.get('cache_write_5m') ?? 0n) + (way.used.get('cache_write_1h') ?? 0n);
  const read = way.used.get('cache_read') ?? 0n;
  const plain = costAt(uncached(way.used), way.tariff, prices, atMs);
  if (written === 0n || plain === undefined) return [];
  const input = way.cells.filter(({ meter }) => isInputSide(meter));
  return suggestion(way, input, way.costPicoUsd - plain, {
    kind: 'dropCacheWrites',
    text: `stop writing to the cache what is hardly read from it (${grouped(written)} tokens written, ${grouped(read)} read)`,
    assumption: 'nothing is cached; a longer time to live instead pays where the same text comes again within the hour',
  });
}

/**
 * What calls have in common, cached: the tokens that nine out of ten calls have at least, written once in each five minutes with
 * calls, and read by the other calls in them.
 */
export function cachePrompts(way: WayOfUse, pattern: CallPattern, prices: PriceBook, atMs: number): Suggestion[] {
  const { commonTokens, medianTokens, calls, windows } = pattern;
  const isCached = (way.used.get('cache_read') ?? 0n) > 0n;
  // Calls of about one length have a long beginning in common, or nobody knows what.
  if (isCached || commonTokens < LEAST_CACHED_TOKENS || 2n * commonTokens < medianTokens) return [];
  const [input, read, write] = (['input', 'cache_read', 'cache_write_5m'] as const).map((meter) =>
    priceOf(way.tariff, meter, prices, atMs),
  );
  if (!input || !read || !write) return [];
  const saved = (calls - windows) * (input.pricePicoUsd - read.pricePicoUsd);
  const paid = windows * (write.pricePicoUsd - input.pricePicoUsd);
  const cells = way.cells.filter(({ meter }) => isInputSide(meter));
  return suggestion(way, cells, commonTokens * (saved - paid), {
    kind: 'cachePrompts',
    costPicoUsd: costAt(ofInput(way), way.tariff, prices, atMs)!,
    text: `cache the beginning of its prompts: ${grouped(calls)} calls read at least ${grouped(commonTokens)} tokens each, none of them from the cache`,
    assumption: `the first ${grouped(commonTokens)} tokens of these calls are the same text, and are written once in each of the ${grouped(windows)} five minutes with calls${pattern.isPart ? '; of the last seven days alone' : ''}`,
  });
}

function ofInput({ used }: WayOfUse): Map<Meter, bigint> {
  return new Map([...used].filter(([meter]) => isInputSide(meter)));
}

function suggestion(
  way: WayOfUse,
  cells: SavingPart['cells'],
  savingPicoUsd: bigint,
  {
    costPicoUsd = way.costPicoUsd,
    ...words
  }: Pick<Suggestion, 'kind' | 'text' | 'assumption'> & { readonly costPicoUsd?: bigint },
): Suggestion[] {
  if (savingPicoUsd <= 0n) return [];
  const part = { subject: way.subject, costPicoUsd, savingPicoUsd, cells };
  return [{ ...words, modelId: way.modelId, isWhatIf: false, parts: [part] }];
}

function share(part: bigint, whole: bigint): string {
  return `${(part * 100n + whole / 2n) / whole} %`;
}
