import type { Present } from '../../../../kernel/present.ts';
import { bucketEndMs } from '../../../../kernel/time.ts';
import type { Book } from '../../../../reports/book.ts';
import type { Scope } from '../../api/session.ts';
import { choiceOf, listOf, type SearchParams, textOf } from '../../display/view-state.ts';
import { type Condition, filterOf, readCondition } from '../../report/report-filter.ts';
import { DIMENSIONS, type KeyWord, keyOf, wireKeyOf } from '../../report/report-key.ts';
import { spanBefore, spanOf, type TimeSpan } from '../../time/range.ts';
import type { WireKey } from './answer.ts';

/** What the address says. */
export interface WhyView {
  /** Absent: the last seven whole days. */
  readonly range?: string;
  /** Absent: as long a time before. */
  readonly before?: string;
  /** Instead of a range. */
  readonly anomaly?: string;
  readonly filters: readonly Condition[];
  /** Empty: the usual ones. */
  readonly by: readonly KeyWord[];
  readonly book?: Book;
}

export function parseView(search: SearchParams): WhyView {
  const [range, before, anomaly] = [textOf(search, 'range'), textOf(search, 'before'), textOf(search, 'anomaly')];
  const book = choiceOf(search, 'book', ['', 'ledger', 'bill']);
  return {
    ...(range !== undefined && { range }),
    ...(before !== undefined && { before }),
    ...(anomaly !== undefined && { anomaly }),
    filters: listOf(search, 'filter').flatMap((text) => readCondition(text) ?? []),
    by: listOf(search, 'by').filter((word) => keyOf(word) !== undefined),
    ...(book !== '' && { book }),
  };
}

/** As ExplainSpend takes it. Times are whole quarter hours, so that the same question stays the same for a while. */
export function inputOf(view: WhyView, scope: Scope, present: Present): object {
  const { range, before, anomaly, filters, by, book } = view;
  const filter = filterOf(filters);
  return {
    ...(scope !== 'ALL' && { Scope: scope }),
    TimeZone: present.zone.name,
    ...(anomaly !== undefined ? { AnomalyId: anomaly } : periodsOf(range, before, present)),
    ...(by.length > 0 && { Dimensions: by.map((word) => wireKeyOf(keyOf(word)!)) }),
    ...(filter && { Filter: filter }),
    ...(book && { Book: book }),
  };
}

function periodsOf(range: string | undefined, before: string | undefined, present: Present): object {
  const after = range === undefined ? undefined : pastOf(range, present);
  const then = before === undefined ? undefined : pastOf(before, present);
  // What the last seven whole days are compared with, they are named for.
  const usual = then && !after ? pastOf('7d', present) : undefined;
  const asked = after ?? usual;
  const isOfMonths = present.isByMonth && range !== undefined && after !== undefined;
  const beside = then ?? (isOfMonths ? spanBefore(range, spanOf(range, present)!, present) : undefined);
  return { ...(asked && { After: wireSpan(asked) }), ...(beside && { Before: wireSpan(beside) }) };
}

/** The span of a range as far as it has come. */
function pastOf(range: string, present: Present): TimeSpan | undefined {
  const span = spanOf(range, present);
  const endMs = Math.min(span?.endMs ?? 0, bucketEndMs(present.atMs + 1));
  return span && span.startMs < endMs ? { ...span, endMs } : undefined;
}

function wireSpan({ startMs, endMs }: TimeSpan) {
  return { Start: new Date(startMs).toISOString(), End: new Date(endMs).toISOString() };
}

/** The word of a key as operations write it: `principal`, `tag:iamPrincipal/team`. */
export function wordOfKey({ Type: type, Key: key }: WireKey): KeyWord {
  if (type === 'TAG') return `tag:${key}`;
  if (type === 'COST_CATEGORY') return `category:${key}`;
  if (type === 'MEMBERSHIP') return `membership:${key}`;
  return DIMENSIONS.find(({ dimension }) => dimension === key)?.word ?? key;
}

/** What keeps one value alone. The sessions of a role whose names come and go are those of the role. */
export function conditionOf(word: KeyWord, value: string): Condition {
  const [, role] = /:assumed-role\/([^/]+)\/\*$/.exec(value) ?? [];
  return role !== undefined && word === 'principal'
    ? { word: 'role', mode: 'include', values: [role] }
    : { word, mode: 'include', values: [value] };
}
