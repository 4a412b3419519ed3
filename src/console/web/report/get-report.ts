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
  readonly topN?: number;
  readonly topBy?: MeasureWord;
  readonly measures?: readonly MeasureWord[];
  readonly scope?: Scope | undefined;
}

/** The input of GetReport. */
export function reportInput(question: ReportQuestion): object {
  const { span, granularity, timeZone, groupBy, filter, topN, topBy, measures, scope } = question;
  const instant = (atMs: number) => new Date(atMs).toISOString().replace('.000Z', 'Z');
  return {
    ...(scope !== undefined && scope !== 'ALL' && { Scope: scope }),
    Start: instant(span.startMs),
    End: instant(span.endMs),
    Granularity: granularity,
    TimeZone: timeZone,
    ...(groupBy.length > 0 && { GroupBy: groupBy.map(wireKeyOf) }),
    ...(filter && { Filter: filter }),
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
