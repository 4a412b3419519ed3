/**
 * The store's tables: the one place that names them and their columns. DDL lives in `adapters/clickhouse-cost-store.ts`
 * (types, order, partitions) and must define exactly these columns; a test compares the two.
 */
export const USAGE_EVENT_TABLE = 'usage_event';
export const LINE_ITEM_TABLE = 'line_item';
/** The same line items summed by UTC day, for reports that look no closer. Written with them, never instead. */
export const DAY_ITEM_TABLE = 'line_item_day';

/** Columns of `line_item` and their ClickHouse types. Sum `quantity`, `requests` and the costs; group by the rest. */
export const LINE_ITEM_COLUMNS = {
  /** Hash of all grouping columns: the sorting key, so that parts of one line item merge. */
  line_item_key: 'UInt128',
  bucket_start: "DateTime('UTC')",
  slice_start: "DateTime64(3, 'UTC')",
  account_id: 'LowCardinality(String)',
  principal_arn: 'LowCardinality(String)',
  principal_tags: 'Map(LowCardinality(String), String)',
  resource_tags: 'Map(LowCardinality(String), String)',
  account_tags: 'Map(LowCardinality(String), String)',
  record_type: 'LowCardinality(String)',
  charge_id: 'LowCardinality(String)',
  is_correction: 'UInt8',
  /** Empty on corrections of closed periods and on what was stored before schema 4, as is `client`. */
  key_id: 'LowCardinality(String)',
  client: 'LowCardinality(String)',
  model_id: 'LowCardinality(String)',
  resource_arn: 'LowCardinality(String)',
  region: 'LowCardinality(String)',
  route: 'LowCardinality(String)',
  tier: 'LowCardinality(String)',
  context: 'LowCardinality(String)',
  operation: 'LowCardinality(String)',
  upstream: 'LowCardinality(String)',
  is_batch: 'UInt8',
  meter: 'LowCardinality(String)',
  usage_type: 'LowCardinality(String)',
  product_code: 'LowCardinality(String)',
  service: 'LowCardinality(String)',
  billing_entity: 'LowCardinality(String)',
  pricing_unit: 'LowCardinality(String)',
  /** Price per token in USD; 0 with `is_unpriced` = 1 when there is no price. */
  price: 'Decimal(38, 12)',
  /** Public on-demand price and price after discounts, per token in USD; 0 where there is none. */
  list_price: 'Decimal(38, 12)',
  net_price: 'Decimal(38, 12)',
  /** What each discount takes off the price of one token: USD in decimal notation, by the discount's name. */
  discount_prices: 'Map(LowCardinality(String), String)',
  price_id: 'LowCardinality(String)',
  is_unpriced: 'UInt8',
  is_estimated: 'UInt8',
  /** Negative on lines that take back what was billed before. */
  quantity: 'Int64',
  requests: 'Int64',
  cost: 'Decimal(38, 12)',
  list_cost: 'Decimal(38, 12)',
  net_cost: 'Decimal(38, 12)',
} as const;

const {
  line_item_key: _key,
  is_correction: _isCorrection,
  price: _price,
  list_price: _listPrice,
  net_price: _netPrice,
  discount_prices: _discountPrices,
  price_id: _priceId,
  ...SUMMED_BY_DAY
} = LINE_ITEM_COLUMNS;

/**
 * Columns of `line_item_day`: those of `line_item` that reports group and filter by, and the sums. `bucket_start` and
 * `slice_start` are the start of the day; a day in which some tag was switched has to be read from `line_item`.
 */
export const DAY_ITEM_COLUMNS = { day_item_key: 'UInt128', ...SUMMED_BY_DAY } as const;

/** Columns of `usage_event` and their ClickHouse types: one row a call, for drill-down and re-rating. */
export const USAGE_EVENT_COLUMNS = {
  request_id: 'UUID',
  admitted_at: "DateTime64(3, 'UTC')",
  ended_at: "DateTime64(3, 'UTC')",
  first_token_ms: 'Nullable(UInt32)',
  account_id: 'LowCardinality(String)',
  principal_arn: 'LowCardinality(String)',
  principal_id: 'LowCardinality(String)',
  access_key_id: 'LowCardinality(String)',
  source_identity: 'LowCardinality(String)',
  principal_tags: 'Map(LowCardinality(String), String)',
  resource_tags: 'Map(LowCardinality(String), String)',
  account_tags: 'Map(LowCardinality(String), String)',
  operation: 'LowCardinality(String)',
  requested_model_id: 'LowCardinality(String)',
  model_id: 'LowCardinality(String)',
  resource_arn: 'LowCardinality(String)',
  region: 'LowCardinality(String)',
  route: 'LowCardinality(String)',
  tier: 'LowCardinality(String)',
  upstream: 'LowCardinality(String)',
  source_ip: 'String',
  user_agent: 'LowCardinality(String)',
  request_metadata: 'Map(LowCardinality(String), String)',
  is_batch: 'UInt8',
  /** Request id of the first attempt; empty for that one. */
  attempt_of: 'String',
  is_repeat: 'UInt8',
  input_tokens_estimate: 'UInt64',
  status: 'LowCardinality(String)',
  error_code: 'LowCardinality(String)',
  upstream_request_id: 'String',
  upstream_principal_arn: 'LowCardinality(String)',
  is_gateway_principal: 'UInt8',
  client_gone: 'UInt8',
  input_tokens: 'UInt64',
  output_tokens: 'UInt64',
  cache_read_input_tokens: 'Nullable(UInt64)',
  cache_write_5m_input_tokens: 'Nullable(UInt64)',
  cache_write_1h_input_tokens: 'Nullable(UInt64)',
  /** Whole numbers in decimal notation, by meter. */
  units: 'Map(LowCardinality(String), String)',
  usage_is_estimated: 'UInt8',
  usage_raw: 'String',
} as const;
