import type { PolicyDescriptorType } from '@aws-sdk/client-sts';
import type { Directory } from '../../identity/directory.ts';
import { Fault } from '../../kernel/fault.ts';
import { parsePolicyDocument } from '../../policy/policy-document.ts';

/** Policies that limit one session; each member is absent when none was passed. */
export interface SessionPolicies {
  readonly policy?: string;
  readonly policyArns?: readonly string[];
}

/** Characters of inline and managed session policies together, as passed. */
const MAX_PLAINTEXT = 2048;

/**
 * Reads the session policies of a request. Managed ones must be the account's own or AWS's.
 * Throws MalformedPolicyDocumentException or ValidationException.
 */
export function readSessionPolicies(
  directory: Directory,
  accountId: string,
  input: { readonly Policy?: string | undefined; readonly PolicyArns?: readonly PolicyDescriptorType[] | undefined },
): SessionPolicies {
  const policy = input.Policy;
  const policyArns = (input.PolicyArns ?? []).flatMap(({ arn }) => arn ?? []);
  const plaintext = (policy ?? '').length + policyArns.join('').length;
  if (plaintext > MAX_PLAINTEXT) {
    const message = `1 validation error detected: Value '${policy}' at 'policy' failed to satisfy constraint: Member must have length less than or equal to ${MAX_PLAINTEXT}`;
    throw new Fault('ValidationException', message);
  }
  if (policy !== undefined) parsePolicyDocument('identity', policy);
  for (const arn of policyArns) {
    const owner = directory.policy(arn)?.accountId;
    if (owner !== accountId && owner !== 'aws') {
      throw new Fault('ValidationException', `Policy ${arn} does not exist or is not attachable.`);
    }
  }
  return { ...(policy !== undefined && { policy }), ...(policyArns.length > 0 && { policyArns }) };
}
