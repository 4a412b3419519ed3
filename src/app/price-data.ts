import { readFileSync } from 'node:fs';
import type { BillingConfig, Config } from '../config.ts';
import {
  type ApplicationProfileSource,
  type FoundationModel,
  type HeldModelSource,
  ModelCatalog,
} from '../inference/model-catalog.ts';
import { Fault } from '../kernel/fault.ts';
import type { ListedModel } from '../rating/billed-model.ts';
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
  readonly sellers: BillingConfig['marketplace'];
}

export function priceSettings({ prices = [], models = [], billing }: Config): PriceSettings {
  return { overrides: prices, ...billing.discounts, models, sellers: billing.marketplace };
}

/** The models as the configuration says they are sold. Throws ConfigInvalid for a model that is in no list. */
function soldModels(configured: readonly FoundationModel[], sellers: PriceSettings['sellers']): ListedModel[] {
  const models = new Map<string, ListedModel>(listedModels(configured).map((model) => [model.modelId, model]));
  for (const { modelId, seller, ...offer } of sellers) {
    const model = models.get(modelId);
    if (!model)
      throw new Fault('ConfigInvalid', `\`billing.marketplace\` names \`${modelId}\`, which no list of models has`);
    const { marketplace: _, ...ofAws } = model;
    models.set(modelId, seller === 'AWS' ? ofAws : { ...ofAws, marketplace: offer });
  }
  return [...models.values()];
}

/** The price book with an organisation's own prices and discounts laid over it. */
export function loadPriceBook({ models, sellers, ...own }: PriceSettings): PriceBook {
  return new PriceBook({ models: soldModels(models, sellers), sheet: readPrices<PriceSheet>('bedrock.json'), ...own });
}

export function loadCatalog(
  configured: readonly FoundationModel[],
  applicationProfiles?: ApplicationProfileSource,
  heldModels?: HeldModelSource,
): ModelCatalog {
  return new ModelCatalog(listedModels(configured), applicationProfiles, heldModels);
}
