import { createHash } from 'node:crypto';
import type { CallFacts } from '../../inference/model-call.ts';

/** As AWS limits Converse's `requestMetadata`; the header of InvokeModel is held to the same. */
const ENTRIES_MAX = 16;
const CHARACTERS_MAX = 256;
const ILLEGAL = /[^a-zA-Z0-9 \t\n\r:_@$#=/+,\-.]/g;

/** Keys that only the gateway sets: whoever reads AWS's invocation log may believe them. */
const OURS = 'tallyline.';
const DIGEST_CHARACTERS = 16;

/**
 * What AWS notes beside the call in its invocation log: which request of the gateway it is and whose, and what room is
 * left for the caller's own entries, in their order.
 */
export function requestMetadata({ requestId, caller, requestMetadata: own = [] }: CallFacts): Record<string, string> {
  const ours = { [`${OURS}request_id`]: requestId, [`${OURS}principal`]: fitted(caller.arn) };
  if (own.length === 0) return ours;
  const entries = new Map(Object.entries(ours));
  for (const [key, value] of own) {
    const name = fitted(key);
    if (name === '' || name.toLowerCase().startsWith(OURS) || entries.size === ENTRIES_MAX) continue;
    entries.set(name, fitted(value));
  }
  return Object.fromEntries(entries);
}

/** A text that is too long or has characters that AWS does not take ends in a digest, so that no two become one. */
function fitted(text: string): string {
  const legal = text.replace(ILLEGAL, '_');
  if (legal === text && text.length <= CHARACTERS_MAX) return text;
  const digest = createHash('sha256').update(text).digest('hex').slice(0, DIGEST_CHARACTERS);
  return `${legal.slice(0, CHARACTERS_MAX - DIGEST_CHARACTERS - 1)}#${digest}`;
}
