import type { Parameters } from '../compile-sql/parameters.ts';
import type { CompiledQuery } from '../cost-store.ts';
import type { ColumnType, ExportColumn, ExportTable, ScalarType } from '../export-table.ts';
import type { BoundCondition, BoundRef, BoundStatement, OutputColumn } from './bind.ts';

export type FileFormat = 'PARQUET' | 'TEXT_OR_CSV';

/** The store's types of the table's columns. Every plain column may be null, so that files of all periods have one schema. */
const STORE_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'Nullable(String)',
  double: 'Nullable(Float64)',
  timestamp: "Nullable(DateTime64(3, 'UTC'))",
  'map<string,string>': 'Map(String, String)',
  'map<string,double>': 'Map(String, Float64)',
};

/** The store's types of literals; timestamps travel as milliseconds. */
const PARAM_TYPES: Readonly<Record<ScalarType, string>> = {
  string: 'String',
  double: 'Float64',
  timestamp: 'Int64',
};

/**
 * From when on a grouping or a sort goes to the store's disk, which doubles its processor time: its own bytes, and its share
 * of the memory that the query may have; the engine counts the two differently. The line items of one file stay below it.
 */
const SPILL_BYTES = 384 * 1024 * 1024;
const SPILL_RATIO = 0.4;

const SETTINGS = [
  // A user's alias may be the name of another column.
  'prefer_column_name_to_alias = 1',
  // The table's rows come in order and stay so.
  'query_plan_remove_redundant_sorting = 0',
  `max_bytes_before_external_group_by = ${SPILL_BYTES}`,
  `max_bytes_ratio_before_external_group_by = ${SPILL_RATIO}`,
  `max_bytes_before_external_sort = ${SPILL_BYTES}`,
  `max_bytes_ratio_before_external_sort = ${SPILL_RATIO}`,
  // Rows have up to 131 columns, some of them maps: a block of the usual 65,409 rows would take 100 MB.
  'max_block_size = 32768',
  'output_format_parquet_row_group_size = 32768',
  "output_format_parquet_compression_method = 'snappy'",
  'output_format_json_escape_forward_slashes = 0',
  "format_csv_null_representation = ''",
].join(', ');

/**
 * SELECT over the table's rows (a SELECT whose values are in `parameters`) in a file's form, of at most `maxRows` where that
 * is given. Only names of the catalogue and checked aliases enter the text.
 */
export function compileStatement(
  statement: BoundStatement,
  table: ExportTable,
  format: FileFormat,
  rows: string,
  parameters: Parameters,
  maxRows: number | undefined,
): CompiledQuery {
  const outputs = statement.outputs.map((output) => `${fileValue(output, format, parameters)} AS \`${output.name}\``);
  const where = statement.where ? `WHERE ${compileCondition(statement.where, parameters)}` : '';
  const limit = maxRows === undefined ? '' : `LIMIT ${parameters.add('UInt64', maxRows)}`;
  const columns = tableColumns([...statement.outputs, ...refsOf(statement.where)], table);
  const sql = `
SELECT ${outputs.join(', ')}
FROM (SELECT ${columns.join(', ')} FROM (${rows}))
${where}
${limit}
SETTINGS ${SETTINGS}`;
  return { sql, params: parameters.values };
}

/** How many rows a statement lets through, without its LIMIT. */
export function compileCount(
  { where }: BoundStatement,
  table: ExportTable,
  rows: string,
  parameters: Parameters,
): CompiledQuery {
  const columns = ['1', ...tableColumns(refsOf(where), table)];
  const sql = `
SELECT count() AS rowCount
FROM (SELECT ${columns.join(', ')} FROM (${rows}))
${where ? `WHERE ${compileCondition(where, parameters)}` : ''}
SETTINGS ${SETTINGS}`;
  return { sql, params: parameters.values };
}

/** The table's columns that are named. */
function tableColumns(refs: readonly BoundRef[], table: ExportTable): string[] {
  const names = new Set(refs.map(({ column }) => column.name));
  return table.columns.filter(({ name }) => names.has(name)).map(typedColumn);
}

/** The value of a column over its table's rows, in the column's type and under its name. */
export function typedColumn({ name, type, sql = type.startsWith('map') ? 'map()' : 'NULL' }: ExportColumn): string {
  return `CAST(${sql}, '${STORE_TYPES[type].replaceAll("'", "\\'")}') AS \`${name}\``;
}

function refsOf(condition: BoundCondition | undefined): BoundRef[] {
  if (condition === undefined) return [];
  if ('and' in condition) return condition.and.flatMap(refsOf);
  if ('or' in condition) return condition.or.flatMap(refsOf);
  return 'not' in condition ? refsOf(condition.not) : [condition.ref];
}

/** CSV has no types: instants are written in ISO 8601 to the second and maps as JSON objects. */
function fileValue(output: OutputColumn, format: FileFormat, parameters: Parameters): string {
  const value = reference(output, parameters);
  if (format === 'PARQUET') return value;
  if (output.type === 'timestamp') return `formatDateTime(${value}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`;
  return output.type.startsWith('map') ? `toJSONString(${value})` : value;
}

/** A key that the map does not have is null, not the empty text. */
function reference({ column, key }: BoundRef, parameters: Parameters): string {
  const name = `\`${column.name}\``;
  if (key === undefined) return name;
  const param = parameters.add('String', key);
  return `if(mapContains(${name}, ${param}), ${name}[${param}], NULL)`;
}

function compileCondition(condition: BoundCondition, parameters: Parameters): string {
  if ('and' in condition) return `(${condition.and.map((part) => compileCondition(part, parameters)).join(' AND ')})`;
  if ('or' in condition) return `(${condition.or.map((part) => compileCondition(part, parameters)).join(' OR ')})`;
  if ('not' in condition) return `NOT (${compileCondition(condition.not, parameters)})`;
  const left = reference(condition.ref, parameters);
  const { type } = condition.ref;
  const comparable = type === 'timestamp' ? `toUnixTimestamp64Milli(${left})` : left;
  if ('op' in condition) return `${comparable} ${condition.op} ${parameters.add(PARAM_TYPES[type], condition.value)}`;
  return `${comparable} IN ${parameters.add(`Array(${PARAM_TYPES[type]})`, condition.anyOf)}`;
}
