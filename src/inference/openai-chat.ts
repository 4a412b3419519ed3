import { blockText } from './block-text.ts';
import { isJsonObject, isNestedTooDeep } from './json-value.ts';
import type { ModelAnswer } from './model-backend.ts';
import type { ContentBlock, JsonObject, ModelPrompt } from './model-call.ts';
import { malformedInput } from './native/malformed-input.ts';
import type { AnswerFacts, NativeFormat } from './native/native-format.ts';
import { FINISH_REASONS, formatOpenaiUsage } from './openai-chat/chat-answer.ts';
import { parseChatRequest } from './openai-chat/chat-request.ts';
import { chatStream } from './openai-chat/chat-stream.ts';

/**
 * A chat completions request of a client that may speak to an upstream of the same dialect: parts and tools that have no
 * Converse form go along. Throws ValidationException.
 */
export function parseOpenChat(body: JsonObject): ModelPrompt {
  if (isNestedTooDeep(body)) throw malformedInput();
  return parseChatRequest(body, 'keep');
}

/** OpenAI's chat completions: the native body of gpt-oss, Qwen, DeepSeek, Mistral, AI21 and most newer models. */
export const openaiChat: NativeFormat = {
  parse: (body) => parseChatRequest(body, 'refuse'),
  format: formatChat,
  formatStream: chatStream,
};

function formatChat(answer: ModelAnswer, { requestId, modelId, createdAtMs }: AnswerFacts): JsonObject {
  return {
    id: `chatcmpl-${requestId}`,
    object: 'chat.completion',
    created: Math.floor(createdAtMs / 1000),
    model: modelId,
    choices: [
      {
        index: 0,
        message: formatMessage(answer.content),
        logprobs: null,
        finish_reason: FINISH_REASONS[answer.stopReason],
      },
    ],
    usage: formatOpenaiUsage(answer.usage),
  };
}

function formatMessage(content: readonly ContentBlock[]): JsonObject {
  let text: string | null = null;
  let reasoning = '';
  const toolCalls: JsonObject[] = [];
  for (const block of content) {
    const { toolUse, reasoningContent } = block;
    const written = blockText(block);
    if (written !== undefined) text = (text ?? '') + written;
    if (isJsonObject(reasoningContent) && isJsonObject(reasoningContent.reasoningText)) {
      reasoning += reasoningContent.reasoningText.text ?? '';
    }
    if (!isJsonObject(toolUse)) continue;
    const { toolUseId, name, input } = toolUse;
    toolCalls.push({
      id: toolUseId ?? '',
      type: 'function',
      function: { name: name ?? '', arguments: JSON.stringify(input ?? {}) },
    });
  }
  return {
    role: 'assistant',
    content: text,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
}
