import { SERVICES } from '../billed-model.ts';
import type { BillingEntity } from '../line-item.ts';
import { isMarketplaceUsageType } from '../usage-type/marketplace.ts';
import type { BilledUsageText } from './usage-text.ts';

/** How Bedrock is sold: by AWS under either of two codes, through AWS Marketplace, or as AgentCore. `other`: not Bedrock's, or unknown. */
export type Channel = 'first-party' | 'aws-sold' | 'marketplace' | 'agentcore' | 'other';

/** Product codes of AWS's price lists that are Bedrock's. */
const CHANNELS: Readonly<Record<string, Channel>> = {
  AmazonBedrock: 'first-party',
  AmazonBedrockService: 'aws-sold',
  AmazonBedrockFoundationModels: 'marketplace',
  AmazonBedrockAgentCore: 'agentcore',
};

/** Who sold what was used, and as what. */
export interface Seller {
  readonly isBedrock: boolean;
  readonly channel: Channel;
  readonly billingEntity: BillingEntity;
  readonly productCode: string;
  readonly service: string;
}

/** The code alone would miss what AWS Marketplace sells; there the name of the product says it. */
export function sellerOf(text: BilledUsageText): Seller {
  const { productCode, usageType, billingEntity } = text;
  const name = text.productName || text.serviceName;
  const isMarketplace =
    /marketplace/i.test(billingEntity) ||
    productCode === 'AmazonBedrockFoundationModels' ||
    isMarketplaceUsageType(usageType);
  const isBedrock =
    Object.hasOwn(CHANNELS, productCode) ||
    [name, text.serviceName, text.productFamily].some((word) => /bedrock/i.test(word)) ||
    /^arn:[^:]+:bedrock:/.test(text.modelResource) ||
    /^InvokeModel(Streaming)?Inference$/.test(text.operation);
  return {
    isBedrock,
    channel: isBedrock ? channelOf(text, isMarketplace) : 'other',
    billingEntity: isMarketplace ? 'AWS Marketplace' : 'AWS',
    productCode,
    service: serviceOf(text, isMarketplace),
  };
}

function channelOf({ productCode, usageType, serviceName }: BilledUsageText, isMarketplace: boolean): Channel {
  if (isMarketplace) return 'marketplace';
  if (Object.hasOwn(CHANNELS, productCode)) return CHANNELS[productCode]!;
  if (/AgentCore/.test(serviceName) || /^[A-Z0-9]+-[A-Za-z]+:Consumption-based:/.test(usageType)) return 'agentcore';
  return productCode === '' ? 'first-party' : 'other';
}

/** What Cost Explorer calls the product: of AWS's own the service, on AWS Marketplace the product. */
function serviceOf({ productCode, productName, serviceName }: BilledUsageText, isMarketplace: boolean): string {
  const named = isMarketplace ? productName || serviceName : serviceName || productName;
  if (isMarketplace || !Object.hasOwn(SERVICES, productCode)) return named || productCode;
  return SERVICES[productCode as keyof typeof SERVICES];
}
