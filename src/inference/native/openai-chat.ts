import { isJsonObject } from '../json-value.ts';
import type { ModelAnswer } from '../model-backend.ts';
import type { ContentBlock, JsonObject } from '../model-call.ts';
import type { AnswerFacts, NativeFormat } from './native-format.ts';
import { FINISH_REASONS, formatOpenaiUsage } from './openai-chat/chat-answer.ts';
import { parseChatRequest } from './openai-chat/chat-request.ts';
import { chatStream } from './openai-chat/chat-stream.ts';

/** OpenAI's chat completions: the native body of gpt-oss, Qwen, DeepSeek, Mistral, AI21 and most newer models. */
export const openaiChat: NativeFormat = {
  parse: parseChatRequest,
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
    if (typeof block.text === 'string') text = (text ?? '') + block.text;
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
