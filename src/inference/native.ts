import { Fault } from '../kernel/fault.ts';
import { bedrockAnthropicMessages } from './anthropic-messages.ts';
import { isJsonObject, isNestedTooDeep } from './json-value.ts';
import type { ModelAnswer, ModelEvent } from './model-backend.ts';
import type { Json, JsonObject, ModelPrompt, OriginalBody } from './model-call.ts';
import { malformedInput, wrongType } from './native/malformed-input.ts';
import type { AnswerFacts, NativeFormat, StreamFacts } from './native/native-format.ts';
import { novaMessages } from './native/nova-messages.ts';
import { openaiChat } from './openai-chat.ts';

/** Native bodies by the beginning of a foundation model id; the first match counts, and the rest speaks chat completions. */
const FORMATS: readonly (readonly [prefix: string, format: NativeFormat | undefined])[] = [
  ['anthropic.', bedrockAnthropicMessages],
  ['amazon.nova', novaMessages],
  // Text-completion and media bodies of their own.
  ['amazon.', undefined],
  ['cohere.', undefined],
  ['luma.', undefined],
  ['meta.', undefined],
  ['stability.', undefined],
  ['twelvelabs.', undefined],
];

/** Reads an InvokeModel body in its vendor's format. Throws ValidationException. */
export function parseNative(modelId: string, bytes: Buffer): ModelPrompt & { readonly original: OriginalBody } {
  const body = parseJsonBody(bytes);
  return { ...nativeFormatOf(modelId).parse(body), original: { format: 'native', body, bytes, headers: {} } };
}

/** The vendor's body of a complete answer. */
export function formatNative(modelId: string, answer: ModelAnswer, facts: AnswerFacts): JsonObject {
  return nativeFormatOf(modelId).format(answer, facts);
}

/** A formatter for one stream: the vendor's chunks of each event, the last with Bedrock's invocation metrics. */
export function formatNativeStream(modelId: string, facts: StreamFacts): (event: ModelEvent) => readonly JsonObject[] {
  return nativeFormatOf(modelId).formatStream(facts);
}

/** A JSON object that can be walked and written again without overflowing the stack. Throws ValidationException. */
export function parseJsonBody(body: Buffer): JsonObject {
  let value: Json;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw malformedInput();
  }
  if (!isJsonObject(value)) throw wrongType('JSONObject', value, '#');
  if (isNestedTooDeep(value)) throw malformedInput();
  return value;
}

/** True for models whose own body is a chat completions request. */
export function speaksOpenAiChat(modelId: string): boolean {
  return !FORMATS.some(([prefix]) => modelId.startsWith(prefix));
}

function nativeFormatOf(modelId: string): NativeFormat {
  const match = FORMATS.find(([prefix]) => modelId.startsWith(prefix));
  if (!match) return openaiChat;
  if (match[1]) return match[1];
  throw new Fault('ValidationException', `the native body of \`${modelId}\` is not supported: call it with Converse`);
}
