import {
  NAME_COLUMNS,
  NAME_TABLE,
  RECONCILIATION_COLUMNS,
  RESULT_TABLE,
  WORK_COLUMNS,
  WORK_TABLE,
} from '../../reconciliation/reconciliation-schema.ts';
import { RECONCILIATION_TABLE } from '../../reports/reconciled-period.ts';
import { columnList } from './column-list.ts';

/** Read by code, and within a code by time. */
export const CREATE_RECONCILIATION = `CREATE TABLE IF NOT EXISTS ${RECONCILIATION_TABLE} (
    ${columnList(RECONCILIATION_COLUMNS)}
  )
  ENGINE = MergeTree
  PARTITION BY (source_id, period)
  ORDER BY (code, at, principal_arn)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

/** Tables of a comparison that is under way. */
export const CREATE_BESIDE = [
  `CREATE OR REPLACE TABLE ${WORK_TABLE} (
    ${columnList(WORK_COLUMNS)}
  )
  ENGINE = MergeTree
  PARTITION BY stage
  ORDER BY (at, principal_arn)`,
  `CREATE OR REPLACE TABLE ${NAME_TABLE} (
    ${columnList(NAME_COLUMNS)}
  )
  ENGINE = MergeTree
  ORDER BY (upstream, principal_arn)`,
  `CREATE OR REPLACE TABLE ${RESULT_TABLE} AS ${RECONCILIATION_TABLE}`,
];
