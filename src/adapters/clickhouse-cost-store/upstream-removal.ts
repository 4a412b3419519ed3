import { DAY_ITEM_TABLE, LINE_ITEM_TABLE, USAGE_EVENT_TABLE } from '../../reports/cost-schema.ts';
import { type TableStore, whileStale } from './day-items.ts';

/** Removes an upstream's line items month by month, days with them, and then its calls. Repeated, it completes what is left. */
export async function removeUpstream(upstream: string, store: TableStore): Promise<void> {
  const params = { upstream };
  const ofUpstream = 'upstream = {upstream:String}';
  const months = await store.query<{ month: number }>({
    sql: `SELECT DISTINCT toYYYYMM(bucket_start) AS month FROM ${LINE_ITEM_TABLE} WHERE ${ofUpstream} ORDER BY month`,
    params,
  });
  for (const { month } of months) {
    await whileStale(`${month}`, store, async () => {
      for (const table of [LINE_ITEM_TABLE, DAY_ITEM_TABLE]) {
        await store.command({
          sql: `DELETE FROM ${table} WHERE toYYYYMM(bucket_start) = ${month} AND ${ofUpstream}`,
          params,
        });
      }
    });
  }
  await store.command({ sql: `DELETE FROM ${USAGE_EVENT_TABLE} WHERE ${ofUpstream}`, params });
}
