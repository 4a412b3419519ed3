import { Fault } from '../kernel/fault.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, bucketEndMs, DAY_MS } from '../kernel/time.ts';
import { type BillGrain, type BillGrainRow, billGrain, compileBillGrain } from '../reports/bill-grain.ts';
import { billedThrough } from '../reports/billed-through.ts';
import { inBook } from '../reports/book.ts';
import { compileReport } from '../reports/compile-sql.ts';
import type { CostCatalog } from '../reports/cost-catalog.ts';
import type { CostStore } from '../reports/cost-store.ts';
import { type Freshness, type FreshnessQuery, freshness } from '../reports/freshness.ts';
import { inlinedSql } from '../reports/inlined-sql.ts';
import { compileNamesInUse, type NameQuery } from '../reports/names-in-use.ts';
import { compileReportFile, FILE_FORMATS, FILE_ROWS_MAX, type FileFormat } from '../reports/report-file.ts';
import type { ReportQuery, ReportRow } from '../reports/report-query.ts';
import { type StoredRow, shapeRows } from '../reports/report-rows.ts';
import { type TagCoverage, tagCoverage, tagValues, type ValueCoverage } from '../reports/tag-coverage.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import { compileUsageRecords, type UsageRecordsQuery } from '../reports/usage-records.ts';
import { validateQuery } from '../reports/validate-query.ts';
import { hasOwnUsage } from './own-usage.ts';

export interface ReportDeps {
  readonly store: CostStore;
  /** As it is now. */
  readonly costCatalog: () => CostCatalog;
}

/**
 * The report path: query > validate > compile > run > shape. Every surface asks here, so that no two can disagree.
 * Throws QueryInvalid for a query that cannot be answered, StoreUnavailable when the store is down.
 */
export async function report(query: ReportQuery, deps: ReportDeps, signal?: AbortSignal): Promise<ReportRow[]> {
  validateQuery(query);
  const compiled = compileReport(query, deps.costCatalog());
  const stored = await deps.store.query<StoredRow>(compiled, signal);
  return shapeRows(query, stored);
}

/** The statement that `report` runs, with the values written into it: for reading, and for other clients of the store. */
export function reportSql(query: ReportQuery, deps: Pick<ReportDeps, 'costCatalog'>): string {
  validateQuery(query);
  return inlinedSql(compileReport(query, deps.costCatalog()));
}

/** A report as a file. Throws QueryInvalid for one of more than `FILE_ROWS_MAX` rows. */
export async function reportFile(
  query: ReportQuery,
  format: FileFormat,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<Buffer> {
  validateQuery(query);
  const compiled = compileReportFile(query, deps.costCatalog(), format);
  const counted = { ...compiled, sql: `SELECT count() AS found FROM (${compiled.sql})` };
  const [row] = await deps.store.query<StoredRow>(counted, signal);
  if (Number(row?.found) > FILE_ROWS_MAX) {
    throw new Fault(
      'QueryInvalid',
      `the file would have more than \`${FILE_ROWS_MAX}\` rows; choose a coarser granularity, fewer keys, a filter or a top N`,
    );
  }
  const parts: Uint8Array[] = [];
  for await (const part of deps.store.stream(compiled, FILE_FORMATS[format], signal && { signal })) parts.push(part);
  return Buffer.concat(parts);
}

/** What the figures of a range rest on: how much is estimated, unpriced, untagged or cut off, and how late the latest is. */
export async function freshnessOf(
  query: FreshnessQuery,
  nowMs: number,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<Freshness> {
  validateQuery({ ...query, granularity: 'TOTAL', groupBy: [] });
  return await freshness(query, { store: deps.store, catalog: inBook(deps.costCatalog(), query.book), nowMs }, signal);
}

/** A log that is this far behind is a log of the past; one that is watched is minutes behind. */
const LOG_ENDED_MS = DAY_MS;

/**
 * Up to when the usage of a book is known: now, or the end of the latest usage that was billed; and of a ledger that has nothing
 * but logs of the past, the end of these. Days that no bill has yet are days to come, not days without usage.
 */
export async function knownUntil(
  { book }: Pick<ReportQuery, 'book'>,
  nowMs: number,
  { store, costCatalog }: ReportDeps,
  signal?: AbortSignal,
): Promise<number> {
  const { books } = inBook(costCatalog(), book);
  if (books?.primary === 'bill') return (await billedThrough(books, nowMs, store, signal)) ?? nowMs;
  const loggedToMs = books?.loggedToMs;
  if (loggedToMs === undefined || nowMs - loggedToMs < LOG_ENDED_MS) return nowMs;
  return (await hasOwnUsage(store, signal)) ? nowMs : bucketEndMs(loggedToMs + 1);
}

/** What most of the month that a bill reaches to, `untilMs`, is known by. Undefined: nothing was billed in it, or the book is no bill. */
export async function billedBy(
  { book }: Pick<ReportQuery, 'book'>,
  untilMs: number,
  { store, costCatalog }: ReportDeps,
  signal?: AbortSignal,
): Promise<BillGrain | undefined> {
  const { books } = inBook(costCatalog(), book);
  if (books?.primary !== 'bill' || books.billSources.length === 0) return undefined;
  const period = billingPeriodOf(untilMs - 1);
  const range = { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
  const [row] = await store.query<BillGrainRow>(compileBillGrain(range, books.billSources), signal);
  return row && billGrain(row);
}

/** The same path for the cost allocation tags or cost categories that show a value somewhere in a range, in order. */
export async function namesInUse(query: NameQuery, deps: ReportDeps, signal?: AbortSignal): Promise<string[]> {
  validateQuery({
    range: query.range,
    ...(query.filter && { filter: query.filter }),
    granularity: 'TOTAL',
    groupBy: [],
  });
  const { names, ...compiled } = compileNamesInUse(query, deps.costCatalog());
  const [used] = await deps.store.query<StoredRow>(compiled, signal);
  return names.filter((_, index) => Number(used?.[`used${index}`]) === 1);
}

/** About how many records a bill of some grain would have, by service. */
export async function usageRecords(
  query: UsageRecordsQuery,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  validateQuery({ ...query, groupBy: [] });
  const rows = await deps.store.query<StoredRow>(compileUsageRecords(query, deps.costCatalog()), signal);
  return new Map(rows.map(({ service, records }) => [String(service), Number(records)]));
}

/** How much of a range's spend has which tag keys. */
export async function coverageOfTags(range: TimeRange, deps: ReportDeps, signal?: AbortSignal): Promise<TagCoverage> {
  validateQuery({ range, granularity: 'TOTAL', groupBy: [] });
  return await tagCoverage(range, { store: deps.store, catalog: deps.costCatalog() }, signal);
}

/** The values of one prefixed tag key at the calls of a range. */
export async function valuesOfTag(
  range: TimeRange,
  key: string,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<ValueCoverage[]> {
  validateQuery({ range, granularity: 'TOTAL', groupBy: [{ tag: key }] });
  return await tagValues(range, key, { store: deps.store, catalog: deps.costCatalog() }, signal);
}
