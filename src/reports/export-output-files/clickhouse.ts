import { exportFolder } from '../export-layout.ts';
import type { OutputColumn } from '../export-sql/bind.ts';
import type { ColumnType } from '../export-table.ts';
import type { Dialect } from './dialect.ts';
import type { OutputFileRequest } from './output-file.ts';
import { exportUri, literal, periodColumn, quoted } from './place.ts';

const TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'Nullable(String)',
  double: 'Nullable(Float64)',
  timestamp: "Nullable(DateTime64(3, 'UTC'))",
  'map<string,string>': 'Map(String, String)',
  'map<string,double>': 'Map(String, Float64)',
};

export const clickHouseDialect: Dialect = {
  name: 'clickhouse',
  command: 'clickhouse local --queries-file views/clickhouse.sql --interactive',
  readBucket: (definition) => {
    const { bucket, region } = definition.destination;
    const url = `https://${bucket}.s3.${region}.amazonaws.com/${exportFolder(definition)}`;
    return `write s3('${url} for file(' before data/ and metadata/`;
  },
  createSchema: (schema) => `CREATE DATABASE IF NOT EXISTS ${quoted(schema)};`,
  delivered,
  day: (timestamp) => `toDate(${timestamp})`,
};

/** Globs over folders leave an empty name in the path. */
const PATH = "replaceAll(_path, '//', '/')";

function delivered({ definition, plan }: OutputFileRequest): string {
  const { outputs } = plan.statement;
  const { partitionName } = plan.table;
  const isParquet = definition.destination.format === 'PARQUET';
  const structure = outputs.map(({ name, type }) => `${quoted(name)} ${isParquet ? TYPES[type] : csvType(type)}`);
  const source = isParquet ? "'data/**/*.parquet', Parquet" : "'data/**/*.csv.gz', CSVWithNames";
  const columns = isParquet ? outputs.map(({ name }) => quoted(name)) : outputs.map(fromCsv);
  return `SELECT
  ${columns.join(',\n  ')},
  extract(_path, '${partitionName}=([0-9-]+)') AS ${periodColumn({ plan })}
FROM file(${source}, ${literal(structure.join(', '))})
WHERE concat(${literal(`${exportUri(definition)}data/`)}, extract(${PATH}, 'data/(${partitionName}=.+)$')) IN (
  SELECT arrayJoin(dataFiles)
  FROM file('metadata/*/${definition.name}-Manifest.json', JSONEachRow, 'dataFiles Array(String)'))`;
}

/** Maps are JSON in CSV, and instants have a form that the engine takes only when asked. */
function csvType(type: ColumnType): string {
  return type === 'double' ? TYPES[type] : 'Nullable(String)';
}

function fromCsv({ name, type }: OutputColumn): string {
  const column = quoted(name);
  if (type === 'timestamp') return `parseDateTime64BestEffortOrNull(${column}, 3, 'UTC') AS ${column}`;
  if (type.startsWith('map')) return `JSONExtract(ifNull(${column}, '{}'), '${TYPES[type]}') AS ${column}`;
  return column;
}
