import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import { tierOf } from '../../inference/service-tier.ts';
import type { InferenceInput } from '../../paths/inference-handler.ts';
import { invalidRequest } from './invalid-request.ts';

/** OpenAI's limits on `metadata` (API reference, read 2026-11). */
const PAIRS_MAX = 16;
const KEY_CHARACTERS_MAX = 64;
const VALUE_CHARACTERS_MAX = 512;

/** What a request says beside its prompt. */
export function requestFacts({ service_tier, metadata }: JsonObject): Omit<InferenceInput, 'prompt'> {
  return {
    tier: tierOf(typeof service_tier === 'string' ? service_tier : undefined, undefined),
    requestMetadata: pairsOf(metadata),
  };
}

/** Bedrock's tier by OpenAI's name. */
export function serviceTierName(tier: ServiceTier): string {
  return tier === 'standard' || tier === 'latency_optimized' ? 'default' : tier;
}

function pairsOf(metadata: Json | undefined): InferenceInput['requestMetadata'] {
  if (metadata === undefined || metadata === null) return [];
  const pairs = isJsonObject(metadata) ? Object.entries(metadata) : undefined;
  const isValid =
    pairs !== undefined &&
    pairs.length <= PAIRS_MAX &&
    pairs.every(
      ([key, value]) =>
        key.length <= KEY_CHARACTERS_MAX && typeof value === 'string' && value.length <= VALUE_CHARACTERS_MAX,
    );
  if (isValid) return pairs as [string, string][];
  throw invalidRequest(
    'metadata',
    `\`metadata\` must be an object of at most ${PAIRS_MAX} texts: keys of up to ${KEY_CHARACTERS_MAX} characters, values of up to ${VALUE_CHARACTERS_MAX}`,
  );
}
