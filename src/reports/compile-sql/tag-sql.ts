import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import type { Parameters } from './parameters.ts';

/** Columns of `line_item` with the tags at the call, by the prefix of their keys in bills. */
export const TAG_COLUMNS: readonly (readonly [prefix: string, column: string])[] = [
  [TAG_PREFIX.principal, 'principal_tags'],
  [TAG_PREFIX.resource, 'resource_tags'],
  [TAG_PREFIX.account, 'account_tags'],
];

/** The value of a prefixed key at the call, whether the key was active or not; empty for none. */
export function tagAtCall(tagKey: string, parameters: Parameters): string {
  const source = TAG_COLUMNS.find(([prefix]) => tagKey.startsWith(prefix));
  if (!source) return "''";
  const [prefix, column] = source;
  return `${column}[${parameters.add('String', tagKey.slice(prefix.length))}]`;
}
