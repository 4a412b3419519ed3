import type { Route, Tier } from '../metering/usage-event.ts';
import { billedModelId } from './billed-feature.ts';
import type { BilledModel } from './billed-model.ts';
import { agentCoreMeter } from './billed-usage/agentcore-meter.ts';
import { recordTypeOf } from './billed-usage/charge-type.ts';
import { type ModelNames, modelOfArn, withoutEdition } from './billed-usage/model-names.ts';
import { type Channel, sellerOf } from './billed-usage/seller.ts';
import { unitPieces } from './billed-usage/unit-pieces.ts';
import type { BilledUsageText } from './billed-usage/usage-text.ts';
import { readMeterWords, readUsageType, type UsageWords } from './billed-usage/usage-words.ts';
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
  const words = readUsageType(text.usageType);
  const shared = {
    ...seller,
    recordType: recordType ?? 'Fee',
    region: text.regionCode || text.region || (words.region ?? ''),
    operation: text.operation,
    usageType: text.usageType,
    pricingUnit: text.pricingUnit,
  } as const;
  if (!seller.isBedrock) return { ...shared, ...NO_USAGE, provider: text.provider, ...outcome([]) };
  if (recordType !== 'Usage') {
    const { modelId = '', provider = text.provider } = findModel(text, words, models) ?? {};
    const unread = recordType === undefined ? [{ part: 'line type', text: text.lineType } as const] : [];
    return { ...shared, ...NO_USAGE, modelId, provider, ...outcome(unread) };
  }
  const usage = seller.channel === 'agentcore' ? agentCoreUsage(text) : modelUsage(text, words, models);
  const { pieces, isKnown } =
    usage.meter === '' ? { pieces: 1n, isKnown: true } : unitPieces(usage.meter, text.pricingUnit, text.description);
  return {
    ...shared,
    ...usage.facts,
    meter: usage.meter,
    piecesPerUnit: pieces,
    ...outcome([
      ...(shared.region === '' ? [{ part: 'region', text: text.usageType } as const] : []),
      ...(seller.channel === 'other' ? [{ part: 'channel', text: text.productCode } as const] : []),
      ...usage.unread,
      ...(isKnown ? [] : [{ part: 'unit', text: text.pricingUnit } as const]),
    ]),
  };
}

type UsageFacts = Pick<BilledUsage, 'modelId' | 'provider' | 'route' | 'tier' | 'context' | 'isBatch'>;

interface ReadUsage {
  readonly facts: UsageFacts;
  readonly meter: Meter | '';
  readonly unread: readonly UnreadText[];
}

/** What is no use of a model. */
const NO_MODEL = { modelId: '', route: '', tier: '', context: '', isBatch: false } as const;
const NO_USAGE = { ...NO_MODEL, meter: '', piecesPerUnit: 0n } as const;

/** The unit says what is counted; the usage type, which part of AgentCore. */
function agentCoreUsage({ pricingUnit }: BilledUsageText): ReadUsage {
  const meter = agentCoreMeter(pricingUnit);
  const unread = meter === undefined ? [{ part: 'unit', text: pricingUnit } as const] : [];
  return { facts: { ...NO_MODEL, provider: 'Amazon' }, meter: meter ?? '', unread };
}

function modelUsage(text: BilledUsageText, usageWords: UsageWords, models: ModelNames): ReadUsage {
  const words = usageWords.meter === undefined ? wordsForPeople(text, usageWords) : usageWords;
  const { meter, tier, context } = words;
  const unread: UnreadText[] = words.unknown.map((word) => ({ part: 'words', text: word }));
  if (meter === undefined) unread.unshift({ part: 'meter', text: text.usageType });
  const named = modelOfArn(text.modelResource);
  const model = billedAs(findModel(text, words, models), meter, models) ?? unlistedModel(text, words);
  // An id that the row itself gives in full is known, whether or not there is a price for it.
  if (model.isGuess) unread.push({ part: 'model', text: model.modelId });
  const route =
    words.route === 'global' ? 'global' : (named?.route ?? words.route ?? routeOfDescription(text.description));
  const isBatch = words.isBatch || /^batch/i.test(text.feature);
  const { modelId, provider } = model;
  return { facts: { modelId, provider, route, tier, context, isBatch }, meter: meter ?? '', unread };
}

/** Where no usage type is given, or none that is understood: the unit of AWS Marketplace in words, or the price list's. */
function wordsForPeople({ description, inferenceType }: BilledUsageText, usageWords: UsageWords): UsageWords {
  const words = [description.split('|')[2] ?? '', inferenceType].map(readMeterWords).find(({ meter }) => meter);
  return words ? { ...words, name: usageWords.name, wholeName: usageWords.wholeName } : usageWords;
}

type FoundModel = Pick<BilledModel, 'modelId' | 'provider'> & { readonly isGuess?: boolean };

/** Some meters are billed under an id of their own, whatever model was called. */
function billedAs(
  model: BilledModel | undefined,
  meter: Meter | undefined,
  models: ModelNames,
): FoundModel | undefined {
  const billedId = meter === undefined ? undefined : billedModelId(model?.modelId ?? '', meter);
  return billedId ? models.ofId(billedId) : model;
}

/** A model that no list has, under the name that the bill gives it. */
function unlistedModel(
  { modelResource, model, provider, productName, serviceName }: BilledUsageText,
  words: UsageWords,
): FoundModel {
  const named = modelOfArn(modelResource);
  const modelId = named?.modelId ?? (words.name || model || withoutEdition(productName || serviceName));
  return {
    modelId,
    provider: provider || modelId.split('.', 1)[0]!,
    isGuess: named === undefined && !words.isMantle,
  };
}

function outcome(unread: readonly UnreadText[]): Pick<BilledUsage, 'isRecognised' | 'unread'> {
  return { isRecognised: unread.length === 0, unread };
}

/** The surest name first: the model's ARN, then the usage type's, then the names for people, then the product. */
function findModel(text: BilledUsageText, words: UsageWords, models: ModelNames): BilledModel | undefined {
  const named = modelOfArn(text.modelResource);
  return (
    (named === undefined ? undefined : models.ofId(named.modelId)) ??
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
