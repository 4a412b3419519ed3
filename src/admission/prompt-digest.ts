import { createHmac, randomBytes } from 'node:crypto';
import type { SpendClaim } from './spend-gate.ts';

type DigestedClaim = Pick<SpendClaim, 'prompt' | 'bodyBytes' | 'modelId'>;

/** So much of the end of a prompt tells it from others: the work for a call is bounded, however long the call is. */
const DIGESTED_CHARACTERS = 4_096;
/** Of bytes, such as images, the last ones say as much. */
const DIGESTED_BYTES = 256;

/** Known to nobody, and ends with the process: what was asked cannot be told from a digest. */
const KEY = randomBytes(32);
/** Several watch the same call: it is digested once. */
const known = new WeakMap<DigestedClaim, string>();

/** Names a prompt so that the same one is known when it comes again: the end of its last message, its size and its model. */
export function promptDigest(claim: DigestedClaim): string {
  const before = known.get(claim);
  if (before !== undefined) return before;
  const { prompt, bodyBytes, modelId } = claim;
  const last = 'messages' in prompt ? prompt.messages.at(-1) : prompt.body;
  const hmac = createHmac('sha256', KEY).update(`${modelId}\n${bodyBytes}\n`);
  let left = DIGESTED_CHARACTERS;
  for (const piece of piecesFromEnd(last)) {
    const end = typeof piece === 'string' ? piece.slice(-left) : piece;
    hmac.update(end).update('\n');
    left -= end.length + 1;
    if (left <= 0) break;
  }
  const digest = hmac.digest('base64').slice(0, 12);
  known.set(claim, digest);
  return digest;
}

/** Texts, numbers and bytes of a JSON value, the last first. */
function* piecesFromEnd(value: unknown): Generator<string | Uint8Array> {
  if (typeof value !== 'object' || value === null) yield String(value);
  else if (value instanceof Uint8Array) yield value.subarray(-DIGESTED_BYTES);
  else if (Array.isArray(value)) for (let at = value.length - 1; at >= 0; at -= 1) yield* piecesFromEnd(value[at]);
  else for (const member of Object.values(value).reverse()) yield* piecesFromEnd(member);
}
