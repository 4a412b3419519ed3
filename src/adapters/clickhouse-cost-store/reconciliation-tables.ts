import {
  NAME_COLUMNS,
  NAME_TABLE,
  RECONCILIATION_COLUMNS,
  RECONCILIATION_TABLE,
  RESULT_TABLE,
  WORK_COLUMNS,
  WORK_TABLE,
} from '../../reconciliation/reconciliation-schema.ts';
import type { CompiledQuery } from '../../reports/cost-store.ts';
import { columnList } from './column-list.ts';
import type { TableStore } from './day-items.ts';

/** Read by code, and within a code by time. */
export const CREATE_RECONCILIATION = `CREATE TABLE IF NOT EXISTS ${RECONCILIATION_TABLE} (
    ${columnList(RECONCILIATION_COLUMNS)}
  )
  ENGINE = MergeTree
  PARTITION BY (source_id, period)
  ORDER BY (code, at, principal_arn)
  SETTINGS fsync_after_insert = 1, fsync_part_directory = 1`;

const CREATE_BESIDE = [
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

/** What a comparison may use of a machine that answers calls meanwhile. What does not fit into memory goes to files. */
export const RECONCILIATION_SETTINGS = {
  max_memory_usage: `${3 * 2 ** 29}`,
  max_bytes_before_external_group_by: `${2 ** 29}`,
  max_bytes_before_external_sort: `${2 ** 29}`,
  max_threads: 2,
  compile_expressions: 0,
  optimize_on_insert: 0,
  insert_deduplicate: 0,
} as const;

/** `work` fills the table of results; its rows then take the place of those that the source and period had. */
export async function replaceReconciled(
  { sourceId, period }: { readonly sourceId: string; readonly period: number },
  work: () => Promise<void>,
  { command, query }: TableStore,
): Promise<void> {
  for (const statement of CREATE_BESIDE) await command(statement);
  try {
    await work();
    const [made] = await query<{ partition: string }>(partitionIn(RESULT_TABLE, { sourceId, period }));
    const [known] = made
      ? []
      : await query<{ partition: string }>(partitionIn(RECONCILIATION_TABLE, { sourceId, period }));
    const swap = made
      ? `REPLACE PARTITION ID '${made.partition}' FROM ${RESULT_TABLE}`
      : known && `DROP PARTITION ID '${known.partition}'`;
    if (swap) await command(`ALTER TABLE ${RECONCILIATION_TABLE} ${swap}`);
  } finally {
    // Tables that stay behind are replaced by the next comparison.
    for (const table of [WORK_TABLE, NAME_TABLE, RESULT_TABLE]) {
      await command(`DROP TABLE IF EXISTS ${table}`).catch(() => {});
    }
  }
}

/** The engine names partitions of several columns by a hash. */
function partitionIn(table: string, { sourceId, period }: { sourceId: string; period: number }): CompiledQuery {
  return {
    sql: `SELECT _partition_id AS partition FROM ${table}
WHERE source_id = {source:String} AND period = {period:UInt32} LIMIT 1`,
    params: { source: sourceId, period },
  };
}
