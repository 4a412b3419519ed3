import { hash } from 'node:crypto';
import type { LineItem } from '../../rating/line-item.ts';
import { LINE_ITEM_COLUMNS } from '../../reports/cost-schema.ts';
import { blockWriter, type ColumnValues } from './native-block.ts';

const { line_item_key: _key, quantity, requests, cost, ...IDENTIFYING_COLUMNS } = LINE_ITEM_COLUMNS;

/** Columns that add up when parts of one line item merge; every other column but the key identifies the line item. */
export const SUMMED_COLUMNS = Object.keys({ quantity, requests, cost });

const IDENTITY: ColumnValues<typeof IDENTIFYING_COLUMNS, LineItem> = {
  bucket_start: (item) => item.bucketStartMs,
  slice_start: (item) => item.sliceStartMs,
  account_id: (item) => item.accountId,
  principal_arn: (item) => item.principalArn,
  principal_tags: (item) => item.principalTags,
  model_id: (item) => item.modelId,
  resource_arn: (item) => item.resourceArn,
  region: (item) => item.region,
  route: (item) => item.route,
  tier: (item) => item.tier,
  context: (item) => item.context,
  operation: (item) => item.operation,
  upstream: (item) => item.upstream,
  meter: (item) => item.meter,
  usage_type: (item) => item.usageType,
  product_code: (item) => item.productCode,
  price: (item) => item.pricePicoUsd ?? 0n,
  price_id: (item) => item.priceId,
  is_unpriced: (item) => item.isUnpriced,
  is_estimated: (item) => item.isEstimated,
};

const IDENTIFYING_VALUES = Object.values(IDENTITY);

/** A block of the line item table. */
export const lineItemBlock = blockWriter<typeof LINE_ITEM_COLUMNS, LineItem>(LINE_ITEM_COLUMNS, {
  line_item_key: lineItemKey,
  ...IDENTITY,
  quantity: (item) => item.quantity,
  requests: (item) => item.requests,
  cost: (item) => item.costPicoUsd,
});

/**
 * 128 bits of the SHA-256 of the identifying values as JSON: no two line items have the same text, and nobody can steer
 * tag values into a collision that would add two principals together.
 */
function lineItemKey(item: LineItem): string {
  const values = IDENTIFYING_VALUES.map((valueIn) => {
    const value = valueIn(item);
    return typeof value === 'bigint' ? value.toString() : value;
  });
  return hash('sha256', JSON.stringify(values), 'hex').slice(0, 32);
}
