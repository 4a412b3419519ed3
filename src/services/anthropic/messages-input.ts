import { anthropicMessages } from '../../inference/anthropic-messages.ts';
import { type GuardrailHeaders, guardrailOf } from '../../inference/guardrail-headers.ts';
import { isJsonObject } from '../../inference/json-value.ts';
import type { JsonObject, OriginalBody } from '../../inference/model-call.ts';
import { headerMetadataPairs } from '../../inference/request-metadata.ts';
import { tierOf } from '../../inference/service-tier.ts';
import { Fault } from '../../kernel/fault.ts';
import type { InferenceInput } from '../../paths/inference-handler.ts';

/** A request for a message or for the count of its tokens, as `wire/` decodes it. */
export interface MessagesInput extends GuardrailHeaders {
  readonly body: JsonObject;
  readonly anthropicVersion?: string;
  readonly anthropicBeta?: string;
  /** Bedrock's header; Anthropic's own `service_tier` is in the body. */
  readonly serviceTier?: string;
  readonly requestMetadata?: string;
}

/** The end user that Anthropic's `metadata` names, cut to what a value of request metadata may have. */
const USER_ID_CHARACTERS_MAX = 256;

/** Anthropic's words for a member that is missing. */
export function requestedModel({ body }: MessagesInput): string {
  if (typeof body.model === 'string' && body.model !== '') return body.model;
  throw new Fault('ValidationException', 'model: Field required', { param: 'model' });
}

/** Undefined where the caller leaves the choice to the service: `auto`, `standard_only`, nothing. */
export function tierNamed({ serviceTier, body }: MessagesInput): string | undefined {
  if (serviceTier !== undefined) return serviceTier;
  const tier = body.service_tier;
  return tier === 'priority' || tier === 'flex' || tier === 'reserved' || tier === 'default' ? tier : undefined;
}

/** Throws ValidationException. What says how the call is to be served is no member of the prompt. */
export function readMessages(input: MessagesInput): InferenceInput {
  const { metadata, service_tier: _tier, ...body } = input.body;
  return {
    prompt: { ...anthropicMessages.parse(body), ...guardrailOf(input), original: originalOf(input) },
    tier: tierOf(tierNamed(input), undefined),
    requestMetadata: [...headerMetadataPairs(input.requestMetadata), ...userIdPair(metadata)],
  };
}

export function originalOf({ body, anthropicVersion, anthropicBeta }: MessagesInput): OriginalBody {
  return {
    format: 'anthropic-messages',
    body,
    headers: {
      ...(anthropicVersion !== undefined && { 'anthropic-version': anthropicVersion }),
      ...(anthropicBeta !== undefined && { 'anthropic-beta': anthropicBeta }),
    },
  };
}

function userIdPair(metadata: JsonObject[string] | undefined): [string, string][] {
  const userId = isJsonObject(metadata) ? metadata.user_id : undefined;
  return typeof userId === 'string' ? [['user_id', userId.slice(0, USER_ID_CHARACTERS_MAX)]] : [];
}
