import {
  LINE_ITEM_COLUMNS,
  LINE_ITEM_TABLE,
  USAGE_EVENT_COLUMNS,
  USAGE_EVENT_TABLE,
} from '../../reports/cost-schema.ts';
import { LINE_ITEM_IDENTITY, LINE_ITEM_SUMS } from './line-item-rows.ts';

/** One row for every migration that ran. */
export const SCHEMA_VERSION_TABLE = 'schema_version';

export const CREATE_SCHEMA_VERSION = `CREATE TABLE IF NOT EXISTS ${SCHEMA_VERSION_TABLE}
  (version UInt32, applied_at DateTime('UTC') DEFAULT now())
  ENGINE = MergeTree ORDER BY version`;

/**
 * Both tables remember the tokens of their latest inserts, so that a batch handed over again is not stored again; a
 * replicated server keeps its own window. An acknowledged insert is on disk, since the journal forgets it afterwards.
 */
const DURABLE_ONCE = 'non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1';

/** Found by time, by one request id, or by one principal. */
const CREATE_USAGE_EVENT = `CREATE TABLE IF NOT EXISTS ${USAGE_EVENT_TABLE} (
    ${columnList(USAGE_EVENT_COLUMNS)},
    INDEX request_id_filter request_id TYPE bloom_filter(0.01) GRANULARITY 1,
    INDEX principal_arn_filter principal_arn TYPE bloom_filter(0.01) GRANULARITY 1
  )
  ENGINE = MergeTree
  PARTITION BY toYYYYMM(admitted_at)
  ORDER BY (admitted_at, request_id)
  SETTINGS ${DURABLE_ONCE}`;

/**
 * Half of the SHA-256 of the identifying columns as RowBinary, where every text has its length in front: two different line
 * items have different bytes, and nobody can steer tag values into a collision that would add two principals together.
 */
const LINE_ITEM_KEY = `reinterpretAsUInt128(substring(SHA256(formatRow('RowBinary', ${LINE_ITEM_IDENTITY.join(', ')})), 1, 16))`;

/**
 * A day's rows lie together and, within the day, a principal's: reports read few days of many principals or many days of
 * one, and neighbours with equal principal and tags compress. `bucket_start` is no part of the index: with it there, the
 * day would not be used for a range of `bucket_start`. Measured in docs/decisions/2026-11-22-cost-store.md.
 */
const CREATE_LINE_ITEM = `CREATE TABLE IF NOT EXISTS ${LINE_ITEM_TABLE} (
    ${columnList({ ...LINE_ITEM_COLUMNS, line_item_key: `${LINE_ITEM_COLUMNS.line_item_key} DEFAULT ${LINE_ITEM_KEY}` })}
  )
  ENGINE = SummingMergeTree((${LINE_ITEM_SUMS.join(', ')}))
  PARTITION BY toYYYYMM(bucket_start)
  PRIMARY KEY (toDate(bucket_start), principal_arn)
  ORDER BY (toDate(bucket_start), principal_arn, bucket_start, line_item_key)
  SETTINGS ${DURABLE_ONCE}`;

/** Statements that lead from version N to N + 1, all of them safe to repeat: a start may die between two. */
export const MIGRATIONS: readonly (readonly string[])[] = [[CREATE_USAGE_EVENT, CREATE_LINE_ITEM]];

function columnList(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([name, type]) => `${name} ${type}`)
    .join(',\n    ');
}
