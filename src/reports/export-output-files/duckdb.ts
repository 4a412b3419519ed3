import type { OutputColumn } from '../export-sql/bind.ts';
import type { ColumnType } from '../export-table.ts';
import type { Dialect } from './dialect.ts';
import type { OutputFileRequest } from './output-file.ts';
import { exportUri, literal, periodColumn, quoted } from './place.ts';

const TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'VARCHAR',
  double: 'DOUBLE',
  timestamp: 'TIMESTAMP',
  'map<string,string>': 'MAP(VARCHAR, VARCHAR)',
  'map<string,double>': 'MAP(VARCHAR, DOUBLE)',
};

export const duckDbDialect: Dialect = {
  name: 'duckdb',
  command: 'duckdb -init views/duckdb.sql',
  readBucket: (definition) => `put ${exportUri(definition)} before data/ and metadata/`,
  createSchema: (schema) => `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)};`,
  delivered,
  day: (timestamp) => `CAST(${timestamp} AS DATE)`,
};

/** Where a row comes from. No column of an export is called so, but `filename` might be. */
const FILE = 'delivered_from_file';

function delivered({ definition, plan }: OutputFileRequest): string {
  const { outputs } = plan.statement;
  const { partitionName } = plan.table;
  const isParquet = definition.destination.format === 'PARQUET';
  const source = isParquet
    ? `read_parquet('data/**/*.parquet', filename = '${FILE}', hive_partitioning = false, union_by_name = true)`
    : `read_csv('data/**/*.csv.gz', filename = '${FILE}', hive_partitioning = false, header = true, columns = {${outputs.map(csvColumn).join(', ')}})`;
  const columns = outputs.map(isParquet ? fromParquet : fromCsv);
  return `SELECT
  ${columns.join(',\n  ')},
  regexp_extract(${FILE}, '${partitionName}=([0-9-]+)', 1) AS ${periodColumn({ plan })}
FROM ${source}
WHERE ${literal(`${exportUri(definition)}data/`)} || regexp_extract(${FILE}, 'data/(${partitionName}=.+)$', 1) IN (
  SELECT unnest(dataFiles)
  FROM read_json('metadata/*/${definition.name}-Manifest.json', columns = {dataFiles: 'VARCHAR[]'}))`;
}

/** Maps are JSON in CSV. */
function csvColumn({ name, type }: OutputColumn): string {
  return `${literal(name)}: ${literal(type.startsWith('map') ? 'JSON' : TYPES[type])}`;
}

/** UTC, as in AWS's files: instants with a time zone would fall on days of the reader's session. */
function fromParquet({ name, type }: OutputColumn): string {
  return type === 'timestamp' ? `${quoted(name)} AT TIME ZONE 'UTC' AS ${quoted(name)}` : quoted(name);
}

function fromCsv({ name, type }: OutputColumn): string {
  return type.startsWith('map') ? `CAST(${quoted(name)} AS ${TYPES[type]}) AS ${quoted(name)}` : quoted(name);
}
