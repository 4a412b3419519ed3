import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DuckDb } from '../cur/duckdb.ts';
import columnsVector from '../vectors/cur/columns.json' with { type: 'json' };
import { BEDROCK_KINDS, type BillKind, OTHER_KINDS } from './bill-kinds.ts';

export interface DeliveryOptions {
  /** Folder of the export's prefix. */
  readonly folder: string;
  /** Default `bedrock-cur2`. */
  readonly name?: string;
  /** `2026-05`. */
  readonly period: string;
  /** How many are made up; or a SELECT of them, whose `i` counts them and whose other columns are the bill's. */
  readonly rows: number | { readonly sql: string };
  /** Default 1. Made up rows with the same number and seed are the same. */
  readonly seed?: number;
  /** Default 1. */
  readonly files?: number;
  readonly format?: 'parquet' | 'csv.gz';
  readonly layout?: 'overwrite' | 'create-new';
  /** Default: an id made of the seed. */
  readonly executionId?: string;
  /** ISO; of `create-new`. */
  readonly startedAt?: string;
  /** Default: all of CUR 2.0's but those of split and capacity reservation data. */
  readonly columns?: readonly string[];
  readonly grain?: 'hour' | 'day' | 'month';
  readonly kinds?: readonly BillKind[];
  /** Every hour has as many rows as any other, and every row of a kind the same amount. */
  readonly isSteady?: boolean;
  /** One principal, by number, uses so many times as much from an hour on; ISO, `to` excluded. */
  readonly spike?: { readonly person: number; readonly from: string; readonly to: string; readonly times: number };
  /** How many principals call; default 200. */
  readonly principals?: number;
  /** Default `111122223333`. */
  readonly payer?: string;
  /** ISO: no usage from here on. Default: the end of the period. */
  readonly until?: string;
  /** Costs after discounts on every row, and beside the usage credits, refunds, taxes, fees and discounts of it. */
  readonly charges?: boolean;
}

export interface WrittenDelivery {
  /** Folder of the export: what is imported. */
  readonly path: string;
  readonly files: readonly string[];
  readonly manifestFile: string;
  readonly executionId: string;
}

const ALL_COLUMNS: readonly { readonly name: string; readonly type: string; readonly config?: string }[] =
  columnsVector.columns;

/** As an export has them that asks for resources and principals. */
export const COMMON_COLUMNS = ALL_COLUMNS.filter(
  ({ name }) => !/^(split_line_item|capacity_reservation)_/.test(name),
).map(({ name }) => name);

const TYPES: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMP',
  'map<string,string>': 'MAP(VARCHAR, VARCHAR)',
  'map<string,double>': 'MAP(VARCHAR, DOUBLE)',
};

const GRAINS = { hour: 'INTERVAL 1 HOUR', day: 'INTERVAL 1 DAY', month: 'INTERVAL 1 MONTH' } as const;

/** Writes one billing period as AWS delivers it, from AWS's documents and nothing of ours. */
export async function writeDelivery(duck: DuckDb, options: DeliveryOptions): Promise<WrittenDelivery> {
  const {
    folder,
    name = 'bedrock-cur2',
    period,
    files: fileCount = 1,
    format = 'parquet',
    layout = 'overwrite',
  } = options;
  const { seed = 1, startedAt = `${period}-28T02:00:00.000Z`, columns = COMMON_COLUMNS } = options;
  const executionId = options.executionId ?? `00000000-0000-4000-8000-${String(seed).padStart(12, '0')}`;
  const { rows } = options;
  const sql = typeof rows === 'number' ? billRows({ ...options, rows }) : rows.sql;
  await duck.run(`CREATE OR REPLACE TEMP TABLE bill_rows AS ${sql}`);
  const made = new Set((await duck.query('DESCRIBE bill_rows')).map(({ column_name }) => `${column_name}`));
  const path = join(folder, name);
  const execution = layout === 'create-new' ? `${startedAt}-${executionId}` : '';
  const dataFolder = join(path, 'data', `BILLING_PERIOD=${period}`, execution);
  const metadataFolder = join(path, 'metadata', `BILLING_PERIOD=${period}`);
  mkdirSync(dataFolder, { recursive: true });
  mkdirSync(join(metadataFolder, execution), { recursive: true });
  const extension = format === 'parquet' ? 'snappy.parquet' : 'csv.gz';
  const files: string[] = [];
  for (let number = 1; number <= fileCount; number += 1) {
    const file = join(dataFolder, `${name}-${String(number).padStart(5, '0')}.${extension}`);
    const select = columns.map((column) => selected(column, format, made)).join(', ');
    const copy =
      format === 'parquet' ? '(FORMAT PARQUET, COMPRESSION SNAPPY)' : '(FORMAT CSV, HEADER, COMPRESSION GZIP)';
    await duck.run(
      `COPY (SELECT ${select} FROM bill_rows WHERE i % ${fileCount} = ${number - 1}) TO '${file}' ${copy}`,
    );
    files.push(file);
  }
  const manifest = JSON.stringify({
    executionId,
    exportArn: `arn:aws:bcm-data-exports:us-east-1:${options.payer ?? PAYER}:export/${name}-0000`,
    columns: columns.map((column) => ({ name: column, type: typeOf(column) })),
    dataFiles: files.map((file) => `s3://bills/${file.slice(folder.length + 1)}`),
    additionalOutputFiles: [],
  });
  const manifestFile = join(metadataFolder, `${name}-Manifest.json`);
  if (execution !== '') writeFileSync(join(metadataFolder, execution, `${name}-Manifest.json`), manifest);
  writeFileSync(manifestFile, manifest);
  return { path, files, manifestFile, executionId };
}

const PAYER = '111122223333';

/** Charges that are no usage: one for every so many rows of usage, of so much of its cost. */
const CHARGES = [
  ['Credit', 53, -0.4],
  ['Refund', 89, -1],
  ['Tax', 61, 0.19],
  ['Fee', 97, 0.05],
  ['EdpDiscount', 71, -0.0725],
] as const;

type MadeUpRows = Omit<DeliveryOptions, 'folder' | 'rows'> & { readonly rows: number };

/** Rows of a bill with every column, and `i`. Amounts are doubles, as products of doubles come out. */
export function billRows(options: MadeUpRows): string {
  const usage = usageRows(options);
  if (!options.charges) return usage;
  const start = `TIMESTAMP '${options.period}-01 00:00:00'`;
  const charges = CHARGES.map(([type, every, share]) => `('${type}', ${every}, ${share}::DOUBLE)`);
  // Taxes are of the whole month and of nobody; what reduces a cost is of the usage that it reduces.
  return `
WITH usage_row AS (${usage}), charge(type, every, share) AS (VALUES ${charges.join(', ')})
SELECT * FROM usage_row
UNION ALL
SELECT usage_row.* REPLACE (
  identity_line_item_id || '-' || type AS identity_line_item_id, type AS line_item_line_item_type,
  type || ' of usage' AS line_item_line_item_description,
  IF(type IN ('Tax', 'Fee'), NULL, line_item_iam_principal) AS line_item_iam_principal,
  IF(type IN ('Tax', 'Fee'), ${start}, line_item_usage_start_date) AS line_item_usage_start_date,
  IF(type IN ('Tax', 'Fee'), ${start} + INTERVAL 1 MONTH, line_item_usage_end_date) AS line_item_usage_end_date,
  IF(type IN ('Tax', 'Fee'), '', line_item_usage_type) AS line_item_usage_type,
  line_item_unblended_cost * share AS line_item_unblended_cost,
  line_item_net_unblended_cost * share AS line_item_net_unblended_cost,
  0 AS pricing_public_on_demand_cost, MAP {'accountTag/environment': 'production'} AS tags)
FROM usage_row, charge WHERE is_bedrock AND i % every = 0`;
}

function usageRows({ period, rows, seed = 1, grain = 'hour', payer = PAYER, ...options }: MadeUpRows): string {
  const kinds = options.kinds ?? [...BEDROCK_KINDS, ...OTHER_KINDS];
  const table = kinds.map((kind, index) => {
    const texts = [
      ...[kind.entity, kind.code, kind.serviceName, kind.usageType, kind.operation, kind.unit, kind.description],
      ...[kind.model, kind.provider, kind.inferenceType, kind.region, kind.resource],
    ];
    return `(${index}, ${texts.map(quoted).join(', ')}, ${kind.price}::DOUBLE, ${kind.pieces}, ${kind.units}::DOUBLE, ${kind.hasPrincipal}, ${kind.isBedrock})`;
  });
  // One place for each half of a share: looked up, not searched.
  const places = kinds.flatMap(({ weight }, index) => Array.from({ length: Math.round(weight * 2) }, () => index));
  const start = `TIMESTAMP '${period}-01 00:00:00'`;
  const dice = (salt: string) => `(hash(i, ${quoted(`${salt}/${seed}`)}) / 18446744073709551616.0)`;
  const end = options.until ? `TIMESTAMP '${options.until}'` : `${start} + INTERVAL 1 MONTH`;
  const hours = `(date_diff('hour', ${start}, ${end}))`;
  return `
WITH kind(kind_number, entity, code, service_name, usage_type, operation, unit, description, model, provider, inference_type, region,
  resource, price, pieces, units, has_principal, is_bedrock) AS (VALUES ${table.join(',\n')}),
rolled AS (
  SELECT i, [${places.join(', ')}][1 + floor(${dice('kind')} * ${places.length})::INT] AS kind_number, power(${dice('principal')}, 2) AS principal_share, ${options.isSteady ? `(i % ${hours} + 0.5) / ${hours}` : dice('hour')} AS hour_share,
    ${options.isSteady ? '0.5' : dice('amount')} AS amount_share
  FROM range(${rows}) AS t(i)
),
line AS (
  SELECT *, floor(principal_share * ${options.principals ?? 200})::INT AS person,
    date_trunc('${grain}', ${start} + INTERVAL 1 HOUR * floor(hour_share * ${hours})::INT) AS usage_start,
    round(amount_share * units${spikeSql(options.spike)}, 6) + 0.000001 AS amount
  FROM rolled JOIN kind USING (kind_number)
)
SELECT i, is_bedrock,
  'Anniversary' AS bill_bill_type, entity AS bill_billing_entity,
  ${start} + INTERVAL 1 MONTH AS bill_billing_period_end_date, ${start} AS bill_billing_period_start_date,
  NULL::VARCHAR AS bill_invoice_id, 'Amazon Web Services, Inc.' AS bill_invoicing_entity,
  ${quoted(payer)} AS bill_payer_account_id, 'Acme' AS bill_payer_account_name,
  lower(hex(i::BIGINT + ${seed}::BIGINT * 1000000000)) AS identity_line_item_id,
  strftime(usage_start, '%Y-%m-%dT%H:%M:%SZ') || '/' || strftime(usage_start + ${GRAINS[grain]}, '%Y-%m-%dT%H:%M:%SZ') AS identity_time_interval,
  'USD' AS line_item_currency_code,
  CASE WHEN has_principal THEN CASE person % 4
    WHEN 0 THEN 'arn:aws:iam::' || (444400000000 + person % 12) || ':user/person-' || person
    ELSE 'arn:aws:sts::' || (444400000000 + person % 12) || ':assumed-role/app-' || (person % 7) || '/person-' || person || '@example.com' END
  END AS line_item_iam_principal,
  CASE WHEN entity = 'AWS' THEN 'Amazon Web Services, Inc.' ELSE 'Anthropic, PBC' END AS line_item_legal_entity,
  description AS line_item_line_item_description, 'Usage' AS line_item_line_item_type,
  CASE WHEN operation = 'InvokeModelInference' AND person % 3 = 0 THEN 'InvokeModelStreamingInference' ELSE operation END AS line_item_operation,
  code AS line_item_product_code, CASE WHEN resource != '' THEN resource END AS line_item_resource_id,
  amount * price AS line_item_unblended_cost, price::VARCHAR AS line_item_unblended_rate,
  (444400000000 + person % 12)::VARCHAR AS line_item_usage_account_id,
  'account-' || (person % 12) AS line_item_usage_account_name, amount AS line_item_usage_amount,
  usage_start + ${GRAINS[grain]} AS line_item_usage_end_date, usage_start AS line_item_usage_start_date,
  usage_type AS line_item_usage_type,
  'USD' AS pricing_currency, CASE WHEN entity = 'AWS' THEN amount * price ELSE 0 END AS pricing_public_on_demand_cost,
  ${options.charges ? 'amount * price * 0.9275' : 'NULL::DOUBLE'} AS line_item_net_unblended_cost,
  price::VARCHAR AS pricing_public_on_demand_rate, 'OnDemand' AS pricing_term, unit AS pricing_unit,
  CASE WHEN model != ''
    THEN MAP {'feature': 'On-demand Inference', 'provider': provider, 'model': model, 'inference_type': inference_type,
      'product_name': service_name, 'servicename': service_name, 'region': region}
    ELSE MAP {'product_name': service_name, 'region': region} END AS product,
  CASE WHEN is_bedrock THEN 'Amazon Bedrock' ELSE 'Compute' END AS product_product_family,
  region AS product_region_code, CASE WHEN entity = 'AWS' THEN code ELSE '' END AS product_servicecode,
  usage_type AS product_usagetype,
  MAP {'team': CASE WHEN person % 5 = 0 THEN 'research' ELSE 'platform' END} AS cost_category,
  MAP {}::MAP(VARCHAR, DOUBLE) AS discount,
  MAP {'user_project': 'p' || (person % 9)} AS resource_tags,
  CASE WHEN has_principal AND person % 10 != 9
    THEN MAP {'iamPrincipal/team': 'team-' || (person % 8), 'iamPrincipal/cost-center': (1000 + person % 8)::VARCHAR,
      'accountTag/environment': CASE WHEN person % 12 < 6 THEN 'production' ELSE 'test' END}
    ELSE MAP {'accountTag/environment': 'production'} END AS tags
FROM line`;
}

function spikeSql(spike: DeliveryOptions['spike']): string {
  if (!spike) return '';
  const { person, from, to, times } = spike;
  return ` * (CASE WHEN person = ${person} AND usage_start >= TIMESTAMP '${from}' AND usage_start < TIMESTAMP '${to}' THEN ${times} ELSE 1 END)`;
}

/** What the rows do not say is null. In CSV maps are the text of JSON objects and instants are ISO 8601. */
function selected(column: string, format: 'parquet' | 'csv.gz', made: ReadonlySet<string>): string {
  const type = typeOf(column);
  if (!made.has(column)) return `NULL::${format === 'parquet' ? TYPES[type] : 'VARCHAR'} AS ${column}`;
  if (format === 'parquet') return column;
  if (type.startsWith('map')) return `to_json(${column})::VARCHAR AS ${column}`;
  return type === 'timestamp' ? `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ') AS ${column}` : column;
}

function typeOf(column: string): string {
  return ALL_COLUMNS.find(({ name }) => name === column)?.type ?? 'string';
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
