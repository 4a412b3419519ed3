import type { SortDefinition } from '@aws-sdk/client-cost-explorer';
import type { Measure, ReportRow } from '../../reports/report-query.ts';
import { invalid } from './invalid.ts';
import { measuresOf, metricNames } from './metric.ts';
import { isText, type PageTokens, pageBehind } from './page-token.ts';

/** Members that GetDimensionValues and GetTags share. */
interface ListRequest {
  readonly SearchString?: string | undefined;
  readonly SortBy?: readonly SortDefinition[] | undefined;
  readonly MaxResults?: number | undefined;
  readonly NextPageToken?: string | undefined;
}

/** Values of one answer: AWS's default and largest MaxResults. */
const MAX_RESULTS = 1_000;

/** What has to be summed to sort the values. Throws ValidationException for members that exclude each other. */
export function valueMeasures({
  SortBy: sortBy = [],
  SearchString: search,
  NextPageToken: token,
}: ListRequest): Measure[] {
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
  const [measure] = valueMeasures({ SortBy: sortBy });
  const size = (row: ReportRow) =>
    measure === 'quantity' ? row.quantity : measure === 'netCost' ? row.netCostPicoUsd : row.costPicoUsd;
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
