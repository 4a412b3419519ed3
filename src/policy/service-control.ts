import { Fault } from '../kernel/fault.ts';
import { parsePolicyDocument } from './policy-document.ts';

/**
 * What is wrong with the text of a service control policy; undefined when nothing is. It has the grammar of a managed
 * policy: no principals, version 2012-10-17 (Organizations User Guide, "SCP syntax"; the full language since 2025-09).
 */
export function serviceControlPolicyMistake(text: string): string | undefined {
  try {
    parsePolicyDocument('managed', text);
    return undefined;
  } catch (error) {
    if (error instanceof Fault) return error.message;
    throw error;
  }
}
