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

/**
 * Cost Explorer's name of the service that a model is billed under: AWS has one for the models of each of its two product
 * codes, and one for every model that is sold through AWS Marketplace.
 */
export function serviceOf({ productCode, displayName }: BilledModel): string {
  if (productCode === 'AmazonBedrock') return 'Amazon Bedrock';
  return productCode === 'AmazonBedrockService' ? 'Amazon Bedrock Service' : `${displayName} (Amazon Bedrock Edition)`;
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
