import { SECOND_MS } from '../kernel/time.ts';
import type { FederatedIdentity } from './federated-identity.ts';
import { issuerOf, type OidcProvider, oidcProviderArn } from './oidc-provider.ts';
import { expiredToken, IDENTITY_TOKEN_TEXTS, invalidIdentityToken, missingClaim } from './web-identity-fault.ts';
import { readTagClaims } from './web-identity-tags.ts';
import { type Claims, parseClaims } from './web-identity-token.ts';

/** Who a verified web identity token is about. */
export interface WebIdentity extends FederatedIdentity {
  readonly type: 'WebIdentityUser';
  /** `iss`. */
  readonly issuer: string;
  /** The client id that the token was made for. */
  readonly audience: string;
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
}

/** How far the provider's clock may be off (IAM User Guide, "OIDC federation": five minutes after `exp`). */
const SKEW_SECONDS = 300;

/** Of `SubjectFromWebIdentityToken` in STS's model. That AWS refuses others is not verified. */
const SUBJECT_LENGTH = { min: 6, max: 255 };

const SOURCE_IDENTITY_CLAIM = 'https://aws.amazon.com/source_identity';
/** As the parameter of AssumeRole. */
const SOURCE_IDENTITY = /^[\w+=,.@-]{2,64}$/;

/** Longest `amr`, all values together: it goes into the session token, which has to fit into a header. */
const MAX_AMR = 2048;

/** These stay with the session; all other keys are for the trust policy alone (IAM User Guide, condition keys). */
const LASTING = ['aud', 'sub', 'amr'] as const;

/**
 * Claims of certain providers that AWS offers to trust policies besides `aud`, `sub` and `amr` (AWS's announcement of
 * January 2026; "available in session: no").
 */
const PROVIDER_CLAIMS: ReadonlyMap<string, readonly string[]> = new Map([
  [
    'token.actions.githubusercontent.com',
    [
      'actor',
      'actor_id',
      'enterprise_id',
      'environment',
      'job_workflow_ref',
      'ref',
      'repository',
      'repository_id',
      'workflow',
    ],
  ],
]);

/**
 * Reads the signed claims of a provider's token. Throws InvalidIdentityTokenException or ExpiredIdentityTokenException
 * for a token that is not this provider's, not for one of its clients, not of this time, or that says something about
 * tags that cannot be taken. A token may be used again until it expires, as on AWS.
 */
export function readWebIdentity(payload: string, provider: OidcProvider, nowMs: number): WebIdentity {
  const claims = parseClaims(payload);
  const issuer = issuerOf(provider);
  if (claims.iss !== issuer) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
  const { issuedAt, expiresAt } = requireCurrent(claims, Math.floor(nowMs / SECOND_MS));
  const audience = audienceOf(claims);
  if (!provider.clientIds.includes(audience.value)) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.audience);
  const subject = subjectOf(claims);
  const sourceIdentity = sourceIdentityOf(claims);
  const { sessionTags, transitiveTagKeys } = readTagClaims(claims);
  const key = (name: string) => `${provider.url}:${name}`.toLowerCase();
  const contextKeys = new Map<string, readonly string[]>([
    [key('aud'), [audience.value]],
    [key('sub'), [subject]],
  ]);
  const amr = textsOf(claims.amr);
  if (amr.join('').length > MAX_AMR) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
  if (amr.length > 0) contextKeys.set(key('amr'), amr);
  // AWS documents this key for Google; that other providers have it is not verified.
  if (audience.original) contextKeys.set(key('oaud'), audience.original);
  for (const name of PROVIDER_CLAIMS.get(provider.url) ?? []) {
    const values = textsOf(claims[name]);
    if (values.length > 0) contextKeys.set(key(name), values);
  }
  return {
    type: 'WebIdentityUser',
    providerArn: oidcProviderArn(provider),
    subject,
    sessionTags,
    transitiveTagKeys,
    ...(sourceIdentity !== undefined && { sourceIdentity }),
    contextKeys,
    lastingKeys: LASTING.map(key),
    issuer,
    audience: audience.value,
    issuedAtMs: issuedAt * SECOND_MS,
    expiresAtMs: expiresAt * SECOND_MS,
  };
}

/** A token may be presented this long; some minutes after its end, as to STS. Throws ExpiredIdentityTokenException. */
export function requireUnexpiredIdentity({ expiresAtMs }: WebIdentity, nowMs: number): void {
  const [now, expiresAt] = [nowMs, expiresAtMs].map((ms) => Math.floor(ms / SECOND_MS)) as [number, number];
  if (now > expiresAt + SKEW_SECONDS) throw expiredToken(now, expiresAt);
}

/** All times are whole seconds. */
function requireCurrent(claims: Claims, now: number): { readonly issuedAt: number; readonly expiresAt: number } {
  const expiresAt = requiredSeconds(claims, 'exp');
  const issuedAt = requiredSeconds(claims, 'iat');
  const validFrom = claims.nbf === undefined ? issuedAt : requiredSeconds(claims, 'nbf');
  if (now > expiresAt + SKEW_SECONDS) throw expiredToken(now, expiresAt);
  if (Math.max(issuedAt, validFrom) > now + SKEW_SECONDS) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
  return { issuedAt, expiresAt };
}

function requiredSeconds(claims: Claims, name: string): number {
  const value = claims[name];
  if (value === undefined) throw missingClaim(name);
  if (!Number.isSafeInteger(value)) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
  return value as number;
}

/** `azp`, the client that asked for the token, where there is one: then `aud` is what the client may use it for. */
export function audienceOf(claims: Claims): { readonly value: string; readonly original?: readonly string[] } {
  const audiences = textsOf(claims.aud);
  if (audiences.length === 0) throw missingClaim('aud');
  if (typeof claims.azp === 'string' && claims.azp !== '') return { value: claims.azp, original: audiences };
  const [value, ...others] = audiences;
  if (others.length > 0) throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.audiences);
  return { value: value! };
}

function subjectOf({ sub }: Claims): string {
  if (typeof sub !== 'string' || sub === '') throw missingClaim('sub');
  if (sub.length < SUBJECT_LENGTH.min || sub.length > SUBJECT_LENGTH.max) {
    throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
  }
  return sub;
}

function sourceIdentityOf(claims: Claims): string | undefined {
  const value = claims[SOURCE_IDENTITY_CLAIM];
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !SOURCE_IDENTITY.test(value)) {
    throw invalidIdentityToken(IDENTITY_TOKEN_TEXTS.invalid);
  }
  return value;
}

/** A text, or a list of texts; anything else is nothing. */
function textsOf(claim: unknown): string[] {
  const values = Array.isArray(claim) ? claim : [claim];
  return values.filter((value) => typeof value === 'string' && value !== '');
}
