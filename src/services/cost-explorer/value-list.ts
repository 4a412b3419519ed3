import type { DateInterval, Expression, SortDefinition } from '@aws-sdk/client-cost-explorer';
import type { OperationCall } from '../../paths/operation-handler.ts';
import type { BillingView } from '../../reports/billing-view.ts';
import type { Measure, ReportFilter, ReportRow } from '../../reports/report-query.ts';
import type { TimeRange } from '../../reports/time-bucket.ts';
import { askedView, type CostExplorerDeps, visibleFilter } from './cost-question.ts';
import { invalid } from './invalid.ts';
import { measuresOf, metricNames, metricOf } from './metric.ts';
import { isText, PageTokens, pageBehind } from './page-token.ts';
import { checkProductAttributes } from './product-attribute.ts';
import { costPeriod } from './time-period.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

/** Members that GetDimensionValues, GetTags and GetCostCategories share. */
interface ListRequest {
  readonly TimePeriod?: DateInterval | undefined;
  readonly Filter?: Expression | undefined;
  readonly BillingViewArn?: string | undefined;
  readonly SearchString?: string | undefined;
  readonly SortBy?: readonly SortDefinition[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextPageToken?: string | undefined;
}

/** Values of one answer: AWS's default and largest MaxResults. */
const MAX_RESULTS = 1_000;

/** What the operations that list values ask of the reports. */
export interface ValueQuestion extends BillingView {
  readonly range: TimeRange;
  readonly filter?: ReportFilter;
  readonly measures: readonly Measure[];
}

export function valueQuestion(
  operation: string,
  call: OperationCall<ListRequest>,
  deps: CostExplorerDeps,
  { hasResources = false } = {},
): { question: ValueQuestion; vocabulary: Vocabulary; tokens: PageTokens } {
  const { input, nowMs, caller } = call;
  const view = askedView(call);
  const vocabulary = vocabularyOf(call, { ...deps, hasResources });
  const { zone } = vocabulary;
  const range = costPeriod(input.TimePeriod!, undefined, { nowMs, zone });
  checkProductAttributes(input.Filter, { needsService: true });
  const filter = visibleFilter(call, input.Filter, deps, vocabulary);
  const tokens = new PageTokens(operation, caller.accountId, { ...input, zone: zone.name });
  return {
    question: { range, ...view, measures: valueMeasures(input), ...(filter && { filter }) },
    vocabulary,
    tokens,
  };
}

/** What has to be summed to sort the values. Throws ValidationException for members that exclude each other. */
function valueMeasures({ SortBy: sortBy = [], SearchString: search, NextPageToken: token }: ListRequest): Measure[] {
  if (sortBy.length === 0) return ['cost'];
  if (search !== undefined || token !== undefined) {
    throw invalid('SortBy cannot be used together with NextPageToken or SearchString.');
  }
  if (sortBy.length > 1) throw invalid('SortBy must have one entry.');
  return measuresOf(metricNames(sortBy.map(({ Key }) => Key!)));
}

/** The rows' values that the request searches for, by metric (the highest first unless told) or else by name. */
export function sortedValues(
  rows: readonly ReportRow[],
  textOf: (row: ReportRow) => string,
  { SortBy: sortBy = [], SearchString: search }: ListRequest,
): string[] {
  const [sort] = sortBy;
  if (!sort) return matching([...new Set(rows.map(textOf))].sort(), search);
  const { amount: size } = metricOf(metricNames([sort.Key!])[0]!);
  const ascending = rows.toSorted((a, b) => (size(a) < size(b) ? -1 : size(a) > size(b) ? 1 : 0)).map(textOf);
  return [...new Set(sort.SortOrder === 'ASCENDING' ? ascending : ascending.reverse())];
}

/** Values that contain the text, in any letter case (whether AWS matches prefixes alone is not published). */
export function matching(values: readonly string[], search = ''): string[] {
  return values.filter((value) => value.toLowerCase().includes(search.toLowerCase()));
}

/** One page and the sizes that the answer names. */
export function pageOfValues(
  values: readonly string[],
  { SortBy: sortBy = [], MaxResults: maxResults = MAX_RESULTS, NextPageToken: token }: ListRequest,
  tokens: PageTokens,
): { page: readonly string[]; ReturnSize: number; TotalSize: number; NextPageToken?: string } {
  const limit = Math.min(maxResults, MAX_RESULTS);
  if (sortBy.length > 0) {
    const page = values.slice(0, limit);
    return { page, ReturnSize: page.length, TotalSize: values.length };
  }
  const { page, last } = pageBehind(values, tokens.read(token, isText), limit);
  const next = last === undefined ? {} : { NextPageToken: tokens.write(last) };
  return { page, ReturnSize: page.length, TotalSize: values.length, ...next };
}
