import { DAY_ITEM_TABLE, LINE_ITEM_TABLE } from '../../reports/cost-schema.ts';
import type { CompiledQuery } from '../../reports/cost-store.ts';
import { DAY_ITEM_STATE_TABLE, sumByDay } from './cost-tables.ts';
import { DAY_ITEM_IDENTITY, DAY_ITEM_ROWS, DAY_ITEM_SELECT, LINE_ITEM_SUMS } from './line-item-rows.ts';

/** The store as far as its tables are changed here. */
export interface TableStore {
  readonly command: (statement: string | CompiledQuery) => Promise<void>;
  readonly query: <Row>(query: CompiledQuery) => Promise<Row[]>;
}

/**
 * Makes the days of one billing period say what a table says. `alongside` happens between two marks: what dies in between is
 * made good by `repairDays` at the next start.
 */
export async function replaceDays(
  partition: string,
  { from, alongside = async () => {} }: { readonly from: string; readonly alongside?: () => Promise<void> },
  store: TableStore,
): Promise<void> {
  const staging = `${DAY_ITEM_TABLE}_staging_${partition}`;
  await store.command(`CREATE OR REPLACE TABLE ${staging} AS ${DAY_ITEM_TABLE}`);
  try {
    await store.command(sumByDay(from, staging));
    await whileStale(partition, store, async () => {
      await alongside();
      await swapPartition(DAY_ITEM_TABLE, { partition: monthPartition(partition), from: staging }, store);
    });
  } finally {
    // A table that stays behind is replaced by the next attempt.
    await store.command(`DROP TABLE IF EXISTS ${staging}`).catch(() => {});
  }
}

/** Marks the days of a billing period as possibly wrong until `change` has succeeded. */
export async function whileStale(partition: string, store: TableStore, change: () => Promise<void>): Promise<void> {
  const mark = (isStale: 0 | 1) => {
    return store.command(`INSERT INTO ${DAY_ITEM_STATE_TABLE} (period, is_stale) VALUES (${partition}, ${isStale})`);
  };
  await mark(1);
  await change();
  await mark(0);
}

/** Sums the days anew of periods whose change was cut off. */
export async function repairDays(store: TableStore): Promise<void> {
  const stale = await store.query<{ period: number }>({
    sql: `SELECT period FROM ${DAY_ITEM_STATE_TABLE} GROUP BY period HAVING argMax(is_stale, changed_at) = 1 ORDER BY period`,
    params: {},
  });
  for (const { period } of stale) {
    const from = `${LINE_ITEM_TABLE} WHERE toYYYYMM(bucket_start) = ${period}`;
    await replaceDays(`${period}`, { from }, store);
  }
}

/** How ALTER TABLE names the partition of a billing period, where that alone makes partitions. */
export function monthPartition(month: string): string {
  return `ID '${month}'`;
}

/** The rows of one partition of a table, taken from another one; none where that has none. */
export async function swapPartition(
  table: string,
  { partition, from }: { readonly partition: string; readonly from: string },
  { command, query }: TableStore,
): Promise<void> {
  const [found] = await query<{ rows: string }>({ sql: `SELECT count() AS rows FROM ${from}`, params: {} });
  // An empty table has no partition to swap in.
  const isEmpty = found!.rows === '0';
  const swap = isEmpty ? `DROP PARTITION ${partition}` : `REPLACE PARTITION ${partition} FROM ${from}`;
  await command(`ALTER TABLE ${table} ${swap}`);
}

/** Adds to the days what the lines of a correction come to and the days do not say yet. Repeated, it adds nothing. */
export function addCorrectionToDays(correctionId: string): CompiledQuery {
  const identity = DAY_ITEM_IDENTITY.join(', ');
  const ofLines = DAY_ITEM_ROWS.columns.map((name, index) => {
    return LINE_ITEM_SUMS.includes(name) ? `${name} AS ${name}_part` : `${DAY_ITEM_SELECT[index]} AS ${name}_`;
  });
  const ofDays = DAY_ITEM_ROWS.columns.map((name) => {
    return LINE_ITEM_SUMS.includes(name) ? `-${name} AS ${name}_part` : `${name} AS ${name}_`;
  });
  const sums = LINE_ITEM_SUMS.map((name) => `sum(${name}_part)`);
  return {
    sql: `INSERT INTO ${DAY_ITEM_TABLE} (${identity}, ${LINE_ITEM_SUMS.join(', ')})
      SELECT ${DAY_ITEM_IDENTITY.map((name) => `${name}_`).join(', ')}, ${sums.join(', ')}
      FROM (
        SELECT ${ofLines.join(', ')} FROM ${LINE_ITEM_TABLE} WHERE charge_id = {correction_id:String}
        UNION ALL
        SELECT ${ofDays.join(', ')} FROM ${DAY_ITEM_TABLE} WHERE charge_id = {correction_id:String}
      )
      GROUP BY ${DAY_ITEM_IDENTITY.map((name) => `${name}_`).join(', ')}
      HAVING ${sums.map((sum) => `${sum} != 0`).join(' OR ')}
      SETTINGS insert_deduplicate = 0`,
    params: { correction_id: correctionId },
  };
}

/** Of a billing period `2026-05`. */
export function partitionOf(period: string): string {
  const partition = period.replace('-', '');
  if (!/^\d{6}$/.test(partition)) throw new RangeError(`not a billing period: ${period}`);
  return partition;
}
