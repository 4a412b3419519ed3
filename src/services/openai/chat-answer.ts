import { isJsonObject } from '../../inference/json-value.ts';
import type { ModelAnswer, ModelEvent } from '../../inference/model-backend.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { openaiChat } from '../../inference/openai-chat.ts';
import type { AnswerFacts, StreamFacts } from '../../paths/inference-handler.ts';
import { openAiError } from '../../wire/openai-error.ts';
import type { ServerSentEvent } from '../../wire/server-sent-event.ts';

/** A `chat.completion`. */
export function formatChatCompletion(answer: ModelAnswer, request: JsonObject, facts: AnswerFacts): JsonObject {
  return openaiChat.format(answer, chatFacts(request, facts));
}

/**
 * The events of a streamed chat completion: the upstream's own where it speaks the dialect, without the usage that we
 * asked it for where the client did not. An error in the middle is an event with OpenAI's error object.
 */
export async function* chatEvents(
  events: AsyncIterable<ModelEvent>,
  request: JsonObject,
  facts: StreamFacts,
): AsyncGenerator<ServerSentEvent> {
  const wantsUsage = isJsonObject(request.stream_options) && request.stream_options.include_usage === true;
  const format = openaiChat.formatStream(chatFacts(request, facts));
  // Held until it is known whose words follow: an upstream's own have a beginning of their own.
  let beginning: readonly JsonObject[] = [];
  let isOriginal = false;
  try {
    for await (const event of events) {
      if (event.type === 'start') beginning = format(event);
      else if (event.type === 'original') {
        isOriginal = true;
        const passed = wantsUsage ? { data: event.text ?? event.data } : withoutUsage(event);
        if (passed) yield passed;
      } else if (!isOriginal) {
        for (const chunk of [...beginning, ...format(event)]) {
          if (wantsUsage || chunk.usage === undefined) yield { data: chunk };
        }
        beginning = [];
      }
    }
    yield { data: '[DONE]' };
  } catch (error) {
    yield { data: openAiError(error) };
  }
}

function chatFacts(request: JsonObject, { requestId, modelId, admittedAtMs }: Omit<AnswerFacts, 'timing'>) {
  return { requestId, modelId: String(request.model ?? modelId), createdAtMs: admittedAtMs };
}

/** Undefined for the chunk that only carries usage. Every other is as it came, to the byte where it names none. */
function withoutUsage({ data, text }: Extract<ModelEvent, { type: 'original' }>): ServerSentEvent | undefined {
  if (data.usage === undefined) return { data: text ?? data };
  const { usage, ...rest } = data;
  const isUsageOnly = isJsonObject(usage) && Array.isArray(data.choices) && data.choices.length === 0;
  return isUsageOnly ? undefined : { data: rest };
}
