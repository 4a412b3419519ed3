import { IDENTITY_TOKEN_TEXTS, invalidIdentityToken, missingClaim } from './web-identity-fault.ts';

/** The signatures that AWS takes. No secret is shared with a provider, so there is no HMAC, and never `none`. */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512'] as const;

export type WebIdentityAlgorithm = (typeof ALGORITHMS)[number];

export interface WebIdentityHeader {
  readonly algorithm: WebIdentityAlgorithm;
  /** Absent: the token does not say which of the provider's keys signed it. */
  readonly keyId?: string;
}

/** What a token says before anything of it is verified: enough to find out who has to vouch for it. */
export interface UnverifiedToken {
  readonly header: WebIdentityHeader;
  readonly issuer: string;
}

/** A JSON object's members. */
export type Claims = Readonly<Record<string, unknown>>;

/** Three parts of base64url: a JSON Web Token in its compact form. */
const COMPACT = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/;

/** Longest key id that is looked for. */
const MAX_KEY_ID = 1024;

/** Reads the outside of a token. Throws InvalidIdentityTokenException. */
export function readWebIdentityToken(token: string): UnverifiedToken {
  const [, header, payload] = COMPACT.exec(token) ?? [];
  if (header === undefined || payload === undefined) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.notJwt);
  const { alg, kid } = parseClaims(decodePart(header));
  const { iss } = parseClaims(decodePart(payload));
  const algorithm = ALGORITHMS.find((known) => known === alg);
  const isKeyId = kid === undefined || (typeof kid === 'string' && kid.length <= MAX_KEY_ID);
  if (!algorithm || !isKeyId) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.notJwt);
  if (typeof iss !== 'string' || iss === '') throw missingClaim('iss');
  return { header: { algorithm, ...(kid !== undefined && { keyId: kid }) }, issuer: iss };
}

/** Throws InvalidIdentityTokenException for anything but the text of a JSON object. */
export function parseClaims(text: string): Claims {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.notJwt);
  }
  if (!isObject(value)) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.notJwt);
  return value;
}

export function isObject(value: unknown): value is Claims {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function decodePart(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8');
}
