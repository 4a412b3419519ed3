import { readTagKey, TAG_PREFIX } from '../../../../kernel/billing-tag-key.ts';

/** What a tag is on. */
export type TagSource = 'principal' | 'resource' | 'account' | 'category';

export const TAG_SOURCES: readonly { readonly value: TagSource; readonly label: string; readonly about: string }[] = [
  {
    value: 'principal',
    label: 'IAM principal',
    about: 'Tags of users, roles and sessions. A session’s value wins over the role’s.',
  },
  { value: 'resource', label: 'Resource', about: 'Tags of application inference profiles.' },
  { value: 'account', label: 'Account', about: 'Tags of the organization’s accounts.' },
  { value: 'category', label: 'Cost category', about: 'Values that rules give. They show without being activated.' },
];

export function sourceOf(wireKey: string): TagSource {
  const key = readTagKey(wireKey);
  if (key.startsWith(TAG_PREFIX.principal)) return 'principal';
  return key.startsWith(TAG_PREFIX.account) ? 'account' : 'resource';
}

/** The key as it is set: without the prefix of its source. */
export function bareKey(wireKey: string): string {
  const key = readTagKey(wireKey);
  return key.slice(key.indexOf('/') + 1);
}

/** How the Explorer names it as a key to group by. */
export function explorerKey(wireKey: string): string {
  return `tag:${readTagKey(wireKey)}`;
}
