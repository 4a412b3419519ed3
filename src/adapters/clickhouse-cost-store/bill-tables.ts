import {
  BILL_DAY_COLUMNS,
  BILL_DAY_STATE_TABLE,
  BILL_DAY_TABLE,
  BILL_LINE_COLUMNS,
  BILL_LINE_TABLE,
} from '../../reports/bill-schema.ts';
import { columnList, keyOf } from './column-list.ts';
import { DAY_ITEM_IDENTITY, LINE_ITEM_SUMS } from './line-item-rows.ts';

/** A delivery of a billing period is one partition, so that it is replaced in one step. */
const ONE_DELIVERY = '(source_id, period)';

/** In the order of `line_item`, for the same reports. */
export const CREATE_BILL_LINE = `CREATE TABLE IF NOT EXISTS ${BILL_LINE_TABLE} (
    ${columnList(BILL_LINE_COLUMNS)}
  )
  ENGINE = MergeTree
  PARTITION BY ${ONE_DELIVERY}
  PRIMARY KEY (toDate(bucket_start), principal_arn)
  ORDER BY (toDate(bucket_start), principal_arn, bucket_start, usage_type, line_id)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

export const CREATE_BILL_DAY = `CREATE TABLE IF NOT EXISTS ${BILL_DAY_TABLE} (
    ${columnList({ ...BILL_DAY_COLUMNS, day_item_key: `${BILL_DAY_COLUMNS.day_item_key} DEFAULT ${keyOf(DAY_ITEM_IDENTITY)}` })}
  )
  ENGINE = SummingMergeTree((${LINE_ITEM_SUMS.join(', ')}))
  PARTITION BY ${ONE_DELIVERY}
  PRIMARY KEY (bucket_start, principal_arn)
  ORDER BY (bucket_start, principal_arn, day_item_key)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

export const CREATE_BILL_DAY_STATE = `CREATE TABLE IF NOT EXISTS ${BILL_DAY_STATE_TABLE}
  (source_id String, period UInt32, is_stale UInt8, changed_at DateTime64(6, 'UTC') DEFAULT now64(6))
  ENGINE = MergeTree ORDER BY (source_id, period, changed_at)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;
