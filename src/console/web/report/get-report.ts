import type { Book } from '../../../reports/book.ts';
import type { Granularity, GroupKey, ReportFilter } from '../../../reports/report-query.ts';
import { call } from '../api/call.ts';
import type { Scope } from '../api/session.ts';
import type { TimeSpan } from '../time/range.ts';
import { wireKeyOf } from './report-key.ts';

/** Words of GetReport's `Measures`; each fills the members of a row that it is named after. */
export type MeasureWord =
  | 'COST'
  | 'NET_COST'
  | 'LIST_COST'
  | 'TOKENS'
  | 'INPUT_TOKENS'
  | 'OUTPUT_TOKENS'
  | 'CACHE_READ_TOKENS'
  | 'CACHE_WRITE_TOKENS'
  | 'REQUESTS'
  | 'UNPRICED';

/** Sums of a row of GetReport, decimal text; those that were not asked for are absent. */
export interface ReportSums {
  readonly CostUsd?: string;
  readonly NetCostUsd?: string;
  readonly ListCostUsd?: string;
  readonly Tokens?: string;
  readonly InputTokens?: string;
  readonly OutputTokens?: string;
  readonly CacheReadTokens?: string;
  readonly CacheWriteTokens?: string;
  readonly Requests?: string;
  /** Pieces without a price: they are in no cost. */
  readonly Unpriced?: string;
}

export interface ReportRow extends ReportSums {
  readonly Start: string;
  readonly End: string;
  /** One per key of the question; empty text for no value. */
  readonly Keys: readonly string[];
  /** The sum of what the top N left out. */
  readonly IsOther?: boolean;
}

export interface ReportQuestion {
  readonly span: TimeSpan;
  readonly granularity: Granularity;
  readonly timeZone: string;
  readonly groupBy: readonly GroupKey[];
  readonly filter?: ReportFilter | undefined;
  /** `WAS` (default), `IS` or an instant: whose structure keys of membership are read by. */
  readonly asOf?: string | undefined;
  readonly topN?: number;
  readonly topBy?: MeasureWord;
  readonly measures?: readonly MeasureWord[];
  readonly scope?: Scope | undefined;
  /** Absent: the primary one. */
  readonly book?: Book | undefined;
}

/** The input of GetReport. */
export function reportInput(question: ReportQuestion): object {
  const { span, granularity, timeZone, groupBy, filter, asOf, topN, topBy, measures, scope, book } = question;
  return {
    ...(scope !== undefined && scope !== 'ALL' && { Scope: scope }),
    ...(book && { Book: book }),
    Start: instant(span.startMs),
    End: instant(span.endMs),
    Granularity: granularity,
    TimeZone: timeZone,
    ...(groupBy.length > 0 && { GroupBy: groupBy.map(wireKeyOf) }),
    ...(filter && { Filter: filter }),
    ...(asOf !== undefined && { AsOf: asOf }),
    ...(topN !== undefined && { TopN: topN }),
    ...(topBy !== undefined && { TopBy: topBy }),
    ...(measures && { Measures: measures }),
  };
}

/** `tallyline:GetReport`. Throws ApiError. */
export async function getReport(question: ReportQuestion, signal: AbortSignal): Promise<readonly ReportRow[]> {
  const { Rows } = await call<{ readonly Rows: readonly ReportRow[] }>(
    'tallyline',
    'GetReport',
    reportInput(question),
    {
      signal,
    },
  );
  return Rows;
}

/** `tallyline:GetReportSql`: the store's statement with its values written into it. Throws ApiError. */
export async function getReportSql(question: ReportQuestion): Promise<string> {
  return (await call<{ readonly Sql: string }>('tallyline', 'GetReportSql', reportInput(question))).Sql;
}

/** `tallyline:GetReportData`: the rows as a Parquet file, at most 100,000. Throws ApiError. */
export async function getReportParquet(question: ReportQuestion): Promise<Blob> {
  const input = { ...reportInput(question), Format: 'PARQUET' };
  const { ContentType, Data } = await call<{ readonly ContentType: string; readonly Data: string }>(
    'tallyline',
    'GetReportData',
    input,
  );
  return new Blob([Uint8Array.from(atob(Data), (char) => char.charCodeAt(0))], { type: ContentType });
}

/** A value of a key with its cost in a span. */
export interface ReportValue {
  /** Empty: no value. */
  readonly Value: string;
  readonly CostUsd: string;
}

/** `tallyline:SearchReportValues`: values that contain a text, in any letter case, the costliest first. Throws ApiError. */
export async function searchReportValues(
  { span, scope, filter, book }: Pick<ReportQuestion, 'span' | 'scope' | 'filter' | 'book'>,
  key: GroupKey,
  text: string,
  signal: AbortSignal,
): Promise<readonly ReportValue[]> {
  const input = {
    ...(scope !== undefined && scope !== 'ALL' && { Scope: scope }),
    ...(book && { Book: book }),
    Start: instant(span.startMs),
    End: instant(span.endMs),
    Key: wireKeyOf(key),
    ...(filter && { Filter: filter }),
    ...(text !== '' && { Text: text }),
    MaxResults: MAX_VALUES,
  };
  const { Values } = await call<{ readonly Values: readonly ReportValue[] }>('tallyline', 'SearchReportValues', input, {
    signal,
  });
  return Values;
}

/** More are found by typing. */
const MAX_VALUES = 100;

/** `2026-11-20T00:00:00Z`: times of inputs, on quarter hours. */
export function instant(atMs: number): string {
  return new Date(atMs).toISOString().replace('.000Z', 'Z');
}
