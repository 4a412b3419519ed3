import type { Present } from '../../../../kernel/present.ts';
import { HOUR_MS } from '../../../../kernel/time.ts';
import type { Granularity, ReportFilter } from '../../../../reports/report-query.ts';
import type { Scope } from '../../api/session.ts';
import type { MeasureWord, ReportQuestion } from '../../report/get-report.ts';
import { filterOf } from '../../report/report-filter.ts';
import { isAllocation, isMembership, keyOf } from '../../report/report-key.ts';
import { grainFor } from '../../time/buckets.ts';
import { spanBefore, spanOf, type TimeSpan } from '../../time/range.ts';
import { ALWAYS_ASKED, type Measure, measureOf } from './measures.ts';
import type { Grain, View } from './view.ts';

/** A view with everything resolved that depends on who looks at it, and when. */
export interface ExplorerQuestion {
  readonly view: View;
  readonly measure: Measure;
  readonly span: TimeSpan;
  readonly before: TimeSpan;
  readonly granularity: Granularity;
  readonly zoneName: string;
  readonly scope: Scope | undefined;
}

const GRANULARITIES: Readonly<Record<Exclude<Grain, 'auto'>, Granularity>> = {
  total: 'TOTAL',
  'quarter-hour': 'QUARTER_HOURLY',
  hour: 'HOURLY',
  day: 'DAILY',
  month: 'MONTHLY',
};

export function resolve(view: View, present: Present, scopes: readonly Scope[]): ExplorerQuestion {
  const { zone } = present;
  const span = spanOf(view.range, present) ?? spanOf('30d', present)!;
  return {
    view,
    measure: measureOf(view.measure),
    span,
    before: spanBefore(view.range, span, present),
    granularity: granularityOf(view, span, present.isByMonth),
    zoneName: zone.name,
    scope: view.scope && scopes.includes(view.scope) ? view.scope : scopes[0],
  };
}

/** More places on the axis than this are no chart, and no table that anybody reads. */
const MAX_PLACES = 1_500;

/** From the finest on, with the hours of a place. */
const GRAIN_HOURS: readonly (readonly [Granularity, number])[] = [
  ['QUARTER_HOURLY', 0.25],
  ['HOURLY', 1],
  ['DAILY', 24],
  ['MONTHLY', 28 * 24],
];

/** The grain that was chosen, or the next coarser one that the range has not too many of. */
function granularityOf({ grain, chart }: View, span: TimeSpan, isByMonth: boolean): Granularity {
  if (chart === 'treemap') return 'TOTAL';
  const fitting = isByMonth ? 'MONTHLY' : grainFor(span);
  const chosen = grain === 'auto' ? fitting : GRANULARITIES[grain];
  if (chosen === 'TOTAL') return chosen;
  const hours = (span.endMs - span.startMs) / HOUR_MS;
  const from = GRAIN_HOURS.findIndex(([granularity]) => granularity === chosen);
  return GRAIN_HOURS.slice(from).find(([, size]) => hours / size <= MAX_PLACES)?.[0] ?? 'MONTHLY';
}

/** What to ask the server, so that the parts sum to the whole: the top groups with the rest, and apart what has no tag. */
export interface Parts {
  readonly grouped: ReportQuestion;
  /** Absent: no tag or cost category is grouped by. */
  readonly unallocated?: ReportQuestion;
}

/** Said only where a key of membership asks for it. */
function asOf({ asOf: reading, by, filters }: View): string | undefined {
  const isAsked = [...by, ...filters.map(({ word }) => word)].some(isMembership);
  return isAsked && reading === 'is' ? 'IS' : undefined;
}

function asked({ asks }: Measure): MeasureWord[] {
  return [...new Set([...asks, ...ALWAYS_ASKED])];
}

export function partsOf(question: ExplorerQuestion): Parts {
  const { view, measure, span, granularity, zoneName, scope } = question;
  const common = {
    span,
    granularity,
    timeZone: zoneName,
    measures: asked(measure),
    scope,
    book: view.book,
    asOf: asOf(view),
  };
  const groupBy = view.by.flatMap((word) => keyOf(word) ?? []);
  const topBy = measure.asks[0]!;
  const grouped: ReportQuestion = {
    ...common,
    groupBy,
    ...(groupBy.length > 0 && { topN: view.top, topBy }),
    filter: filterOf(view.filters),
  };
  const allocation = view.by.find(isAllocation);
  const key = allocation && keyOf(allocation);
  if (!key) return { grouped };
  return {
    grouped: { ...grouped, filter: filterOf(view.filters, { not: { absent: key } }) },
    unallocated: { ...common, groupBy: [], filter: filterOf(view.filters, { absent: key }) },
  };
}

/**
 * The view as one question, for other tools: what has no tag is a group like others in it. `top` absent: every group.
 */
export function oneQuestion(
  { view, measure, span, granularity, zoneName, scope }: ExplorerQuestion,
  top?: number,
): ReportQuestion {
  const groupBy = view.by.flatMap((word) => keyOf(word) ?? []);
  return {
    ...{ span, granularity, timeZone: zoneName, groupBy, scope, book: view.book, filter: filterOf(view.filters) },
    asOf: asOf(view),
    measures: measure.asks,
    ...(groupBy.length > 0 && top !== undefined && { topN: top, topBy: measure.asks[0]! }),
  };
}

/** Questions about the period before: its course, and what the groups that are shown now were then. */
export interface PartsBefore {
  readonly course: ReportQuestion;
  readonly groups: ReportQuestion;
  readonly unallocated?: ReportQuestion;
}

/** `firstKeys`: values of the first key of the groups that are shown. */
export function partsBefore(question: ExplorerQuestion, firstKeys: readonly string[]): PartsBefore {
  const { grouped, unallocated } = partsOf(question);
  const [first] = grouped.groupBy;
  const then = { span: question.before };
  const { topN: _, topBy: __, ...all } = grouped;
  const kept = first && keptKeys(first, firstKeys);
  const filter = kept ? (grouped.filter ? { and: [grouped.filter, kept] } : kept) : grouped.filter;
  return {
    course: { ...all, ...then, groupBy: [], filter: filterOf(question.view.filters) },
    groups: { ...all, ...then, granularity: 'TOTAL', filter },
    ...(unallocated && { unallocated: { ...unallocated, ...then, granularity: 'TOTAL' } }),
  };
}

function keptKeys(key: NonNullable<ReturnType<typeof keyOf>>, values: readonly string[]): ReportFilter | undefined {
  const named = values.filter((value) => value !== '');
  const parts: ReportFilter[] = [
    ...(named.length > 0 ? [{ key, equalsAny: named }] : []),
    ...(named.length < values.length ? [{ absent: key }] : []),
  ];
  return parts.length > 1 ? { or: parts } : parts[0];
}
