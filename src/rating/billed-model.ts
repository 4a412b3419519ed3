import { createHash } from 'node:crypto';
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
  /** What AWS itself sells it under. */
  readonly productCode: 'AmazonBedrock' | 'AmazonBedrockService';
  /** Sold through AWS Marketplace. Absent: by AWS. */
  readonly marketplace?: MarketplaceOffer;
  /** Input tokens, cached ones included, above which a whole request costs the long-context price. Absent: one price. */
  readonly longContextThresholdTokens?: number;
  /** What it answers, in AWS's words. Absent: text. */
  readonly outputModalities?: readonly string[];
}

/** How meters on AWS Marketplace are spelled: those of older models in camel case, of newer ones in snake case. */
export type MetricSpelling = 'camel' | 'snake';

/** How a model is billed that is sold through AWS Marketplace. */
export interface MarketplaceOffer {
  readonly metrics: MetricSpelling;
  /** Opaque. Absent: AWS's is not known, and one is made of the model id. */
  readonly productCode?: string;
}

/** As what something is sold, in the words of bills. */
export interface Sold {
  readonly productCode: string;
  /** Cost Explorer's name of the product. */
  readonly service: string;
  readonly billingEntity: BillingEntity;
}

/** Names of the products that AWS sells itself, by their codes. */
export const SERVICES = {
  AmazonBedrock: 'Amazon Bedrock',
  AmazonBedrockService: 'Amazon Bedrock Service',
  AmazonBedrockAgentCore: 'Amazon Bedrock AgentCore',
} as const;

/** AWS has one service for the models of each of its two product codes, and one for every model on its Marketplace. */
export function soldAs({ modelId, displayName, productCode, marketplace }: BilledModel): Sold {
  if (!marketplace) return { productCode, service: SERVICES[productCode], billingEntity: 'AWS' };
  return {
    productCode: marketplace.productCode ?? opaqueCode(modelId),
    service: `${displayName} (Amazon Bedrock Edition)`,
    billingEntity: 'AWS Marketplace',
  };
}

/** In the form of AWS's: 25 digits and lower case letters. */
function opaqueCode(modelId: string): string {
  const digest = createHash('sha256').update(modelId).digest('hex');
  return BigInt(`0x${digest}`).toString(36).padStart(25, '0').slice(-25);
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
