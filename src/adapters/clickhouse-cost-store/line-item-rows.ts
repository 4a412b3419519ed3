import { formatUsd } from '../../kernel/money.ts';
import { DAY_MS } from '../../kernel/time.ts';
import type { LineItem } from '../../rating/line-item.ts';
import { DAY_ITEM_COLUMNS, DAY_ITEM_TABLE, LINE_ITEM_COLUMNS, LINE_ITEM_TABLE } from '../../reports/cost-schema.ts';
import { blockWriter, type ColumnValues } from './native-block.ts';
import type { RowKind } from './row-batches.ts';

const {
  line_item_key: _key,
  quantity,
  requests,
  cost,
  list_cost,
  net_cost,
  ...IDENTIFYING_COLUMNS
} = LINE_ITEM_COLUMNS;
const SUMS = { quantity, requests, cost, list_cost, net_cost };
const WRITTEN_COLUMNS = { ...IDENTIFYING_COLUMNS, ...SUMS };

/** Columns that tell line items apart; the store makes the key from them. */
export const LINE_ITEM_IDENTITY = Object.keys(IDENTIFYING_COLUMNS);

/** Columns that add up when parts of one line item merge. */
export const LINE_ITEM_SUMS = Object.keys(SUMS);

const VALUES: ColumnValues<typeof WRITTEN_COLUMNS, LineItem> = {
  bucket_start: (item) => item.bucketStartMs,
  slice_start: (item) => item.sliceStartMs,
  account_id: (item) => item.accountId,
  principal_arn: (item) => item.principalArn,
  principal_tags: (item) => item.principalTags,
  resource_tags: (item) => item.resourceTags,
  account_tags: (item) => item.accountTags,
  record_type: (item) => item.recordType,
  charge_id: (item) => item.chargeId,
  is_correction: (item) => item.isCorrection,
  key_id: (item) => item.keyId,
  client: (item) => item.client,
  model_id: (item) => item.modelId,
  resource_arn: (item) => item.resourceArn,
  region: (item) => item.region,
  route: (item) => item.route,
  tier: (item) => item.tier,
  context: (item) => item.context,
  operation: (item) => item.operation,
  upstream: (item) => item.upstream,
  is_batch: (item) => item.isBatch,
  meter: (item) => item.meter,
  usage_type: (item) => item.usageType,
  product_code: (item) => item.productCode,
  service: (item) => item.service,
  billing_entity: (item) => item.billingEntity,
  pricing_unit: (item) => item.pricingUnit,
  price: (item) => item.pricePicoUsd ?? 0n,
  list_price: (item) => item.listPricePicoUsd ?? 0n,
  net_price: (item) => item.netPricePicoUsd ?? 0n,
  discount_prices: (item) => item.discountPrices.map(([name, pricePicoUsd]) => [name, formatUsd(pricePicoUsd)]),
  price_id: (item) => item.priceId,
  is_unpriced: (item) => item.isUnpriced,
  is_estimated: (item) => item.isEstimated,
  quantity: (item) => item.quantity,
  requests: (item) => item.requests,
  cost: (item) => item.costPicoUsd,
  list_cost: (item) => item.listCostPicoUsd,
  net_cost: (item) => item.netCostPicoUsd,
};

export const LINE_ITEM_ROWS: RowKind<LineItem> = {
  table: LINE_ITEM_TABLE,
  columns: Object.keys(WRITTEN_COLUMNS),
  atMs: (item) => item.bucketStartMs,
  blockOf: blockWriter(WRITTEN_COLUMNS, VALUES),
};

const { day_item_key: _dayKey, ...WRITTEN_DAY_COLUMNS } = DAY_ITEM_COLUMNS;
const dayStartMs = ({ bucketStartMs }: LineItem) => bucketStartMs - (bucketStartMs % DAY_MS);

/** Columns that tell the items of a day apart. */
export const DAY_ITEM_IDENTITY = Object.keys(WRITTEN_DAY_COLUMNS).filter((name) => !LINE_ITEM_SUMS.includes(name));

/** The same line items as `LINE_ITEM_ROWS`; merges add up those of a day. */
export const DAY_ITEM_ROWS: RowKind<LineItem> = {
  table: DAY_ITEM_TABLE,
  columns: Object.keys(WRITTEN_DAY_COLUMNS),
  atMs: (item) => item.bucketStartMs,
  blockOf: blockWriter(WRITTEN_DAY_COLUMNS, { ...VALUES, bucket_start: dayStartMs, slice_start: dayStartMs }),
};

/** What `DAY_ITEM_ROWS` writes, over rows of `line_item`. */
export const DAY_ITEM_SELECT = DAY_ITEM_ROWS.columns.map((name) => {
  if (name === 'bucket_start') return 'toStartOfDay(bucket_start)';
  return name === 'slice_start' ? 'toDateTime64(toStartOfDay(bucket_start), 3)' : name;
});
