import type { WebIdentityHeader } from './web-identity-token.ts';

/** Port: says whether a web identity token was signed by its issuer. */
export interface WebIdentityVerifier {
  /**
   * Verifies the token with the keys that the issuer publishes, and answers the claims that were signed, as JSON text.
   * Only issuers that are registered as providers may be asked for: their servers are called. Throws
   * InvalidIdentityTokenException, or IDPCommunicationErrorException when the issuer cannot be reached.
   */
  verify(token: string, header: WebIdentityHeader, issuer: string): Promise<string>;
}
