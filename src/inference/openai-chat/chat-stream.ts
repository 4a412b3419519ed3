import { isJsonObject } from '../json-value.ts';
import type { ModelEvent } from '../model-backend.ts';
import type { JsonObject } from '../model-call.ts';
import { invocationMetrics, type StreamFacts } from '../native/native-format.ts';
import { FINISH_REASONS, formatOpenaiUsage } from './chat-answer.ts';

/**
 * `chat.completion.chunk` objects. The last one has no choices and carries usage, as with `include_usage`; a front door
 * whose client did not ask for it drops that chunk.
 */
export function chatStream(facts: StreamFacts): (event: ModelEvent) => readonly JsonObject[] {
  const head = {
    id: `chatcmpl-${facts.requestId}`,
    object: 'chat.completion.chunk',
    created: Math.floor(facts.createdAtMs / 1000),
    model: facts.modelId,
  };
  const chunk = (delta: JsonObject, finishReason: string | null = null): JsonObject => ({
    ...head,
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
  });
  let toolCalls = 0;
  return (event) => {
    switch (event.type) {
      case 'start':
        return [chunk({ role: 'assistant', content: '' })];
      case 'blockStart': {
        const { toolUse } = event.start;
        if (!isJsonObject(toolUse)) return [];
        const call = { name: toolUse.name ?? '', arguments: '' };
        const index = toolCalls++;
        return [chunk({ tool_calls: [{ index, id: toolUse.toolUseId ?? '', type: 'function', function: call }] })];
      }
      case 'blockDelta': {
        const { text, toolUse, reasoningContent } = event.delta;
        if (text !== undefined) return [chunk({ content: text })];
        if (isJsonObject(toolUse)) {
          const call = { arguments: toolUse.input ?? '' };
          return [chunk({ tool_calls: [{ index: toolCalls - 1, function: call }] })];
        }
        const hasReasoning = isJsonObject(reasoningContent) && reasoningContent.text !== undefined;
        return hasReasoning ? [chunk({ reasoning_content: reasoningContent.text ?? '' })] : [];
      }
      case 'blockStop':
        return [];
      case 'original':
        return [event.data];
      case 'end': {
        const usage = formatOpenaiUsage(event.usage);
        return [
          chunk({}, FINISH_REASONS[event.stopReason]),
          { ...head, choices: [], usage, ...invocationMetrics(event.usage, facts) },
        ];
      }
    }
  };
}
