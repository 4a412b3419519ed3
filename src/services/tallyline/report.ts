import { Fault } from '../../kernel/fault.ts';
import { formatUsd } from '../../kernel/money.ts';
import type { OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { freshnessOf, type ReportDeps, report, reportFile, reportSql } from '../../paths/report-path.ts';
import type { Book } from '../../reports/book.ts';
import type { Freshness } from '../../reports/freshness.ts';
import type { FileFormat } from '../../reports/report-file.ts';
import { type GroupKey, OTHER, type ReportQuery, type ReportRow } from '../../reports/report-query.ts';
import { keyOf, partsOf } from '../../reports/validate-query.ts';
import { ALL_USAGE } from '../../reports/visibility.ts';
import {
  type RangeInput,
  type ReportInput,
  readRange,
  readReport,
  readSearch,
  type SearchInput,
} from './report-input.ts';
import { wireMeasures } from './report-measures.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface ReportParts extends ReportDeps, ReportScopeParts {
  /** All usage of this process that was admitted before is in the store; undefined while that is not known. */
  readonly usageCompleteToMs: (nowMs: number) => number | undefined;
}

const CONTENT_TYPES: Readonly<Record<FileFormat, string>> = {
  CSV: 'text/csv; charset=utf-8',
  PARQUET: 'application/vnd.apache.parquet',
};
/** Values that a search answers with unless it says how many. */
const DEFAULT_VALUES = 50;

/** Reports and what is beside them: values to filter by, the statement, files, what the figures rest on. */
export function reportOperations(parts: ReportParts): OperationTable {
  const asked = ({ input, caller }: OperationCall<ReportInput & ScopedInput>): ReportQuery => ({
    ...readReport(input),
    visible: visibilityOf(input, caller, parts),
  });
  const getReport: OperationHandler<ReportInput & ScopedInput, unknown> = {
    access: scopedAccess('GetReport'),
    run: async (call) => {
      const rows = await report(asked(call), parts, call.request.client.gone);
      const Book = call.input.Book ?? parts.costCatalog().books?.primary ?? 'ledger';
      return { Book, Rows: rows.map((row) => wireRow(row, call.input.Measures)) };
    },
  };
  const getSql: OperationHandler<ReportInput & ScopedInput, unknown> = {
    access: scopedAccess('GetReportSql'),
    run: (call) => {
      const query = asked(call);
      requireOwnNames(query);
      return { Sql: reportSql(query, parts) };
    },
  };
  const getData: OperationHandler<ReportInput & ScopedInput & { readonly Format: FileFormat }, unknown> = {
    access: scopedAccess('GetReportData'),
    run: async (call) => {
      const { Format } = call.input;
      const data = await reportFile(asked(call), Format, parts, call.request.client.gone);
      return { ContentType: CONTENT_TYPES[Format], Data: data };
    },
  };
  const searchValues: OperationHandler<SearchInput, unknown> = {
    access: scopedAccess('SearchReportValues'),
    run: async ({ input, caller, request }) => {
      const { MaxResults = DEFAULT_VALUES } = input;
      const query = { ...readSearch(input), topN: MaxResults, visible: visibilityOf(input, caller, parts) };
      const rows = await report(query, parts, request.client.gone);
      const values = rows.filter(({ keys }) => keys[0] !== OTHER).sort(byCost);
      return {
        Values: values.map(({ keys, costPicoUsd }) => ({ Value: keys[0], CostUsd: formatUsd(costPicoUsd) })),
        HasMore: values.length < rows.length,
      };
    },
  };
  const getFreshness: OperationHandler<RangeInput & ScopedInput & { readonly Book?: Book }, unknown> = {
    access: scopedAccess('GetFreshness'),
    run: async ({ input, caller, request, nowMs }) => {
      const book = input.Book && { book: input.Book };
      const query = { range: readRange(input), visible: visibilityOf(input, caller, parts), ...book };
      // Asked first: what arrives meanwhile is more than was said.
      const completeToMs = parts.usageCompleteToMs(nowMs);
      return wireFreshness(await freshnessOf(query, nowMs, parts, request.client.gone), completeToMs, nowMs);
    },
  };
  return {
    GetReport: getReport,
    GetReportSql: getSql,
    GetReportData: getData,
    SearchReportValues: searchValues,
    GetFreshness: getFreshness,
  };
}

/**
 * A statement has the names of all accounts in it, and the rules of cost categories with whoever they name: for those who see
 * everything.
 */
function requireOwnNames({ groupBy, filter, visible = ALL_USAGE }: ReportQuery): void {
  if (Object.keys(visible).length === 0) return;
  const parts = filter ? [...partsOf(filter, 1)].map(([part]) => part) : [];
  const keys = [...groupBy, ...parts.flatMap((part) => keyOf(part) ?? [])];
  const isOfAll = (key: GroupKey) =>
    'costCategory' in key || 'membership' in key || ('dimension' in key && key.dimension === 'accountName');
  if (!keys.some(isOfAll) && !parts.some((part) => 'absent' in part && part.absent === 'anyCostCategory')) return;
  throw new Fault(
    'AccessDeniedException',
    'a statement about cost categories, structures or account names shows those of everybody: it is for the scope `ALL` of the management account',
  );
}

/** The most expensive first. */
function byCost(a: ReportRow, b: ReportRow): number {
  return a.costPicoUsd === b.costPicoUsd ? 0 : a.costPicoUsd > b.costPicoUsd ? -1 : 1;
}

function wireFreshness(facts: Freshness, completeToMs: number | undefined, nowMs: number): object {
  const { latestBucketMs, latestCallMs, billedThroughMs } = facts;
  return {
    AsOf: new Date(nowMs),
    ...(billedThroughMs !== undefined
      ? { BilledThrough: new Date(billedThroughMs) }
      : completeToMs !== undefined && { ActualThrough: new Date(completeToMs) }),
    ...(latestBucketMs !== undefined && { LatestBucket: new Date(latestBucketMs) }),
    ...(latestCallMs !== undefined && { LatestCallAt: new Date(latestCallMs) }),
    CostUsd: formatUsd(facts.costPicoUsd),
    EstimatedUsd: formatUsd(facts.estimatedPicoUsd),
    ...(facts.reconcilable && {
      ReconcilableUsd: formatUsd(facts.reconcilable.costPicoUsd),
      UnreconciledUsd: formatUsd(facts.reconcilable.unreconciledPicoUsd),
    }),
    Tokens: `${facts.tokens}`,
    Unpriced: `${facts.unpricedQuantity}`,
    Untagged: [...facts.untaggedPicoUsd].map(([TagKey, picoUsd]) => ({ TagKey, CostUsd: formatUsd(picoUsd) })),
    Interrupted: facts.interrupted,
  };
}

function wireRow(row: ReportRow, measures: ReportInput['Measures']): object {
  return {
    Start: new Date(row.bucketStartMs),
    End: new Date(row.bucketEndMs),
    Keys: row.keys.map((key) => (key === OTHER ? '' : key)),
    ...(row.keys[0] === OTHER && { IsOther: true }),
    ...wireMeasures(row, measures),
  };
}
