import type { UpstreamFacts } from '../../inference/model-backend.ts';
import type { Json, ServiceTier } from '../../inference/model-call.ts';

/** Longest id of an answer that is kept. */
const ID_CHARACTERS_MAX = 256;

/** OpenAI's tiers by Bedrock's names. `auto` is asked for and never answered. */
const TIERS: ReadonlyMap<Json | undefined, ServiceTier> = new Map([
  ['default', 'standard'],
  ['flex', 'flex'],
  ['priority', 'priority'],
  ['scale', 'reserved'],
  ['reserved', 'reserved'],
]);

/** What an answer says beside its content; its id is data and never ours, because servers give one twice. */
export function upstreamFacts(id: Json | undefined, serviceTier: Json | undefined): UpstreamFacts {
  const tier = TIERS.get(serviceTier);
  return {
    ...(typeof id === 'string' && { requestId: id.slice(0, ID_CHARACTERS_MAX) }),
    ...(tier && { tier }),
  };
}
