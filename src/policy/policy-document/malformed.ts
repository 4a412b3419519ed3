import { Fault } from '../../kernel/fault.ts';

export function malformed(message: string): Fault {
  return new Fault('MalformedPolicyDocumentException', message);
}
