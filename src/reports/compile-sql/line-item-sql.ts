import { type CostAllocationTag, IAM_PRINCIPAL_PREFIX } from '../../allocation/cost-allocation-tag.ts';
import { SECOND_MS } from '../../kernel/time.ts';
import { LINE_ITEM_TABLE } from '../cost-schema.ts';
import type { GroupKey, ReportFilter } from '../report-query.ts';
import type { TimeRange } from '../time-bucket.ts';
import { DIMENSION_SQL } from './dimension-sql.ts';
import type { Parameters } from './parameters.ts';

/** Cost allocation tags by their prefixed key. */
export type TagCatalog = ReadonlyMap<string, CostAllocationTag>;

/**
 * The keys and filters of one query as SQL over a row of `line_item`. No expression is ever NULL, so that a filter and its
 * complement split the rows exactly.
 */
export class LineItemSql {
  readonly #range: TimeRange;
  readonly #tags: TagCatalog;
  readonly #parameters: Parameters;

  constructor(range: TimeRange, tags: TagCatalog, parameters: Parameters) {
    this.#range = range;
    this.#tags = tags;
    this.#parameters = parameters;
  }

  /** The rows of the range that a filter lets through. The store prunes partitions and the index by the plain bounds. */
  from(filter: ReportFilter | undefined): string {
    const seconds = (atMs: number) => this.#parameters.add('UInt32', atMs / SECOND_MS);
    const inRange = `bucket_start >= ${seconds(this.#range.startMs)} AND bucket_start < ${seconds(this.#range.endMs)}`;
    return `${LINE_ITEM_TABLE}\nWHERE ${inRange}${filter ? ` AND ${this.#condition(filter)}` : ''}`;
  }

  /** The value of a key, always text; empty for none. */
  value(key: GroupKey): string {
    return 'dimension' in key ? DIMENSION_SQL[key.dimension] : this.tagValue(key.tag);
  }

  /** False for a tag that has no value anywhere in the range. */
  isActive(tagKey: string): boolean {
    return this.#activity(tagKey) !== 'never';
  }

  /** The principal's tag where the usage lies in an active interval. Empty for a tag that is unknown or never active. */
  tagValue(tagKey: string): string {
    const activity = this.#activity(tagKey);
    if (activity === 'never') return "''";
    const value = `principal_tags[${this.#parameters.add('String', tagKey.slice(IAM_PRINCIPAL_PREFIX.length))}]`;
    if (activity === 'always') return value;
    const whileActive = activity.map(({ fromMs, toMs }) => this.#within(fromMs, toMs)).join(' OR ');
    return `if(${whileActive}, ${value}, '')`;
  }

  #condition(filter: ReportFilter): string {
    if ('and' in filter) return this.#joined(filter.and, ' AND ', '1');
    if ('or' in filter) return this.#joined(filter.or, ' OR ', '0');
    if ('not' in filter) return `NOT (${this.#condition(filter.not)})`;
    if ('absent' in filter) return filter.absent === 'anyTag' ? this.#untagged() : `${this.value(filter.absent)} = ''`;
    if (filter.equalsAny.length === 0) return '0';
    const value = this.value(filter.key);
    const values = this.#parameters.add('Array(String)', filter.equalsAny);
    // The lambda runs over the parameter alone, once.
    return filter.ignoreCase
      ? `lowerUTF8(${value}) IN arrayMap(v -> lowerUTF8(v), ${values})`
      : `${value} IN ${values}`;
  }

  #joined(parts: readonly ReportFilter[], operator: string, empty: string): string {
    return parts.length === 0 ? empty : `(${parts.map((part) => this.#condition(part)).join(operator)})`;
  }

  #untagged(): string {
    const values = [...this.#tags.keys()].filter((key) => this.isActive(key)).map((key) => this.tagValue(key));
    return values.length === 0 ? '1' : `(${values.map((value) => `${value} = ''`).join(' AND ')})`;
  }

  /** The tag's active intervals that meet the range, unless one covers it or none is left. */
  #activity(tagKey: string): 'always' | 'never' | CostAllocationTag['activeIntervals'] {
    const { startMs, endMs } = this.#range;
    const intervals = (this.#tags.get(tagKey)?.activeIntervals ?? []).filter(
      ({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs < endMs && toMs > startMs,
    );
    if (intervals.length === 0) return 'never';
    const isCovered = intervals.some(
      ({ fromMs, toMs = Number.POSITIVE_INFINITY }) => fromMs <= startMs && toMs >= endMs,
    );
    return isCovered ? 'always' : intervals;
  }

  #within(fromMs: number, toMs: number | undefined): string {
    const instant = (atMs: number) => `fromUnixTimestamp64Milli(${this.#parameters.add('Int64', atMs)}, 'UTC')`;
    const from = `slice_start >= ${instant(fromMs)}`;
    return toMs === undefined ? from : `${from} AND slice_start < ${instant(toMs)}`;
  }
}
