import { IAM_PRINCIPAL_PREFIX } from '../allocation/cost-allocation-tag.ts';
import type { TagKeyUsage } from '../allocation/tag-ledger.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import { Parameters } from './compile-sql/parameters.ts';
import type { CostCatalog } from './cost-catalog.ts';
import { LINE_ITEM_TABLE } from './cost-schema.ts';
import type { CompiledQuery, CostStore } from './cost-store.ts';
import type { ReportQuery } from './report-query.ts';

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

/** Which tags carry a value in a range. */
export type TagQuery = Pick<ReportQuery, 'range' | 'filter'>;

/** The query, and the tag that each column of its one row is about: 1 where the tag has a value. */
export function compileTagsInUse(
  { range, filter }: TagQuery,
  catalog: CostCatalog,
): CompiledQuery & { tagKeys: string[] } {
  const parameters = new Parameters();
  const lines = new LineItemSql(range, catalog, parameters);
  const tagKeys = [...catalog.tags.keys()].filter((key) => lines.isActive(key)).sort();
  const columns = tagKeys.map((key, index) => `max(${lines.tagValue(key)} != '') AS used${index}`);
  return {
    sql: `SELECT ${columns.join(', ') || '1'}\nFROM ${lines.from(filter)}`,
    params: parameters.values,
    tagKeys,
  };
}
