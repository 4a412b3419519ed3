import type { AsOf } from '../../allocation/membership.ts';
import { Fault } from '../../kernel/fault.ts';
import type { Book } from '../../reports/book.ts';
import type { GroupKey, ReportFilter, ReportQuery } from '../../reports/report-query.ts';
import type { TextMatch } from '../../reports/text-match.ts';
import { sumsOf, WIRE_MEASURES } from './report-measures.ts';
import type { ScopedInput } from './report-scope.ts';

/** A question as it comes over the wire. */
export interface ReportInput {
  readonly Start: Date;
  readonly End: Date;
  readonly Granularity: ReportQuery['granularity'];
  readonly TimeZone?: string;
  readonly GroupBy?: readonly WireGroupKey[];
  readonly Filter?: unknown;
  /** `WAS` (default), `IS`, or an instant such as `2026-05-01T00:00:00Z`: whose structure keys of membership are read by. */
  readonly AsOf?: string;
  /** Absent: the primary book. */
  readonly Book?: Book;
  readonly TopN?: number;
  /** Of the sums that `Measures` has words for. */
  readonly TopBy?: string;
  readonly Measures?: readonly string[];
}

export interface RangeInput {
  readonly Start: Date;
  readonly End: Date;
}

/** Which values a key has, to filter by. */
export interface SearchInput extends RangeInput, ScopedInput {
  readonly Key: WireGroupKey;
  readonly Filter?: unknown;
  readonly AsOf?: string;
  readonly Book?: Book;
  /** Part of the value, in any letter case. Absent: all values. */
  readonly Text?: string;
  readonly MaxResults?: number;
}

/** Type `TAG`, `COST_CATEGORY`, `MEMBERSHIP` or `DIMENSION`. */
export interface WireGroupKey {
  readonly Type: string;
  readonly Key: string;
}

/** Keeps a hostile filter from exhausting the stack here; the report path checks it against its own, smaller bounds. */
const FILTER_DEPTH_MAX = 100;

/** By the type of a group. */
const GROUP_KEYS: Readonly<Record<string, (key: string) => GroupKey>> = {
  TAG: (tag) => ({ tag }),
  COST_CATEGORY: (costCategory) => ({ costCategory }),
  MEMBERSHIP: (membership) => ({ membership }),
  DIMENSION: (dimension) => ({ dimension }) as GroupKey,
};

/** The question, unchecked but for its shape: the report path judges it. */
export function readReport({
  Start,
  End,
  Granularity,
  TimeZone,
  GroupBy = [],
  Filter,
  AsOf,
  Book,
  TopN,
  TopBy,
  Measures,
}: ReportInput): ReportQuery {
  return {
    range: readRange({ Start, End }),
    granularity: Granularity,
    ...(TimeZone !== undefined && { timeZone: TimeZone }),
    groupBy: GroupBy.map(readGroupKey),
    ...(Filter !== undefined && { filter: readFilter(Filter) }),
    ...(AsOf !== undefined && { asOf: readAsOf(AsOf) }),
    ...(Book !== undefined && { book: Book }),
    ...(TopN !== undefined && { topN: TopN }),
    ...(TopBy !== undefined && { topBy: WIRE_MEASURES[TopBy]!.sums[0]! }),
    measures: sumsOf(Measures),
  };
}

export function readAsOf(text: string): AsOf {
  if (text === 'WAS' || text === 'IS') return text === 'WAS' ? 'was' : 'is';
  const atMs = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(atMs)) return atMs;
  throw new Fault(
    'QueryInvalid',
    `\`${text}\` is no time of a structure: use \`WAS\`, \`IS\` or \`2026-05-01T00:00:00Z\``,
  );
}

export function readRange({ Start, End }: RangeInput): ReportQuery['range'] {
  return { startMs: Start.getTime(), endMs: End.getTime() };
}

export function readSearch(input: SearchInput): ReportQuery {
  const key = readGroupKey(input.Key);
  const parts = [
    ...(input.Filter === undefined ? [] : [readFilter(input.Filter)]),
    ...(input.Text === undefined ? [] : [{ key, containsAny: [input.Text], ignoreCase: true }]),
  ];
  const range = readRange(input);
  const book = input.Book !== undefined && { book: input.Book };
  const asOf = input.AsOf !== undefined && { asOf: readAsOf(input.AsOf) };
  return { range, granularity: 'TOTAL', groupBy: [key], filter: { and: parts }, ...asOf, ...book, measures: ['cost'] };
}

export function readGroupKey({ Type, Key }: WireGroupKey): GroupKey {
  return GROUP_KEYS[Type]!(Key);
}

const COMPARISON_MEMBERS = ['equalsAny', 'startsWithAny', 'endsWithAny', 'containsAny'];

/** Checks the shape of a filter that came as a free document; its keys are the report path's to judge. */
export function readFilter(value: unknown, depth = 1): ReportFilter {
  const filter = value as Record<string, unknown>;
  if (typeof value !== 'object' || value === null || depth > FILTER_DEPTH_MAX) throw badFilter();
  if (Array.isArray(filter.and)) return { and: filter.and.map((part) => readFilter(part, depth + 1)) };
  if (Array.isArray(filter.or)) return { or: filter.or.map((part) => readFilter(part, depth + 1)) };
  if (filter.not !== undefined) return { not: readFilter(filter.not, depth + 1) };
  if (filter.absent === 'anyTag' || filter.absent === 'anyCostCategory') return { absent: filter.absent };
  if (filter.absent !== undefined) return { absent: readKey(filter.absent) };
  const [comparison, another] = COMPARISON_MEMBERS.filter((name) => filter[name] !== undefined);
  const texts = filter[comparison ?? ''];
  if (another || !Array.isArray(texts) || !texts.every((one) => typeof one === 'string')) throw badFilter();
  const match = { [comparison!]: texts } as unknown as TextMatch;
  return { key: readKey(filter.key), ...match, ignoreCase: filter.ignoreCase === true };
}

function readKey(value: unknown): GroupKey {
  const key = (value ?? {}) as Record<string, unknown>;
  if (typeof key.tag === 'string') return { tag: key.tag };
  if (typeof key.costCategory === 'string') return { costCategory: key.costCategory };
  if (typeof key.membership === 'string') return { membership: key.membership };
  if (typeof key.dimension === 'string') return { dimension: key.dimension } as GroupKey;
  throw badFilter();
}

function badFilter(): Fault {
  return new Fault(
    'QueryInvalid',
    'the filter is not one: use {and}, {or}, {not}, {key, equalsAny | startsWithAny | endsWithAny | containsAny} or {absent}',
  );
}
