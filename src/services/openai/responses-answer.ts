import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelAnswer, ModelEvent } from '../../inference/model-backend.ts';
import type { JsonObject, ServiceTier, StopReason } from '../../inference/model-call.ts';
import { type TokenUsage, totalInputTokens } from '../../inference/token-usage.ts';
import { reasoningTokensOf } from '../../inference/vendor-usage.ts';
import type { AnswerFacts, StreamFacts } from '../../paths/inference-handler.ts';
import { openAiError } from '../../wire/openai-error.ts';
import type { ServerSentEvent } from '../../wire/server-sent-event.ts';
import { serviceTierName } from './request-facts.ts';
import { ResponseItems } from './response-items.ts';

/** A `response`. */
export function formatResponse(answer: ModelAnswer, request: JsonObject, facts: AnswerFacts): JsonObject {
  const head = responseHead(request, facts);
  const items = new ResponseItems(facts.requestId, wantsSummary(request));
  for (const block of answer.content) items.readBlock(block);
  return finished(head, items, answer, answer.upstream?.tier ?? facts.read.tier);
}

/**
 * The events of a streamed response, from `response.created` to `response.completed`: the upstream's own where it speaks
 * the dialect. An error in the middle is the last event.
 */
export async function* responseEvents(
  events: AsyncIterable<ModelEvent>,
  request: JsonObject,
  facts: StreamFacts,
): AsyncGenerator<ServerSentEvent> {
  const head = responseHead(request, facts);
  const items = new ResponseItems(facts.requestId, wantsSummary(request));
  let sequence = 0;
  const tell = (type: string, members: JsonObject): ServerSentEvent => ({
    event: type,
    data: { type, sequence_number: sequence++, ...members },
  });
  let isOriginal = false;
  try {
    for await (const event of events) {
      if (event.type === 'original') {
        isOriginal = true;
        const { data, text } = event;
        sequence = typeof data.sequence_number === 'number' ? data.sequence_number + 1 : sequence + 1;
        yield { ...(event.event !== undefined && { event: event.event }), data: text ?? data };
      } else if (!isOriginal && event.type !== 'start') {
        if (sequence === 0) {
          yield tell('response.created', { response: head });
          yield tell('response.in_progress', { response: head });
        }
        for (const { type, ...members } of items.read(event)) yield tell(type, members);
        if (event.type !== 'end') continue;
        const response = finished(head, items, event, event.upstream?.tier ?? facts.read.tier);
        yield tell(`response.${response.status}`, { response });
      }
    }
  } catch (error) {
    // OpenAI's clients read either the members or the object.
    const told = openAiError(error);
    const { message, code, param } = told.error;
    yield tell('error', { message, code, param, error: { ...told.error } });
  }
}

function wantsSummary({ reasoning }: JsonObject): boolean {
  return isJsonObject(reasoning) && (reasoning.summary ?? null) !== null;
}

/** The object at the beginning; the request's settings are said again, as OpenAI does. */
function responseHead(request: JsonObject, { requestId, admittedAtMs }: Omit<AnswerFacts, 'timing'>): JsonObject {
  const { effort = null, summary = null } = isJsonObject(request.reasoning) ? request.reasoning : {};
  return {
    id: `resp_${requestId}`,
    object: 'response',
    created_at: Math.floor(admittedAtMs / 1000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    instructions: request.instructions ?? null,
    max_output_tokens: request.max_output_tokens ?? null,
    max_tool_calls: null,
    model: request.model ?? '',
    output: [],
    parallel_tool_calls: request.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort, summary },
    store: false,
    temperature: request.temperature ?? 1,
    text: request.text ?? { format: { type: 'text' } },
    tool_choice: request.tool_choice ?? 'auto',
    tools: request.tools ?? [],
    top_logprobs: 0,
    top_p: request.top_p ?? 1,
    truncation: 'disabled',
    usage: null,
    user: null,
    metadata: request.metadata ?? {},
  };
}

/** Reasons to end that leave the answer incomplete. */
const INCOMPLETE: Readonly<Partial<Record<StopReason, string>>> = {
  max_tokens: 'max_output_tokens',
  model_context_window_exceeded: 'max_output_tokens',
  content_filtered: 'content_filter',
  guardrail_intervened: 'content_filter',
};

function finished(
  head: JsonObject,
  { done }: ResponseItems,
  { stopReason, usage }: { readonly stopReason: StopReason; readonly usage: TokenUsage },
  tier: ServiceTier,
): JsonObject {
  const reason = INCOMPLETE[stopReason];
  return {
    ...head,
    status: reason === undefined ? 'completed' : 'incomplete',
    incomplete_details: reason === undefined ? null : { reason },
    output: done,
    service_tier: serviceTierName(tier),
    usage: responseUsage(usage),
  };
}

/** OpenAI's clients want every number, so what was not reported is zero here. */
function responseUsage(usage: TokenUsage): JsonObject {
  const inputTokens = totalInputTokens(usage);
  const { outputTokens, cacheReadInputTokens = 0, cacheWrite5mInputTokens = 0, cacheWrite1hInputTokens = 0 } = usage;
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: cacheReadInputTokens,
      cache_write_tokens: cacheWrite5mInputTokens + cacheWrite1hInputTokens,
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokensOf(usage) ?? 0 },
    total_tokens: inputTokens + outputTokens,
  };
}
