import { oncePer } from './once-per.ts';

/**
 * Tags as AWS keeps them on principals and sessions: one value per key, case preserved.
 * A Map and not an object, so that a key such as `__proto__` is only a key.
 */
export type TagSet = ReadonlyMap<string, string>;

export const NO_TAGS: TagSet = new Map();

/**
 * Lays `over` on top of `under`. Keys of IAM principals compare case-insensitively and the newer spelling stays, so a
 * session tag `department` replaces the role's `Department` (IAM User Guide, session tags).
 */
export function overlayTags(under: TagSet, over: TagSet): TagSet {
  if (over.size === 0) return under;
  if (under.size === 0) return over;
  const replaced = new Set([...over.keys()].map((key) => key.toLowerCase()));
  const merged = new Map<string, string>();
  for (const [key, value] of under) if (!replaced.has(key.toLowerCase())) merged.set(key, value);
  for (const [key, value] of over) merged.set(key, value);
  return merged;
}

/** One tag; pairs of a set stand in the order of their keys. */
export type TagPair = readonly [key: string, value: string];

/** The same tags as pairs in key order: the one serialized form, so that equal tag sets give equal bytes. */
export const sortedTagPairs = oncePer((tags: TagSet): readonly TagPair[] =>
  [...tags].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
