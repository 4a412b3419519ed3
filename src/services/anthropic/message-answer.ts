import { anthropicMessages } from '../../inference/anthropic-messages.ts';
import type { ModelAnswer } from '../../inference/model-backend.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import type { AnswerFacts } from '../../paths/inference-handler.ts';
import { WordedBody } from '../../wire/encode.ts';

/** A complete message: as the upstream wrote it, where it speaks Anthropic's dialect. */
export function messageOutput(answer: ModelAnswer, facts: AnswerFacts): WordedBody | { readonly body: JsonObject } {
  const original = answer.original?.format === 'anthropic-messages' ? answer.original : undefined;
  if (original) return original.bytes ? new WordedBody(original.bytes) : { body: original.body };
  const { requestId, modelId, admittedAtMs, read } = facts;
  const message = anthropicMessages.format(answer, { requestId, modelId, createdAtMs: admittedAtMs });
  const tier = answer.upstream?.tier ?? read.tier;
  // Bedrock's optimized latency is no tier to Anthropic.
  const service_tier = tier === 'latency_optimized' ? 'standard' : tier;
  return { body: { ...message, usage: { ...(message.usage as JsonObject), service_tier } } };
}
