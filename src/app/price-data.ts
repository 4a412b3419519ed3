import { readFileSync } from 'node:fs';
import { type ApplicationProfileSource, type FoundationModel, ModelCatalog } from '../inference/model-catalog.ts';
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

/** The price book with an organisation's own prices laid over it. */
export function loadPriceBook(overrides: readonly PriceRow[], configured: readonly FoundationModel[]): PriceBook {
  return new PriceBook({ models: listedModels(configured), sheet: readPrices<PriceSheet>('bedrock.json'), overrides });
}

export function loadCatalog(
  configured: readonly FoundationModel[],
  applicationProfiles?: ApplicationProfileSource,
): ModelCatalog {
  return new ModelCatalog(listedModels(configured), applicationProfiles);
}
