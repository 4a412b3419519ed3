import type { LineItem } from '../../src/rating/line-item.ts';

export const ACCOUNT = '111111111111';
/** Who switches tags. */
export const ADMIN = `arn:aws:iam::${ACCOUNT}:user/admin`;
export const MEMBER_ACCOUNT = '222222222222';

/** Sonnet's input price: 3.30 USD per million tokens. */
const PRICE = 3_300_000n;

/** A line of 1,000 tokens of one call; `quantity` and `pricePicoUsd` decide the cost unless it is given. */
export function lineItem(bucketStartMs: number, fields: Partial<LineItem> = {}): LineItem {
  const quantity = fields.quantity ?? 1_000n;
  const accountId = fields.accountId ?? ACCOUNT;
  const costPicoUsd = fields.isUnpriced ? 0n : quantity * (fields.pricePicoUsd ?? PRICE);
  return {
    bucketStartMs,
    sliceStartMs: bucketStartMs,
    accountId,
    principalArn: `arn:aws:iam::${accountId}:user/alice`,
    principalTags: [],
    resourceTags: [],
    accountTags: [],
    recordType: 'Usage',
    chargeId: '',
    isCorrection: false,
    keyId: '',
    client: '',
    modelId: 'anthropic.claude-sonnet-4-6',
    resourceArn: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
    region: 'us-east-1',
    route: 'in_region',
    tier: 'standard',
    context: 'default',
    operation: 'Converse',
    upstream: 'simulated',
    isBatch: false,
    meter: 'input',
    usageType: 'USE1-Claude4.6Sonnet-input-tokens',
    productCode: 'AmazonBedrockService',
    service: fields.productCode === 'AmazonBedrock' ? 'Amazon Bedrock' : 'Amazon Bedrock Service',
    billingEntity: 'AWS',
    pricingUnit: '1K tokens',
    quantity,
    requests: 1n,
    pricePicoUsd: PRICE,
    listPricePicoUsd: fields.pricePicoUsd ?? PRICE,
    netPricePicoUsd: fields.pricePicoUsd ?? PRICE,
    discountPrices: [],
    priceId: 'sonnet-input',
    costPicoUsd,
    listCostPicoUsd: fields.costPicoUsd ?? costPicoUsd,
    netCostPicoUsd: fields.costPicoUsd ?? costPicoUsd,
    isUnpriced: false,
    isEstimated: false,
    ...fields,
  };
}
