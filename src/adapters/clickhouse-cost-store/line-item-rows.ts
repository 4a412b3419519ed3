import type { LineItem } from '../../rating/line-item.ts';
import { LINE_ITEM_COLUMNS, LINE_ITEM_TABLE } from '../../reports/cost-schema.ts';
import { blockWriter } from './native-block.ts';
import type { RowKind } from './row-batches.ts';

const { line_item_key: _key, quantity, requests, cost, ...IDENTIFYING_COLUMNS } = LINE_ITEM_COLUMNS;
const SUMS = { quantity, requests, cost };
const WRITTEN_COLUMNS = { ...IDENTIFYING_COLUMNS, ...SUMS };

/** Columns that tell line items apart; the store makes the key from them. */
export const LINE_ITEM_IDENTITY = Object.keys(IDENTIFYING_COLUMNS);

/** Columns that add up when parts of one line item merge. */
export const LINE_ITEM_SUMS = Object.keys(SUMS);

const blockOf = blockWriter<typeof WRITTEN_COLUMNS, LineItem>(WRITTEN_COLUMNS, {
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
  quantity: (item) => item.quantity,
  requests: (item) => item.requests,
  cost: (item) => item.costPicoUsd,
});

export const LINE_ITEM_ROWS: RowKind<LineItem> = {
  table: LINE_ITEM_TABLE,
  columns: Object.keys(WRITTEN_COLUMNS),
  atMs: (item) => item.bucketStartMs,
  blockOf,
};
