import type {
  DimensionValuesWithAttributes,
  GetCostAndUsageRequest,
  GetCostAndUsageResponse,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { Granularity, ReportPage, ReportRow } from '../../reports/report-query.ts';
import { type TimeRange, timeBuckets } from '../../reports/time-bucket.ts';
import { type CostColumn, isAccountColumn } from './cost-dimension.ts';
import { ask, type CostExplorerDeps, checkBillingView, needs, visibleFilter } from './cost-question.ts';
import { groupColumns } from './group-definition.ts';
import { measuresOf, metricNames, metricValues } from './metric.ts';
import { PageTokens } from './page-token.ts';
import { costPeriod, isEstimated, timePeriod } from './time-period.ts';

/** AWS publishes no number. */
const GROUPS_PER_PAGE = 5_000;

type PageEnd = NonNullable<ReportPage['after']>;

/** What stands in one answer. A page may begin and end inside a bucket. */
interface AnswerPage {
  readonly rows: readonly ReportRow[];
  /** End of the page before; absent on the first. */
  readonly after?: PageEnd;
  /** Absent on the last page. */
  readonly end?: PageEnd;
}

/** Sums of cost and usage by time and up to two groups. Groups come in the order of their keys. */
export function getCostAndUsage(
  deps: CostExplorerDeps,
): OperationHandler<GetCostAndUsageRequest, GetCostAndUsageResponse> {
  return {
    access: needs('GetCostAndUsage'),
    run: async (call) => {
      const { input, nowMs } = call;
      checkBillingView(call);
      const granularity = input.Granularity as Granularity;
      const range = costPeriod(input.TimePeriod!, granularity, nowMs);
      const metrics = metricNames(input.Metrics!);
      const columns = groupColumns(input.GroupBy ?? []);
      const filter = visibleFilter(call, input.Filter, deps);
      const tokens = new PageTokens('GetCostAndUsage', call.caller.accountId, input);
      const after = tokens.read(input.NextPageToken, isPageEnd);

      const limit = deps.groupsPerPage ?? GROUPS_PER_PAGE;
      const groupBy = columns.map(({ key }) => key);
      const query = { range, granularity, groupBy, measures: measuresOf(metrics), ...(filter && { filter }) };
      const isGrouped = columns.length > 0;
      // One row more than a page tells whether another page follows.
      const page = isGrouped && { page: { limit: limit + 1, ...(after && { after }) } };
      const answer = pageOf(await ask({ ...query, ...page }, deps, call.request.clientGone), limit, after);

      const rowsByBucket = Map.groupBy(answer.rows, ({ bucketStartMs }) => bucketStartMs);
      const results = bucketsOf(answer, timeBuckets({ range, granularity })).map((bucket): ResultByTime => {
        const rows = rowsByBucket.get(bucket.startMs) ?? [];
        const groups = rows.map((row) => ({ Keys: keysOf(row, columns), Metrics: metricValues(metrics, row) }));
        return {
          TimePeriod: timePeriod(bucket, granularity),
          Total: isGrouped ? {} : groups[0]!.Metrics,
          Groups: isGrouped ? groups : [],
          Estimated: isEstimated(bucket.startMs, nowMs),
        };
      });
      return {
        ...(isGrouped && { GroupDefinitions: input.GroupBy }),
        ResultsByTime: results,
        DimensionValueAttributes: accountAttributes(answer.rows, columns, deps),
        ...(answer.end && { NextPageToken: tokens.write(answer.end) }),
      };
    },
  };
}

function pageOf(rows: readonly ReportRow[], limit: number, after: PageEnd | undefined): AnswerPage {
  const isLast = rows[0]?.keys.length === 0 || rows.length <= limit;
  if (isLast) return { rows, ...(after && { after }) };
  const { bucketStartMs, keys } = rows[limit - 1]!;
  return { rows: rows.slice(0, limit), end: { bucketStartMs, keys }, ...(after && { after }) };
}

/** The buckets that a page covers, also those without groups: after the page before, up to where this one ends. */
function bucketsOf({ rows, after, end }: AnswerPage, buckets: readonly TimeRange[]): readonly TimeRange[] {
  return buckets.filter(({ startMs }) => {
    const isBegun = !after || startMs > after.bucketStartMs || startMs === rows[0]?.bucketStartMs;
    return isBegun && (!end || startMs <= end.bucketStartMs);
  });
}

function keysOf(row: ReportRow, columns: readonly CostColumn[]): string[] {
  return columns.map(({ text }, index) => text(row.keys[index]!));
}

/** Names of the accounts that an answer is grouped by. */
function accountAttributes(
  rows: readonly ReportRow[],
  columns: readonly CostColumn[],
  { costCatalog }: CostExplorerDeps,
): DimensionValuesWithAttributes[] {
  const index = columns.findIndex(isAccountColumn);
  if (index === -1) return [];
  const accountIds = [...new Set(rows.map(({ keys }) => keys[index]!))].sort();
  const { accountNames } = costCatalog();
  return accountIds.map((id) => ({ Value: id, Attributes: { description: accountNames.get(id) ?? '' } }));
}

function isPageEnd(value: unknown): value is PageEnd {
  const { bucketStartMs, keys } = (value ?? {}) as Partial<Record<keyof PageEnd, unknown>>;
  return Number.isSafeInteger(bucketStartMs) && Array.isArray(keys) && keys.every((key) => typeof key === 'string');
}
