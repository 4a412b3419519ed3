import { METERS, type Meter } from '../../rating/meter.ts';
import type { PriceBook, TariffKey } from '../../rating/price-book.ts';
import type { Price } from '../../rating/price-sheet.ts';
import { isInputSide } from '../change-reasons/change-cell.ts';
import type { ChangeCell } from '../change-reasons.ts';

/** What one principal used of one model in one way in the later period, at the prices in force at its end. */
export interface WayOfUse {
  readonly subject: string;
  readonly modelId: string;
  readonly tariff: TariffKey;
  /** With those that it no longer used. */
  readonly cells: readonly ChangeCell[];
  /** Pieces by meter, none of them zero. */
  readonly used: ReadonlyMap<Meter, bigint>;
  /** What that costs at those prices. */
  readonly costPicoUsd: bigint;
}

/** Ways whose every meter has a price: of the others nobody knows what they would save. */
export function waysOfUse(cells: readonly ChangeCell[], prices: PriceBook, atMs: number): WayOfUse[] {
  const priced = cells.filter(
    ({ line, before, after, meter, modelId }) =>
      line === 'Usage' && before.quantity >= 0n && after.quantity >= 0n && isMeter(meter) && modelId !== '',
  );
  const groups = Map.groupBy(priced, ({ subject, modelId, region, route, tier, context }) =>
    [subject, modelId, region, route, tier, context].join('\n'),
  );
  return [...groups.values()].flatMap((own) => {
    const { subject, modelId, region, route, tier, context } = own[0]!;
    const isBatch = tier === 'batch';
    const tariff = { modelId, region, route, tier: isBatch ? 'standard' : tier, isBatch, context } as TariffKey;
    const used = new Map<Meter, bigint>();
    for (const { meter, after } of own) {
      if (after.quantity === 0n) continue;
      used.set(meter as Meter, (used.get(meter as Meter) ?? 0n) + after.quantity);
    }
    const costPicoUsd = costAt(used, tariff, prices, atMs);
    return used.size === 0 || costPicoUsd === undefined
      ? []
      : [{ subject, modelId, tariff, cells: own, used, costPicoUsd }];
  });
}

function isMeter(meter: string): meter is Meter {
  return (METERS as readonly string[]).includes(meter);
}

/** Undefined where something that was used has no price. */
export function costAt(
  used: ReadonlyMap<Meter, bigint>,
  tariff: TariffKey,
  prices: PriceBook,
  atMs: number,
): bigint | undefined {
  let cost = 0n;
  for (const [meter, pieces] of used) {
    const price = priceOf(tariff, meter, prices, atMs);
    if (!price) return undefined;
    cost += pieces * price.pricePicoUsd;
  }
  return cost;
}

export function priceOf(tariff: TariffKey, meter: Meter, prices: PriceBook, atMs: number): Price | undefined {
  return prices.find({ ...tariff, meter, atMs });
}

/** The same text without a cache: everything that was read counts as plain input. */
export function uncached(used: ReadonlyMap<Meter, bigint>): Map<Meter, bigint> {
  const plain = new Map<Meter, bigint>();
  for (const [meter, pieces] of used) {
    const as: Meter = isInputSide(meter) ? 'input' : meter;
    plain.set(as, (plain.get(as) ?? 0n) + pieces);
  }
  return plain;
}
