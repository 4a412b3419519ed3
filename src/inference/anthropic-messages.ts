import { formatAnthropicUsage, messageEnd, messageHead } from './anthropic-messages/anthropic-answer.ts';
import { parseAnthropic, parseOpenAnthropic } from './anthropic-messages/anthropic-request.ts';
import { anthropicStream } from './anthropic-messages/anthropic-stream.ts';
import { writtenBlock } from './anthropic-messages/written-block.ts';
import type { ModelAnswer } from './model-backend.ts';
import type { JsonObject } from './model-call.ts';
import { checkFields, malformedInput } from './native/malformed-input.ts';
import type { AnswerFacts, NativeFormat } from './native/native-format.ts';

export { asAnthropicBody, asBedrockBody } from './anthropic-messages/dialects.ts';
export { type ReadMessage, readMessage } from './anthropic-messages/message-reading.ts';
export { formatAnthropicRequest } from './anthropic-messages/request-body.ts';
export { MessageStream } from './anthropic-messages/stream-reading.ts';

/** Anthropic's own Messages API. */
export const anthropicMessages: NativeFormat = {
  parse: parseOpenAnthropic,
  format: formatAnthropic,
  formatStream: anthropicStream,
};

/** The same as the native body of `anthropic.` models on Bedrock, which takes fewer kinds of content. */
export const bedrockAnthropicMessages: NativeFormat = {
  ...anthropicMessages,
  parse(body) {
    checkFields(body, {
      anthropic_version: { types: ['String'], isRequired: true },
    });
    const version = body.anthropic_version as string;
    if (!ANTHROPIC_VERSION.test(version)) {
      throw malformedInput(`#/anthropic_version: ${version.slice(0, 64)} is not a valid enum value`);
    }
    return parseAnthropic(body);
  },
};

/** Newer SDKs name newer versions than `bedrock-2023-05-31`; none of them changes what is read here. */
const ANTHROPIC_VERSION = /^(bedrock-)?\d{4}-\d{2}-\d{2}$/;

function formatAnthropic(answer: ModelAnswer, facts: AnswerFacts): JsonObject {
  return {
    ...messageHead(facts),
    content: answer.content.map((block) => writtenBlock(block) ?? { type: 'text', text: '' }),
    ...messageEnd(answer),
    usage: formatAnthropicUsage(answer.usage),
  };
}
