import type { ComparisonMetricValue, DateInterval, Expression, GroupDefinition } from '@aws-sdk/client-cost-explorer';
import { magnitude } from '../../kernel/money.ts';
import { billingPeriodEndMs, billingPeriodOf } from '../../kernel/time.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';
import type { GroupKey, Measure, ReportRow } from '../../reports/report-query.ts';
import type { TimeRange } from '../../reports/time-bucket.ts';
import type { CostColumn } from './cost-dimension.ts';
import { ask, askedView, type CostExplorerDeps, visibleFilter } from './cost-question.ts';
import { groupColumns, isProductAttribute } from './group-definition.ts';
import { invalid } from './invalid.ts';
import { type Metric, metricNames, metricOf } from './metric.ts';
import { checkProductAttributes } from './product-attribute.ts';
import { checkHistory, readPeriod } from './time-period.ts';
import { vocabularyOf } from './vocabulary.ts';

/** What GetCostAndUsageComparisons and GetCostComparisonDrivers share. */
export interface ComparisonRequest {
  readonly BaselineTimePeriod?: DateInterval | undefined;
  readonly ComparisonTimePeriod?: DateInterval | undefined;
  readonly MetricForComparison?: string | undefined;
  readonly Filter?: Expression | undefined;
  readonly GroupBy?: readonly GroupDefinition[] | undefined;
  readonly BillingViewArn?: string | undefined;
}

/** What both months have of a group. */
export interface ComparedRows {
  readonly baseline: readonly ReportRow[];
  readonly comparison: readonly ReportRow[];
}

export interface ComparedGroup extends ComparedRows {
  readonly keys: readonly string[];
}

export interface Comparison {
  readonly metricName: string;
  readonly metric: Metric;
  readonly groups: readonly GroupDefinition[];
  readonly columns: readonly CostColumn[];
  /** By the request's groups and `finerKeys`. */
  readonly rows: readonly ComparedGroup[];
}

/** Asks for both months, by the groups and by further keys. */
export async function compareMonths(
  call: OperationCall<ComparisonRequest>,
  deps: CostExplorerDeps,
  { defaultGroups = [], finerKeys = [], measures = [] }: ComparisonDetail,
): Promise<Comparison> {
  const { input, nowMs, request } = call;
  const view = askedView(call);
  // Months of UTC, and no more groups than AWS has: a comparison by drivers needs keys of its own.
  const vocabulary = { ...vocabularyOf(call, deps), maxGroups: 2 };
  const baseline = monthOf('BaselineTimePeriod', input.BaselineTimePeriod!, nowMs);
  const comparison = monthOf('ComparisonTimePeriod', input.ComparisonTimePeriod!, nowMs);
  const [metricName] = metricNames([input.MetricForComparison!]) as [string];
  const metric = metricOf(metricName);
  const groups = input.GroupBy?.length ? input.GroupBy : defaultGroups;
  const columns = groupColumns(groups, vocabulary);
  checkProductAttributes(input.Filter, { isGrouped: groups.some(isProductAttribute) });
  const filter = visibleFilter(call, input.Filter, deps, vocabulary);
  const question = {
    ...view,
    granularity: 'TOTAL' as const,
    groupBy: [...columns.map(({ key }) => key), ...finerKeys],
    measures: [...new Set([metric.measure, ...measures])],
    ...(filter && { filter }),
  };
  const [before, after] = await Promise.all(
    [baseline, comparison].map((range) => ask({ ...question, range }, deps, request.client.gone)),
  );
  return { metricName, metric, groups, columns, rows: paired(before!, after!) };
}

interface ComparisonDetail {
  /** Where the request names none. */
  readonly defaultGroups?: readonly GroupDefinition[];
  readonly finerKeys?: readonly GroupKey[];
  /** Beside the metric's. */
  readonly measures?: readonly Measure[];
}

/** AWS documents the rule; its message is not published. */
function monthOf(name: string, period: DateInterval, nowMs: number): TimeRange {
  const range = readPeriod(period, undefined);
  const month = billingPeriodOf(range.startMs);
  if (period.Start !== `${month}-01` || range.endMs !== billingPeriodEndMs(month)) {
    throw invalid(`${name} must start and end on the first day of a month, with a duration of exactly one month.`);
  }
  if (range.endMs > billingPeriodEndMs(billingPeriodOf(nowMs))) {
    throw invalid('end date past the beginning of next month');
  }
  checkHistory(range.startMs, nowMs);
  return range;
}

function paired(before: readonly ReportRow[], after: readonly ReportRow[]): ComparedGroup[] {
  const groups = new Map<string, { keys: readonly string[]; baseline: ReportRow[]; comparison: ReportRow[] }>();
  for (const [month, rows] of [['baseline', before] as const, ['comparison', after] as const]) {
    for (const row of rows) {
      const id = JSON.stringify(row.keys);
      const group = groups.get(id) ?? { keys: row.keys, baseline: [], comparison: [] };
      group[month].push(row);
      groups.set(id, group);
    }
  }
  return [...groups.values()];
}

/** The rows of several groups as those of one. */
export function merged(groups: readonly ComparedRows[]): ComparedRows {
  return {
    baseline: groups.flatMap(({ baseline }) => baseline),
    comparison: groups.flatMap(({ comparison }) => comparison),
  };
}

/** The filter that lets one group through. Undefined for a comparison without groups. */
export function selectorOf({ groups, columns }: Comparison, keys: readonly string[]): Expression | undefined {
  const parts = groups.map((group, index) => leafOf(group, columns[index]!, keys[index]!));
  return parts.length > 1 ? { And: parts } : parts[0];
}

function leafOf(group: GroupDefinition, { text }: CostColumn, value: string): Expression {
  const { Type: type, Key: key } = group;
  if (type === 'DIMENSION') return { Dimensions: { Key: key as never, Values: [text(value)] } };
  const leaf = value === '' ? { Key: key, MatchOptions: ['ABSENT' as const] } : { Key: key, Values: [value] };
  if (isProductAttribute(group)) return { ProductAttributes: leaf } as Expression;
  return type === 'TAG' ? { Tags: leaf } : { CostCategories: leaf };
}

/** Amounts of both months, and their unit: `N/A` where the months differ in it. */
export function comparedValue({ text, amount, unit }: Metric, rows: ComparedRows): ComparisonMetricValue {
  const [before, after] = [rows.baseline, rows.comparison].map((month) => sumOf(month, amount)) as [bigint, bigint];
  return {
    BaselineTimePeriodAmount: text(before),
    ComparisonTimePeriodAmount: text(after),
    Difference: text(after - before),
    Unit: unit([...rows.baseline, ...rows.comparison]),
  };
}

export function differenceOf({ amount }: Metric, { baseline, comparison }: ComparedRows): bigint {
  return sumOf(comparison, amount) - sumOf(baseline, amount);
}

export function sumOf(rows: readonly ReportRow[], amount: (row: ReportRow) => bigint): bigint {
  return rows.reduce((sum, row) => sum + amount(row), 0n);
}

/** Where a page ends: the size of the last difference, and the keys of its group. */
type PageEnd = readonly [size: string, id: string];

/** One page of groups, the largest differences first, and where it ends when more follow. */
export function pageOfGroups<Group extends ComparedGroup>(
  groups: readonly Group[],
  metric: Metric,
  after: PageEnd | undefined,
  limit: number,
): { page: readonly Group[]; end?: PageEnd } {
  const placed = groups.map((group) => {
    const difference = differenceOf(metric, group);
    return { group, size: magnitude(difference), id: JSON.stringify(group.keys) };
  });
  placed.sort((a, b) => (a.size === b.size ? (a.id < b.id ? -1 : 1) : a.size > b.size ? -1 : 1));
  const [afterSize, afterId] = after ? [BigInt(after[0]), after[1]] : [undefined, ''];
  const rest = placed.filter(({ size, id }) => {
    return afterSize === undefined || size < afterSize || (size === afterSize && id > afterId);
  });
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    page: page.map(({ group }) => group),
    ...(last && page.length < rest.length && { end: [`${last.size}`, last.id] as const }),
  };
}

export function isPageEnd(value: unknown): value is PageEnd {
  const [size, id] = Array.isArray(value) ? (value as unknown[]) : [];
  return typeof size === 'string' && /^\d{1,40}$/.test(size) && typeof id === 'string';
}
