import type { TagSet } from '../kernel/tags.ts';

/** An OpenID Connect provider whose tokens an account accepts. */
export interface OidcProvider {
  /** Version of the record it was read from; 0 before it is written for the first time. */
  readonly version: number;
  readonly accountId: string;
  /** The issuer without `https://`, letter case kept; a token's `iss` must be `https://` and exactly this. */
  readonly url: string;
  /** Audiences that tokens may be for. */
  readonly clientIds: readonly string[];
  /** SHA-1 certificate thumbprints: kept and shown, never used, as on AWS since it trusts certificate authorities. */
  readonly thumbprints: readonly string[];
  readonly createdAtMs: number;
  readonly tags: TagSet;
}

export function oidcProviderArn(provider: Pick<OidcProvider, 'accountId' | 'url'>): string {
  return `arn:aws:iam::${provider.accountId}:oidc-provider/${provider.url}`;
}

const SCHEME = 'https://';

/** What tokens of the provider say in `iss`. */
export function issuerOf(provider: Pick<OidcProvider, 'url'>): string {
  return `${SCHEME}${provider.url}`;
}

/**
 * The URL under which a provider of this issuer is registered; undefined when there can be none. Nothing is changed but
 * the scheme: a slash at the end belongs to the name, as on AWS, where Auth0's `https://tenant.auth0.com/` is
 * `oidc-provider/tenant.auth0.com/` and has the condition key `tenant.auth0.com/:sub`.
 */
export function providerUrlOf(issuer: string): string | undefined {
  return issuer.startsWith(SCHEME) ? issuer.slice(SCHEME.length) : undefined;
}
