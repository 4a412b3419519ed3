import { BILL_LINE_TABLE } from './bill-schema.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';

/** What the usage of a bill costs in rows of at most an hour and of at most a day, and in all rows. */
export interface BillGrainRow {
  readonly by_hour: number;
  readonly by_day: number;
  readonly all: number;
}

/** A few rows of months, such as fees, do not make a bill one of months. */
const MOST = 0.9;

/** `sources`: whose lines count. */
export function compileBillGrain(range: TimeRange, sources: readonly string[]): CompiledQuery {
  const parameters = new Parameters();
  const at = (atMs: number) => `fromUnixTimestamp64Milli(${parameters.add('Int64', atMs)}, 'UTC')`;
  const within = (hours: number) => `sumIf(toFloat64(cost), usage_end <= bucket_start + INTERVAL ${hours} HOUR)`;
  return parameters.statement(`SELECT ${within(1)} AS by_hour, ${within(24)} AS by_day, sum(toFloat64(cost)) AS all
FROM ${BILL_LINE_TABLE}
WHERE source_id IN ${parameters.add('Array(String)', sources)} AND record_type = 'Usage' AND bucket_start >= ${at(range.startMs)} AND bucket_start < ${at(range.endMs)}`);
}

export type BillGrain = 'hour' | 'day' | 'month';

/** What most of a bill is known by. Undefined where there is nothing. */
export function billGrain({ by_hour, by_day, all }: BillGrainRow): BillGrain | undefined {
  if (!(all > 0)) return undefined;
  if (by_hour >= MOST * all) return 'hour';
  return by_day >= MOST * all ? 'day' : 'month';
}
