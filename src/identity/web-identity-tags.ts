import type { Fault } from '../kernel/fault.ts';
import { type FederatedTags, readFederatedTags } from './federated-tags.ts';
import { IDENTITY_TOKEN_TEXTS, invalidIdentityToken } from './web-identity-fault.ts';
import { type Claims, isObject } from './web-identity-token.ts';

const CLAIM = 'https://aws.amazon.com/tags';
const PRINCIPAL_TAG = `${CLAIM}/principal_tags/`;
const TRANSITIVE = `${CLAIM}/transitive_tag_keys`;

/**
 * Session tags of a token, in AWS's two forms: one nested claim, or one claim for each tag from providers that cannot
 * write objects. In a token with both, all tags count, and the nested claim wins on a key that both have, in whatever
 * letter case; what AWS does then is not known. Throws InvalidIdentityTokenException: tags that cannot be read are not
 * passed over.
 */
export function readTagClaims(claims: Claims): FederatedTags {
  const nested = claims[CLAIM] ?? {};
  if (!isObject(nested)) throw invalid();
  const nestedTags = nested.principal_tags ?? {};
  if (!isObject(nestedTags)) throw invalid();
  const nestedKeys = new Set(Object.keys(nestedTags).map((key) => key.toLowerCase()));
  const flattened = Object.entries(claims)
    .filter(([name]) => name.startsWith(PRINCIPAL_TAG))
    .map(([name, value]) => [name.slice(PRINCIPAL_TAG.length), flattenedValues(value)] as const)
    .filter(([key]) => !nestedKeys.has(key.toLowerCase()));
  const tags = Object.entries(nestedTags).map(([key, value]) => [key, texts(value)] as const);
  const transitiveKeys = [...texts(claims[TRANSITIVE] ?? []), ...texts(nested.transitive_tag_keys ?? [])];
  const distinct = new Map(transitiveKeys.map((key) => [key.toLowerCase(), key]));
  return readFederatedTags([...flattened, ...tags], [...distinct.values()]);
}

/** The text itself; a list is taken too, because some providers make every claim a list. */
function flattenedValues(value: unknown): readonly string[] {
  return typeof value === 'string' ? [value] : texts(value);
}

function texts(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((text) => typeof text === 'string')) throw invalid();
  return value;
}

function invalid(): Fault {
  return invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
}
