import type { Route, Tier } from '../metering/usage-event.ts';
import { BILLED_FEATURES } from './billed-feature.ts';
import { type BilledModel, billedModel, type ListedModel, type Sold, soldAs } from './billed-model.ts';
import { type PercentageDiscount, PercentageDiscounts } from './discount.ts';
import type { ContextClass } from './line-item.ts';
import type { Meter } from './meter.ts';
import {
  datedPrices,
  type Price,
  type PriceRow,
  type PriceSheet,
  priceKey,
  type Routing,
  sheetRows,
} from './price-sheet.ts';
import { pricingUnitOf } from './pricing-unit.ts';
import { usageType } from './usage-type.ts';

/** The facts that choose a price, but for the meter and the time. */
export interface TariffKey {
  readonly modelId: string;
  /** Region of the request: the source region of a cross-region profile. */
  readonly region: string;
  readonly route: Route;
  readonly tier: Tier;
  readonly isBatch: boolean;
  readonly context: ContextClass;
}

/** How one meter of a tariff is billed. */
export interface MeterTariff {
  readonly usageType: string;
  readonly pricingUnit: string;
  /** What the meter has cost over time, most specific and newest first. */
  readonly prices: readonly Price[];
  /** The same without the organisation's own: what the public pays on demand. */
  readonly listPrices: readonly Price[];
  /** Rates that were agreed in private: a discount off the price. */
  readonly privateRates: readonly Price[];
}

/** How calls that agree in a `TariffKey` are billed. */
export interface Tariff {
  readonly sold: Sold;
  /** Made when first asked for: most calls have two or three of the meters. */
  readonly of: (meter: Meter) => MeterTariff;
}

/** Which prices to list. An absent member leaves that choice open. */
export interface PriceFilter {
  /** Part of a model id. */
  readonly modelText?: string;
  readonly region?: string;
  readonly route?: Route;
  readonly tier?: Tier | 'batch';
  readonly atMs: number;
}

/** Tariffs kept ready. Real traffic has a few hundred; past this many they are built again as needed. */
const TARIFFS_MAX = 20_000;

/**
 * The prices of Bedrock, with the organisation's own laid over them. An own price is taken before any list price; then the
 * region's price before the price of all regions, and the route's before the price of any route. Nothing else stands in
 * for a missing price: the usage is unpriced.
 */
export class PriceBook {
  /** The models that are listed and what Bedrock sells besides, by id. */
  readonly models: ReadonlyMap<string, BilledModel>;
  readonly #overrides: ReadonlyMap<string, readonly Price[]>;
  readonly #list: ReadonlyMap<string, readonly Price[]>;
  readonly #privateRates: ReadonlyMap<string, readonly Price[]>;
  /** What comes off the prices after the private rate. */
  readonly percentages: PercentageDiscounts;
  /** Since when each model has had long-context prices. */
  readonly #longContextFromMs = new Map<string, number>();
  /** By model and region: a key of all facts as one text would be made, and hashed, for every question. */
  readonly #tariffs = new Map<string, Map<string, KeptTariff[]>>();
  #tariffCount = 0;

  /** Throws ConfigInvalid for a price that is not exact to 0.000000000001 USD per piece, or given twice. */
  constructor(parts: {
    readonly models: readonly ListedModel[];
    readonly sheet: PriceSheet;
    readonly overrides?: readonly PriceRow[];
    readonly privateRates?: readonly PriceRow[];
    readonly percentages?: readonly PercentageDiscount[];
  }) {
    this.models = new Map([...BILLED_FEATURES, ...parts.models].map((listed) => [listed.modelId, billedModel(listed)]));
    this.#list = datedPrices(sheetRows(parts.sheet), { source: '', idPrefix: '' }, parts.sheet.sources);
    this.#overrides = datedPrices(parts.overrides ?? [], { source: 'override', idPrefix: 'override/' });
    this.#privateRates = datedPrices(parts.privateRates ?? [], { source: 'private', idPrefix: 'private/' });
    this.percentages = new PercentageDiscounts(parts.percentages ?? []);
    for (const { context, modelId, effectiveFromMs = Number.NEGATIVE_INFINITY } of this.#all()) {
      if (context !== 'long_context') continue;
      const known = this.#longContextFromMs.get(modelId) ?? Number.POSITIVE_INFINITY;
      this.#longContextFromMs.set(modelId, Math.min(known, effectiveFromMs));
    }
  }

  /** What billing knows of a model; a model that no list knows is billed under its own id. */
  model(modelId: string): BilledModel {
    return this.models.get(modelId) ?? billedModel({ modelId });
  }

  /** As what the models of a service are sold. Undefined for a service that no listed model has. */
  soldUnder(service: string): Sold | undefined {
    for (const model of this.models.values()) {
      const sold = soldAs(model);
      if (sold.service === service) return sold;
    }
    return undefined;
  }

  /** The price class of a request that read so many tokens, cached ones included. */
  contextClass(modelId: string, totalInputTokens: number, atMs: number): ContextClass {
    const threshold = this.models.get(modelId)?.longContextThresholdTokens;
    if (threshold === undefined || totalInputTokens <= threshold) return 'default';
    return atMs >= (this.#longContextFromMs.get(modelId) ?? Number.POSITIVE_INFINITY) ? 'long_context' : 'default';
  }

  /** Everything needed to bill calls of one kind. Kept ready, because rating asks for the same few again and again. */
  tariff(key: TariffKey): Tariff {
    const kept = this.#tariffs.get(key.modelId)?.get(key.region);
    if (kept) for (const one of kept) if (isOfKey(one, key)) return one.tariff;
    return this.#keep(key);
  }

  /** The price of one piece, or undefined when there is none. */
  find(key: TariffKey & { readonly meter: Meter; readonly atMs: number }): Price | undefined {
    return priceAt(this.tariff(key).of(key.meter).prices, key.atMs);
  }

  /** Prices in force, in the order of their ids: exactly those that some call allowed by the filter would cost. */
  prices(filter: PriceFilter): Price[] {
    const isListed = (price: Price) => {
      if (filter.modelText !== undefined && !price.modelId.includes(filter.modelText)) return false;
      if (filter.tier !== undefined && price.tier !== filter.tier) return false;
      const routings = filter.route === undefined ? routingsOf(price) : routingsFor(filter.route);
      const candidates = this.#candidates(price, filter.region ?? price.region, routings);
      return priceAt(candidates, filter.atMs)?.priceId === price.priceId;
    };
    return [...this.#all()].filter(isListed).sort((a, b) => (a.priceId < b.priceId ? -1 : 1));
  }

  *#all(): Generator<Price> {
    for (const prices of this.#overrides.values()) yield* prices;
    for (const prices of this.#list.values()) yield* prices;
  }

  #keep({ modelId, region, route, tier, isBatch, context }: TariffKey): Tariff {
    const key = { modelId, region, route, tier, isBatch, context };
    if (this.#tariffCount >= TARIFFS_MAX) {
      this.#tariffs.clear();
      this.#tariffCount = 0;
    }
    const byRegion = this.#tariffs.get(modelId) ?? new Map<string, KeptTariff[]>();
    this.#tariffs.set(modelId, byRegion);
    const kept = byRegion.get(region) ?? [];
    byRegion.set(region, kept);
    const tariff = this.#build(key);
    kept.push({ key, tariff });
    this.#tariffCount += 1;
    return tariff;
  }

  #build(key: TariffKey): Tariff {
    const model = this.model(key.modelId);
    const meters = new Map<Meter, MeterTariff>();
    const of = (meter: Meter): MeterTariff => {
      let tariff = meters.get(meter);
      if (tariff === undefined) {
        tariff = {
          usageType: usageType(model, { ...key, meter }),
          pricingUnit: pricingUnitOf(meter, model.marketplace !== undefined),
          ...this.#pricesOf(key, meter),
        };
        meters.set(meter, tariff);
      }
      return tariff;
    };
    return { sold: soldAs(model), of };
  }

  #pricesOf(key: TariffKey, meter: Meter): Omit<MeterTariff, 'usageType' | 'pricingUnit'> {
    const { modelId, region, isBatch, context } = key;
    // A batch has one price whatever its tier; caching is not offered with it, and no batch price has a cache meter.
    const price = { modelId, tier: isBatch ? 'batch' : key.tier, context, meter } as const;
    const routings = routingsFor(key.route);
    return {
      prices: this.#candidates(price, region, routings),
      listPrices: pick(this.#list, price, listRegions(region), routings),
      privateRates: pick(this.#privateRates, price, regionsFor(region), routings),
    };
  }

  #candidates(price: MeterKey, region: string, routings: readonly Routing[]): Price[] {
    return [
      ...pick(this.#overrides, price, regionsFor(region), routings),
      ...pick(this.#list, price, listRegions(region), routings),
    ];
  }
}

interface KeptTariff {
  readonly key: TariffKey;
  readonly tariff: Tariff;
}

/** Whether it is of that key, where model and region are known to be. */
function isOfKey({ key }: KeptTariff, { route, tier, isBatch, context }: TariffKey): boolean {
  return key.route === route && key.tier === tier && key.isBatch === isBatch && key.context === context;
}

type MeterKey = Pick<Price, 'modelId' | 'tier' | 'context' | 'meter'>;

/** Prices of a key by region and then by routing, the more specific ones first. */
function pick(
  prices: ReadonlyMap<string, readonly Price[]>,
  { modelId, tier, context, meter }: MeterKey,
  regions: readonly string[],
  routings: readonly Routing[],
): Price[] {
  return regions.flatMap((region) =>
    routings.flatMap((routing) => prices.get(priceKey({ modelId, region, routing, tier, context, meter })) ?? []),
  );
}

function regionsFor(region: string): readonly string[] {
  return region === '*' ? ['*'] : [region, '*'];
}

/** What the list says of all regions, it says of the commercial ones: GovCloud and China have prices of their own. */
function listRegions(region: string): readonly string[] {
  return /^(us-gov|cn)-/.test(region) ? [region] : regionsFor(region);
}

/** The price in force at an instant: of a key's prices the newest comes first, so it is the first that has begun. */
export function priceAt(prices: readonly Price[], atMs: number): Price | undefined {
  for (const price of prices) {
    if (price.effectiveFromMs === undefined || price.effectiveFromMs <= atMs) return price;
  }
  return undefined;
}

function routingsFor(route: Route): readonly Routing[] {
  return [route === 'global' ? 'global' : 'in_region_or_geo', 'any'];
}

function routingsOf({ routing }: Price): readonly Routing[] {
  return routing === 'any' ? ['any'] : [routing, 'any'];
}
