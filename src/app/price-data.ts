import { readFileSync } from 'node:fs';
import type { Config } from '../config.ts';
import { type ApplicationProfileSource, type FoundationModel, ModelCatalog } from '../inference/model-catalog.ts';
import type { PercentageDiscount } from '../rating/discount.ts';
import { PriceBook } from '../rating/price-book.ts';
import type { PriceRow, PriceSheet } from '../rating/price-sheet.ts';

/** The committed data of `prices/`, read once per thread. */
function readPrices<Content>(file: string): Content {
  return JSON.parse(readFileSync(new URL(`../../prices/${file}`, import.meta.url), 'utf8')) as Content;
}

/** The models of the price data, and those that only the configuration knows. */
function listedModels(configured: readonly FoundationModel[]): FoundationModel[] {
  return [...readPrices<{ models: FoundationModel[] }>('models.json').models, ...configured];
}

/** What a configuration says of prices. A worker thread is given it as it is. */
export interface PriceSettings {
  readonly overrides: readonly PriceRow[];
  readonly privateRates: readonly PriceRow[];
  readonly percentages: readonly PercentageDiscount[];
  readonly models: readonly FoundationModel[];
}

export function priceSettings({ prices = [], models = [], billing }: Config): PriceSettings {
  return { overrides: prices, ...billing.discounts, models };
}

/** The price book with an organisation's own prices and discounts laid over it. */
export function loadPriceBook({ models, ...own }: PriceSettings): PriceBook {
  return new PriceBook({ models: listedModels(models), sheet: readPrices<PriceSheet>('bedrock.json'), ...own });
}

export function loadCatalog(
  configured: readonly FoundationModel[],
  applicationProfiles?: ApplicationProfileSource,
): ModelCatalog {
  return new ModelCatalog(listedModels(configured), applicationProfiles);
}
