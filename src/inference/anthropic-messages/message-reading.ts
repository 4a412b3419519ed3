import { isJsonObject } from '../json-value.ts';
import type { ModelAnswer } from '../model-backend.ts';
import type { ContentBlock, Json, JsonObject, ServiceTier, StopReason } from '../model-call.ts';
import { readCitation } from './citations.ts';

/** What a message says, its usage still in Anthropic's words. */
export interface ReadMessage extends Pick<ModelAnswer, 'content' | 'stopReason' | 'stopSequence'> {
  readonly usage: Json | undefined;
  /** Absent where the answer does not say. */
  readonly tier?: ServiceTier;
}

/** Undefined when the body is no message. Blocks that Converse has no form for are left out. */
export function readMessage(body: JsonObject): ReadMessage | undefined {
  if (!Array.isArray(body.content) || body.type !== 'message') return undefined;
  const tier = usedTier(body.usage);
  return {
    content: body.content.filter(isJsonObject).flatMap(readBlock),
    ...readStop(body),
    usage: body.usage,
    ...(tier && { tier }),
  };
}

/** Why a message ended, complete or by its `message_delta`. */
export function readStop({ stop_reason, stop_sequence }: JsonObject): Pick<ModelAnswer, 'stopReason' | 'stopSequence'> {
  const stopReason = STOP_REASONS.get(stop_reason) ?? 'end_turn';
  return { stopReason, ...(typeof stop_sequence === 'string' && { stopSequence: stop_sequence }) };
}

/** `pause_turn` and reasons to come end the turn in Converse's words. */
const STOP_REASONS: ReadonlyMap<Json | undefined, StopReason> = new Map<Json, StopReason>([
  ['tool_use', 'tool_use'],
  ['max_tokens', 'max_tokens'],
  ['stop_sequence', 'stop_sequence'],
  ['refusal', 'content_filtered'],
  ['model_context_window_exceeded', 'model_context_window_exceeded'],
]);

/** The tier that an answer names; undefined for what is no tier of one call (`batch`). */
export function usedTier(usage: Json | undefined): ServiceTier | undefined {
  const tier = isJsonObject(usage) ? usage.service_tier : undefined;
  if (tier === 'default') return 'standard';
  return tier === 'standard' || tier === 'priority' || tier === 'flex' || tier === 'reserved' ? tier : undefined;
}

function readText({ text, citations }: JsonObject): ContentBlock {
  const cited = Array.isArray(citations) ? citations.filter(isJsonObject) : [];
  if (cited.length === 0) return { text: text ?? '' };
  return { citationsContent: { content: [{ text: text ?? '' }], citations: cited.map(readCitation) } };
}

function readBlock(block: JsonObject): ContentBlock[] {
  switch (block.type) {
    case 'text':
      return [readText(block)];
    case 'tool_use':
      return [{ toolUse: { toolUseId: block.id ?? '', name: block.name ?? '', input: block.input ?? {} } }];
    case 'thinking': {
      const { thinking, signature } = block;
      const reasoningText = { text: thinking ?? '', ...(signature !== undefined && { signature }) };
      return [{ reasoningContent: { reasoningText } }];
    }
    case 'redacted_thinking':
      return [{ reasoningContent: { redactedContent: block.data ?? '' } }];
    default:
      return [];
  }
}
