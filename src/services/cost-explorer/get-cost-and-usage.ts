import type {
  DimensionValuesWithAttributes,
  GetCostAndUsageRequest,
  GetCostAndUsageResponse,
  GetCostAndUsageWithResourcesRequest,
  ResultByTime,
} from '@aws-sdk/client-cost-explorer';
import { billingPeriodOf } from '../../kernel/time.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import type { Granularity, ReportPage, ReportRow } from '../../reports/report-query.ts';
import { type TimeRange, timeBuckets } from '../../reports/time-bucket.ts';
import { type CostColumn, isAccountColumn } from './cost-dimension.ts';
import { ask, askedView, type CostExplorerDeps, needs, visibleFilter } from './cost-question.ts';
import { groupColumns, isProductAttribute } from './group-definition.ts';
import { measuresOf, metricNames, metricValues } from './metric.ts';
import { PageTokens } from './page-token.ts';
import { checkProductAttributes } from './product-attribute.ts';
import { costPeriod, timePeriod } from './time-period.ts';
import { vocabularyOf } from './vocabulary.ts';

/** Metrics are optional for resources alone; what AWS answers without is not published. */
const DEFAULT_METRICS = ['UnblendedCost'];

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

type CostAndUsageHandler = OperationHandler<
  GetCostAndUsageRequest | GetCostAndUsageWithResourcesRequest,
  GetCostAndUsageResponse
>;

/** Sums of cost and usage by time and groups. Groups come in the order of their keys. */
export function getCostAndUsage(deps: CostExplorerDeps): CostAndUsageHandler {
  return handlerOf('GetCostAndUsage', deps);
}

/** The same for the last fourteen days, with resources told apart. A filter is required, which the model says. */
export function getCostAndUsageWithResources(deps: CostExplorerDeps): CostAndUsageHandler {
  return handlerOf('GetCostAndUsageWithResources', deps);
}

function handlerOf(
  operation: 'GetCostAndUsage' | 'GetCostAndUsageWithResources',
  deps: CostExplorerDeps,
): CostAndUsageHandler {
  const hasResources = operation === 'GetCostAndUsageWithResources';
  return {
    access: needs(operation),
    run: async (call) => {
      const { input, nowMs } = call;
      const view = askedView(call);
      const granularity = input.Granularity as Granularity;
      const vocabulary = vocabularyOf(call, { ...deps, hasResources });
      const { zone } = vocabulary;
      const range = costPeriod(input.TimePeriod!, granularity, { nowMs, zone, hasResources });
      const metrics = metricNames(input.Metrics ?? DEFAULT_METRICS);
      const groups = input.GroupBy ?? [];
      const columns = groupColumns(groups, vocabulary);
      checkProductAttributes(input.Filter, { isGrouped: groups.some(isProductAttribute) });
      const filter = visibleFilter(call, input.Filter, deps, vocabulary);
      const tokens = new PageTokens(operation, call.caller.accountId, { ...input, zone: zone.name });
      const after = tokens.read(input.NextPageToken, isPageEnd);

      const limit = deps.groupsPerPage ?? GROUPS_PER_PAGE;
      const groupBy = columns.map(({ key }) => key);
      const buckets = { range, granularity, timeZone: zone.name };
      const query = { ...buckets, ...view, groupBy, measures: measuresOf(metrics), ...(filter && { filter }) };
      const isGrouped = columns.length > 0;
      // One row more than a page tells whether another page follows.
      const page = isGrouped && { page: { limit: limit + 1, ...(after && { after }) } };
      const answer = pageOf(await ask({ ...query, ...page }, deps, call.request.client.gone), limit, after);

      const rowsByBucket = Map.groupBy(answer.rows, ({ bucketStartMs }) => bucketStartMs);
      const results = bucketsOf(answer, timeBuckets(buckets)).map((bucket): ResultByTime => {
        const rows = rowsByBucket.get(bucket.startMs) ?? [];
        const groups = rows.map((row) => ({ Keys: keysOf(row, columns), Metrics: metricValues(metrics, row) }));
        return {
          TimePeriod: timePeriod(bucket, granularity, zone),
          Total: isGrouped ? {} : groups[0]!.Metrics,
          Groups: isGrouped ? groups : [],
          Estimated: !deps.isFinalPeriod(billingPeriodOf(bucket.endMs - 1)),
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
