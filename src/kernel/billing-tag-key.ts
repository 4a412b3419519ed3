/** Where the tags of a bill come from: the prefix of each source's keys in CUR 2.0's `tags`. */
export const TAG_PREFIX = {
  /** Tags of IAM principals and of their sessions. */
  principal: 'iamPrincipal/',
  /** Tags of resources: of application inference profiles. */
  resource: 'resourceTags/',
  /** Tags of accounts. */
  account: 'accountTag/',
  costCategory: 'costCategory/',
  /** Attributes of workforce users; nothing here has any. */
  user: 'userAttribute/',
} as const;

/** `iamPrincipal|resourceTags|...`, for regular expressions. */
export const TAG_SOURCE_PATTERN = Object.values(TAG_PREFIX)
  .map((prefix) => prefix.slice(0, -1))
  .join('|');

const HAS_PREFIX = new RegExp(`^(${TAG_SOURCE_PATTERN})/`);

/** Whether a key names its source. */
export function hasTagPrefix(key: string): boolean {
  return HAS_PREFIX.test(key);
}

/**
 * The prefixed key of a key as Cost Explorer and Budgets write it: a resource's bare, all others with their prefix. A
 * prefix that is written nevertheless is understood.
 */
export function readTagKey(wireKey: string): string {
  return hasTagPrefix(wireKey) ? wireKey : `${TAG_PREFIX.resource}${wireKey}`;
}

/** The inverse. A resource's key that looks like one of another source keeps its prefix, so that no two look alike. */
export function wireTagKey(key: string): string {
  const bare = key.startsWith(TAG_PREFIX.resource) ? key.slice(TAG_PREFIX.resource.length) : key;
  return hasTagPrefix(bare) ? key : bare;
}

/** AWS's `Type` of a cost allocation tag: keys that AWS makes begin with `aws:`. */
export function tagTypeOf(key: string): 'AWSGenerated' | 'UserDefined' {
  return key.startsWith(`${TAG_PREFIX.resource}aws:`) ? 'AWSGenerated' : 'UserDefined';
}
