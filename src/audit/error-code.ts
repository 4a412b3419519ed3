import { Fault } from '../kernel/fault.ts';

/** Codes of calls whose caller was not proven or not allowed. */
const DENIED: ReadonlySet<string> = new Set([
  'AccessDenied',
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
  'ExpiredIdentityTokenException',
  'IDPCommunicationErrorException',
  'IDPRejectedClaimException',
  'InvalidIdentityTokenException',
]);

/**
 * `errorCode` of a record: the name of the fault, whatever the protocol made of it on the wire. CloudTrail shows a denial
 * as AccessDenied for IAM and STS; that it does so for the JSON services too is unverified.
 */
export function errorCodeOf(error: unknown): string {
  if (!(error instanceof Fault)) return 'InternalFailure';
  return error.code === 'AccessDeniedException' ? 'AccessDenied' : error.code;
}

/** Refused because of who called, not because of what was asked. */
export function isDenied(errorCode: string | undefined): boolean {
  return errorCode !== undefined && DENIED.has(errorCode);
}
