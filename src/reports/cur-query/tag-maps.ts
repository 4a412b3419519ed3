import { TAG_PREFIX, tagTypeOf } from '../../kernel/billing-tag-key.ts';
import type { LineItemSql } from '../compile-sql/line-item-sql.ts';
import type { Parameters } from '../compile-sql/parameters.ts';
import { normalisedName } from '../normalised-name.ts';
import { normalisedMap } from './normalised-map.ts';

/** The `tags` map: every activated key and every cost category that has a value on the row, and no other. */
export function activeTags(lineItem: LineItemSql, parameters: Parameters): string {
  const values = [
    ...lineItem.tagKeys().map((key) => [key, lineItem.tagValue(key)] as const),
    ...lineItem.categoryNames().map((name) => [categoryKey(name), lineItem.categoryValue(name)] as const),
  ];
  if (values.length === 0) return "CAST(map(), 'Map(String, String)')";
  const pairs = values.map(([key, value]) => `${parameters.add('String', key)}, ${value}`);
  return `mapFilter((key, value) -> value != '', map(${pairs.join(', ')}))`;
}

/** The `cost_category` map over the column `tags`: cost categories alone, their names normalised. */
export function costCategories(lineItem: LineItemSql, parameters: Parameters): string {
  const nameOf = (key: string) => normalisedName(key.slice(TAG_PREFIX.costCategory.length));
  return normalisedMap(lineItem.categoryNames().map(categoryKey), nameOf, parameters);
}

function categoryKey(name: string): string {
  return `${TAG_PREFIX.costCategory}${name}`;
}

/** The `resource_tags` map over the column `tags`: resource tags alone, their keys normalised. */
export function resourceTags(lineItem: LineItemSql, parameters: Parameters): string {
  const keys = lineItem.tagKeys().filter((key) => key.startsWith(TAG_PREFIX.resource));
  return normalisedMap(keys, normalisedKey, parameters);
}

function normalisedKey(key: string): string {
  const name = key.slice(TAG_PREFIX.resource.length);
  return normalisedName(tagTypeOf(key) === 'AWSGenerated' ? name : `user:${name}`);
}
