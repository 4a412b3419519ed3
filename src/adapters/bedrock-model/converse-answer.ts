import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelAnswer } from '../../inference/model-backend.ts';
import type { ContentBlock, Json, JsonObject, ServiceTier, StopReason } from '../../inference/model-call.ts';
import { tierOf } from '../../inference/service-tier.ts';

/** What a Converse answer says, its usage still in AWS's words. */
export interface ConverseAnswer extends Pick<ModelAnswer, 'content' | 'stopReason'> {
  readonly usage: Json | undefined;
  readonly trace: Json | undefined;
  readonly tier: ServiceTier | undefined;
}

const STOP_REASONS: ReadonlySet<string> = new Set<StopReason>([
  ...(['end_turn', 'tool_use', 'max_tokens', 'stop_sequence', 'guardrail_intervened'] as const),
  ...(['content_filtered', 'model_context_window_exceeded'] as const),
]);

/** Undefined when the body is no Converse answer. */
export function readConverseAnswer(body: JsonObject): ConverseAnswer | undefined {
  const message = isJsonObject(body.output) ? body.output.message : undefined;
  if (!isJsonObject(message) || !Array.isArray(message.content)) return undefined;
  return {
    content: message.content as readonly ContentBlock[],
    stopReason: stopReasonOf(body.stopReason),
    usage: body.usage,
    trace: body.trace,
    tier: usedTier(body),
  };
}

/** A reason that other dialects have no word for ends the turn in them; to a Converse client it goes as it came. */
export function stopReasonOf(reason: Json | undefined): StopReason {
  return typeof reason === 'string' && STOP_REASONS.has(reason) ? (reason as StopReason) : 'end_turn';
}

/** The tier that AWS says it used; undefined where it does not say. */
export function usedTier({ serviceTier, performanceConfig }: JsonObject): ServiceTier | undefined {
  const type = textOf(isJsonObject(serviceTier) ? serviceTier.type : undefined);
  const latency = textOf(isJsonObject(performanceConfig) ? performanceConfig.latency : undefined);
  return type === undefined && latency === undefined ? undefined : tierOf(type, latency);
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
