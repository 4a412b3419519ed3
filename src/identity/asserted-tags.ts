import type { Fault } from '../kernel/fault.ts';
import type { TagSet } from '../kernel/tags.ts';
import { IDENTITY_TOKEN_TEXTS, invalidIdentityToken } from './web-identity-fault.ts';

/** Limits of STS, which counts UTF-16 code units. */
const MAX_TAGS = 50;
const KEY = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u;
const VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u;
const MAX_KEY = 128;
const MAX_VALUE = 256;

/**
 * Tags of one claim or assertion. Throws InvalidIdentityTokenException for what the API would not take as a tag: what a
 * provider signed is refused as a whole, never taken in part.
 */
export function readAssertedTags(pairs: readonly (readonly [key: string, value: string])[]): TagSet {
  const seen = new Set<string>();
  for (const [key, value] of pairs) {
    const folded = key.toLowerCase();
    if (!KEY.test(key) || key.length > MAX_KEY) throw invalidTag(`The tag key ${quoted(key)} is invalid.`);
    if (!VALUE.test(value) || value.length > MAX_VALUE) {
      throw invalidTag(`The value of the tag ${quoted(key)} is invalid.`);
    }
    if (folded.startsWith('aws:')) throw invalidTag(IDENTITY_TOKEN_TEXTS.reservedTags);
    if (seen.has(folded)) throw invalidTag(IDENTITY_TOKEN_TEXTS.duplicateTags);
    seen.add(folded);
  }
  return new Map(pairs);
}

/**
 * The keys that a provider made transitive, each once. Throws InvalidIdentityTokenException for too many tags, and for a
 * key without its tag.
 */
export function readTransitiveKeys(tags: TagSet, transitiveKeys: readonly string[]): string[] {
  if (tags.size > MAX_TAGS) throw invalidTag(`The token has more than ${MAX_TAGS} tags.`);
  const known = new Set([...tags.keys()].map((key) => key.toLowerCase()));
  const distinct = new Map(transitiveKeys.map((key) => [key.toLowerCase(), key]));
  if ([...distinct.keys()].some((key) => !known.has(key))) throw invalidTag(IDENTITY_TOKEN_TEXTS.transitiveTags);
  return [...distinct.values()];
}

/** Texts of STS for a tag of a token are not known; AWS's code for the whole token is certain. */
function invalidTag(text: string): Fault {
  return invalidIdentityToken(text);
}

function quoted(key: string): string {
  return JSON.stringify(key.slice(0, MAX_KEY));
}
