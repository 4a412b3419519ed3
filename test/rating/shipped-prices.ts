import { readFileSync } from 'node:fs';
import type { FoundationModel } from '../../src/inference/model-catalog.ts';
import type { BilledModel } from '../../src/rating/billed-model.ts';
import { PriceBook } from '../../src/rating/price-book.ts';
import type { PriceRow, PriceSheet } from '../../src/rating/price-sheet.ts';

/** The price sheet and the model list as they are shipped. */
export const shippedSheet = readJson('bedrock.json') as PriceSheet;
export const shippedModels = (readJson('models.json') as { models: (FoundationModel & BilledModel)[] }).models;

export function readJson(file: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../prices/${file}`, import.meta.url), 'utf8'));
}

export function shippedBook(overrides: readonly PriceRow[] = []): PriceBook {
  return new PriceBook({ models: shippedModels, sheet: shippedSheet, overrides });
}
