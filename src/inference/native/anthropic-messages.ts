import { isJsonObject } from '../json-value.ts';
import type { ModelAnswer } from '../model-backend.ts';
import type { ContentBlock, JsonObject } from '../model-call.ts';
import { formatAnthropicUsage, messageEnd, messageHead } from './anthropic-messages/anthropic-answer.ts';
import { parseAnthropic } from './anthropic-messages/anthropic-request.ts';
import { anthropicStream } from './anthropic-messages/anthropic-stream.ts';
import type { AnswerFacts, NativeFormat } from './native-format.ts';

/** Anthropic's Messages API: on Bedrock the native body of `anthropic.` models. */
export const anthropicMessages: NativeFormat = {
  parse: parseAnthropic,
  format: formatAnthropic,
  formatStream: anthropicStream,
};

function formatAnthropic(answer: ModelAnswer, facts: AnswerFacts): JsonObject {
  return {
    ...messageHead(facts),
    content: answer.content.map(formatBlock),
    ...messageEnd(answer),
    usage: formatAnthropicUsage(answer.usage),
  };
}

function formatBlock(block: ContentBlock): JsonObject {
  const { toolUse, reasoningContent } = block;
  if (isJsonObject(toolUse)) {
    return { type: 'tool_use', id: toolUse.toolUseId ?? '', name: toolUse.name ?? '', input: toolUse.input ?? {} };
  }
  if (isJsonObject(reasoningContent)) {
    const { reasoningText, redactedContent } = reasoningContent;
    if (redactedContent !== undefined) return { type: 'redacted_thinking', data: redactedContent };
    const { text, signature } = isJsonObject(reasoningText) ? reasoningText : {};
    return { type: 'thinking', thinking: text ?? '', signature: signature ?? '' };
  }
  return { type: 'text', text: block.text ?? '' };
}
