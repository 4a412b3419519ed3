import { IAM_PRINCIPAL_PREFIX } from '../allocation/cost-allocation-tag.ts';
import type { TagKeyUsage } from '../allocation/tag-ledger.ts';
import { LINE_ITEM_TABLE } from './cost-schema.ts';
import type { CostStore } from './cost-store.ts';

/** Tag keys that one look at the usage lists, the latest used first. Principals can make up keys without end. */
const MAX_TAG_KEYS = 10_000;

/** Every principal tag key in the usage, active or not, with its prefix: the discovery of cost allocation tags. */
export async function tagKeyUsage(store: CostStore): Promise<TagKeyUsage[]> {
  const rows = await store.query<{ key: string; first_used: number | string; last_used: number | string }>({
    sql: `SELECT key, toUnixTimestamp(min(bucket_start)) AS first_used, toUnixTimestamp(max(bucket_start)) AS last_used
FROM ${LINE_ITEM_TABLE} ARRAY JOIN principal_tags.keys AS key
GROUP BY key
ORDER BY last_used DESC, key
LIMIT ${MAX_TAG_KEYS}`,
    params: {},
  });
  return rows.map((row) => ({
    key: `${IAM_PRINCIPAL_PREFIX}${row.key}`,
    firstUsedAtMs: Number(row.first_used) * 1_000,
    lastUsedAtMs: Number(row.last_used) * 1_000,
  }));
}
