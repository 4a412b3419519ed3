import { Fault } from '../../kernel/fault.ts';
import { MINUTE_MS, SECOND_MS } from '../../kernel/time.ts';
import type { SamlProvider } from '../saml-provider.ts';
import type { Assertion } from './assertion.ts';

/** Beyond what AWS accepts: this installation's own names. */
export interface SamlRules {
  /** URLs that assertions may be addressed to (`Recipient`). */
  readonly recipients: readonly string[];
  readonly audiences: readonly string[];
}

/** AWS's name in its own metadata for service providers. */
const AWS_AUDIENCE = 'urn:amazon:webservices';
/** Where AWS has assertions sent to; Entra ID's gallery application names it as the audience, too. */
const AWS_SIGN_IN = /^https:\/\/(?:[a-z]{2}(?:-[a-z]+)+-\d\.)?signin\.aws\.amazon\.com\/(?:static\/)?saml$/;

/** "Token must be redeemed within 5 minutes of issuance." */
export const REDEMPTION_MS = 5 * MINUTE_MS;
/** How far a provider's clock may be ahead. Not known of AWS. ADFS makes assertions that begin at their own instant. */
export const CLOCK_SKEW_MS = MINUTE_MS;

/**
 * Is the assertion this provider's, for us, and for now? Throws InvalidIdentityTokenException or
 * ExpiredIdentityTokenException. The texts about issuer, audience, expiry and redemption are AWS's; the others are not
 * known.
 */
export function requireAcceptable(assertion: Assertion, provider: SamlProvider, rules: SamlRules, nowMs: number): void {
  if (assertion.issuer !== provider.entityId) throw invalid('Issuer not present in specified provider');
  if (!AWS_SIGN_IN.test(assertion.recipient) && !rules.recipients.includes(assertion.recipient)) {
    throw invalid(`Response is not for this recipient: ${assertion.recipient}`);
  }
  const isOurs = (audience: string) =>
    audience === AWS_AUDIENCE || AWS_SIGN_IN.test(audience) || rules.audiences.includes(audience);
  if (assertion.audiences.length === 0 || !assertion.audiences.every((group) => group.some(isOurs))) {
    throw invalid('Response does not contain the required audience.');
  }
  const beginsAtMs = Math.max(assertion.issuedAtMs, assertion.notBeforeMs ?? 0);
  if (beginsAtMs > nowMs + CLOCK_SKEW_MS) throw invalid('Response is not yet valid');
  if (nowMs >= assertion.notOnOrAfterMs) throw expired('Response has expired');
  if (nowMs - assertion.issuedAtMs > REDEMPTION_MS) {
    throw expired('Token must be redeemed within 5 minutes of issuance');
  }
  // A session of less than a second is none.
  if (nowMs + SECOND_MS > (assertion.sessionEndsAtMs ?? Number.POSITIVE_INFINITY))
    throw expired('Response has expired');
}

function invalid(message: string): Fault {
  return new Fault('InvalidIdentityTokenException', message);
}

function expired(message: string): Fault {
  return new Fault('ExpiredIdentityTokenException', message);
}
