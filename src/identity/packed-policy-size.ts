import { Fault } from '../kernel/fault.ts';
import type { TagSet } from '../kernel/tags.ts';
import type { SessionFacts } from './principal.ts';

/**
 * Room for session policies and session tags together, in bytes of UTF-8. A stand-in: AWS packs them in a format and up
 * to a limit that it does not disclose. AWS's is smaller (six tags of about 280 bytes were reported to take 74 %), so
 * what is refused here is refused there, and a set-up near the limit has to be tried on AWS. It also keeps session
 * tokens within what HTTP headers can carry.
 */
const PACKED_SPACE_BYTES = 4096;

/**
 * How much of the room is taken, in whole per cent; 0 for nothing. Inherited tags count, a transitive mark is free.
 * Throws PackedPolicyTooLargeException above 100.
 */
export function packedPolicySize(policies: Pick<SessionFacts, 'policy' | 'policyArns'>, tags: TagSet): number {
  const policyBytes = bytesOf([policies.policy ?? '', ...(policies.policyArns ?? [])]);
  const tagBytes = bytesOf([...tags].flat());
  const percent = Math.ceil((100 * (policyBytes + tagBytes)) / PACKED_SPACE_BYTES);
  if (percent <= 100) return percent;
  throw new Fault(
    'PackedPolicyTooLargeException',
    policyBytes === 0
      ? `Packed size of session tags consumes ${percent}% of allotted space.`
      : `Packed policy consumes ${percent}% of allotted space, please use smaller policy.`,
  );
}

function bytesOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}
