/** What leads a browser to an identity provider and back. */
export interface SignInRequest {
  /** Where the provider leads the browser afterwards; registered there. */
  readonly redirectUri: string;
  /** Comes back with the browser. */
  readonly state: string;
  /** Comes back in the ID token. */
  readonly nonce: string;
  /** SHA-256 of the verifier, base64url (PKCE, RFC 7636). */
  readonly codeChallenge: string;
}

/** Port: the OIDC provider that people sign in to the console with. */
export interface SignInProvider {
  /** Where to lead the browser. Throws IDPCommunicationErrorException. */
  authorizationUrl(request: SignInRequest): Promise<string>;
  /** The ID token for a code; nothing of it is verified. Throws IDPCommunicationErrorException and IDPRejectedClaimException. */
  exchange(code: string, codeVerifier: string, redirectUri: string): Promise<string>;
}
