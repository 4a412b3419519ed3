import { overlayTags, type TagSet } from '../kernel/tags.ts';
import { readAssertedTags, readTransitiveKeys } from './asserted-tags.ts';
import { IDENTITY_TOKEN_TEXTS, invalidIdentityToken } from './web-identity-fault.ts';
import { type Claims, isObject } from './web-identity-token.ts';

const CLAIM = 'https://aws.amazon.com/tags';
const PRINCIPAL_TAG = `${CLAIM}/principal_tags/`;
const TRANSITIVE = `${CLAIM}/transitive_tag_keys`;

/**
 * Session tags of a token, in AWS's two forms: one nested claim, or one claim for each tag from providers that cannot
 * write objects. In a token with both, all tags count, and the nested claim wins on a key that both have; what AWS does
 * then is not known. Throws InvalidIdentityTokenException: tags that cannot be read are not passed over.
 */
export function readTagClaims(claims: Claims): { readonly tags: TagSet; readonly transitiveTagKeys: string[] } {
  const nested = claims[CLAIM] ?? {};
  if (!isObject(nested)) throw invalid();
  const nestedTags = nested.principal_tags ?? {};
  if (!isObject(nestedTags)) throw invalid();
  const flattened = Object.entries(claims).filter(([name]) => name.startsWith(PRINCIPAL_TAG));
  const tags = overlayTags(
    readAssertedTags(flattened.map(([name, value]) => [name.slice(PRINCIPAL_TAG.length), flattenedValue(value)])),
    readAssertedTags(Object.entries(nestedTags).map(([key, value]) => [key, onlyText(value)])),
  );
  const transitive = [...keyList(claims[TRANSITIVE]), ...keyList(nested.transitive_tag_keys)];
  return { tags, transitiveTagKeys: readTransitiveKeys(tags, transitive) };
}

/** A list of one: tags have one value. */
function onlyText(value: unknown): string {
  if (!Array.isArray(value) || value.length !== 1 || typeof value[0] !== 'string') throw invalid();
  return value[0];
}

/** The text itself; a list of one is taken too, because some providers make every claim a list. */
function flattenedValue(value: unknown): string {
  return typeof value === 'string' ? value : onlyText(value);
}

function keyList(value: unknown): string[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || !value.every((key) => typeof key === 'string')) throw invalid();
  return value;
}

function invalid(): Error {
  return invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
}
