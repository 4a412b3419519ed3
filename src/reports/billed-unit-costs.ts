import type { PicoUsd } from '../kernel/money.ts';
import { costPer, ratioOf } from '../kernel/unit-cost.ts';
import type { Route, Tier } from '../metering/usage-event.ts';
import type { ContextClass } from '../rating/line-item.ts';
import { METERS, type Meter, meterUnit } from '../rating/meter.ts';
import { type PriceBook, priceAt } from '../rating/price-book.ts';
import type { GroupKey, ReportRow } from './report-query.ts';

/** What tells prices apart, in the order of a report's keys that `billedUnitCosts` reads. */
export const PRICE_KEYS: readonly GroupKey[] = (
  ['model', 'meter', 'route', 'tier', 'context', 'region', 'batch'] as const
).map((dimension) => ({ dimension }));

/**
 * How a bill's price stands to the price book's. `unlisted`: the book has none for any of it. `as listed`: within a part in a
 * thousand, which is what a bill's own rounding does.
 */
export type PriceVerdict = 'as listed' | 'below list' | 'above list' | 'unlisted';

/** What one kind of usage cost on the bill, beside the public price in the book on the days of the usage. */
export interface BilledUnitCost {
  readonly modelId: string;
  readonly meter: Meter;
  readonly route: string;
  readonly tier: string;
  readonly context: string;
  readonly region: string;
  readonly isBatch: boolean;
  /** What unit costs are for: `1M tokens`. */
  readonly unit: string;
  readonly quantity: bigint;
  readonly costPicoUsd: PicoUsd;
  readonly netCostPicoUsd: PicoUsd;
  /** USD in decimal notation; absent without quantity. */
  readonly unitCostUsd?: string;
  readonly netUnitCostUsd?: string;
  /** Of the listed part, on the average of its days; absent where nothing is listed. */
  readonly listUnitCostUsd?: string;
  /** What the listed part would have cost at the book's public price. */
  readonly listedPicoUsd: PicoUsd;
  /** What the listed part cost more than that; negative: less. */
  readonly differencePicoUsd: PicoUsd;
  /** Cost of the listed part by its cost at the public price: `0.95`. Absent where that is nothing. */
  readonly ratio?: string;
  readonly verdict: PriceVerdict;
}

/** A part in a thousand. */
const TOLERANCE = 1_000n;

interface Sums {
  readonly row: ReportRow;
  quantity: bigint;
  costPicoUsd: PicoUsd;
  netCostPicoUsd: PicoUsd;
  listedQuantity: bigint;
  listedCostPicoUsd: PicoUsd;
  listedPicoUsd: PicoUsd;
}

/**
 * `rows`: usage of a bill by day and `PRICE_KEYS`, with `cost`, `netCost` and `quantity`. The costliest come first. Usage whose
 * kind was not understood has no meter and no unit, and is left out.
 */
export function billedUnitCosts(rows: readonly ReportRow[], prices: PriceBook): BilledUnitCost[] {
  const all = new Map<string, Sums>();
  for (const row of rows) {
    const id = row.keys.join('\u0000');
    const sums = all.get(id) ?? noSums(row);
    all.set(id, sums);
    sums.quantity += row.quantity;
    sums.costPicoUsd += row.costPicoUsd;
    sums.netCostPicoUsd += row.netCostPicoUsd;
    const price = listPrice(row, prices);
    if (price === undefined) continue;
    sums.listedQuantity += row.quantity;
    sums.listedCostPicoUsd += row.costPicoUsd;
    sums.listedPicoUsd += price * row.quantity;
  }
  return [...all.values()]
    .filter(({ row }) => isMeter(row.keys[1]!))
    .map(unitCostOf)
    .sort((a, b) => (a.costPicoUsd > b.costPicoUsd ? -1 : a.costPicoUsd < b.costPicoUsd ? 1 : 0));
}

function noSums(row: ReportRow): Sums {
  const nothing = { quantity: 0n, costPicoUsd: 0n, netCostPicoUsd: 0n };
  return { row, ...nothing, listedQuantity: 0n, listedCostPicoUsd: 0n, listedPicoUsd: 0n };
}

/** The public price of a piece at the start of the row's day. */
function listPrice({ keys, bucketStartMs }: ReportRow, prices: PriceBook): PicoUsd | undefined {
  const [modelId, meter, route, tier, context, region, batch] = keys as readonly string[] & { length: 7 };
  if (!isMeter(meter!) || route === '' || tier === '') return undefined;
  const key = {
    ...{ modelId: modelId!, region: region!, route: route as Route, tier: tier as Tier },
    ...{ isBatch: batch === 'yes', context: context as ContextClass },
  };
  return priceAt(prices.tariff(key).of(meter).listPrices, bucketStartMs)?.pricePicoUsd;
}

function isMeter(text: string): text is Meter {
  return (METERS as readonly string[]).includes(text);
}

function unitCostOf(sums: Sums): BilledUnitCost {
  const { row, quantity, costPicoUsd, netCostPicoUsd, listedQuantity, listedCostPicoUsd, listedPicoUsd } = sums;
  const [modelId, meter, route, tier, context, region, batch] = row.keys as unknown as [
    ...[string, Meter, string, string, string, string, string],
  ];
  const { name, pieces } = meterUnit(meter).priced;
  const unitCostUsd = costPer(pieces, costPicoUsd, quantity);
  const netUnitCostUsd = costPer(pieces, netCostPicoUsd, quantity);
  const listUnitCostUsd = costPer(pieces, listedPicoUsd, listedQuantity);
  const ratio = ratioOf(listedCostPicoUsd, listedPicoUsd);
  return {
    ...{ modelId, meter, route, tier, context, region, isBatch: batch === 'yes', unit: name },
    ...{ quantity, costPicoUsd, netCostPicoUsd, listedPicoUsd },
    differencePicoUsd: listedCostPicoUsd - listedPicoUsd,
    ...(unitCostUsd !== undefined && { unitCostUsd }),
    ...(netUnitCostUsd !== undefined && { netUnitCostUsd }),
    ...(listUnitCostUsd !== undefined && { listUnitCostUsd }),
    ...(ratio !== undefined && { ratio }),
    verdict: listedQuantity === 0n ? 'unlisted' : verdictOf(listedCostPicoUsd, listedPicoUsd),
  };
}

function verdictOf(costPicoUsd: PicoUsd, listedPicoUsd: PicoUsd): PriceVerdict {
  const difference = costPicoUsd - listedPicoUsd;
  const magnitude = difference < 0n ? -difference : difference;
  if (magnitude * TOLERANCE <= listedPicoUsd) return 'as listed';
  return difference < 0n ? 'below list' : 'above list';
}
