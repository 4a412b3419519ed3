import { parsePicoUsd } from '../kernel/money.ts';
import { SECOND_MS } from '../kernel/time.ts';
import { Parameters } from './compile-sql/parameters.ts';
import { LINE_ITEM_TABLE } from './cost-schema.ts';
import type { CompiledQuery } from './cost-store.ts';
import type { TimeRange } from './time-bucket.ts';

/** The tags that a principal's calls carried, and between which calls. */
export interface TagSnapshot {
  readonly tags: readonly (readonly [key: string, value: string])[];
  /** Start of the first and of the last quarter hour with such a call. Other tags may have been carried in between. */
  readonly firstMs: number;
  readonly lastMs: number;
  readonly requests: bigint;
  readonly costPicoUsd: bigint;
}

/** Sets of tags that are listed, the latest ones. */
const SNAPSHOTS_MAX = 50;

/** A row of `compileTagSnapshots`: sums are text. */
export interface TagSnapshotRow {
  readonly tags: readonly (readonly [string, string])[];
  readonly first_s: number;
  readonly last_s: number;
  readonly requests_sum: string;
  readonly cost_sum: string;
}

/**
 * The range on quarter hours; the set that was carried last comes first. Those of other teams too, because the latest one says
 * whose team the principal is in: who asks for a team keeps its own.
 */
export function compileTagSnapshots(principalArn: string, { startMs, endMs }: TimeRange): CompiledQuery {
  const parameters = new Parameters();
  const seconds = (atMs: number) => parameters.add('UInt32', atMs / SECOND_MS);
  return parameters.statement(`SELECT principal_tags::Array(Tuple(String, String)) AS tags,
  toUnixTimestamp(min(bucket_start)) AS first_s, toUnixTimestamp(max(bucket_start)) AS last_s,
  sum(requests) AS requests_sum, sum(cost) AS cost_sum
FROM ${LINE_ITEM_TABLE}
WHERE bucket_start >= ${seconds(startMs)} AND bucket_start < ${seconds(endMs)}
  AND principal_arn = ${parameters.add('String', principalArn)} AND record_type = 'Usage'
GROUP BY tags ORDER BY last_s DESC, first_s DESC, tags LIMIT ${SNAPSHOTS_MAX}`);
}

export function tagSnapshotOf(row: TagSnapshotRow): TagSnapshot {
  return {
    tags: row.tags,
    ...{ firstMs: row.first_s * SECOND_MS, lastMs: row.last_s * SECOND_MS },
    ...{ requests: BigInt(row.requests_sum), costPicoUsd: parsePicoUsd(row.cost_sum) },
  };
}
