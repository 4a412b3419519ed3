import type { Directory } from './directory.ts';
import { type OidcProvider, oidcProviderArn, providerUrlOf } from './oidc-provider.ts';
import { noProvider } from './web-identity-fault.ts';

/** Undefined when the account has not registered the issuer, or can have registered none of that name. */
export function findOidcProvider(directory: Directory, accountId: string, issuer: string): OidcProvider | undefined {
  const url = providerUrlOf(issuer);
  return url === undefined ? undefined : directory.oidcProvider(oidcProviderArn({ accountId, url }));
}

/** Throws InvalidIdentityTokenException when there is none. */
export function requireOidcProvider(directory: Directory, accountId: string, issuer: string): OidcProvider {
  const provider = findOidcProvider(directory, accountId, issuer);
  if (!provider) throw noProvider(issuer);
  return provider;
}
