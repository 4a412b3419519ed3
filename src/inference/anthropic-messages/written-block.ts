import { isJsonObject } from '../json-value.ts';
import type { ContentBlock, Json, JsonObject } from '../model-call.ts';

/** Anthropic's block for one that a model wrote; undefined for any other. */
export function writtenBlock({
  text,
  toolUse,
  reasoningContent,
  citationsContent,
}: ContentBlock): JsonObject | undefined {
  if (typeof text === 'string') return { type: 'text', text };
  if (isJsonObject(toolUse)) {
    return { type: 'tool_use', id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', input: toolUse.input ?? {} };
  }
  // What was cited has another form in each; the words are the same.
  if (isJsonObject(citationsContent)) return { type: 'text', text: joinedTexts(citationsContent.content) };
  if (!isJsonObject(reasoningContent)) return undefined;
  const { reasoningText, redactedContent } = reasoningContent;
  if (redactedContent !== undefined) return { type: 'redacted_thinking', data: redactedContent };
  const { text: thinking, signature } = isJsonObject(reasoningText) ? reasoningText : {};
  return { type: 'thinking', thinking: thinking ?? '', signature: signature ?? '' };
}

function joinedTexts(content: Json | undefined): string {
  if (!Array.isArray(content)) return '';
  return content.map((block) => (isJsonObject(block) && typeof block.text === 'string' ? block.text : '')).join('');
}
