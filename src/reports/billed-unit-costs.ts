import { magnitude, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { costPer, ratioOf } from '../kernel/unit-cost.ts';
import type { Route, Tier } from '../metering/usage-event.ts';
import type { ContextClass } from '../rating/line-item.ts';
import { METERS, type Meter, meterUnit } from '../rating/meter.ts';
import { type PriceBook, priceAt } from '../rating/price-book.ts';
import { inBook } from './book.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CostStore } from './cost-store.ts';
import type { GroupKey, ReportFilter, ReportRow } from './report-query.ts';
import type { TimeRange } from './time-bucket.ts';
import type { Visibility } from './visibility.ts';

/** What tells prices apart. */
const PRICE_KEYS: readonly GroupKey[] = (
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

/** Usage of one day that agrees in all that tells prices apart; `keys` in the order of `PRICE_KEYS`. */
export type BilledRow = Pick<ReportRow, 'bucketStartMs' | 'keys' | 'costPicoUsd' | 'netCostPicoUsd' | 'quantity'>;

interface StoredRow extends Readonly<Record<`key${number}`, string>> {
  readonly day: number;
  readonly usd: string;
  readonly net_usd: string;
  readonly pieces: string;
}

const IS_USAGE: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };

/** Usage on imported bills by day, since prices change from one day to the next. More keys than a report has. */
export async function billedRows(
  {
    range,
    filter,
    visible,
    signal,
  }: {
    readonly range: TimeRange;
    readonly filter?: ReportFilter;
    readonly visible: Visibility;
    readonly signal: AbortSignal;
  },
  { store, costCatalog }: { readonly store: CostStore; readonly costCatalog: () => CostCatalog },
): Promise<BilledRow[]> {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, inBook(costCatalog(), 'bill'), parameters);
  const keys = PRICE_KEYS.map((key, index) => `${lines.value(key)} AS key${index}`);
  const from = lines.from({ and: [IS_USAGE, ...(filter ? [filter] : [])] }, { visible, cutsMs: [] });
  const sql = `
SELECT toUnixTimestamp(toStartOfDay(bucket_start)) AS day, ${keys.join(', ')},
  toString(sum(cost)) AS usd, toString(sum(net_cost)) AS net_usd, toString(sum(quantity)) AS pieces
FROM ${from}
GROUP BY ALL`;
  const rows = await store.query<StoredRow>({ sql, params: parameters.values }, signal);
  return rows.map((row) => ({
    bucketStartMs: row.day * SECOND_MS,
    keys: PRICE_KEYS.map((_, index) => row[`key${index}`] ?? ''),
    costPicoUsd: parsePicoUsd(row.usd),
    netCostPicoUsd: parsePicoUsd(row.net_usd),
    quantity: BigInt(row.pieces),
  }));
}

/** A part in a thousand. */
const TOLERANCE = 1_000n;

interface Sums {
  readonly row: BilledRow;
  quantity: bigint;
  costPicoUsd: PicoUsd;
  netCostPicoUsd: PicoUsd;
  listedQuantity: bigint;
  listedCostPicoUsd: PicoUsd;
  listedPicoUsd: PicoUsd;
}

/** The costliest come first. Usage whose kind was not understood has no meter and no unit, and is left out. */
export function billedUnitCosts(rows: readonly BilledRow[], prices: PriceBook): BilledUnitCost[] {
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

function noSums(row: BilledRow): Sums {
  const nothing = { quantity: 0n, costPicoUsd: 0n, netCostPicoUsd: 0n };
  return { row, ...nothing, listedQuantity: 0n, listedCostPicoUsd: 0n, listedPicoUsd: 0n };
}

/** The public price of a piece at the start of the row's day. */
function listPrice({ keys, bucketStartMs }: BilledRow, prices: PriceBook): PicoUsd | undefined {
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
  if (magnitude(difference) * TOLERANCE <= listedPicoUsd) return 'as listed';
  return difference < 0n ? 'below list' : 'above list';
}
