import type { TagKeyUsage } from '../allocation/tag-ledger.ts';
import { TAG_COLUMNS } from './compile-sql/tag-sql.ts';
import { LINE_ITEM_TABLE } from './cost-schema.ts';
import type { CostStore } from './cost-store.ts';

/** Tag keys of one source that one look at the usage lists, the latest used first: callers can make up keys without end. */
const MAX_TAG_KEYS = 10_000;

/** Every tag key in the usage, active or not, with its prefix: the discovery of cost allocation tags. */
export async function tagKeyUsage(store: CostStore): Promise<TagKeyUsage[]> {
  // One statement per column: each reads its keys alone.
  const used = TAG_COLUMNS.map(([prefix, column]) => {
    return `SELECT concat('${prefix}', name) AS key, toUnixTimestamp(min(bucket_start)) AS first_used,
  toUnixTimestamp(max(bucket_start)) AS last_used
FROM ${LINE_ITEM_TABLE} ARRAY JOIN ${column}.keys AS name
GROUP BY name
ORDER BY last_used DESC, name
LIMIT ${MAX_TAG_KEYS}`;
  });
  const rows = await store.query<{ key: string; first_used: number | string; last_used: number | string }>({
    sql: `SELECT * FROM (${used.map((of) => `(${of})`).join('\nUNION ALL\n')})
ORDER BY last_used DESC, key`,
    params: {},
  });
  return rows.map((row) => ({
    key: row.key,
    firstUsedAtMs: Number(row.first_used) * 1_000,
    lastUsedAtMs: Number(row.last_used) * 1_000,
  }));
}
