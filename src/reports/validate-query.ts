import type { AsOf } from '../allocation/membership.ts';
import { Fault } from '../kernel/fault.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { timeZoneOf } from '../kernel/time-zone.ts';
import { isDimension } from './compile-sql/dimension-sql.ts';
import { MEASURE_SQL } from './compile-sql/measure-sql.ts';
import type { Granularity, GroupKey, Measure, ReportFilter, ReportPage, ReportQuery } from './report-query.ts';
import { comparisonOf } from './text-match.ts';

/** 13 months of hours, or 27 years of days. */
const MAX_BUCKETS = 10_000;
const MAX_GROUP_KEYS = 4;
/** As many values as an anomaly monitor watches. */
const MAX_TOP_N = 5_000;
const MAX_PAGE_ROWS = 100_000;
const MAX_FILTER_DEPTH = 32;
const MAX_FILTER_PARTS = 1_000;
/** Tag keys and values of a filter together, in UTF-16 units: 120 kB of UTF-8; a statement may have 256 KiB. */
const MAX_FILTER_CHARACTERS = 40_000;
/** The store's DateTime ends in February 2106. */
const MAX_TIME_MS = 0xffff_ffff * 1_000;

const SHORTEST_BUCKET_MS: Readonly<Record<Granularity, number>> = {
  TOTAL: Number.POSITIVE_INFINITY,
  QUARTER_HOURLY: BUCKET_MS,
  HOURLY: HOUR_MS,
  DAILY: DAY_MS,
  MONTHLY: 28 * DAY_MS,
};

/** A structure's name is short; an unknown one has no values. */
const MAX_STRUCTURE_CHARACTERS = 64;

/** Throws QueryInvalid with what to change. After this the query is safe and bounded to compile. */
export function validateQuery(query: ReportQuery): void {
  validateRange(query);
  const { groupBy, topN, topBy, measures, page, asOf } = query;
  if (groupBy.length > MAX_GROUP_KEYS)
    throw invalid(`group by at most ${MAX_GROUP_KEYS} keys, not \`${groupBy.length}\``);
  groupBy.forEach(validateKey);
  if (topN !== undefined) validateCount('topN', topN, MAX_TOP_N);
  if (topBy !== undefined) validateMeasures([topBy]);
  if (measures) validateMeasures(measures);
  if (page) validatePage(page, query);
  if (asOf !== undefined) validateAsOf(asOf);
  if (query.filter) validateFilter(query.filter);
}

function validateRange({ range, granularity, timeZone }: ReportQuery): void {
  const { startMs, endMs } = range;
  if (!Object.hasOwn(SHORTEST_BUCKET_MS, granularity)) throw invalid(`unknown granularity \`${granularity}\``);
  if (timeZone !== undefined && !timeZoneOf(timeZone))
    throw invalid(`\`${timeZone}\` is no time zone; use an IANA name such as \`Europe/Berlin\``);
  for (const atMs of [startMs, endMs]) {
    if (!(atMs >= 0 && atMs <= MAX_TIME_MS))
      throw invalid(`\`${atMs}\` is no time that reports know; use 1970 to 2106`);
    if (atMs % BUCKET_MS !== 0) throw invalid(`\`${new Date(atMs).toISOString()}\` is not on a 15-minute boundary`);
  }
  if (startMs >= endMs) throw invalid('the start of the range must be before its end');
  if ((endMs - startMs) / SHORTEST_BUCKET_MS[granularity] > MAX_BUCKETS) {
    throw invalid(
      `the range has more than ${MAX_BUCKETS} buckets of granularity \`${granularity}\`; use a coarser one`,
    );
  }
}

function validateAsOf(asOf: AsOf): void {
  if (asOf === 'was' || asOf === 'is' || (Number.isInteger(asOf) && asOf >= 0 && asOf <= MAX_TIME_MS)) return;
  throw invalid(`\`${asOf}\` is no time of a structure: use \`was\`, \`is\` or an instant`);
}

function validateMeasures(measures: readonly Measure[]): void {
  if (measures.length === 0) throw invalid('ask for at least one measure');
  const unknown = measures.find((measure) => !Object.hasOwn(MEASURE_SQL, measure));
  if (unknown) throw invalid(`unknown measure \`${unknown}\``);
}

function validatePage({ limit, after }: ReportPage, { range, groupBy }: ReportQuery): void {
  validateCount('page.limit', limit, MAX_PAGE_ROWS);
  if (!after) return;
  if (after.keys.length !== groupBy.length) throw invalid('`page.after` needs one value per group key');
  const { bucketStartMs } = after;
  if (!(bucketStartMs >= range.startMs && bucketStartMs < range.endMs && bucketStartMs % BUCKET_MS === 0)) {
    throw invalid('`page.after` is not the start of a bucket in the range');
  }
}

function validateKey(key: GroupKey): void {
  if ('dimension' in key && !isDimension(key.dimension)) {
    throw invalid(`unknown dimension \`${key.dimension}\``);
  }
  if ('membership' in key && key.membership.length > MAX_STRUCTURE_CHARACTERS) {
    throw invalid(`\`${key.membership.slice(0, MAX_STRUCTURE_CHARACTERS)}…\` is no name of a structure`);
  }
}

function validateCount(name: string, count: number, max: number): void {
  if (!Number.isInteger(count) || count < 1 || count > max) {
    throw invalid(`\`${name}\` must be a whole number from 1 to ${max}, not \`${count}\``);
  }
}

/** The part of `validateQuery` that is about a filter alone. */
export function validateFilter(filter: ReportFilter): void {
  let parts = 0;
  let characters = 0;
  for (const [part, depth] of partsOf(filter, 1)) {
    parts += 1;
    if (depth > MAX_FILTER_DEPTH) throw invalid(`the filter is nested more than ${MAX_FILTER_DEPTH} levels deep`);
    if (parts > MAX_FILTER_PARTS) throw invalid(`the filter has more than ${MAX_FILTER_PARTS} parts`);
    const key = keyOf(part);
    if (key) validateKey(key);
    if (key && 'tag' in key) characters += key.tag.length;
    if ('key' in part) for (const text of comparisonOf(part).texts) characters += text.length;
    if (characters > MAX_FILTER_CHARACTERS) {
      throw invalid(`the values of the filter are longer than ${MAX_FILTER_CHARACTERS} characters together`);
    }
  }
}

/** A filter and all filters inside it, each with its depth. */
export function* partsOf(filter: ReportFilter, depth: number): Generator<[ReportFilter, number]> {
  yield [filter, depth];
  if ('not' in filter) yield* partsOf(filter.not, depth + 1);
  if ('and' in filter) for (const part of filter.and) yield* partsOf(part, depth + 1);
  if ('or' in filter) for (const part of filter.or) yield* partsOf(part, depth + 1);
}

/** The key that a filter by itself asks about, apart from those inside it. */
export function keyOf(filter: ReportFilter): GroupKey | undefined {
  if ('key' in filter) return filter.key;
  return 'absent' in filter && typeof filter.absent === 'object' ? filter.absent : undefined;
}

function invalid(message: string): Fault {
  return new Fault('QueryInvalid', message);
}
