import { Fault } from '../kernel/fault.ts';
import { parsePolicyDocument } from './policy-document.ts';

/**
 * Checks the text of a service control policy. It has the grammar of a managed policy: no principals, version 2012-10-17
 * (Organizations User Guide, "SCP syntax", which takes the full language since 2025-09). AWS says what it says of every
 * mistake alike.
 */
export function checkServiceControlPolicy(text: string): void {
  try {
    parsePolicyDocument('managed', text);
  } catch {
    throw new Fault(
      'MalformedPolicyDocumentException',
      'The provided policy document does not meet the requirements of the specified policy type.',
    );
  }
}
