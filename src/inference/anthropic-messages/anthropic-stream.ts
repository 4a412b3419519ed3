import { isJsonObject } from '../json-value.ts';
import type { ModelEvent } from '../model-backend.ts';
import type { JsonObject } from '../model-call.ts';
import { invocationMetrics, type StreamFacts } from '../native/native-format.ts';
import { formatAnthropicUsage, messageEnd, messageHead } from './anthropic-answer.ts';
import { writtenCitation } from './citations.ts';

/**
 * Anthropic's stream events. Every block has a start here, so the starts that Converse leaves out are made from the first
 * delta. `message_start` carries what is known of the input by then (zero if nothing), and waits for what comes next: an
 * upstream that speaks Anthropic's dialect sends its own. The usage of `message_delta` is complete and cumulative. An
 * upstream's own last event is held back until the end, so that it too comes when the call is settled.
 */
export function anthropicStream(facts: StreamFacts): (event: ModelEvent) => readonly JsonObject[] {
  let awaited: Extract<ModelEvent, { type: 'start' }> | undefined;
  let isOriginal = false;
  let stop: JsonObject = { type: 'message_stop' };
  let openIndex: number | undefined;
  const begin = (): JsonObject[] => {
    if (!awaited) return [];
    const started = messageStart(awaited, facts);
    awaited = undefined;
    return [started];
  };
  const open = (index: number, contentBlock: JsonObject): JsonObject[] => {
    if (openIndex === index) return [];
    openIndex = index;
    return [{ type: 'content_block_start', index, content_block: contentBlock }];
  };
  return (event) => {
    switch (event.type) {
      case 'start':
        awaited = event;
        return [];
      case 'blockStart':
        return [...begin(), ...open(event.index, startedBlock(event.start))];
      case 'blockDelta': {
        const { index } = event;
        const delta = formatDelta(event.delta);
        const started = [...begin(), ...open(index, blockOfDelta(event.delta))];
        return delta ? [...started, { type: 'content_block_delta', index, delta }] : started;
      }
      case 'blockStop':
        return [...begin(), ...open(event.index, EMPTY_TEXT), { type: 'content_block_stop', index: event.index }];
      case 'original':
        awaited = undefined;
        isOriginal = true;
        if (event.data.type !== 'message_stop') return [event.data];
        stop = event.data;
        return [];
      case 'end': {
        const metrics = invocationMetrics(event.usage, facts);
        if (isOriginal) return [{ ...stop, ...metrics }];
        return [
          ...begin(),
          { type: 'message_delta', delta: messageEnd(event), usage: formatAnthropicUsage(event.usage) },
          { ...stop, ...metrics },
        ];
      }
    }
  };
}

const EMPTY_TEXT: JsonObject = { type: 'text', text: '' };

function messageStart(event: Extract<ModelEvent, { type: 'start' }>, facts: StreamFacts): JsonObject {
  const known = event.usage ?? { inputTokens: 0, outputTokens: 0, isEstimated: true, raw: '' };
  return {
    type: 'message_start',
    message: {
      ...messageHead(facts),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: formatAnthropicUsage({ ...known, outputTokens: 0 }),
    },
  };
}

function startedBlock({ toolUse }: JsonObject): JsonObject {
  if (!isJsonObject(toolUse)) return EMPTY_TEXT;
  return { type: 'tool_use', id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', input: {} };
}

function blockOfDelta({ reasoningContent }: JsonObject): JsonObject {
  if (!isJsonObject(reasoningContent)) return EMPTY_TEXT;
  const { redactedContent } = reasoningContent;
  if (redactedContent !== undefined) return { type: 'redacted_thinking', data: redactedContent };
  return { type: 'thinking', thinking: '', signature: '' };
}

/** Undefined for redacted thinking, which Anthropic sends whole in the block's start, and for what has no form there. */
function formatDelta({ text, toolUse, reasoningContent, citation }: JsonObject): JsonObject | undefined {
  if (typeof text === 'string') return { type: 'text_delta', text };
  if (isJsonObject(toolUse)) return { type: 'input_json_delta', partial_json: toolUse.input ?? '' };
  if (isJsonObject(citation)) {
    const written = writtenCitation(citation);
    return written && { type: 'citations_delta', citation: written };
  }
  if (!isJsonObject(reasoningContent)) return undefined;
  if (reasoningContent.text !== undefined) return { type: 'thinking_delta', thinking: reasoningContent.text };
  if (reasoningContent.signature !== undefined) {
    return { type: 'signature_delta', signature: reasoningContent.signature };
  }
  return undefined;
}
