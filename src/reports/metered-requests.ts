import { USAGE_EVENT_TABLE } from './cost-schema.ts';
import type { CostStore } from './cost-store.ts';

/** Which of these requests the store has usage of. */
export async function meteredRequests(
  store: Pick<CostStore, 'query'>,
  requestIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const rows = await store.query<{ request_id: string }>({
    sql: `SELECT toString(request_id) AS request_id FROM ${USAGE_EVENT_TABLE} WHERE request_id IN ({ids:Array(UUID)})`,
    params: { ids: requestIds },
  });
  return new Set(rows.map(({ request_id }) => request_id));
}
