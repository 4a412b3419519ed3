import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { shippedBook } from '../../test/rating/shipped-prices.ts';
import { type BilledUsage, type BilledUsageText, ModelNames, readBilledUsage } from './billed-usage.ts';

const { cases } = JSON.parse(
  readFileSync(new URL('../../test/vectors/rating/billed-usage.json', import.meta.url), 'utf8'),
) as { cases: { origin: string; text: Partial<BilledUsageText>; usage: Partial<BilledUsage> }[] };

const MODELS = new ModelNames(shippedBook().models.values());

const NOTHING: BilledUsageText = {
  billingEntity: 'AWS',
  productCode: 'AmazonBedrock',
  productName: '',
  productFamily: 'Amazon Bedrock',
  serviceName: '',
  usageType: '',
  operation: 'InvokeModelInference',
  pricingUnit: '1K tokens',
  description: '',
  model: '',
  provider: '',
  inferenceType: '',
  feature: '',
  region: '',
  modelResource: '',
  lineType: 'Usage',
  regionCode: '',
};

/** Bigints as text, as vectors have them. */
function asVector(usage: BilledUsage) {
  return { ...usage, piecesPerUnit: String(usage.piecesPerUnit) };
}

describe('usage of real bills', () => {
  it.each(cases)('reads $text.usageType', ({ text, usage }) => {
    expect(asVector(readBilledUsage({ ...NOTHING, ...text }, MODELS))).toMatchObject(usage);
  });
});
