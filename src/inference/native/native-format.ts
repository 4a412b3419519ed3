import type { ModelAnswer, ModelEvent } from '../model-backend.ts';
import type { JsonObject, ModelPrompt } from '../model-call.ts';
import type { TokenUsage } from '../token-usage.ts';

/** One vendor's own request and response bodies. */
export interface NativeFormat {
  /** Throws ValidationException. Members without a Converse name are kept in `additionalFields`. */
  parse(body: JsonObject): ModelPrompt;
  format(answer: ModelAnswer, facts: AnswerFacts): JsonObject;
  /** One formatter per stream: returns the chunks that an event adds, none for some. */
  formatStream(facts: StreamFacts): (event: ModelEvent) => readonly JsonObject[];
}

/** What a body says beyond the model's words. */
export interface AnswerFacts {
  readonly requestId: string;
  /** As the vendor's body names the model: the foundation model id. */
  readonly modelId: string;
  readonly createdAtMs: number;
}

export interface StreamFacts extends AnswerFacts {
  /** Asked once, at the end. Absent outside InvokeModelWithResponseStream: then no invocation metrics are added. */
  readonly latency?: () => { readonly invocationLatencyMs: number; readonly firstByteLatencyMs: number };
}

/** The member that Bedrock adds to the last chunk of every native stream. */
export function invocationMetrics(usage: TokenUsage, { latency }: StreamFacts): JsonObject {
  if (!latency) return {};
  const { invocationLatencyMs, firstByteLatencyMs } = latency();
  const cacheWrite = cacheWriteInputTokens(usage);
  return {
    'amazon-bedrock-invocationMetrics': {
      inputTokenCount: usage.inputTokens,
      outputTokenCount: usage.outputTokens,
      invocationLatency: invocationLatencyMs,
      firstByteLatency: firstByteLatencyMs,
      ...(usage.cacheReadInputTokens !== undefined && { cacheReadInputTokenCount: usage.cacheReadInputTokens }),
      ...(cacheWrite !== undefined && { cacheWriteInputTokenCount: cacheWrite }),
    },
  };
}

/** Cache writes of either lifetime; undefined when none were reported. */
export function cacheWriteInputTokens(usage: TokenUsage): number | undefined {
  const { cacheWrite5mInputTokens, cacheWrite1hInputTokens } = usage;
  if (cacheWrite5mInputTokens === undefined && cacheWrite1hInputTokens === undefined) return undefined;
  return (cacheWrite5mInputTokens ?? 0) + (cacheWrite1hInputTokens ?? 0);
}
