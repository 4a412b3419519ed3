import type { FileColumn, LandingFile } from '../../../imports/bill-store.ts';
import { BILL_ROW_COLUMNS, type LandedColumns, type LandedKind, quotedName } from '../../../reports/bill-row.ts';
import { sqlText } from '../../../reports/sql-text.ts';
import { columnList } from '../column-list.ts';

/** What tells rows of one kind of usage from others: the columns of `BilledUsageText`, by its names. */
export const USAGE_TEXTS = {
  billingEntity: 'billing_entity',
  productCode: 'product_code',
  productName: 'product_name',
  productFamily: 'product_family',
  serviceName: 'service_name',
  usageType: 'usage_type',
  operation: 'operation',
  pricingUnit: 'pricing_unit',
  description: 'usage_description',
  model: 'model',
  provider: 'provider',
  inferenceType: 'inference_type',
  feature: 'feature',
  region: 'region',
  modelResource: 'model_resource',
  lineType: 'line_type',
  regionCode: 'region_code',
} as const;

/** Columns of a staged row beside those of `BILL_ROW_COLUMNS`. */
const OF_STAGING = {
  delivery: 'UInt32',
  file_number: 'UInt32',
  usage_key: 'UInt128',
  usage_description: 'LowCardinality(String)',
  model_resource: 'LowCardinality(String)',
  /** Exact, of the doubles; NULL counts as nothing. */
  cost: 'Decimal(38, 12)',
  /** The cost where the row says nothing of discounts: accounts without any have none. */
  net_cost: 'Decimal(38, 12)',
  list_cost: 'Decimal(38, 12)',
} as const;

export const STAGED_COLUMNS = { ...BILL_ROW_COLUMNS, ...OF_STAGING };

/** Names of an import's tables. */
export function stagingTables(importId: string) {
  if (!/^[a-z0-9]{1,40}$/.test(importId)) throw new RangeError(`not an import: ${importId}`);
  const prefix = `bill_import_${importId}`;
  return {
    staged: `${prefix}_staged`,
    skipped: `${prefix}_skipped`,
    usage: `${prefix}_usage`,
    landing: `${prefix}_landing`,
    keep: `${prefix}_keep`,
    skip: `${prefix}_skip`,
    lines: `${prefix}_lines`,
    days: `${prefix}_days`,
  };
}

/** 202605 of `2026-05`. */
export function partitionOf(period: string): string {
  const partition = period.replace('-', '');
  if (!/^\d{6}$/.test(partition)) throw new RangeError(`not a billing period: ${period}`);
  return partition;
}

export const STAGING_TABLE = /^bill_import_([a-z0-9]+)_[a-z]+$/;

/** A file is a partition, so that it is put in the place of itself. Without fsync: what a power failure takes is read again. */
export function createStaging(importId: string): string[] {
  const { staged, skipped, usage } = stagingTables(importId);
  const perFile = 'PARTITION BY (delivery, file_number)';
  return [
    `CREATE TABLE IF NOT EXISTS ${staged} (${columnList(STAGED_COLUMNS)})
      ENGINE = MergeTree ${perFile} ORDER BY tuple()`,
    `CREATE TABLE IF NOT EXISTS ${skipped} (delivery UInt32, file_number UInt32, product LowCardinality(String), rows UInt64,
      cost Decimal(38, 12)) ENGINE = MergeTree ${perFile} ORDER BY tuple()`,
    `CREATE OR REPLACE TABLE ${usage} (${columnList(USAGE_COLUMNS)}) ENGINE = MergeTree ORDER BY usage_key`,
  ];
}

/** What each kind of usage was understood as. */
export const USAGE_COLUMNS = {
  usage_key: 'UInt128',
  channel: 'LowCardinality(String)',
  record_type: 'LowCardinality(String)',
  model_id: 'LowCardinality(String)',
  usage_region: 'LowCardinality(String)',
  route: 'LowCardinality(String)',
  tier: 'LowCardinality(String)',
  context: 'LowCardinality(String)',
  meter: 'LowCardinality(String)',
  is_batch: 'UInt8',
  billed_operation: 'LowCardinality(String)',
  service: 'LowCardinality(String)',
  seller: 'LowCardinality(String)',
  pieces: 'UInt64',
  is_recognised: 'UInt8',
} as const;

/**
 * Statements that lead from a file's bytes to staged rows: a table that keeps nothing, and two views that write what comes by
 * into the staging and count what is left out.
 */
export function landingStatements(importId: string, file: LandingFile, allServices: boolean): string[] {
  const { staged, skipped, landing, keep, skip } = stagingTables(importId);
  const columns = landedColumns(file);
  const row = file.format.row(columns);
  const month = file.period === undefined ? 'toYYYYMM(usage_start)' : partitionOf(file.period);
  const rows = `(SELECT * REPLACE (if(period = 0, ${month}, period) AS period), ${aliased(ofStaging(file))}
    FROM (SELECT ${aliased(row)} FROM ${landing}))`;
  const names = Object.keys(STAGED_COLUMNS).join(', ');
  const chosen = allServices ? '1' : BEDROCK_ROW;
  return [
    ...dropLanding(importId),
    `CREATE TABLE ${landing} (${columns.definitions.join(', ')}) ENGINE = Null`,
    `CREATE MATERIALIZED VIEW ${keep} TO ${staged} AS SELECT ${names} FROM ${rows} WHERE ${chosen}`,
    `CREATE MATERIALIZED VIEW ${skip} TO ${skipped} AS
      SELECT delivery, file_number, if(service_name = '', product_code, service_name) AS product, count() AS rows,
        sum(cost) AS cost
      FROM ${rows} WHERE NOT (${chosen}) GROUP BY delivery, file_number, product`,
  ];
}

function aliased(expressions: Readonly<Record<string, string>>): string {
  return Object.entries(expressions)
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(',\n  ');
}

export function dropLanding(importId: string): string[] {
  const { landing, keep, skip } = stagingTables(importId);
  return [`DROP TABLE IF EXISTS ${keep}`, `DROP TABLE IF EXISTS ${skip}`, `DROP TABLE IF EXISTS ${landing}`];
}

/** Names of what is inserted; what a file has beside them is passed over. */
export function landedNames(file: LandingFile): string {
  return landedColumns(file).names.map(quotedName).join(', ');
}

/**
 * Decimal(38, 12) of a double: its shortest decimal, halves to even. A double has 17 digits at most, so that 26 decimals hold
 * all of one from 1e-9 on; what is smaller, or as large as no bill, takes the long way.
 */
function exactly(double: string): string {
  const rounded = (decimal: string) => `toDecimal128(roundBankers(${decimal}, 12), 12)`;
  return `if(abs(${double}) BETWEEN 1e-9 AND 1e11 OR ${double} = 0, ${rounded(`toDecimal128(toString(${double}), 26)`)},
    ${rounded(`toDecimal256(toString(${double}), 40)`)})`;
}

/** As `sellerOf` in `rating/billed-usage` decides, over a staged row. */
const BEDROCK_ROW = `(product_code IN ('AmazonBedrock', 'AmazonBedrockService', 'AmazonBedrockFoundationModels', 'AmazonBedrockAgentCore')
  OR positionCaseInsensitive(concat(product_name, ' ', service_name, ' ', product_family), 'bedrock') > 0
  OR match(resource_id, '^arn:[^:]+:bedrock:') OR operation IN ('InvokeModelInference', 'InvokeModelStreamingInference'))`;

/** Only what names a model says what kind of usage it is; other resources are as many as they like. */
const MODEL_RESOURCE = "if(match(resource_id, ':(foundation-model|inference-profile)/'), resource_id, '')";

function ofStaging({ delivery, number }: LandingFile): Record<keyof typeof OF_STAGING, string> {
  // Descriptions of other services are as many as there are prices.
  const description = `if(${BEDROCK_ROW}, description, '')`;
  return {
    delivery: `${delivery}`,
    file_number: `${number}`,
    usage_description: description,
    model_resource: MODEL_RESOURCE,
    cost: exactly('ifNull(unblended_cost, 0)'),
    net_cost: `if(net_unblended_cost IS NULL OR net_unblended_cost = unblended_cost, cost, ${exactly('ifNull(net_unblended_cost, 0)')})`,
    list_cost: `if(ifNull(public_cost = unblended_cost, 0), cost, ${exactly('ifNull(public_cost, 0)')})`,
    usage_key: `reinterpretAsUInt128(sipHash128(${Object.values(USAGE_TEXTS).join(', ')}))`,
  };
}

/** Columns as they are landed, and how each is read. */
function landedColumns({ columns, format }: LandingFile): LandedColumns & { readonly definitions: readonly string[] } {
  const landed = new Map<string, { readonly column: FileColumn; readonly kind: LandedKind }>();
  for (const column of columns) {
    const kind = format.kindOf(column.name);
    if (kind !== undefined) landed.set(column.name, { column, kind });
  }
  const read = (name: string, absent: string, sql: (column: FileColumn) => string) => {
    const found = landed.get(name);
    return found ? sql(found.column) : absent;
  };
  return {
    names: [...landed.keys()],
    definitions: [...landed.values()].map(
      ({ column, kind }) => `${quotedName(column.name)} ${landedType(column, kind)}`,
    ),
    has: (name) => landed.has(name),
    text: (...names) => {
      const found = names.find((name) => landed.has(name));
      return found === undefined ? "''" : `ifNull(${quotedName(found)}, '')`;
    },
    number: (name) =>
      read(name, "CAST(NULL, 'Nullable(Float64)')", ({ name: column, type }) =>
        finite(type === 'text' ? numberOfText(quotedName(column), column) : quotedName(column), column),
      ),
    instant: (name) =>
      read(name, "toDateTime(0, 'UTC')", ({ name: column, type }) => {
        if (type !== 'text') return `ifNull(toDateTime(${quotedName(column)}, 'UTC'), toDateTime(0, 'UTC'))`;
        return instantOfText(quotedName(column), column);
      }),
    textMap: (name) => read(name, "CAST(map(), 'Map(String, String)')", (column) => textMapOf(column)),
    numberMap: (name) => read(name, "CAST(map(), 'Map(String, Float64)')", (column) => numberMapOf(column)),
  };
}

function landedType({ type }: FileColumn, kind: LandedKind): string {
  if (type === 'text') return 'Nullable(String)';
  switch (kind) {
    case 'text':
      return 'Nullable(String)';
    case 'number':
      return 'Nullable(Float64)';
    case 'instant':
      return "Nullable(DateTime64(3, 'UTC'))";
    case 'textMap':
      return 'Map(String, Nullable(String))';
    case 'numberMap':
      return 'Map(String, Nullable(Float64))';
  }
}

/** What stands in an error when a value cannot be read: the column. Values themselves may be anybody's. */
export const UNREADABLE = 'unreadable value in column ';

function numberOfText(column: string, name: string): string {
  const value = `toFloat64OrNull(${column})`;
  return `if(throwIf(ifNull(${column}, '') != '' AND ${value} IS NULL, ${sqlText(`${UNREADABLE}${name}`)}) = 0, ${value}, NULL)`;
}

/** No amount is larger, and none is NaN or infinite. */
const LARGEST = '1e20';

function finite(value: string, name: string): string {
  const isAmount = `isFinite(${value}) AND abs(${value}) < ${LARGEST}`;
  return `if(throwIf(NOT ifNull(${isAmount}, 1), ${sqlText(`${UNREADABLE}${name}`)}) = 0, ${value}, NULL)`;
}

function instantOfText(column: string, name: string): string {
  const value = `parseDateTime64BestEffortOrNull(${column}, 3, 'UTC')`;
  const read = `if(throwIf(ifNull(${column}, '') != '' AND ${value} IS NULL, ${sqlText(`${UNREADABLE}${name}`)}) = 0, ${value}, NULL)`;
  return `ifNull(toDateTime(${read}, 'UTC'), toDateTime(0, 'UTC'))`;
}

/** In CSV a map is the text of a JSON object. */
function textMapOf({ name, type }: FileColumn): string {
  const column = quotedName(name);
  if (type === 'text') return `JSONExtract(ifNull(${column}, ''), 'Map(String, String)')`;
  return `mapApply((key, value) -> (key, ifNull(value, '')), ${column})`;
}

function numberMapOf({ name, type }: FileColumn): string {
  const column = quotedName(name);
  if (type === 'text') return `JSONExtract(ifNull(${column}, ''), 'Map(String, Float64)')`;
  return `mapApply((key, value) -> (key, ifNull(value, 0.)), ${column})`;
}
