import { SECOND_MS } from '../kernel/time.ts';
import { inBook } from './book.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { MEASURE_SQL, MEASURES, type MeasureSql } from './compile-sql/measure-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { Granularity, ReportQuery } from './report-query.ts';
import { isStoreCalendar, storedStartMs, type TimeRange, timeBuckets } from './time-bucket.ts';

/** Rows of one answer; what has more is asked for page by page. */
export const MAX_ROWS = 200_000;

/** Starts of uncut UTC buckets in Unix seconds. A Date, which `toStartOfMonth` is, has to be told that it means UTC. */
const BUCKET_SQL: Readonly<Record<Granularity, string | undefined>> = {
  TOTAL: undefined,
  QUARTER_HOURLY: 'toUnixTimestamp(bucket_start)',
  HOURLY: 'toUnixTimestamp(toStartOfHour(bucket_start))',
  DAILY: 'toUnixTimestamp(toStartOfDay(bucket_start))',
  MONTHLY: "toUnixTimestamp(toDateTime(toStartOfMonth(bucket_start), 'UTC'))",
};

/** `OTHER` as a literal of the store's SQL. */
const OTHER_SQL = "'\\0other'";

/** A SELECT that sums rows by columns; the names are the columns of the answer. */
interface Grouping {
  /** Column name to expression, in order. */
  readonly columns: readonly (readonly [name: string, sql: string])[];
  readonly sums: readonly MeasureSql[];
  /** A table with its conditions, or a sub-query. */
  readonly from: string;
}

/**
 * The query as SQL over the line items of a book. The answer has `bucket` (unless the granularity is `TOTAL`), `key0`, `key1`, ... and
 * one column per measure, in the order of bucket and keys. One row more than `MAX_ROWS` says that it is too long.
 */
export function compileReport(query: ReportQuery, catalog: CostCatalog): CompiledQuery {
  const parameters = new Parameters();
  const lines = new LineItemSql(query.range, inBook(catalog, query.book), parameters, query.asOf);
  const grouping = topGroups(lineGroups(query, lines, bucketSql(query, parameters)), query, parameters);
  const names = grouping.columns.map(([name]) => name).join(', ');
  const sql = [
    selectOf(grouping),
    query.page?.after && `HAVING ${afterRow(query, names, parameters)}`,
    names && `ORDER BY ${names}`,
    `LIMIT ${query.page?.limit ?? MAX_ROWS + 1}`,
  ];
  return parameters.statement(sql.filter(Boolean).join('\n'));
}

/** Start of a row's bucket in Unix seconds; undefined where there is but one bucket. */
function bucketSql(query: ReportQuery, parameters: Parameters): string | undefined {
  if (isStoreCalendar(query)) return BUCKET_SQL[query.granularity];
  const starts = timeBuckets(query).map(({ startMs }) => startMs / SECOND_MS);
  return `roundDown(toUnixTimestamp(bucket_start), ${parameters.add('Array(UInt32)', starts)})`;
}

function lineGroups(query: ReportQuery, lines: LineItemSql, bucket: string | undefined): Grouping {
  const { groupBy, filter, visible, measures = MEASURES } = query;
  const keys = groupBy.map((key, index) => [`key${index}`, lines.value(key)] as const);
  return {
    columns: bucket ? [['bucket', bucket], ...keys] : keys,
    sums: measures.flatMap((measure) => MEASURE_SQL[measure]),
    from: lines.from(filter, { range: linesRange(query), visible, cutsMs: cutsOf(query) }),
  };
}

/** Where buckets begin that may begin inside a day of UTC; undefined for those that are shorter. */
function cutsOf(query: ReportQuery): number[] | undefined {
  if (query.granularity === 'HOURLY' || query.granularity === 'QUARTER_HOURLY') return undefined;
  return isStoreCalendar(query) ? [] : timeBuckets(query).map(({ startMs }) => startMs);
}

/** Pages need no lines of the buckets before theirs; a top N ranks over the whole range. */
function linesRange({ range, granularity, topN, page }: ReportQuery): TimeRange {
  if (!page?.after || granularity === 'TOTAL' || topN !== undefined) return range;
  return { startMs: page.after.bucketStartMs, endMs: range.endMs };
}

/**
 * Sums all but the greatest groups as `OTHER`. The lines are read once: the sums of each bucket wait in an array of their
 * group until it has its place. Equal groups rank by their keys, so that the same ones stay.
 */
function topGroups(groups: Grouping, { topN, topBy = 'cost', groupBy }: ReportQuery, parameters: Parameters): Grouping {
  if (topN === undefined || groupBy.length === 0) return groups;
  const keys = groupBy.map((_, index) => `key${index}`);
  const rank = { ...MEASURE_SQL[topBy][0], column: 'rank_sum' };
  const parts = selectOf({ ...groups, sums: [...groups.sums, rank] });
  const others = groups.columns.map(([name]) => name).filter((name) => !keys.includes(name));
  const waiting = [...others, ...groups.sums.map(({ column }) => column)];
  const place = (name: string) => `part.${waiting.indexOf(name) + 1}`;
  const isTop = `place <= ${parameters.add('UInt32', topN)}`;
  return {
    columns: groups.columns.map(([name]) => [
      name,
      keys.includes(name) ? `if(${isTop}, group_${name}, ${OTHER_SQL})` : place(name),
    ]),
    sums: groups.sums.map((measure) => ({ ...measure, sql: measure.combined(place(measure.column)) })),
    from: `(
SELECT *, row_number() OVER (ORDER BY group_sum DESC, ${keys.map((key) => `group_${key}`).join(', ')}) AS place
FROM (
SELECT ${keys.map((key) => `${key} AS group_${key}`).join(', ')}, sum(rank_sum) AS group_sum, groupArray(tuple(${waiting.join(', ')})) AS parts
FROM (
${parts}
)
GROUP BY ${keys.map((key) => `group_${key}`).join(', ')}
))
ARRAY JOIN parts AS part`,
  };
}

function selectOf({ columns, sums, from }: Grouping): string {
  const sumColumns = sums.map(({ column, sql }) => [column, sql] as const);
  const selected = [...columns, ...sumColumns].map(([name, sql]) => `${sql} AS ${name}`);
  const select = `SELECT ${selected.join(', ')}\nFROM ${from}`;
  return columns.length === 0 ? select : `${select}\nGROUP BY ${columns.map(([name]) => name).join(', ')}`;
}

/** True for the rows that come after the last row of the page before. */
function afterRow(query: ReportQuery, names: string, parameters: Parameters): string {
  if (!names) return '0';
  const { bucketStartMs, keys } = query.page!.after!;
  const last = keys.map((key) => parameters.add('String', key));
  if (query.granularity !== 'TOTAL') {
    last.unshift(parameters.add('UInt32', storedStartMs(bucketStartMs, query) / SECOND_MS));
  }
  return `(${names}) > (${last.join(', ')})`;
}
