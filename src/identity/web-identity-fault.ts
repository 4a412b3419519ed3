import { Fault } from '../kernel/fault.ts';

/**
 * AWS's texts for tokens that it does not take. Reported by its users, and not verified here, unless a comment says that
 * the text is ours.
 */
export const IDENTITY_TOKEN_TEXTS = {
  notJwt: 'The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)',
  noKey:
    "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements",
  certificate: "OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint",
  audience: 'Incorrect token audience',
  audiences: 'Token audience contains more than one audience while authorized party is not present',
  /** AWS's documentation of the error; what it says about a wrong signature is not known. */
  invalid:
    'The web identity token that was passed could not be validated by AWS. Get a new identity token from the identity provider and then retry the request.',
} as const;

export function invalidIdentityToken(text: string): Fault {
  return new Fault('InvalidIdentityTokenException', text);
}

export function missingClaim(name: string): Fault {
  return invalidIdentityToken(`Missing a required claim: ${name}`);
}

export function noProvider(issuer: string): Fault {
  return invalidIdentityToken(`No OpenIDConnect provider found in your account for ${issuer}`);
}

/** AWS's documentation of the error. Clients try again. */
export function providerUnreachable(): Fault {
  return new Fault(
    'IDPCommunicationErrorException',
    'The request could not be fulfilled because the identity provider (IDP) that was asked to verify the incoming identity token could not be reached. This is often a transient error caused by network conditions. Retry the request a limited number of times so that you do not exceed the request rate. If the error persists, the identity provider might be down or not responding.',
  );
}

/** Times in whole seconds since the epoch. */
export function expiredToken(now: number, expiresAt: number): Fault {
  return new Fault(
    'ExpiredIdentityTokenException',
    `Token expired: current date/time ${now} must be before the expiration date/time ${expiresAt}`,
  );
}
