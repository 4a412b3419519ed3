import { randomBytes } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Directory } from '../identity/directory.ts';
import type { SamlVerifier } from '../identity/saml-verifier.ts';
import type { SessionTokens } from '../identity/session-token.ts';
import type { WebIdentityVerifier } from '../identity/web-identity-verifier.ts';
import type { FederationTable } from '../paths/federation-handler.ts';
import type { AuthorizationMessages } from '../policy/authorization-message.ts';
import { stsFederation } from '../services/sts.ts';

export interface FederationOptions {
  readonly config: Config;
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly authorizationMessages: AuthorizationMessages;
  readonly webIdentities: WebIdentityVerifier;
  readonly saml: SamlVerifier;
  /** The console's. */
  readonly signIn: FederationTable;
}

/** The operations that nobody signs: of STS, and the console's sign-in. */
export function federationTable({ config, saml, signIn, ...parts }: FederationOptions): FederationTable {
  const { samlRecipients: recipients, samlAudiences: audiences } = config.federation;
  const sts = stsFederation({
    ...parts,
    random: randomBytes,
    saml: { verifier: saml, rules: { recipients, audiences } },
  });
  return { ...sts, ...signIn };
}
