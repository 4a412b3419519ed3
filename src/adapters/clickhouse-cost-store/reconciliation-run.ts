import { NAME_TABLE, RESULT_TABLE, WORK_TABLE } from '../../reconciliation/reconciliation-schema.ts';
import type { CompiledQuery, ReconciliationOf } from '../../reports/cost-store.ts';
import { RECONCILIATION_TABLE } from '../../reports/reconciled-period.ts';
import type { TableStore } from './day-items.ts';
import { CREATE_BESIDE } from './reconciliation-tables.ts';

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
  of: ReconciliationOf,
  work: () => Promise<void>,
  { command, query }: TableStore,
): Promise<void> {
  for (const statement of CREATE_BESIDE) await command(statement);
  try {
    await work();
    const [made] = await query<{ partition: string }>(partitionIn(RESULT_TABLE, of));
    const [known] = made ? [] : await query<{ partition: string }>(partitionIn(RECONCILIATION_TABLE, of));
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
function partitionIn(table: string, { sourceId, period }: ReconciliationOf): CompiledQuery {
  return {
    sql: `SELECT _partition_id AS partition FROM ${table}
WHERE source_id = {source:String} AND period = {period:UInt32} LIMIT 1`,
    params: { source: sourceId, period },
  };
}
