import { LOG_UPSTREAM_PREFIX } from '../imports/log-source.ts';
import { LINE_ITEM_TABLE } from '../reports/cost-schema.ts';
import type { CostStore } from '../reports/cost-store.ts';

/** Whether the ledger has anything that was metered or charged here: more than imported logs say. */
export async function hasOwnUsage(store: Pick<CostStore, 'query'>, signal?: AbortSignal): Promise<boolean> {
  const query = {
    sql: `SELECT 1 FROM ${LINE_ITEM_TABLE} WHERE NOT startsWith(upstream, {logs:String}) LIMIT 1`,
    params: { logs: LOG_UPSTREAM_PREFIX },
  };
  return (await store.query(query, signal)).length > 0;
}
