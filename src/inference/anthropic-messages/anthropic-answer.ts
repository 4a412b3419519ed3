import { anthropicName } from '../anthropic-name.ts';
import type { JsonObject, StopReason } from '../model-call.ts';
import { type AnswerFacts, cacheWriteInputTokens } from '../native/native-format.ts';
import type { TokenUsage } from '../token-usage.ts';

const STOP_REASONS: Readonly<Record<StopReason, string>> = {
  end_turn: 'end_turn',
  tool_use: 'tool_use',
  max_tokens: 'max_tokens',
  stop_sequence: 'stop_sequence',
  content_filtered: 'refusal',
  // A guardrail is Bedrock's and unknown to the vendor; `amazon-bedrock-guardrailAction` says what happened.
  guardrail_intervened: 'end_turn',
  model_context_window_exceeded: 'model_context_window_exceeded',
};

/** The members that open a message, complete or streamed. */
export function messageHead({ requestId, modelId }: AnswerFacts): JsonObject {
  return {
    id: `msg_bdrk_${requestId.replaceAll('-', '')}`,
    type: 'message',
    role: 'assistant',
    model: anthropicName(modelId),
  };
}

/** The members that say why it ended. */
export function messageEnd(answer: { readonly stopReason: StopReason; readonly stopSequence?: string }): JsonObject {
  return { stop_reason: STOP_REASONS[answer.stopReason], stop_sequence: answer.stopSequence ?? null };
}

/** Anthropic's usage object; cache members only where reported. */
export function formatAnthropicUsage(usage: TokenUsage): JsonObject {
  const cacheWrite = cacheWriteInputTokens(usage);
  return {
    input_tokens: usage.inputTokens,
    ...(cacheWrite !== undefined && { cache_creation_input_tokens: cacheWrite }),
    ...(usage.cacheReadInputTokens !== undefined && { cache_read_input_tokens: usage.cacheReadInputTokens }),
    ...(cacheWrite !== undefined && {
      cache_creation: {
        ephemeral_5m_input_tokens: usage.cacheWrite5mInputTokens ?? 0,
        ephemeral_1h_input_tokens: usage.cacheWrite1hInputTokens ?? 0,
      },
    }),
    output_tokens: usage.outputTokens,
  };
}
