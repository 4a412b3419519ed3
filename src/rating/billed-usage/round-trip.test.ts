import fc from 'fast-check';
import { expect, it } from 'vitest';
import { shippedBook } from '../../../test/rating/shipped-prices.ts';
import { foundationModelArn } from '../../inference/model-catalog.ts';
import type { Route } from '../../metering/usage-event.ts';
import { billedModelId } from '../billed-feature.ts';
import { type BilledModel, soldAs } from '../billed-model.ts';
import { ModelNames, readBilledUsage } from '../billed-usage.ts';
import { BILLING_REGIONS } from '../billing-region.ts';
import { BILL_METERS, isTokenMeter, METERS, type Meter, meterUnit } from '../meter.ts';
import { pricingUnitOf } from '../pricing-unit.ts';
import { productAttributes, type UsageTypeFacts, usageDescription, usageType } from '../usage-type.ts';

const MODELS = shippedBook().models;
const NAMES = new ModelNames(MODELS.values());

/** What a row of our own says, as `cur-query` writes it. */
function rowOf(model: BilledModel, facts: UsageTypeFacts, resourceArn: string) {
  const sold = soldAs(model);
  const type = usageType(model, facts);
  const { inference_type: inferenceType, ...attributes } = productAttributes(model, facts);
  const title = sold.service === 'Amazon Bedrock' ? sold.service : `${model.displayName} (Amazon Bedrock Edition)`;
  return {
    billingEntity: sold.billingEntity,
    productCode: sold.productCode,
    productName: title,
    productFamily: 'Amazon Bedrock',
    serviceName: title,
    usageType: type,
    operation: 'InvokeModelInference',
    pricingUnit: pricingUnitOf(facts.meter, model.marketplace !== undefined),
    description: usageDescription(type, facts, undefined),
    ...attributes,
    inferenceType,
    region: facts.region,
    modelResource: resourceArn,
    lineType: 'Usage',
    regionCode: facts.region,
  };
}

const ARN_OF_ROUTE: Readonly<Record<Route, (modelId: string, region: string) => string>> = {
  in_region: foundationModelArn,
  geo: (modelId, region) => `arn:aws:bedrock:${region}:123456789012:inference-profile/us.${modelId}`,
  global: (modelId, region) => `arn:aws:bedrock:${region}:123456789012:inference-profile/global.${modelId}`,
};

/** What is sold as one metric on AWS Marketplace, whatever its size. */
const IS_SIZED_IMAGE = /^image_/;
const WRITTEN = METERS.filter((meter) => !(BILL_METERS as readonly Meter[]).includes(meter));

const RUNS = fc.record({
  listedId: fc.constantFrom(...MODELS.keys()),
  meter: fc.constantFrom(...WRITTEN),
  region: fc.constantFrom(...BILLING_REGIONS),
  route: fc.constantFrom<Route>('in_region', 'geo', 'global'),
  tier: fc.constantFrom('standard', 'priority', 'flex', 'reserved', 'latency_optimized'),
  context: fc.constantFrom('default', 'long_context'),
  isBatch: fc.boolean(),
} as const);

it('reads back what it writes, for every model, meter, route, tier and context', () => {
  fc.assert(
    fc.property(RUNS, ({ listedId, ...facts }) => {
      const model = MODELS.get(billedModelId(listedId, facts.meter))!;
      fc.pre(!(model.marketplace && IS_SIZED_IMAGE.test(facts.meter)));
      const read = readBilledUsage(rowOf(model, facts, ARN_OF_ROUTE[facts.route](model.modelId, facts.region)), NAMES);
      const spellsTier = isTokenMeter(facts.meter) && !(facts.isBatch && namesBatchAsTier(model));
      expect(read).toMatchObject({
        ...{ isBedrock: true, isRecognised: true, unread: [], recordType: 'Usage' },
        ...{ modelId: model.modelId, provider: model.provider, region: facts.region, meter: facts.meter },
        ...{ route: facts.route, isBatch: facts.isBatch },
        // Of what counts no text tokens bills say neither.
        tier: spellsTier ? facts.tier : 'standard',
        context: isTokenMeter(facts.meter) ? facts.context : 'default',
        ...soldAs(model),
        piecesPerUnit: model.marketplace
          ? meterUnit(facts.meter).billed.pieces === 1n
            ? 1n
            : 1_000_000n
          : meterUnit(facts.meter).billed.pieces,
      });
    }),
    { numRuns: 3000 },
  );
});

function namesBatchAsTier({ usageTypeFamily, marketplace }: BilledModel): boolean {
  return marketplace ? marketplace.metrics === 'snake' : usageTypeFamily === 'mantle';
}

it('reads the same without names for people, resources and units, but for the geography', () => {
  fc.assert(
    fc.property(RUNS, ({ listedId, ...facts }) => {
      const model = MODELS.get(billedModelId(listedId, facts.meter))!;
      fc.pre(model.marketplace === undefined);
      const row = rowOf(model, facts, '');
      const bare = { ...row, productName: '', serviceName: '', model: '', provider: '', pricingUnit: '', region: '' };
      const read = readBilledUsage({ ...bare, feature: row.feature, regionCode: '' }, NAMES);
      expect(read).toMatchObject({ modelId: model.modelId, provider: model.provider, isRecognised: true });
      expect(read).toMatchObject({ region: facts.region, meter: facts.meter });
      expect(read.piecesPerUnit).toBe(meterUnit(facts.meter).billed.pieces);
    }),
    { numRuns: 3000 },
  );
});
