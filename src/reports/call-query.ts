import { BUCKET_MS, bucketStartMs } from '../kernel/time.ts';
import { HELD_MODEL } from '../rating/billed-feature.ts';
import { inBook } from './book.ts';
import { type CallKind, type CallTariffs, callCostSql } from './call-query/call-cost-sql.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { ReportFilter } from './report-query.ts';
import type { TimeRange } from './time-bucket.ts';
import { ALL_USAGE, type Visibility, visibleConditions } from './visibility.ts';

export { requireAboutCalls } from './call-query/about-calls.ts';
export { type CallKind, type CallTariffs, callTariffs } from './call-query/call-cost-sql.ts';

/** Which calls. */
export interface CallFilter {
  /** Of the admission, to the millisecond. */
  readonly range: TimeRange;
  /** As of reports, of what is known of a whole call: see `requireAboutCalls`. */
  readonly filter?: ReportFilter;
  /** Absent: every call. */
  readonly visible?: Visibility;
  readonly status?: string | undefined;
}

/** Calls in an order. The cost is that of the price book, before discounts. */
export interface CallQuestion extends CallFilter {
  readonly order: 'latest' | 'costliest';
  /** Absent: whatever they cost. */
  readonly minCostPicoUsd?: bigint;
  readonly limit: number;
  /** The last call of the page before. */
  readonly after?: CallPosition;
}

/** The place of a call in either order. */
export interface CallPosition {
  readonly requestId: string;
  readonly admittedAtMs: number;
  /** Where the question is about cost. */
  readonly costPicoUsd?: bigint;
}

/** The answer's columns: 64-bit integers and costs in pico-USD are text. */
export interface CallRow {
  readonly id: string;
  readonly at: string;
  readonly call_cost?: string;
}

/** True where the answer depends on what calls cost, so that `callKinds` have to be priced first. */
export function isAboutCost({ order, minCostPicoUsd }: CallQuestion): boolean {
  return order === 'costliest' || minCostPicoUsd !== undefined;
}

/** Ids of the calls in their order. `tariffs` are those of the same filter; absent where the cost does not matter. */
export function compileCalls(question: CallQuestion, catalog: CostCatalog, tariffs?: CallTariffs): CompiledQuery {
  const { order, minCostPicoUsd, limit, after } = question;
  const parameters = new Parameters();
  const cost = tariffs ? [`${callCostSql(tariffs, parameters)} AS call_cost_pico`] : [];
  const columns = ['request_id', 'toUnixTimestamp64Milli(admitted_at) AS admitted_ms', ...cost];
  const picoUsd = (amount: bigint) => `toInt128(${parameters.add('String', amount.toString())})`;
  const ranked =
    order === 'costliest' ? ['call_cost_pico', 'admitted_ms', 'request_id'] : ['admitted_ms', 'request_id'];
  const isAfter = () => {
    const { admittedAtMs, requestId, costPicoUsd = 0n } = after!;
    const place = [parameters.add('Int64', admittedAtMs), parameters.add('UUID', requestId)];
    return `(${ranked.join(', ')}) < (${[...(order === 'costliest' ? [picoUsd(costPicoUsd)] : []), ...place].join(', ')})`;
  };
  const conditions = [
    ...(minCostPicoUsd === undefined ? [] : [`call_cost_pico >= ${picoUsd(minCostPicoUsd)}`]),
    ...(after ? [isAfter()] : []),
  ];
  return parameters.statement(`SELECT toString(request_id) AS id, admitted_ms AS at${tariffs ? ', toString(call_cost_pico) AS call_cost' : ''}
FROM (SELECT ${columns.join(', ')} FROM ${callRows(question, catalog, parameters)})
WHERE ${conditions.join(' AND ') || '1'}
ORDER BY ${ranked.map((column) => `${column} DESC`).join(', ')}
LIMIT ${parameters.add('UInt32', limit)}`);
}

/** A row of `compileCallKinds`. */
export interface CallKindRow {
  readonly model_id: string;
  readonly region: string;
  readonly route: CallKind['route'];
  readonly tier: CallKind['tier'];
  readonly is_batch: number;
  readonly is_held: number;
  readonly first: string;
  readonly last: string;
  readonly unit_meters: CallKind['unitMeters'];
}

/** What chooses prices among the calls: a few hundred rows at most in practice. */
export function compileCallKinds(filter: CallFilter, catalog: CostCatalog): CompiledQuery {
  const parameters = new Parameters();
  return parameters.statement(`SELECT model_id, region, route, tier, is_batch, is_held,
  toUnixTimestamp64Milli(min(admitted_at)) AS first, toUnixTimestamp64Milli(max(admitted_at)) AS last,
  groupUniqArrayArray(mapKeys(units)) AS unit_meters
FROM ${callRows(filter, catalog, parameters)}
GROUP BY model_id, region, route, tier, is_batch, is_held
ORDER BY model_id, region, route, tier, is_batch, is_held`);
}

export function callKindOf(row: CallKindRow): CallKind {
  return {
    ...{ modelId: row.model_id, region: row.region, route: row.route, tier: row.tier },
    ...{ isBatch: row.is_batch === 1, isHeld: row.is_held === 1, unitMeters: row.unit_meters },
    ...{ firstMs: Number(row.first), lastMs: Number(row.last) },
  };
}

/** Calls that a filter lets through, with the columns that filters of line items look at. */
function callRows(
  { range, filter, visible = ALL_USAGE, status }: CallFilter,
  catalog: CostCatalog,
  parameters: Parameters,
): string {
  const { startMs, endMs } = range;
  const buckets = { startMs: bucketStartMs(startMs), endMs: bucketStartMs(endMs + BUCKET_MS - 1) };
  const instant = (atMs: number) => `fromUnixTimestamp64Milli(${parameters.add('Int64', atMs)}, 'UTC')`;
  const text = (value: string) => parameters.add('String', value);
  const conditions = [
    ...visibleConditions(visible, text),
    ...(filter ? [`(${new LineItemSql(buckets, inBook(catalog, 'ledger'), parameters).condition(filter)})`] : []),
    ...(status === undefined ? [] : [`status = ${text(status)}`]),
  ];
  return `(SELECT *, toStartOfFifteenMinutes(admitted_at) AS bucket_start, admitted_at AS slice_start,
  'Usage' AS record_type, match(resource_arn, '${HELD_MODEL}') AS is_held
FROM ${USAGE_EVENT_TABLE} WHERE admitted_at >= ${instant(startMs)} AND admitted_at < ${instant(endMs)})
WHERE ${conditions.join(' AND ') || '1'}`;
}

/** Ids of the further attempts at a call, by the id of its first one, in the order in which they were made. */
export function compileAttempts(firstId: string, { startMs, endMs }: TimeRange): CompiledQuery {
  return {
    sql: `SELECT toString(request_id) AS id, toUnixTimestamp64Milli(admitted_at) AS at FROM ${USAGE_EVENT_TABLE}
WHERE admitted_at >= {start:DateTime64(3, 'UTC')} AND admitted_at < {end:DateTime64(3, 'UTC')} AND attempt_of = {first:String}
ORDER BY admitted_at, request_id`,
    params: { start: new Date(startMs), end: new Date(endMs), first: firstId },
  };
}
