import { Fault } from '../kernel/fault.ts';
import { parsePicoUsd } from '../kernel/money.ts';
import { MEASURE_SQL } from './compile-sql/measure-sql.ts';
import { MAX_ROWS } from './compile-sql.ts';
import type { BilledUsage, Measure, ReportQuery, ReportRow } from './report-query.ts';
import { storedStartMs, type TimeRange, timeBuckets } from './time-bucket.ts';

/** A row as the store answers `compileReport`: 64-bit integers and decimals are text. */
export type StoredRow = Readonly<Record<string, string | number>>;

/**
 * The store's answer as rows. Without group keys every bucket of the range has its row, also where nothing was used.
 * Throws QueryInvalid when the answer is longer than `MAX_ROWS`.
 */
export function shapeRows(query: ReportQuery, stored: readonly StoredRow[]): ReportRow[] {
  if (stored.length > MAX_ROWS) {
    throw new Fault(
      'QueryInvalid',
      `the answer has more than \`${MAX_ROWS}\` rows; choose a coarser granularity, fewer keys, a filter or a top N`,
    );
  }
  const buckets = timeBuckets(query);
  const byStoredStart = new Map(buckets.map((bucket) => [storedStartMs(bucket.startMs, query), bucket]));
  const rows = stored.map((row) => shapeRow(row, byStoredStart.get(Number(row.bucket ?? 0) * 1_000)!, query));
  if (query.groupBy.length > 0 || query.page) return rows;
  const byStartMs = new Map(rows.map((row) => [row.bucketStartMs, row]));
  return buckets.map((bucket) => byStartMs.get(bucket.startMs) ?? shapeRow({}, bucket, query));
}

function shapeRow(row: StoredRow, bucket: TimeRange, { groupBy, measures }: ReportQuery): ReportRow {
  const sum = (measure: Measure) => String(row[MEASURE_SQL[measure][0].column] ?? '0');
  return {
    bucketStartMs: bucket.startMs,
    bucketEndMs: bucket.endMs,
    keys: groupBy.map((_, index) => String(row[`key${index}`])),
    costPicoUsd: parsePicoUsd(sum('cost')),
    netCostPicoUsd: parsePicoUsd(sum('netCost')),
    listCostPicoUsd: parsePicoUsd(sum('listCost')),
    tokens: BigInt(sum('tokens')),
    inputTokens: BigInt(sum('inputTokens')),
    outputTokens: BigInt(sum('outputTokens')),
    cacheReadTokens: BigInt(sum('cacheReadTokens')),
    cacheWriteTokens: BigInt(sum('cacheWriteTokens')),
    quantity: BigInt(sum('quantity')),
    requests: BigInt(sum('requests')),
    unpricedQuantity: BigInt(sum('unpricedQuantity')),
    ...(measures?.includes('usage') && { usage: { microUnits: BigInt(sum('usage')), unit: unitOf(row) } }),
  };
}

/** Empty where the first and the last unit differ. */
function unitOf(row: StoredRow): BilledUsage['unit'] {
  const [, first, last] = MEASURE_SQL.usage.map(({ column }) => String(row[column] ?? ''));
  return first === last ? first! : '';
}
