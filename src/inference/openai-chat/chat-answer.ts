import type { JsonObject, StopReason } from '../model-call.ts';
import { cacheWriteInputTokens } from '../native/native-format.ts';
import { type TokenUsage, totalInputTokens } from '../token-usage.ts';
import { reasoningTokensOf } from '../vendor-usage.ts';

export const FINISH_REASONS: Readonly<Record<StopReason, string>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  tool_use: 'tool_calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};

/** OpenAI's usage object, whose `prompt_tokens` includes the cache classes; details only where reported. */
export function formatOpenaiUsage(usage: TokenUsage): JsonObject {
  const promptTokens = totalInputTokens(usage);
  const { cacheReadInputTokens } = usage;
  const cacheWrite = cacheWriteInputTokens(usage);
  const reasoningTokens = reasoningTokensOf(usage);
  const hasDetails = cacheReadInputTokens !== undefined || cacheWrite !== undefined;
  return {
    prompt_tokens: promptTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: promptTokens + usage.outputTokens,
    ...(hasDetails && {
      prompt_tokens_details: {
        ...(cacheReadInputTokens !== undefined && { cached_tokens: cacheReadInputTokens }),
        ...(cacheWrite !== undefined && { cache_write_tokens: cacheWrite }),
      },
    }),
    ...(reasoningTokens !== undefined && { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}
