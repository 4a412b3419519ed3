import { TAG_PREFIX, tagTypeOf } from '../../kernel/billing-tag-key.ts';
import type { Parameters } from '../compile-sql/parameters.ts';
import type { TagCatalog } from '../cost-catalog.ts';
import { normalisedName } from '../normalised-name.ts';

/**
 * The `resource_tags` map over the column `tags`: resource tags alone, their keys normalised. Of keys that normalise alike
 * the first one in order with a value stays, as AWS keeps one.
 */
export function resourceTags(tags: TagCatalog, parameters: Parameters): string {
  const keys = [...tags.values()]
    .filter(({ key, activeIntervals }) => key.startsWith(TAG_PREFIX.resource) && activeIntervals.length > 0)
    .map(({ key }) => key)
    .sort();
  const alike = Map.groupBy(keys, normalisedKey);
  if (alike.size === 0) return "CAST(map(), 'Map(String, String)')";
  const pairs = Array.from(alike, ([name, of]) => {
    const values = of.map((key) => `tags[${parameters.add('String', key)}]`);
    return `${parameters.add('String', name)}, ${values.reduceRight((rest, value) => `if(${value} != '', ${value}, ${rest})`)}`;
  });
  return `mapFilter((name, value) -> value != '', map(${pairs.join(', ')}))`;
}

function normalisedKey(key: string): string {
  const name = key.slice(TAG_PREFIX.resource.length);
  return normalisedName(tagTypeOf(key) === 'AWSGenerated' ? name : `user:${name}`);
}
