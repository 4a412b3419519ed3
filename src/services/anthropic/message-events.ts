import { anthropicMessages } from '../../inference/anthropic-messages.ts';
import type { ModelEvent } from '../../inference/model-backend.ts';
import type { StreamFacts } from '../../paths/inference-handler.ts';
import { anthropicError } from '../../wire/anthropic-error.ts';
import type { ServerSentEvent } from '../../wire/server-sent-event.ts';

const PING: ServerSentEvent = { event: 'ping', data: { type: 'ping' } };

/**
 * The events of a streamed message, each named by its type; a failure is the last of them, since the status is long out.
 * Where the events are ours a `ping` follows the first, as Anthropic sends it.
 */
export async function* messageEvents(
  events: AsyncIterable<ModelEvent>,
  { requestId, modelId, admittedAtMs }: StreamFacts,
): AsyncGenerator<ServerSentEvent> {
  const format = anthropicMessages.formatStream({ requestId, modelId, createdAtMs: admittedAtMs });
  try {
    for await (const event of events) {
      for (const data of format(event)) {
        const text = event.type === 'original' && data === event.data ? event.text : undefined;
        yield { event: String(data.type), data: text ?? data };
        if (data.type === 'message_start' && event.type !== 'original') yield PING;
      }
    }
  } catch (error) {
    yield { event: 'error', data: anthropicError(error, requestId) };
  }
}
