import { Fault, type FaultCode } from '../kernel/fault.ts';

/**
 * A key or token that is not in force. Bedrock says so with the code that it also has for what policy denies; other
 * vendors' APIs tell the two apart.
 */
export class CredentialRefused extends Fault {
  constructor(message: string) {
    super('AccessDeniedException', message);
  }
}

const CODES: ReadonlySet<FaultCode> = new Set([
  'MissingAuthenticationTokenException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'ExpiredTokenException',
]);

/** True when it is not known who calls; false for what a known caller may not do. */
export function isAuthenticationFault(fault: Fault): boolean {
  return fault instanceof CredentialRefused || CODES.has(fault.code);
}
