import type { PriceBook } from '../rating/price-book.ts';
import type { CallPattern } from './call-patterns.ts';
import type { ChangeCell } from './change-reasons.ts';
import { cachePrompts, dropCacheWrites, restoreCache } from './saving-suggestions/cache-suggestions.ts';
import { type RankedSuggestion, ranked, type Suggestion } from './saving-suggestions/suggestion.ts';
import {
  batch,
  flexTier,
  globalRoute,
  releaseHeldModels,
  smallerModel,
} from './saving-suggestions/tariff-suggestions.ts';
import { type WayOfUse, waysOfUse } from './saving-suggestions/way-of-use.ts';

export type { RankedSuggestion, SuggestionKind } from './saving-suggestions/suggestion.ts';

const SHOWN = 8;

/**
 * What would have cost less in the later period, from the quantities that were used and the prices in force at its end.
 * `patterns`: how the calls of some principals looked, where that is known.
 */
export function savingSuggestions(
  cells: readonly ChangeCell[],
  patterns: readonly CallPattern[],
  prices: PriceBook,
  atMs: number,
): RankedSuggestion[] {
  const ways = waysOfUse(cells, prices, atMs);
  const spent = ways.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);
  const all = [
    ...ways.flatMap((way) => suggestionsFor(way, patterns, prices, atMs)),
    ...releaseHeldModels(cells, prices, atMs),
  ];
  return ranked(all, spent, SHOWN);
}

function suggestionsFor(
  way: WayOfUse,
  patterns: readonly CallPattern[],
  prices: PriceBook,
  atMs: number,
): Suggestion[] {
  const pattern = patterns.find((one) => isOf(one, way));
  const restored = restoreCache(way, prices, atMs);
  return [
    ...restored,
    ...dropCacheWrites(way, prices, atMs),
    ...globalRoute(way, prices, atMs),
    ...flexTier(way, prices, atMs),
    ...smallerModel(way, prices, atMs),
    ...(pattern ? batch(way, pattern, prices, atMs) : []),
    ...(pattern && restored.length === 0 ? cachePrompts(way, pattern, prices, atMs) : []),
  ];
}

function isOf(pattern: CallPattern, { subject, tariff }: WayOfUse): boolean {
  const { modelId, region, route, tier, isBatch, context } = tariff;
  return (
    pattern.subject === subject &&
    pattern.modelId === modelId &&
    pattern.region === region &&
    pattern.route === route &&
    pattern.tier === (isBatch ? 'batch' : tier) &&
    // What a call has read decides its context class; the pattern does not tell them apart.
    context !== 'long_context'
  );
}
