import { TAG_PREFIX, tagTypeOf } from '../../kernel/billing-tag-key.ts';
import type { Parameters } from '../compile-sql/parameters.ts';
import type { TagCatalog } from '../cost-catalog.ts';
import { normalisedName } from '../normalised-name.ts';
import { normalisedMap } from './normalised-map.ts';

/** The `resource_tags` map over the column `tags`: resource tags alone, their keys normalised. */
export function resourceTags(tags: TagCatalog, parameters: Parameters): string {
  const keys = [...tags.values()]
    .filter(({ key, activeIntervals }) => key.startsWith(TAG_PREFIX.resource) && activeIntervals.length > 0)
    .map(({ key }) => key);
  return normalisedMap(keys, normalisedKey, parameters);
}

function normalisedKey(key: string): string {
  const name = key.slice(TAG_PREFIX.resource.length);
  return normalisedName(tagTypeOf(key) === 'AWSGenerated' ? name : `user:${name}`);
}
