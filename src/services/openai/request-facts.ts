import type { GuardrailHeaders } from '../../inference/guardrail-headers.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject, ServiceTier } from '../../inference/model-call.ts';
import { headerMetadataPairs } from '../../inference/request-metadata.ts';
import { tierOf } from '../../inference/service-tier.ts';
import type { InferenceInput } from '../../paths/inference-handler.ts';
import { invalidRequest } from './invalid-request.ts';

/** OpenAI's limits on `metadata` (API reference, read 2026-11). */
const PAIRS_MAX = 16;
const KEY_CHARACTERS_MAX = 64;
const VALUE_CHARACTERS_MAX = 512;

/** What requests are made of: a JSON body as it is, and what Bedrock's headers say beside it. */
export interface OpenAiInput extends GuardrailHeaders {
  readonly body: JsonObject;
  /** Goes before the body's `service_tier`. */
  readonly serviceTier?: string;
  readonly requestMetadata?: string;
}

/** What a request says beside its prompt. */
export function requestFacts(input: OpenAiInput): Omit<InferenceInput, 'prompt'> {
  return {
    tier: tierOf(tierNamed(input), undefined),
    requestMetadata: [...headerMetadataPairs(input.requestMetadata), ...pairsOf(input.body.metadata)],
  };
}

/** Bedrock's name of the tier that is asked for; undefined where the choice is left to the service. */
export function tierNamed({ serviceTier, body: { service_tier: tier } }: OpenAiInput): string | undefined {
  if (serviceTier !== undefined) return serviceTier;
  return tier === 'default' || tier === 'flex' || tier === 'priority' || tier === 'reserved' ? tier : undefined;
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
