import type { BillingEntity } from './line-item.ts';

/** What billing needs to know of a model: the part of `prices/models.json` that prices and usage types are made with. */
export interface BilledModel {
  readonly modelId: string;
  /** As AWS writes it: `Anthropic`. */
  readonly provider: string;
  /** `Claude Sonnet 4.6`. */
  readonly displayName: string;
  /** The vendor's spelling inside usage types: `Claude4.6Sonnet`; for the mantle family the model id. */
  readonly usageTypeName: string;
  /** Grammar of the usage type: `classic` (bedrock-runtime) or `mantle` (bedrock-mantle). */
  readonly usageTypeFamily: 'classic' | 'mantle';
  readonly productCode: 'AmazonBedrock' | 'AmazonBedrockService';
  /** Input tokens, cached ones included, above which a whole request costs the long-context price. Absent: one price. */
  readonly longContextThresholdTokens?: number;
}

/** As what something is sold, in the words of bills. */
export interface Sold {
  readonly productCode: string;
  /** Cost Explorer's name of the product. */
  readonly service: string;
  readonly billingEntity: BillingEntity;
}

const SERVICES = { AmazonBedrock: 'Amazon Bedrock', AmazonBedrockService: 'Amazon Bedrock Service' } as const;

/** AWS has one service for the models of each of its two product codes. */
export function soldAs({ productCode }: BilledModel): Sold {
  return { productCode, service: SERVICES[productCode], billingEntity: 'AWS' };
}

/** A model as it is listed: what is absent follows from its id. */
export type ListedModel = Pick<BilledModel, 'modelId'> & Partial<BilledModel>;

/**
 * Fills in what a list leaves out. Also names usage of models that no list knows: their tokens are kept and shown under
 * their own id, unpriced.
 */
export function billedModel(listed: ListedModel): BilledModel {
  return {
    provider: listed.modelId.split('.', 1)[0]!,
    displayName: listed.modelId,
    usageTypeName: listed.modelId,
    usageTypeFamily: 'classic',
    productCode: 'AmazonBedrock',
    ...listed,
  };
}
