import type { GatewayConfig } from '../config.ts';
import { OidcMappings } from '../identity/oidc-mapping.ts';
import type { WebIdentityVerifier } from '../identity/web-identity-verifier.ts';
import { RecentMap } from '../kernel/recent-map.ts';
import type { RequestPathParts } from '../paths/request-path.ts';

/** OIDC tokens whose signatures are remembered; the longest unused ones go first. About 3 KB each. */
const VERIFIED_TOKENS = 20_000;

/** What proves callers that present tokens of OIDC providers. Throws ConfigInvalid. */
export function oidcTokens(
  { oidc }: GatewayConfig,
  webIdentities: WebIdentityVerifier,
): Pick<RequestPathParts, 'webIdentities' | 'oidcMappings' | 'verifiedTokens'> {
  return { webIdentities, oidcMappings: new OidcMappings(oidc), verifiedTokens: new RecentMap(VERIFIED_TOKENS) };
}
