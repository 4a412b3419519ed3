import type { Route, Tier } from '../metering/usage-event.ts';
import { billedModelId } from './billed-feature.ts';
import type { BilledModel } from './billed-model.ts';
import { recordTypeOf } from './billed-usage/charge-type.ts';
import { type ModelNames, modelOfArn, withoutEdition } from './billed-usage/model-names.ts';
import { type Channel, sellerOf } from './billed-usage/seller.ts';
import { unitPieces } from './billed-usage/unit-pieces.ts';
import type { BilledUsageText } from './billed-usage/usage-text.ts';
import { readUsageType, type UsageWords } from './billed-usage/usage-words.ts';
import type { BillingEntity, ContextClass, RecordType } from './line-item.ts';
import type { Meter } from './meter.ts';

export { ModelNames } from './billed-usage/model-names.ts';
export type { Channel } from './billed-usage/seller.ts';
export type { BilledUsageText } from './billed-usage/usage-text.ts';

/** Which part of a row is not understood. */
export type UnreadPart = 'line type' | 'channel' | 'region' | 'model' | 'meter' | 'words' | 'unit';

export interface UnreadText {
  readonly part: UnreadPart;
  /** What the row says there. */
  readonly text: string;
}

/**
 * What one kind of usage is in our own terms: the columns of `line_item` that depend on it. Members without a meaning for the
 * charge are empty, as in `LineItem`.
 */
export interface BilledUsage {
  readonly isBedrock: boolean;
  readonly channel: Channel;
  readonly recordType: RecordType;
  /** The price book's id; of models that it does not know the bill's own name. Empty for what is of no model. */
  readonly modelId: string;
  readonly provider: string;
  readonly region: string;
  readonly route: Route | '';
  readonly tier: Tier | '';
  readonly context: ContextClass | '';
  readonly meter: Meter | '';
  readonly isBatch: boolean;
  /** AWS's word: `InvokeModelInference`, `InvokeModelStreamingInference`, `Usage`. */
  readonly operation: string;
  readonly usageType: string;
  readonly productCode: string;
  /** Cost Explorer's name of the product. */
  readonly service: string;
  readonly billingEntity: BillingEntity;
  readonly pricingUnit: string;
  /** Pieces of the meter in one unit of the row's amount: `quantity` is the product. 0 on charges that are no usage. */
  readonly piecesPerUnit: bigint;
  readonly isRecognised: boolean;
  /** Empty when all of it is understood, and for what is not Bedrock's. */
  readonly unread: readonly UnreadText[];
}

/** Call once for each distinct text: rows by the million share a few hundred. */
export function readBilledUsage(text: BilledUsageText, models: ModelNames): BilledUsage {
  const seller = sellerOf(text);
  const recordType = recordTypeOf(text.lineType);
  const unread: UnreadText[] = recordType === undefined ? [{ part: 'line type', text: text.lineType }] : [];
  const shared = {
    ...seller,
    recordType: recordType ?? 'Fee',
    operation: text.operation,
    usageType: text.usageType,
    pricingUnit: text.pricingUnit,
  };
  const named = modelOfArn(text.modelResource);
  const words = readUsageType(text.usageType);
  const region = text.regionCode || text.region || (words.region ?? '');
  if (!seller.isBedrock || recordType !== 'Usage') {
    const model = seller.isBedrock ? findModel(text, words, named?.modelId, models) : undefined;
    return {
      ...shared,
      ...{ modelId: model?.modelId ?? '', provider: model?.provider ?? text.provider, region },
      ...{ route: '', tier: '', context: '', meter: '', isBatch: false, piecesPerUnit: 0n },
      ...outcome(seller.isBedrock ? unread : []),
    };
  }
  if (region === '') unread.push({ part: 'region', text: text.usageType });
  const meter = seller.channel === 'agentcore' ? agentCoreMeter(text.pricingUnit) : words.meter;
  if (meter === undefined) unread.push({ part: 'meter', text: text.usageType });
  if (seller.channel === 'other') unread.push({ part: 'channel', text: text.productCode || text.serviceName });
  for (const word of words.unknown) unread.push({ part: 'words', text: word });
  const model = seller.channel === 'agentcore' ? { modelId: '', provider: 'Amazon' } : billedModelOf();
  const unit =
    meter === undefined ? { pieces: 1n, isKnown: true } : unitPieces(meter, text.pricingUnit, text.description);
  if (!unit.isKnown) unread.push({ part: 'unit', text: text.pricingUnit });
  return {
    ...shared,
    modelId: model.modelId,
    provider: model.provider,
    region,
    route: words.route === 'global' ? 'global' : (named?.route ?? words.route ?? routeOfDescription(text.description)),
    tier: words.tier,
    context: words.context,
    meter: meter ?? '',
    isBatch: words.isBatch || /^batch/i.test(text.feature),
    piecesPerUnit: unit.pieces,
    ...outcome(unread),
  };

  function billedModelOf(): Pick<BilledModel, 'modelId' | 'provider'> {
    const found = findModel(text, words, named?.modelId, models);
    if (found) {
      return {
        modelId: meter === undefined ? found.modelId : billedModelId(found.modelId, meter),
        provider: found.provider,
      };
    }
    const feature = meter === undefined ? undefined : models.ofId(billedModelId('', meter));
    if (feature) return feature;
    const modelId =
      named?.modelId ?? (words.name || text.model || withoutEdition(text.productName || text.serviceName));
    // An id that the row itself gives in full is known, whether or not there is a price for it.
    if (named === undefined && !words.isMantle) unread.push({ part: 'model', text: modelId });
    return { modelId, provider: text.provider || modelId.split('.', 1)[0]! };
  }
}

function outcome(unread: readonly UnreadText[]): Pick<BilledUsage, 'isRecognised' | 'unread'> {
  return { isRecognised: unread.length === 0, unread };
}

/** The surest name first: the model's ARN, then the usage type's, then the names for people, then the product. */
function findModel(
  text: BilledUsageText,
  words: UsageWords,
  namedModelId: string | undefined,
  models: ModelNames,
): BilledModel | undefined {
  return (
    (namedModelId === undefined ? undefined : models.ofId(namedModelId)) ??
    models.ofUsageName(words.wholeName) ??
    models.ofUsageName(words.name) ??
    (words.isMantle ? models.ofId(words.name) : undefined) ??
    models.ofTitle(text.model) ??
    models.ofTitle(text.productName) ??
    models.ofTitle(text.serviceName) ??
    models.ofProductCode(text.productCode)
  );
}

/** `Million Input Tokens Regional CRIS`: cross-region inference within a geography. */
function routeOfDescription(description: string): Route {
  return /\bCRIS\b/.test(description) && !/\bglobal\b/i.test(description) ? 'geo' : 'in_region';
}

function agentCoreMeter(pricingUnit: string): Meter {
  if (/vcpu/i.test(pricingUnit)) return 'agentcore_vcpu_hour';
  return /^gb-?/i.test(pricingUnit) ? 'agentcore_gb_hour' : 'agentcore_call';
}
