import type { Book } from '../../../../reports/book.ts';
import type { Scope } from '../../api/session.ts';
import { choiceOf, listOf, type SearchParams, textOf } from '../../display/view-state.ts';
import { type Condition, readCondition } from '../../report/report-filter.ts';
import { type KeyWord, keyOf } from '../../report/report-key.ts';
import type { RangeText } from '../../time/range.ts';
import { MEASURES } from './measures.ts';

export const CHART_KINDS = ['bars', 'area', 'line', 'treemap', 'table'] as const;
export const GRAINS = ['auto', 'total', 'quarter-hour', 'hour', 'day', 'month'] as const;
export const TOP_CHOICES = [5, 10, 20] as const;
export const MAX_KEYS = 3;
const MAX_TOP = 200;

export type ViewChart = (typeof CHART_KINDS)[number];
export type Grain = (typeof GRAINS)[number];

/** What the Explorer shows: all of it stands in the address. */
export interface View {
  readonly range: RangeText;
  readonly grain: Grain;
  /** Word of a measure. */
  readonly measure: string;
  readonly by: readonly KeyWord[];
  readonly filters: readonly Condition[];
  readonly chart: ViewChart;
  /** Groups that stand for themselves; the rest is summed. */
  readonly top: number;
  /** With the period before. */
  readonly compares: boolean;
  /** Absent: the widest that the caller may see. */
  readonly scope?: Scope;
  /** Absent: the primary one. */
  readonly book?: Book;
  /** Absent: members belong where they did at the time of the usage; `is`: where they do today. */
  readonly asOf?: 'is';
  /** Of a link that was shared: the zone that its days are of. Absent: the reader's. */
  readonly zone?: string;
}

/** Reads an address; what makes no sense in it is taken for its default. */
export function parseView(search: SearchParams): View {
  const by = listOf(search, 'by').filter((word, index, all) => keyOf(word) && all.indexOf(word) === index);
  const top = Number(textOf(search, 'top'));
  const scope = textOf(search, 'scope');
  const zone = textOf(search, 'zone');
  const book = textOf(search, 'book');
  return {
    range: textOf(search, 'range') ?? '30d',
    grain: choiceOf(search, 'every', GRAINS),
    measure: MEASURES.find(({ word }) => word === textOf(search, 'measure'))?.word ?? 'cost',
    by: textOf(search, 'by') === undefined ? ['principal'] : by.slice(0, MAX_KEYS),
    filters: listOf(search, 'filter').flatMap((text) => readCondition(text) ?? []),
    chart: choiceOf(search, 'chart', CHART_KINDS),
    top: Number.isInteger(top) && top > 0 ? Math.min(top, MAX_TOP) : 10,
    compares: textOf(search, 'compare') === 'before',
    ...((scope === 'ALL' || scope === 'TEAM' || scope === 'OWN') && { scope }),
    ...((book === 'ledger' || book === 'bill') && { book }),
    ...(textOf(search, 'asof') === 'is' && { asOf: 'is' }),
    ...(zone !== undefined && { zone }),
  };
}

/** `by` of an address for no grouping at all: its absence means the default. */
export function byParam(by: readonly KeyWord[]): readonly string[] {
  return by.length === 0 ? ['none'] : by;
}
