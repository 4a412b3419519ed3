import { Fault } from '../kernel/fault.ts';
import { bedrockAnthropicMessages } from './anthropic-messages.ts';
import { isJsonObject, isNestedTooDeep } from './json-value.ts';
import type { ModelAnswer, ModelEvent } from './model-backend.ts';
import type { Json, JsonObject, ModelPrompt, OriginalBody } from './model-call.ts';
import { hasDuplicateMembers } from './native/duplicate-members.ts';
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

/** Reads an InvokeModel body in its vendor's format, where that is known here. Throws ValidationException. */
export function parseNative(modelId: string, bytes: Buffer): ModelPrompt & { readonly original: OriginalBody } {
  const body = parseJsonBody(bytes);
  if (hasDuplicateMembers(bytes)) throw malformedInput();
  const format = formatOf(modelId);
  const prompt = format ? format.parse(body) : opaquePrompt(body);
  return { ...prompt, original: { format: 'native', body, bytes, headers: {} } };
}

/** A body that only the model understands. Its text is there to be counted. */
function opaquePrompt(body: JsonObject): ModelPrompt {
  // Meta's and older vendors', Amazon Titan's, and Cohere's.
  const { prompt, inputText, message } = body;
  const text = [prompt, inputText, message].find((member) => typeof member === 'string') ?? JSON.stringify(body);
  return { messages: [{ role: 'user', content: [{ text }] }], system: [], additionalFields: body, isOpaque: true };
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

/** Undefined for bodies that nobody here reads: they go to an upstream that takes them as they are, or to none. */
function formatOf(modelId: string): NativeFormat | undefined {
  const match = FORMATS.find(([prefix]) => modelId.startsWith(prefix));
  return match ? match[1] : openaiChat;
}

function nativeFormatOf(modelId: string): NativeFormat {
  const format = formatOf(modelId);
  if (!format) throw opaqueBody(modelId);
  return format;
}

/** What an upstream is told that has no native bodies. */
export function opaqueBody(modelId: string): Fault {
  return new Fault('ValidationException', `the native body of \`${modelId}\` is not supported: call it with Converse`);
}
