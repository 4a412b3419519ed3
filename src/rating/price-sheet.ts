import { Fault } from '../kernel/fault.ts';
import { type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import type { Tier } from '../metering/usage-event.ts';
import type { ContextClass } from './line-item.ts';
import { countsTokens, METERS, type Meter, meterUnit } from './meter.ts';

/** Whose route a price is for: `any` where the route makes no difference. */
export type Routing = 'any' | 'in_region_or_geo' | 'global';

/** How sure a price is. `high`: dated or cross-checked; `medium`: one data set; `low`: derived or remembered. */
export type Certainty = 'high' | 'medium' | 'low';

/** The price of one meter of one model. The configuration's rows have this shape too; what they leave out has a default. */
export interface PriceRow {
  readonly modelId: string;
  readonly meter: Meter;
  /** Price of a meter that counts tokens: decimal text, at most six fraction digits. */
  readonly usdPerMillionTokens?: string;
  /** Price of any other meter, for the amount that price lists quote (`MeterUnit.priced`): decimal text. */
  readonly usdPerUnit?: string;
  /** Region code, or `*` for all commercial regions. Absent: `*`. */
  readonly region?: string;
  /** Absent: `any`. */
  readonly routing?: Routing;
  /** `batch` is priced like a tier. Absent: `standard`. */
  readonly tier?: Tier | 'batch';
  /** Absent: `default`. */
  readonly context?: ContextClass;
  /** First day, UTC: `2026-09-01`. Absent: always. */
  readonly effectiveFrom?: string;
  /** Key of the sheet's sources. */
  readonly source?: string;
  readonly certainty?: Certainty;
  readonly note?: string;
}

type PriceMember = 'usdPerMillionTokens' | 'usdPerUnit';
type PricesByMeter = Readonly<Partial<Record<Meter, string>>>;

/** Rows that differ in region and meter only, written as one: the form of `prices/bedrock.json`. */
export interface PriceSheetEntry extends Omit<PriceRow, 'region' | 'meter' | PriceMember> {
  readonly regions: readonly string[];
  readonly usdPerMillionTokens?: PricesByMeter;
  readonly usdPerUnit?: PricesByMeter;
  readonly source: string;
  readonly certainty: Certainty;
}

/** Where prices come from. */
export interface PriceSource {
  readonly title: string;
  readonly url?: string;
  /** Day or month as of which the source says so: `2026-08-21`. Absent: unknown, or nobody checked. */
  readonly checked?: string;
}

/** Content of `prices/bedrock.json`. */
export interface PriceSheet {
  readonly sources: Readonly<Record<string, PriceSource>>;
  readonly entries: readonly PriceSheetEntry[];
}

/** A price that holds from one instant until the next price of the same key begins. */
export interface Price {
  /** Stable: made of the price's key and first day. `pricing_rate_id`. */
  readonly priceId: string;
  readonly modelId: string;
  readonly meter: Meter;
  readonly region: string;
  readonly routing: Routing;
  readonly tier: Tier | 'batch';
  readonly context: ContextClass;
  /** Per piece of the meter, exact. */
  readonly pricePicoUsd: PicoUsd;
  /** Absent: since always. */
  readonly effectiveFromMs?: number;
  /** Absent: until further notice. */
  readonly effectiveToMs?: number;
  /** `override` for the organisation's own prices. */
  readonly source: string;
  readonly certainty: Certainty;
  /** As in `PriceSource`; absent for the organisation's own as well. */
  readonly checked?: string;
  readonly note?: string;
}

/** All single rows of a sheet. */
export function* sheetRows(sheet: PriceSheet): Generator<PriceRow> {
  for (const { regions, usdPerMillionTokens = {}, usdPerUnit = {}, ...shared } of sheet.entries) {
    for (const region of regions) {
      for (const meter of METERS) {
        const perMillion = usdPerMillionTokens[meter];
        const perUnit = usdPerUnit[meter];
        if (perMillion !== undefined) yield { ...shared, region, meter, usdPerMillionTokens: perMillion };
        if (perUnit !== undefined) yield { ...shared, region, meter, usdPerUnit: perUnit };
      }
    }
  }
}

/** Prices by key, each key's in the order of their dates, newest first. Throws ConfigInvalid for a row that cannot be read. */
export function datedPrices(
  rows: Iterable<PriceRow>,
  defaults: { readonly source: string; readonly idPrefix: string },
  sources: PriceSheet['sources'] = {},
): Map<string, Price[]> {
  const prices = new Map<string, Price[]>();
  for (const row of rows) {
    const price = readRow(row, defaults, sources);
    const key = priceKey(price);
    const sameKey = prices.get(key);
    if (sameKey) sameKey.push(price);
    else prices.set(key, [price]);
  }
  for (const [key, sameKey] of prices) prices.set(key, inForceUntilNext(sameKey));
  return prices;
}

/** The fields that must all agree for a price to apply, as one Map key. */
export function priceKey(price: Pick<Price, 'modelId' | 'region' | 'routing' | 'tier' | 'context' | 'meter'>): string {
  return [price.modelId, price.region, price.routing, price.tier, price.context, price.meter].join('/');
}

function inForceUntilNext(prices: readonly Price[]): Price[] {
  const newestFirst = prices.toSorted((a, b) => startMs(b) - startMs(a));
  return newestFirst.map((price, i) => {
    const next = newestFirst[i - 1];
    if (next === undefined) return price;
    if (startMs(next) === startMs(price)) {
      throw new Fault('ConfigInvalid', `two prices are given for \`${price.priceId}\`; keep one`);
    }
    return { ...price, effectiveToMs: startMs(next) };
  });
}

function startMs(price: Price): number {
  return price.effectiveFromMs ?? Number.NEGATIVE_INFINITY;
}

function readRow(
  row: PriceRow,
  defaults: { readonly source: string; readonly idPrefix: string },
  sources: PriceSheet['sources'],
): Price {
  const { modelId, meter, region = '*', routing = 'any', tier = 'standard', context = 'default' } = row;
  const { source = defaults.source, certainty = 'high' } = row;
  const checked = sources[source]?.checked;
  const key = priceKey({ modelId, region, routing, tier, context, meter });
  return {
    priceId: `${defaults.idPrefix}${key}${row.effectiveFrom === undefined ? '' : `/${row.effectiveFrom}`}`,
    modelId,
    meter,
    region,
    routing,
    tier,
    context,
    pricePicoUsd: pricePerPiece(row, key),
    ...(row.effectiveFrom === undefined ? {} : { effectiveFromMs: firstDay(row.effectiveFrom, key) }),
    source,
    certainty,
    ...(checked === undefined ? {} : { checked }),
    ...(row.note === undefined ? {} : { note: row.note }),
  };
}

/** The price in the member that the meter's unit asks for. */
function statedPrice({ meter, usdPerMillionTokens, usdPerUnit }: PriceRow, key: string): string {
  const [name, stated, other] = countsTokens(meter)
    ? ['usdPerMillionTokens', usdPerMillionTokens, usdPerUnit]
    : ['usdPerUnit', usdPerUnit, usdPerMillionTokens];
  if (stated !== undefined && other === undefined) return stated;
  const { name: unit } = meterUnit(meter).priced;
  throw new Fault('ConfigInvalid', `give the price of \`${key}\` as \`${name}\`, in USD per ${unit}`);
}

function pricePerPiece(row: PriceRow, key: string): PicoUsd {
  const text = statedPrice(row, key);
  let stated: PicoUsd;
  try {
    stated = parsePicoUsd(text);
  } catch {
    throw new Fault('ConfigInvalid', `the price \`${text}\` of \`${key}\` is not a decimal number`);
  }
  const { pieces } = meterUnit(row.meter).priced;
  if (stated < 0n || stated % pieces !== 0n) {
    const digits = 13 - pieces.toString().length;
    throw new Fault(
      'ConfigInvalid',
      `the price \`${text}\` of \`${key}\` must not be negative nor have more than ${digits} fraction digits`,
    );
  }
  return stated / pieces;
}

function firstDay(day: string, key: string): number {
  const startMs = readDay(day);
  if (startMs === undefined) {
    throw new Fault('ConfigInvalid', `the first day \`${day}\` of \`${key}\` is not a date such as \`2026-09-01\``);
  }
  return startMs;
}

/** First instant, UTC, of a day such as `2026-09-01`; undefined for any other text. */
export function readDay(day: string): number | undefined {
  const startMs = /^\d{4}-\d{2}-\d{2}$/.test(day) ? Date.parse(`${day}T00:00:00.000Z`) : Number.NaN;
  // Date.parse reads 30 February as 2 March; only a real day reads back as itself.
  return !Number.isNaN(startMs) && new Date(startMs).toISOString().startsWith(day) ? startMs : undefined;
}
