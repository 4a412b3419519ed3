import { anthropicMessages } from '../../inference/anthropic-messages.ts';
import type { ModelAnswer } from '../../inference/model-backend.ts';
import type { JsonObject, ServiceTier } from '../../inference/model-call.ts';
import type { AnswerFacts } from '../../paths/inference-handler.ts';

/** A complete message: as the upstream wrote it, where it speaks Anthropic's dialect. */
export function messageAnswer(
  answer: ModelAnswer,
  { requestId, modelId, admittedAtMs, read }: AnswerFacts,
): JsonObject {
  if (answer.original?.format === 'anthropic-messages') return answer.original.body;
  const message = anthropicMessages.format(answer, { requestId, modelId, createdAtMs: admittedAtMs });
  const tier = answer.upstream?.tier ?? read.tier;
  return { ...message, usage: { ...(message.usage as JsonObject), service_tier: tierName(tier) } };
}

/** Anthropic has no word for Bedrock's optimized latency, which is no tier there. */
export function tierName(tier: ServiceTier): string {
  return tier === 'latency_optimized' ? 'standard' : tier;
}
