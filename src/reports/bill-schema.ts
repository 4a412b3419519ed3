import { DAY_ITEM_COLUMNS, LINE_ITEM_COLUMNS } from './cost-schema.ts';

/** Rows of imported bills, one for each row of a delivery: line items with what the bill itself says beside them. */
export const BILL_LINE_TABLE = 'bill_line';
/** The same rows summed by UTC day, for reports that look no closer. */
export const BILL_DAY_TABLE = 'bill_line_day';
/** When which delivery was put in its place: `source_id`, `period`, `is_stale` while days may not fit lines, `changed_at`. */
export const BILL_DAY_STATE_TABLE = 'bill_line_day_state';

const { line_item_key: _key, ...LINE_ITEM_FACTS } = LINE_ITEM_COLUMNS;

/** Where a row comes from. One source has one delivery of a billing period, which is replaced as a whole. */
const ORIGIN = {
  /** Id of the import source. */
  source_id: 'LowCardinality(String)',
  /** Billing period of the delivery: 202605. Usage may lie before it. */
  period: 'UInt32',
} as const;

/**
 * Columns of `bill_line`. Those of `line_item` mean the same here: `bucket_start` and `slice_start` are the start of the
 * usage, whatever the grain of the bill; `requests` is 0, for bills count none; `operation` is the bill's word; tags are
 * those that the bill shows; `charge_id` is empty.
 */
export const BILL_LINE_COLUMNS = {
  ...LINE_ITEM_FACTS,
  ...ORIGIN,
  usage_end: "DateTime('UTC')",
  /** Unique within one execution of one period's delivery; empty where the format has none. */
  line_id: 'String',
  /** File of the delivery, counted from 1 in the order of the manifest. */
  file_number: 'UInt32',
  /** In AWS's words, such as `EdpDiscount`, where `record_type` has ours. */
  line_type: 'LowCardinality(String)',
  /** Who sells and bills: `first-party`, `aws-sold`, `marketplace`, `agentcore`; `other` for what is no Bedrock. */
  channel: 'LowCardinality(String)',
  /** 0 where the usage type was not understood: kept, counted and reported. */
  is_recognised: 'UInt8',
  payer_account_id: 'LowCardinality(String)',
  bill_type: 'LowCardinality(String)',
  /** Empty while the period is not final. */
  invoice_id: 'LowCardinality(String)',
  legal_entity: 'LowCardinality(String)',
  currency: 'LowCardinality(String)',
  description: 'LowCardinality(String)',
  cost_categories: 'Map(LowCardinality(String), String)',
  /** Amounts by discount programme, as the bill has them. */
  discounts: 'Map(LowCardinality(String), Float64)',
  /** As delivered, in units of `pricing_unit`. The exact columns are these, rounded to whole pieces and 1e-12 USD. */
  usage_amount: 'Float64',
  unblended_cost: 'Float64',
  net_unblended_cost: 'Nullable(Float64)',
  public_cost: 'Nullable(Float64)',
} as const;

const { day_item_key, ...DAY_ITEM_FACTS } = DAY_ITEM_COLUMNS;

/** Columns of `bill_line_day`, as `line_item_day`. */
export const BILL_DAY_COLUMNS = { day_item_key, ...DAY_ITEM_FACTS, ...ORIGIN } as const;
