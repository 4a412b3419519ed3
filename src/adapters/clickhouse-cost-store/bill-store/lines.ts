import { TAG_PREFIX } from '../../../kernel/billing-tag-key.ts';
import { BILL_DAY_TABLE, BILL_LINE_COLUMNS, BILL_LINE_TABLE } from '../../../reports/bill-schema.ts';
import { sqlText } from '../../../reports/sql-text.ts';
import { DAY_ITEM_ROWS, DAY_ITEM_SELECT } from '../line-item-rows.ts';
import { stagingTables } from './landing.ts';

/** Where lines come from and what they belong to. */
export interface LinesOf {
  readonly importId: string;
  readonly delivery: number;
  readonly sourceId: string;
  /** 202605. */
  readonly partition: string;
}

/** Text that was staged and what it was understood as, joined. A kind of usage that is missing makes the statement fail. */
export function insertLines({ importId, delivery, sourceId, partition }: LinesOf): string {
  const { staged, usage, lines } = stagingTables(importId);
  const values: Readonly<Record<keyof typeof BILL_LINE_COLUMNS, string>> = {
    ...LINE_VALUES,
    source_id: sqlText(sourceId),
    period: partition,
  };
  // A list of named values, since names of a join are ambiguous.
  const select = Object.keys(BILL_LINE_COLUMNS).map((name) => `${values[name as keyof typeof values]} AS line_${name}`);
  return `INSERT INTO ${lines} (${Object.keys(BILL_LINE_COLUMNS).join(', ')})
    SELECT ${select.join(',\n      ')}
    FROM ${staged} AS s
    ANY LEFT JOIN ${usage} AS u ON s.usage_key = u.usage_key
    WHERE s.delivery = ${delivery} AND s.period = ${partition}`;
}

/** Sums of the imported lines by day. Neighbours are added up on the way; the rest is left to merges. */
export function sumBillByDay(from: string, into: string): string {
  const origin = 'source_id, period';
  return `INSERT INTO ${into} (${DAY_ITEM_ROWS.columns.join(', ')}, ${origin})
    SELECT ${DAY_ITEM_SELECT.join(', ')}, ${origin} FROM ${from}`;
}

export function createLines(importId: string): string[] {
  const { lines, days } = stagingTables(importId);
  return [
    `CREATE OR REPLACE TABLE ${lines} AS ${BILL_LINE_TABLE}`,
    `CREATE OR REPLACE TABLE ${days} AS ${BILL_DAY_TABLE}`,
  ];
}

/** Tags of one source, without its prefix. */
function tagsOf(prefix: string): string {
  const key = sqlText(prefix);
  return `mapApply((k, v) -> (substring(k, ${prefix.length + 1}), v), mapFilter((k, v) -> startsWith(k, ${key}), s.tags))`;
}

const IS_USAGE = "u.record_type = 'Usage'";

/** Whole pieces of a usage's meter. */
const QUANTITY = `if(${IS_USAGE}, toInt64(roundBankers(ifNull(s.usage_amount, 0) * u.pieces)), 0)`;

/** USD for a piece, which is shown and never summed; 0 where the row has no quantity. */
function priceOf(usd: string, pieces: string): string {
  const pico = `toInt64(round(ifNull(${usd}, 0) / ${pieces} * 1e12))`;
  return `if(${pieces} = 0, toDecimal128(0, 12), toDecimal128(${pico}, 0) * toDecimal128('0.000000000001', 12))`;
}

const PRICE = `if(${IS_USAGE} AND s.unblended_rate IS NOT NULL, ${priceOf('s.unblended_rate', 'u.pieces')},
  ${priceOf('s.unblended_cost', QUANTITY)})`;

const LINE_VALUES: Readonly<Record<Exclude<keyof typeof BILL_LINE_COLUMNS, 'source_id' | 'period'>, string>> = {
  bucket_start: 's.usage_start',
  slice_start: "toDateTime64(s.usage_start, 3, 'UTC')",
  account_id: 's.account_id',
  principal_arn: 's.principal_arn',
  principal_tags: tagsOf(TAG_PREFIX.principal),
  resource_tags: tagsOf(TAG_PREFIX.resource),
  account_tags: tagsOf(TAG_PREFIX.account),
  record_type: 'u.record_type',
  charge_id: "''",
  is_correction: '0',
  key_id: "''",
  client: "''",
  model_id: 'u.model_id',
  resource_arn: 's.resource_id',
  region: 'u.usage_region',
  route: 'u.route',
  tier: 'u.tier',
  context: 'u.context',
  operation: 'u.billed_operation',
  upstream: "''",
  is_batch: 'u.is_batch',
  meter: 'u.meter',
  usage_type: 's.usage_type',
  product_code: 's.product_code',
  service: 'u.service',
  billing_entity: 'u.seller',
  pricing_unit: 's.pricing_unit',
  price: PRICE,
  list_price: priceOf('s.public_cost', QUANTITY),
  net_price: `if(s.net_unblended_cost IS NULL, ${PRICE}, ${priceOf('s.net_unblended_cost', QUANTITY)})`,
  discount_prices: "CAST(map(), 'Map(LowCardinality(String), String)')",
  price_id: "''",
  // A row without a cost has an unknown one.
  is_unpriced: 's.unblended_cost IS NULL',
  is_estimated: '0',
  quantity: QUANTITY,
  requests: '0',
  cost: 's.cost',
  list_cost: 's.list_cost',
  net_cost: 's.net_cost',
  usage_end: 's.usage_end',
  line_id: 's.line_id',
  file_number: 's.file_number',
  line_type: 's.line_type',
  channel: "if(u.channel = '', throwIf(1, 'a kind of usage was not understood')::String, u.channel)",
  is_recognised: 'u.is_recognised',
  payer_account_id: 's.payer_account_id',
  bill_type: 's.bill_type',
  invoice_id: 's.invoice_id',
  legal_entity: 's.legal_entity',
  currency: 's.currency',
  description: 's.description',
  cost_categories: 's.cost_categories',
  discounts: 's.discounts',
  usage_amount: 'ifNull(s.usage_amount, 0)',
  unblended_cost: 'ifNull(s.unblended_cost, 0)',
  net_unblended_cost: 's.net_unblended_cost',
  public_cost: 's.public_cost',
};
