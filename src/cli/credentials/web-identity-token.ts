/** What the command line reads in a token, to name the session and the cache entry after it; STS alone believes it. */
export interface TokenClaims {
  readonly iss?: unknown;
  readonly sub?: unknown;
  readonly email?: unknown;
  readonly email_verified?: unknown;
}

/** Undefined when the text is no JSON Web Token. */
export function claimsOf(token: string): TokenClaims | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}

/** The person's e-mail address unless the provider says that it is not verified, else the subject. */
export function subjectOf({ email, email_verified: isVerified, sub }: TokenClaims): string | undefined {
  if (typeof email === 'string' && isVerified !== false) return email;
  return typeof sub === 'string' ? sub : undefined;
}
