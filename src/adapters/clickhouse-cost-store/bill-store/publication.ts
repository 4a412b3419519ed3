import { BILL_DAY_STATE_TABLE, BILL_DAY_TABLE, BILL_LINE_TABLE } from '../../../reports/bill-schema.ts';
import { sqlText } from '../../../reports/sql-text.ts';
import { swapPartition, type TableStore } from '../day-items.ts';
import { sumBillByDay } from './lines.ts';

/** One source's delivery of one billing period: a partition of both tables. */
export interface BillPartition {
  readonly sourceId: string;
  /** 202605. */
  readonly partition: string;
}

/**
 * Puts the rows of two tables in the place of a partition's lines and days. What dies in between is made good by
 * `repairBillDays` at the next start.
 */
export async function swapDelivery(
  where: BillPartition,
  from: { readonly lines: string; readonly days: string },
  store: TableStore,
): Promise<void> {
  await mark(where, 1, store);
  const partition = expression(where);
  await swapPartition(BILL_LINE_TABLE, { partition, from: from.lines }, store);
  await swapPartition(BILL_DAY_TABLE, { partition, from: from.days }, store);
  await mark(where, 0, store);
}

export async function dropDelivery(where: BillPartition, store: TableStore): Promise<void> {
  for (const table of [BILL_LINE_TABLE, BILL_DAY_TABLE]) {
    await store.command(`ALTER TABLE ${table} DROP PARTITION ${expression(where)}`);
  }
}

/** Sums the days anew of deliveries whose change was cut off. */
export async function repairBillDays(store: TableStore): Promise<void> {
  const stale = await store.query<{ source_id: string; period: number }>({
    sql: `SELECT source_id, period FROM ${BILL_DAY_STATE_TABLE} GROUP BY source_id, period
      HAVING argMax(is_stale, changed_at) = 1 ORDER BY source_id, period`,
    params: {},
  });
  for (const { source_id: sourceId, period } of stale) {
    const where = { sourceId, partition: `${period}` };
    const days = `${BILL_DAY_TABLE}_repair`;
    await store.command(`CREATE OR REPLACE TABLE ${days} AS ${BILL_DAY_TABLE}`);
    const lines = `${BILL_LINE_TABLE} WHERE source_id = ${sqlText(sourceId)} AND period = ${period}`;
    await store.command(sumBillByDay(lines, days));
    await swapPartition(BILL_DAY_TABLE, { partition: expression(where), from: days }, store);
    await mark(where, 0, store);
    await store.command(`DROP TABLE IF EXISTS ${days}`);
  }
}

function mark({ sourceId, partition }: BillPartition, isStale: 0 | 1, store: TableStore): Promise<void> {
  return store.command(
    `INSERT INTO ${BILL_DAY_STATE_TABLE} (source_id, period, is_stale) VALUES (${sqlText(sourceId)}, ${partition}, ${isStale})`,
  );
}

function expression({ sourceId, partition }: BillPartition): string {
  return `(${sqlText(sourceId)}, ${partition})`;
}
