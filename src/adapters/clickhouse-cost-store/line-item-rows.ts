import { hash } from 'node:crypto';
import type { LineItem } from '../../rating/line-item.ts';
import { LINE_ITEM_COLUMNS } from '../../reports/cost-schema.ts';
import type { RowBinaryWriter } from './row-binary.ts';
import { rowEncoder } from './row-encoder.ts';

/** Columns that add up when parts of one line item merge; every other column but the key identifies the line item. */
const { line_item_key: _key, quantity, requests, cost, ...IDENTIFYING_COLUMNS } = LINE_ITEM_COLUMNS;
const SUMS = { quantity, requests, cost };

/** Columns that add up when parts of one line item merge; every other column but the key identifies the line item. */
export const SUMMED_COLUMNS = Object.keys(SUMS);

const KEY_BYTES = 16;

/** Columns in the order in which `writeLineItem` writes them. */
export const LINE_ITEM_ROW = ['line_item_key', ...Object.keys(IDENTIFYING_COLUMNS), ...SUMMED_COLUMNS];

const writeIdentity = rowEncoder<typeof IDENTIFYING_COLUMNS, LineItem>(IDENTIFYING_COLUMNS, {
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
});

const writeSums = rowEncoder<typeof SUMS, LineItem>(SUMS, {
  quantity: (item) => item.quantity,
  requests: (item) => item.requests,
  cost: (item) => item.costPicoUsd,
});

/**
 * Writes one row. The key is the first half of the SHA-256 of the identifying columns as they stand in the row: lengths
 * are part of the bytes, so two different line items cannot spell the same input, and nobody can steer tag values into a
 * collision that would add two principals together.
 */
export function writeLineItem(item: LineItem, out: RowBinaryWriter): void {
  const keyAt = out.reserve(KEY_BYTES);
  const identityAt = out.length;
  writeIdentity(item, out);
  out.fillHex(keyAt, hash('sha256', out.written(identityAt), 'hex').slice(0, KEY_BYTES * 2));
  writeSums(item, out);
}
