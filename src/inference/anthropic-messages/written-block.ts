import { textsOf } from '../block-text.ts';
import { isJsonObject } from '../json-value.ts';
import type { ContentBlock, JsonObject } from '../model-call.ts';
import { writtenCitation } from './citations.ts';

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
  if (isJsonObject(citationsContent)) return citedText(citationsContent);
  if (!isJsonObject(reasoningContent)) return undefined;
  const { reasoningText, redactedContent } = reasoningContent;
  if (redactedContent !== undefined) return { type: 'redacted_thinking', data: redactedContent };
  const { text: thinking, signature } = isJsonObject(reasoningText) ? reasoningText : {};
  return { type: 'thinking', thinking: thinking ?? '', signature: signature ?? '' };
}

function citedText({ content, citations }: JsonObject): JsonObject {
  const cited = Array.isArray(citations) ? citations.filter(isJsonObject).map(writtenCitation) : [];
  return { type: 'text', text: textsOf(content), citations: cited.filter((citation) => citation !== undefined) };
}
