import type { CostAllocationTag } from '../../allocation/cost-allocation-tag.ts';
import type { CostCategoryVersion } from '../../allocation/cost-category.ts';
import type { AsOf } from '../../allocation/membership.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import { BILL_DAY_TABLE, BILL_LINE_TABLE } from '../bill-schema.ts';
import { type Book, LEDGER_ALONE } from '../book.ts';
import type { CostCatalog } from '../cost-catalog.ts';
import { DAY_ITEM_COLUMNS, DAY_ITEM_TABLE, LINE_ITEM_COLUMNS, LINE_ITEM_TABLE } from '../cost-schema.ts';
import type { ReconciledPeriod } from '../reconciled-period.ts';
import type { Dimension, GroupKey, ReportFilter } from '../report-query.ts';
import { type Comparison, comparisonOf, type TextMatch } from '../text-match.ts';
import type { TimeRange } from '../time-bucket.ts';
import { ALL_USAGE, type Visibility, visibleConditions } from '../visibility.ts';
import { categorySql } from './category-sql.ts';
import { splitByDay } from './day-split.ts';
import { attributeOfCalls, type CatalogDimension, DIMENSION_SQL, isCatalogDimension } from './dimension-sql.ts';
import { membershipSql, timeOf } from './membership-sql.ts';
import type { Parameters } from './parameters.ts';
import { stateSql } from './state-sql.ts';
import { tagAtCall } from './tag-sql.ts';

const COMPARISON_SQL: Readonly<Record<Exclude<Comparison, 'equals'>, (value: string, text: string) => string>> = {
  startsWith: (value, text) => `startsWith(${value}, ${text})`,
  endsWith: (value, text) => `endsWith(${value}, ${text})`,
  contains: (value, text) => `position(${value}, ${text}) > 0`,
};

/** Line items, and the same by day. */
const TABLES: Readonly<Record<Book, { readonly lines: string; readonly days: string }>> = {
  ledger: { lines: LINE_ITEM_TABLE, days: DAY_ITEM_TABLE },
  bill: { lines: BILL_LINE_TABLE, days: BILL_DAY_TABLE },
};

/** Columns that all of them have. */
const SHARED_COLUMNS = Object.keys(DAY_ITEM_COLUMNS)
  .filter((name) => Object.hasOwn(LINE_ITEM_COLUMNS, name))
  .join(', ');

/** Which rows beside the filter. Absent: the whole range, all usage. */
interface RowChoice {
  readonly range?: TimeRange;
  readonly visible?: Visibility | undefined;
  /**
   * Instants that the question tells apart, beside those that the catalog does: days between are read as sums. Absent: it may
   * look at any bucket by itself.
   */
  readonly cutsMs?: readonly number[] | undefined;
}

/**
 * The keys and filters of one query as SQL over a row of the catalog's primary book. No expression is ever NULL, so that a filter and its
 * complement split the rows exactly.
 */
export class LineItemSql {
  readonly #range: TimeRange;
  readonly #catalog: CostCatalog;
  readonly #parameters: Parameters;
  /** Values of dimensions that come with lists of names, which are long: rules of cost categories use one many times. */
  readonly #named = new Map<CatalogDimension, string>();
  readonly #asOf: AsOf;
  /** Values of structures that were asked for: their lists are long as well. */
  readonly #memberships = new Map<string, string>();
  /** Periods that values of `state` tell apart. */
  #compared: readonly ReconciledPeriod[] = [];
  #isRead = false;

  constructor(range: TimeRange, catalog: CostCatalog, parameters: Parameters, asOf: AsOf = 'was') {
    this.#range = range;
    this.#catalog = catalog;
    this.#parameters = parameters;
    this.#asOf = asOf;
  }

  /**
   * The rows of the range, or of a part of it, that are visible and that a filter lets through. The store prunes partitions and
   * the index by the plain bounds. Values of structures are to be asked for before: who moves within a day cuts it.
   */
  from(filter: ReportFilter | undefined, { range = this.#range, visible = ALL_USAGE, cutsMs }: RowChoice = {}): string {
    const text = (value: string) => this.#parameters.add('String', value);
    const { primary, billSources } = this.#books;
    const { lines: linesTable, days: daysTable } = TABLES[primary];
    const counted = primary === 'bill' ? [this.#isOneOf('source_id', billSources)] : [];
    const chosen = [...counted, ...visibleConditions(visible, text)];
    if (filter) chosen.push(`(${this.condition(filter)})`);
    this.#isRead = true;
    const { days, rest } = cutsMs ? splitByDay(range, [...cutsMs, ...this.#changesMs()]) : { days: [], rest: [range] };
    const inTime = (stretches: readonly TimeRange[]) => {
      const within = stretches.map((stretch) => this.#inBuckets(stretch));
      return within.length === 1 ? within[0]! : `((${within.join(') OR (')}))`;
    };
    if (days.length === 0) return `${linesTable}\nWHERE ${[inTime(rest), ...chosen].join(' AND ')}`;
    if (rest.length === 0) return `${daysTable}\nWHERE ${[inTime(days), ...chosen].join(' AND ')}`;
    // Of the columns the store reads what the question needs, and of the rows what its conditions let through.
    const origin = primary === 'bill' ? ', source_id, period' : '';
    const both = `(
SELECT ${SHARED_COLUMNS}${origin} FROM ${daysTable} WHERE ${inTime(days)}
UNION ALL
SELECT ${SHARED_COLUMNS}${origin} FROM ${linesTable} WHERE ${inTime(rest)}
)`;
    return chosen.length === 0 ? both : `${both}\nWHERE ${chosen.join(' AND ')}`;
  }

  /** The value of a key, always text; empty for none. */
  value(key: GroupKey): string {
    if ('tag' in key) return this.tagValue(key.tag);
    if ('membership' in key) return this.#membershipValue(key.membership);
    return 'costCategory' in key ? this.categoryValue(key.costCategory) : this.#dimensionValue(key.dimension);
  }

  /** Keys of the cost allocation tags that can have a value somewhere in the range, in order. */
  tagKeys(): string[] {
    const { primary, billTagKeys } = this.#books;
    if (primary === 'bill') return billTagKeys.toSorted();
    return [...this.#catalog.tags.keys()].filter((key) => this.#activity(key) !== 'never').sort();
  }

  /** The tag at the call where the usage lies in an active interval. Empty for a tag that is unknown or never active. */
  tagValue(tagKey: string): string {
    const activity = this.#activity(tagKey);
    if (activity === 'never') return "''";
    const value = tagAtCall(tagKey, this.#parameters);
    if (activity === 'always') return value;
    const whileActive = activity.map(({ fromMs, toMs }) => this.#within(fromMs, toMs)).join(' OR ');
    return `if(${whileActive}, ${value}, '')`;
  }

  /** Names of the cost categories that say something about the range, in order. */
  categoryNames(): string[] {
    return [...this.#catalog.categories.keys()].filter((name) => this.#versionsOf(name).length > 0).sort();
  }

  /** What the versions of a cost category say about the usage of their months. Empty for one that is unknown. */
  categoryValue(name: string): string {
    const { startMs, endMs } = this.#range;
    const arms: string[] = [];
    for (const version of this.#versionsOf(name)) {
      const { fromMs, toMs = Number.POSITIVE_INFINITY } = version;
      const range = { startMs: Math.max(fromMs, startMs), endMs: Math.min(toMs, endMs) };
      // Rules look at other categories as they are in the same months: so they never come back to this one.
      const value = categorySql(version, new LineItemSql(range, this.#catalog, this.#parameters), this.#parameters);
      if (fromMs <= startMs && toMs >= endMs) return value;
      arms.push(this.#inBuckets(range), value);
    }
    return arms.length === 0 ? "''" : `multiIf(${arms.join(', ')}, '')`;
  }

  get #books() {
    return this.#catalog.books ?? LEDGER_ALONE;
  }

  /** Empty for a structure that is unknown. */
  #membershipValue(name: string): string {
    const known = this.#memberships.get(name);
    if (known !== undefined) return known;
    if (this.#isRead) throw new Error('values of structures are asked for before the rows');
    const { structures, nowMs = 0 } = this.#catalog.memberships ?? {};
    const time = timeOf(this.#asOf, this.#range, nowMs);
    const value = membershipSql(structures?.get(name) ?? [], time, this.#parameters);
    this.#memberships.set(name, value);
    return value;
  }

  condition(filter: ReportFilter): string {
    if ('and' in filter) return this.#joined(filter.and, ' AND ', '1');
    if ('or' in filter) return this.#joined(filter.or, ' OR ', '0');
    if ('not' in filter) return `NOT (${this.condition(filter.not)})`;
    if ('absent' in filter) return this.#isAbsent(filter.absent);
    return this.#isMatch(this.value(filter.key), filter);
  }

  #joined(parts: readonly ReportFilter[], operator: string, empty: string): string {
    return parts.length === 0 ? empty : `(${parts.map((part) => this.condition(part)).join(operator)})`;
  }

  #isMatch(value: string, match: TextMatch): string {
    const { comparison, texts } = comparisonOf(match);
    if (texts.length === 0) return '0';
    const subject = match.ignoreCase ? `lowerUTF8(${value})` : value;
    const given = this.#parameters.add('Array(String)', texts);
    // The lambda runs over the parameter alone, once.
    const wanted = match.ignoreCase ? `arrayMap(v -> lowerUTF8(v), ${given})` : given;
    // One text is compared; a set has to be built first.
    if (comparison === 'equals') return texts.length === 1 ? `${subject} = ${wanted}[1]` : `${subject} IN ${wanted}`;
    const compare = COMPARISON_SQL[comparison];
    // A comparison with one text runs once per distinct value, a lambda once per row.
    return texts.length === 1
      ? compare(subject, `${wanted}[1]`)
      : `arrayExists(v -> ${compare(subject, 'v')}, ${wanted})`;
  }

  #isOneOf(column: string, texts: readonly string[]): string {
    return texts.length === 0 ? '0' : `${column} IN ${this.#parameters.add('Array(String)', texts)}`;
  }

  #isAbsent(absent: GroupKey | 'anyTag' | 'anyCostCategory'): string {
    if (absent === 'anyCostCategory') return noneOf(this.categoryNames().map((name) => this.categoryValue(name)));
    if (typeof absent === 'object') return `${this.value(absent)} = ''`;
    return noneOf(this.tagKeys().map((key) => this.tagValue(key)));
  }

  #dimensionValue(dimension: Dimension): string {
    if (!isCatalogDimension(dimension)) return DIMENSION_SQL[dimension];
    const value = this.#named.get(dimension) ?? this.#namedValue(dimension);
    this.#named.set(dimension, value);
    return value;
  }

  #namedValue(dimension: CatalogDimension): string {
    const { accountNames, models } = this.#catalog;
    if (dimension === 'state') return this.#stateValue();
    if (dimension === 'accountName') return this.#translated('account_id', accountNames, "''");
    const words = [...models].map(([id, { provider, displayName }]) => {
      return [id, dimension === 'provider' ? provider : displayName] as const;
    });
    const ofUnlisted = dimension === 'provider' ? "splitByChar('.', toString(model_id))[1]" : 'toString(model_id)';
    return attributeOfCalls(this.#translated('model_id', new Map(words), ofUnlisted));
  }

  #stateValue(): string {
    const { startMs, endMs } = this.#range;
    const periods = (this.#catalog.reconciled ?? []).filter((one) => one.startMs < endMs && one.endMs > startMs);
    this.#compared = periods;
    return stateSql(periods, this.#books.primary, this.#parameters);
  }

  #translated(column: string, names: ReadonlyMap<string, string>, otherwise: string): string {
    if (names.size === 0) return otherwise;
    const ids = this.#parameters.add('Array(String)', [...names.keys()]);
    const texts = this.#parameters.add('Array(String)', [...names.values()]);
    return `transform(toString(${column}), ${ids}, ${texts}, ${otherwise})`;
  }

  /** When tags were switched, categories got other rules, members moved and comparisons ended, inside the range. */
  #changesMs(): number[] {
    const { startMs, endMs } = this.#range;
    const isBill = this.#books.primary === 'bill';
    const intervals = isBill ? [] : [...this.#catalog.tags.values()].flatMap(({ activeIntervals }) => activeIntervals);
    const versions = [...this.#catalog.categories.values()].flat();
    const instants = [...intervals, ...versions].flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? endMs]);
    const asked = this.#asOf === 'was' ? [...this.#memberships.keys()] : [];
    const entries = asked.flatMap((name) => this.#catalog.memberships?.structures.get(name) ?? []);
    instants.push(...entries.flatMap(({ fromMs, toMs }) => [fromMs, toMs ?? endMs]));
    instants.push(...this.#compared.flatMap((one) => [one.startMs, one.endMs]));
    return instants.filter((atMs) => atMs > startMs && atMs < endMs);
  }

  #versionsOf(name: string): CostCategoryVersion[] {
    return this.#inRange(this.#catalog.categories.get(name) ?? []);
  }

  /** The tag's active intervals that meet the range, unless one covers it or none is left. */
  #activity(tagKey: string): 'always' | 'never' | CostAllocationTag['activeIntervals'] {
    // A bill shows no tag but those that are active.
    if (this.#books.primary === 'bill') return 'always';
    const { startMs, endMs } = this.#range;
    const intervals = this.#inRange(this.#catalog.tags.get(tagKey)?.activeIntervals ?? []);
    if (intervals.length === 0) return 'never';
    const isCovered = intervals.some(
      ({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs <= startMs && toMs >= endMs,
    );
    return isCovered ? 'always' : intervals;
  }

  #inRange<Stretch extends { readonly fromMs: number; readonly toMs?: number }>(stretches: readonly Stretch[]) {
    const { startMs, endMs } = this.#range;
    return stretches.filter(({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs < endMs && toMs > startMs);
  }

  #within(fromMs: number, toMs: number | undefined): string {
    const instant = (atMs: number) => `fromUnixTimestamp64Milli(${this.#parameters.add('Int64', atMs)}, 'UTC')`;
    const from = `slice_start >= ${instant(fromMs)}`;
    return toMs === undefined ? from : `${from} AND slice_start < ${instant(toMs)}`;
  }

  #inBuckets({ startMs, endMs }: TimeRange): string {
    const seconds = (atMs: number) => this.#parameters.add('UInt32', atMs / SECOND_MS);
    return `bucket_start >= ${seconds(startMs)} AND bucket_start < ${seconds(endMs)}`;
  }
}

function noneOf(values: readonly string[]): string {
  return values.length === 0 ? '1' : `(${values.map((value) => `${value} = ''`).join(' AND ')})`;
}
