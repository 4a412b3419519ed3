import { MEASURE_SQL, MEASURES } from './compile-sql/measure-sql.ts';
import { compileReport } from './compile-sql.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { GroupKey, Measure, ReportQuery } from './report-query.ts';

/** Formats of a file, as the store names them. */
export const FILE_FORMATS = { CSV: 'CSVWithNames', PARQUET: 'Parquet' } as const;
export type FileFormat = keyof typeof FILE_FORMATS;

/** Rows of one file at most. */
export const FILE_ROWS_MAX = 100_000;

/** Columns of sums by measure. */
const COLUMN_NAMES: Readonly<Record<Exclude<Measure, 'usage'>, string>> = {
  cost: 'cost_usd',
  netCost: 'net_cost_usd',
  listCost: 'list_cost_usd',
  tokens: 'tokens',
  inputTokens: 'input_tokens',
  outputTokens: 'output_tokens',
  cacheReadTokens: 'cache_read_tokens',
  cacheWriteTokens: 'cache_write_tokens',
  quantity: 'quantity',
  requests: 'requests',
  unpricedQuantity: 'unpriced',
};

/** A cell that a spreadsheet would run as a formula is quoted with an apostrophe; a number is none, but `-2+3` is. */
const FORMULA_START = "'^[=+@\\t\\r\\n-]'";
const NUMBER = "'^-?[0-9]+([.][0-9]+)?$'";

/**
 * The rows of a report as the columns of a file: `start` of the bucket where there are several, the keys by their names, the
 * sums. What top N left out is `(other)`.
 */
export function compileReportFile(query: ReportQuery, catalog: CostCatalog, format: FileFormat): CompiledQuery {
  const { sql, ...rest } = compileReport(query, catalog);
  const start = query.granularity === 'TOTAL' ? [] : ["toDateTime(bucket, 'UTC') AS start"];
  const keys = query.groupBy.map((key, index) => {
    const shown = `if(key${index} = '\\0other', '(other)', toString(key${index}))`;
    const isFormula = `match(${shown}, ${FORMULA_START}) AND NOT match(${shown}, ${NUMBER})`;
    const cell = format === 'CSV' ? `if(${isFormula}, concat('\\'', ${shown}), ${shown})` : shown;
    return `${cell} AS ${identifier(nameOf(key))}`;
  });
  const sums = (query.measures ?? MEASURES).flatMap((measure) => {
    return measure === 'usage' ? [] : [`${MEASURE_SQL[measure][0].column} AS ${COLUMN_NAMES[measure]}`];
  });
  return { sql: `SELECT ${[...start, ...keys, ...sums].join(', ')}\nFROM (\n${sql}\n)`, ...rest };
}

function nameOf(key: GroupKey): string {
  if ('tag' in key) return `tag:${key.tag}`;
  if ('membership' in key) return `membership:${key.membership}`;
  return 'costCategory' in key ? `category:${key.costCategory}` : key.dimension;
}

/** Between backticks, in which a backslash escapes. */
function identifier(name: string): string {
  return `\`${name.replaceAll(/[\\`]/g, '\\$&')}\``;
}
