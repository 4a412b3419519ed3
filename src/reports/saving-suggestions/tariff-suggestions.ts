import type { BilledModel } from '../../rating/billed-model.ts';
import { HELD_METERS, type Meter } from '../../rating/meter.ts';
import type { PriceBook, TariffKey } from '../../rating/price-book.ts';
import type { CallPattern } from '../call-patterns.ts';
import type { ChangeCell } from '../change-reasons.ts';
import { grouped } from '../change-words.ts';
import { compareVersions, familyOf, generationOf, type ModelFamily } from './model-family.ts';
import type { Suggestion } from './suggestion.ts';
import { costAt, priceOf, uncached, type WayOfUse } from './way-of-use.ts';

/** The same model over the global route, where that has prices of its own. */
export function globalRoute(way: WayOfUse, prices: PriceBook, atMs: number): Suggestion[] {
  const tariff: TariffKey = { ...way.tariff, route: 'global' };
  if (way.tariff.route === 'global' || priceOf(tariff, 'input', prices, atMs)?.routing !== 'global') return [];
  return cheaper(way, costAt(way.used, tariff, prices, atMs), {
    kind: 'globalRoute',
    text: 'call it by its global profile instead of the regional or geographic one',
    assumption: 'the text may be worked on in any region',
  });
}

/** The same calls in the flex tier: they may wait. */
export function flexTier(way: WayOfUse, prices: PriceBook, atMs: number): Suggestion[] {
  if (way.tariff.isBatch || way.tariff.tier === 'flex') return [];
  return cheaper(way, costAt(way.used, { ...way.tariff, tier: 'flex' }, prices, atMs), {
    kind: 'flexTier',
    text: 'ask for the flex tier',
    assumption: 'its callers can wait longer for answers, and try again when there is no room',
  });
}

/** Calls that nobody reads as they are written, as batch jobs. Batches have no cache. */
export function batch(way: WayOfUse, pattern: CallPattern, prices: PriceBook, atMs: number): Suggestion[] {
  if (way.tariff.isBatch || pattern.streamed > 0n) return [];
  return cheaper(way, costAt(uncached(way.used), { ...way.tariff, isBatch: true }, prices, atMs), {
    kind: 'batch',
    text: `send it as batch jobs: none of its ${grouped(pattern.allCalls)} calls was streamed to a reader`,
    assumption: 'nobody waits for its answers within a day, and nothing is read from the cache in a batch',
  });
}

/** The dearest model of the family that costs at most so much of what this one does. */
const STEP_DOWN = { part: 7n, of: 10n } as const;

interface OtherModel {
  readonly model: BilledModel;
  readonly family: ModelFamily;
  readonly cost: bigint;
}

/**
 * What the same tokens would cost at the next smaller model of the family and generation, or of a newer one. Where there is none
 * the newest of the earlier generations, which is said.
 */
export function smallerModel(way: WayOfUse, prices: PriceBook, atMs: number): Suggestion[] {
  const own = familyOf(prices.model(way.modelId));
  const others = [...prices.models.values()].flatMap((model): OtherModel[] => {
    const family = familyOf(model);
    if (model.modelId === way.modelId || family.name !== own.name) return [];
    const tariff = { ...way.tariff, modelId: model.modelId };
    const cost = costAt(way.used, tariff, prices, atMs) ?? costAt(uncached(way.used), tariff, prices, atMs);
    const isStep = cost !== undefined && cost * STEP_DOWN.of <= way.costPicoUsd * STEP_DOWN.part;
    return isStep ? [{ model, family, cost }] : [];
  });
  const generation = Math.min(generationOf(own), Math.max(...others.map(({ family }) => generationOf(family))));
  const [best] = others
    .filter(({ family }) => generationOf(family) >= generation)
    .sort((a, b) => compare(b.cost, a.cost) || compareVersions(b.family, a.family));
  if (!best) return [];
  const { modelId, displayName } = best.model;
  const earlier = generation < generationOf(own) ? ', a model of an earlier generation,' : '';
  const words = {
    kind: 'smallerModel' as const,
    text: `try ${displayName === modelId ? modelId : `${displayName} (${modelId})`}${earlier} for it`,
    assumption: 'the smaller model takes as many tokens and its answers are good enough: evaluate them first',
  };
  return cheaper(way, best.cost, words).map((one) => ({ ...one, isWhatIf: true }));
}

/** Model units that cost more than the tokens they answered would have on demand. */
export function releaseHeldModels(cells: readonly ChangeCell[], prices: PriceBook, atMs: number): Suggestion[] {
  const isHeld = ({ meter }: ChangeCell) => (HELD_METERS as readonly string[]).includes(meter);
  const held = Map.groupBy(
    cells.filter((cell) => isHeld(cell) && cell.after.costPicoUsd > 0n),
    ({ modelId }) => modelId,
  );
  return [...held].flatMap(([modelId, hours]) => {
    // Tokens that the units answered cost nothing by themselves.
    const free = cells.filter((cell) => cell.modelId === modelId && !isHeld(cell) && cell.after.costPicoUsd === 0n);
    let onDemand = 0n;
    for (const { region, route, meter, context, after } of free) {
      const tariff = { modelId, region, route, tier: 'standard', isBatch: false, context } as TariffKey;
      const cost = costAt(new Map([[meter as Meter, after.quantity]]), tariff, prices, atMs);
      if (cost === undefined) return [];
      onDemand += cost;
    }
    const costPicoUsd = hours.reduce((sum, { after }) => sum + after.costPicoUsd, 0n);
    if (costPicoUsd <= onDemand) return [];
    const part = { subject: '', costPicoUsd, savingPicoUsd: costPicoUsd - onDemand, cells: hours };
    return [
      {
        ...{ kind: 'releaseHeldModel' as const, modelId, isWhatIf: false, parts: [part] },
        text: 'give the model units back and call it on demand: what they answered would have cost less',
        assumption: 'no commitment is running, on-demand quotas are large enough, and the model is offered on demand',
      },
    ];
  });
}

function cheaper(
  { subject, modelId, costPicoUsd, cells }: WayOfUse,
  otherCost: bigint | undefined,
  words: Pick<Suggestion, 'kind' | 'text' | 'assumption'>,
): Suggestion[] {
  if (otherCost === undefined || otherCost >= costPicoUsd) return [];
  const part = { subject, costPicoUsd, savingPicoUsd: costPicoUsd - otherCost, cells };
  return [{ ...words, modelId, isWhatIf: false, parts: [part] }];
}

function compare(a: bigint, b: bigint): number {
  return a === b ? 0 : a > b ? 1 : -1;
}
