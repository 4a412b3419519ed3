import { parsePicoUsd } from '../kernel/money.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { billedThrough } from './billed-through.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CompiledQuery, CostStore } from './cost-store.ts';
import type { ReportFilter, ReportQuery } from './report-query.ts';
import { COUNTS_TOKENS } from './unit-sql.ts';
import { ALL_USAGE, visibleConditions } from './visibility.ts';

export type FreshnessQuery = Pick<ReportQuery, 'range' | 'visible' | 'book'>;

/** What figures of a range rest on. */
export interface Freshness {
  readonly costPicoUsd: bigint;
  /** Cost of usage that was estimated, because nobody counted it. */
  readonly estimatedPicoUsd: bigint;
  /** Cost of the upstreams that some bill was compared for, and as much of it as no bill confirms so far. Absent: nothing was compared. */
  readonly reconcilable?: { readonly costPicoUsd: bigint; readonly unreconciledPicoUsd: bigint };
  readonly tokens: bigint;
  /** Pieces without a price. */
  readonly unpricedQuantity: bigint;
  /** Cost that reports show without a value, by prefixed key of each tag that is active somewhere in the range. */
  readonly untaggedPicoUsd: ReadonlyMap<string, bigint>;
  /** Start of the latest bucket with usage; absent without any. */
  readonly latestBucketMs?: number;
  /** Calls whose process died before they were answered: estimated. */
  readonly interrupted: number;
  /** When the latest call of the range ended; absent without any. */
  readonly latestCallMs?: number;
  /** Where the figures are a bill's: the end of the latest usage that was billed, in whatever range; absent without any. */
  readonly billedThroughMs?: number;
}

/** Credits, taxes and fees are no usage. */
const USAGE: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };
/** Tags of which the untagged cost is told. */
const TAGS_MAX = 50;

export async function freshness(
  query: FreshnessQuery,
  { store, catalog, nowMs }: { readonly store: CostStore; readonly catalog: CostCatalog; readonly nowMs: number },
  signal?: AbortSignal,
): Promise<Freshness> {
  const { tags, ...lines } = lineFacts(query, catalog);
  const { books } = catalog;
  const ask = async (compiled: CompiledQuery) => {
    const [row] = await store.query<Readonly<Record<string, string | number>>>(compiled, signal);
    return row;
  };
  const [line, latest, call, billedThroughMs] = await Promise.all([
    ...([ask(lines), ask(latestLine(query, catalog)), ask(callFacts(query))] as const),
    books?.primary === 'bill' ? billedThrough(books, nowMs, store, signal) : undefined,
  ]);
  const money = (name: string) => parsePicoUsd(String(line?.[name] ?? '0'));
  const latestBucketMs = Number(latest?.latest ?? 0) * SECOND_MS;
  const latestCallMs = Number(call?.latest ?? 0);
  return {
    costPicoUsd: money('cost_sum'),
    estimatedPicoUsd: money('estimated_sum'),
    ...(line?.reconcilable_sum !== undefined && {
      reconcilable: { costPicoUsd: money('reconcilable_sum'), unreconciledPicoUsd: money('unreconciled_sum') },
    }),
    tokens: BigInt(line?.tokens_sum ?? 0),
    unpricedQuantity: BigInt(line?.unpriced_sum ?? 0),
    untaggedPicoUsd: new Map(tags.map((key, index) => [key, money(`untagged${index}`)])),
    ...(latestBucketMs > 0 && { latestBucketMs }),
    interrupted: Number(call?.interrupted ?? 0),
    ...(latestCallMs > 0 && { latestCallMs }),
    ...(billedThroughMs !== undefined && { billedThroughMs }),
  };
}

function lineFacts({ range, visible }: FreshnessQuery, catalog: CostCatalog): CompiledQuery & { tags: string[] } {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  const tags = lines.tagKeys().slice(0, TAGS_MAX);
  const untagged = tags.map((key, index) => `sumIf(cost, ${lines.tagValue(key)} = '') AS untagged${index}`);
  const facts = [
    ...reconcilableFacts(lines, catalog, parameters),
    ...['sum(cost) AS cost_sum', 'sumIf(cost, is_estimated) AS estimated_sum'],
    ...[`sum(quantity * ${COUNTS_TOKENS}) AS tokens_sum`, 'sum(quantity * is_unpriced) AS unpriced_sum'],
    ...untagged,
  ];
  const from = lines.from(undefined, { visible, cutsMs: [] });
  return { ...parameters.statement(`SELECT ${facts.join(', ')}\nFROM ${from}`), tags };
}

/** No bill of AWS will ever have what a server of one's own, or a simulated model, was asked. Empty: no bill was compared. */
function reconcilableFacts(lines: LineItemSql, { reconciled = [] }: CostCatalog, parameters: Parameters): string[] {
  if (reconciled.length === 0) return [];
  const upstreams = [...new Set(reconciled.flatMap((one) => one.upstreams))];
  const isOfBill = `${lines.value({ dimension: 'upstream' })} IN ${parameters.add('Array(String)', upstreams)}`;
  const isUnbilled = `${lines.value({ dimension: 'state' })} IN ('estimated', 'provider-reported')`;
  return [
    `sumIf(cost, ${isOfBill} AND record_type = 'Usage') AS reconcilable_sum`,
    `sumIf(cost, ${isOfBill} AND ${isUnbilled}) AS unreconciled_sum`,
  ];
}

/** The sums by day do not know it. */
function latestLine({ range, visible }: FreshnessQuery, catalog: CostCatalog): CompiledQuery {
  const parameters = new Parameters();
  const from = new LineItemSql(range, catalog, parameters).from(USAGE, { visible });
  return parameters.statement(`SELECT toUnixTimestamp(max(bucket_start)) AS latest\nFROM ${from}`);
}

function callFacts({ range, visible = ALL_USAGE }: FreshnessQuery): CompiledQuery {
  const parameters = new Parameters();
  const instant = (atMs: number) => `fromUnixTimestamp64Milli(${parameters.add('Int64', atMs)}, 'UTC')`;
  const conditions = [
    `admitted_at >= ${instant(range.startMs)} AND admitted_at < ${instant(range.endMs)}`,
    ...visibleConditions(visible, (text) => parameters.add('String', text)),
  ];
  return parameters.statement(
    `SELECT countIf(status = 'interrupted') AS interrupted, toUnixTimestamp64Milli(max(ended_at)) AS latest
FROM ${USAGE_EVENT_TABLE}\nWHERE ${conditions.join(' AND ')}`,
  );
}
