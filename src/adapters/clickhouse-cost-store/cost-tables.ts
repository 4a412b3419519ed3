import {
  DAY_ITEM_COLUMNS,
  DAY_ITEM_TABLE,
  LINE_ITEM_COLUMNS,
  LINE_ITEM_TABLE,
  USAGE_EVENT_COLUMNS,
  USAGE_EVENT_TABLE,
} from '../../reports/cost-schema.ts';
import { CREATE_BILL_DAY, CREATE_BILL_DAY_STATE, CREATE_BILL_LINE } from './bill-tables.ts';
import { columnList, keyOf } from './column-list.ts';
import {
  DAY_ITEM_IDENTITY,
  DAY_ITEM_ROWS,
  DAY_ITEM_SELECT,
  LINE_ITEM_IDENTITY,
  LINE_ITEM_SUMS,
} from './line-item-rows.ts';
import { CREATE_RECONCILIATION } from './reconciliation-tables.ts';

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
 * A day's rows lie together and, within the day, a principal's: reports read few days of many principals or many days of
 * one, and neighbours with equal principal and tags compress. `bucket_start` is no part of the index: with it there, the
 * day would not be used for a range of `bucket_start`. Measured in docs/decisions/2026-11-22-cost-store.md.
 */
const createLineItem = (create: string, name: string) => `${create} ${name} (
    ${columnList({ ...LINE_ITEM_COLUMNS, line_item_key: `${LINE_ITEM_COLUMNS.line_item_key} DEFAULT ${keyOf(LINE_ITEM_IDENTITY)}` })}
  )
  ENGINE = SummingMergeTree((${LINE_ITEM_SUMS.join(', ')}))
  PARTITION BY toYYYYMM(bucket_start)
  PRIMARY KEY (toDate(bucket_start), principal_arn)
  ORDER BY (toDate(bucket_start), principal_arn, bucket_start, line_item_key)
  SETTINGS ${DURABLE_ONCE}`;

/** Reports read whole days of all principals, or of one. */
const createDayItem = (create: string) => `${create} ${DAY_ITEM_TABLE} (
    ${columnList({ ...DAY_ITEM_COLUMNS, day_item_key: `${DAY_ITEM_COLUMNS.day_item_key} DEFAULT ${keyOf(DAY_ITEM_IDENTITY)}` })}
  )
  ENGINE = SummingMergeTree((${LINE_ITEM_SUMS.join(', ')}))
  PARTITION BY toYYYYMM(bucket_start)
  PRIMARY KEY (bucket_start, principal_arn)
  ORDER BY (bucket_start, principal_arn, day_item_key)
  SETTINGS ${DURABLE_ONCE}`;

/** Billing periods whose days were being replaced: `is_stale` while they may say something else than `line_item`. */
export const DAY_ITEM_STATE_TABLE = 'line_item_day_state';

const CREATE_DAY_ITEM_STATE = `CREATE TABLE IF NOT EXISTS ${DAY_ITEM_STATE_TABLE}
  (period UInt32, is_stale UInt8, changed_at DateTime64(6, 'UTC') DEFAULT now64(6))
  ENGINE = MergeTree ORDER BY (period, changed_at)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/** Adds the rows of a table like `line_item` to the days. Neighbours are added up on the way; the rest is left to merges. */
export const sumByDay = (from: string, into: string = DAY_ITEM_TABLE) =>
  `INSERT INTO ${into} (${DAY_ITEM_ROWS.columns.join(', ')}) SELECT ${DAY_ITEM_SELECT.join(', ')} FROM ${from}`;

/** Columns of `line_item` that version 1 did not have, as its rows fill them: usage of calls, sold by AWS, without discounts. */
const SINCE_VERSION_2: Readonly<Partial<Record<keyof typeof LINE_ITEM_COLUMNS, string>>> = {
  resource_tags: 'map()',
  account_tags: 'map()',
  record_type: "'Usage'",
  charge_id: "''",
  is_correction: '0',
  service: "if(product_code = 'AmazonBedrock', 'Amazon Bedrock', 'Amazon Bedrock Service')",
  billing_entity: "'AWS'",
  pricing_unit: "'1K tokens'",
  list_price: 'price',
  net_price: 'price',
  discount_prices: 'map()',
  list_cost: 'cost',
  net_cost: 'cost',
};

/** The same for version 2. */
const SINCE_VERSION_3: typeof SINCE_VERSION_2 = { is_batch: '0' };

/** The same for version 3. A re-rating of the period fills them in. */
const SINCE_VERSION_4: typeof SINCE_VERSION_2 = { key_id: "''", client: "''" };

const REBUILT = `${LINE_ITEM_TABLE}_rebuilt`;

/** The columns that a SummingMergeTree adds up, and the key of a row, can be changed in a new table only. */
const rebuildLineItem = (since: typeof SINCE_VERSION_2) => [
  createLineItem('CREATE OR REPLACE TABLE', REBUILT),
  `INSERT INTO ${REBUILT} (${[...LINE_ITEM_IDENTITY, ...LINE_ITEM_SUMS].join(', ')})
  SELECT ${[...LINE_ITEM_IDENTITY, ...LINE_ITEM_SUMS].map((name) => since[name as keyof typeof LINE_ITEM_COLUMNS] ?? name).join(', ')}
  FROM ${LINE_ITEM_TABLE}`,
  `EXCHANGE TABLES ${LINE_ITEM_TABLE} AND ${REBUILT}`,
  `DROP TABLE ${REBUILT}`,
];

const ADD_TAGS_OF_RESOURCES = `ALTER TABLE ${USAGE_EVENT_TABLE}
  ADD COLUMN IF NOT EXISTS resource_tags ${USAGE_EVENT_COLUMNS.resource_tags} AFTER principal_tags,
  ADD COLUMN IF NOT EXISTS account_tags ${USAGE_EVENT_COLUMNS.account_tags} AFTER resource_tags`;

const ADD_GATEWAY_FACTS = `ALTER TABLE ${USAGE_EVENT_TABLE}
  ADD COLUMN IF NOT EXISTS is_batch ${USAGE_EVENT_COLUMNS.is_batch} AFTER request_metadata,
  ADD COLUMN IF NOT EXISTS attempt_of ${USAGE_EVENT_COLUMNS.attempt_of} AFTER is_batch,
  ADD COLUMN IF NOT EXISTS is_repeat ${USAGE_EVENT_COLUMNS.is_repeat} AFTER attempt_of,
  ADD COLUMN IF NOT EXISTS upstream_request_id ${USAGE_EVENT_COLUMNS.upstream_request_id} AFTER error_code,
  ADD COLUMN IF NOT EXISTS upstream_principal_arn ${USAGE_EVENT_COLUMNS.upstream_principal_arn} AFTER upstream_request_id,
  ADD COLUMN IF NOT EXISTS is_gateway_principal ${USAGE_EVENT_COLUMNS.is_gateway_principal} AFTER upstream_principal_arn,
  ADD COLUMN IF NOT EXISTS units ${USAGE_EVENT_COLUMNS.units} AFTER cache_write_1h_input_tokens`;

/** Statements that lead from version N to N + 1, all of them safe to repeat: a start may die between two. */
export const MIGRATIONS: readonly (readonly string[])[] = [
  [CREATE_USAGE_EVENT, createLineItem('CREATE TABLE IF NOT EXISTS', LINE_ITEM_TABLE)],
  [ADD_TAGS_OF_RESOURCES, ...rebuildLineItem({ ...SINCE_VERSION_2, ...SINCE_VERSION_3, ...SINCE_VERSION_4 })],
  [ADD_GATEWAY_FACTS, ...rebuildLineItem({ ...SINCE_VERSION_3, ...SINCE_VERSION_4 })],
  rebuildLineItem(SINCE_VERSION_4),
  [createDayItem('CREATE OR REPLACE TABLE'), CREATE_DAY_ITEM_STATE, sumByDay(LINE_ITEM_TABLE)],
  [CREATE_BILL_LINE, CREATE_BILL_DAY],
  [CREATE_RECONCILIATION],
  [CREATE_BILL_DAY_STATE],
];

/** What the migrations come to, for a store that has no tables yet. */
export const TABLES: readonly string[] = [
  CREATE_USAGE_EVENT,
  createLineItem('CREATE TABLE IF NOT EXISTS', LINE_ITEM_TABLE),
  createDayItem('CREATE TABLE IF NOT EXISTS'),
  CREATE_DAY_ITEM_STATE,
  CREATE_BILL_LINE,
  CREATE_BILL_DAY,
  CREATE_RECONCILIATION,
  CREATE_BILL_DAY_STATE,
];
