import { sqlText } from './sql-text.ts';

/**
 * A row of any bill in one form, before its texts are understood: what every format is read into. Names are those of CUR 2.0,
 * shortened. Empty text: the column is absent, or says nothing.
 */
export const BILL_ROW_COLUMNS = {
  // What kind of usage: together they are understood once, by `readBilledUsage`.
  billing_entity: 'LowCardinality(String)',
  product_code: 'LowCardinality(String)',
  product_name: 'LowCardinality(String)',
  product_family: 'LowCardinality(String)',
  service_name: 'LowCardinality(String)',
  usage_type: 'LowCardinality(String)',
  operation: 'LowCardinality(String)',
  pricing_unit: 'LowCardinality(String)',
  description: 'LowCardinality(String)',
  model: 'LowCardinality(String)',
  provider: 'LowCardinality(String)',
  inference_type: 'LowCardinality(String)',
  feature: 'LowCardinality(String)',
  region: 'LowCardinality(String)',
  region_code: 'LowCardinality(String)',
  line_type: 'LowCardinality(String)',
  // Who, when and for what.
  line_id: 'String',
  /** Billing period: 202605. 0: the row does not say. */
  period: 'UInt32',
  payer_account_id: 'LowCardinality(String)',
  account_id: 'LowCardinality(String)',
  account_name: 'LowCardinality(String)',
  usage_start: "DateTime('UTC')",
  usage_end: "DateTime('UTC')",
  /** As the bill has it, of either form. */
  principal_arn: 'LowCardinality(String)',
  resource_id: 'LowCardinality(String)',
  /** By prefixed key: `iamPrincipal/team`. */
  tags: 'Map(LowCardinality(String), String)',
  cost_categories: 'Map(LowCardinality(String), String)',
  bill_type: 'LowCardinality(String)',
  invoice_id: 'LowCardinality(String)',
  legal_entity: 'LowCardinality(String)',
  currency: 'LowCardinality(String)',
  // How much. Absent is NULL, never zero.
  usage_amount: 'Nullable(Float64)',
  /** USD for one unit of the amount. */
  unblended_rate: 'Nullable(Float64)',
  unblended_cost: 'Nullable(Float64)',
  net_unblended_cost: 'Nullable(Float64)',
  public_cost: 'Nullable(Float64)',
  discounts: 'Map(LowCardinality(String), Float64)',
} as const;

export type BillRowColumn = keyof typeof BILL_ROW_COLUMNS;

/** What a column of a file holds, whatever its type there. */
export type LandedKind = 'text' | 'number' | 'instant' | 'textMap' | 'numberMap';

/** A file format of bills: which of a file's columns are read, and what a row of them is. */
export interface BillFormat {
  readonly name: 'cur2' | 'cur1' | 'focus';
  /** In sentences: `CUR 2.0`. */
  readonly title: string;
  /** Undefined for a column that is not read. */
  readonly kindOf: (columnName: string) => LandedKind | undefined;
  /** Without one of these a file is no bill. */
  readonly required: readonly string[];
  readonly row: (landed: LandedColumns) => Readonly<Record<BillRowColumn, string>>;
}

/** The columns of one file as SQL. A column that the file does not have is empty text, NULL or an empty map. */
export interface LandedColumns {
  readonly has: (name: string) => boolean;
  /** Names of all columns that were landed. */
  readonly names: readonly string[];
  /** Text, never NULL; of several names the first that the file has. */
  readonly text: (...names: readonly string[]) => string;
  /** Nullable(Float64). */
  readonly number: (name: string) => string;
  /** DateTime; 1970 where it is absent. */
  readonly instant: (name: string) => string;
  /** Map(String, String). */
  readonly textMap: (name: string) => string;
  /** Map(String, Float64). */
  readonly numberMap: (name: string) => string;
}

/** CUR 2.0, legacy CUR and FOCUS write what is no identifier into column names: `lineItem/UsageAmount`. */
export function quotedName(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``;
}

/** The value of a key of a map, empty without it. */
export function entry(map: string, key: string): string {
  return `${map}[${sqlText(key)}]`;
}
