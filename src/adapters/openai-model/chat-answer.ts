import { isJsonObject, isNestedTooDeep } from '../../inference/json-value.ts';
import type { UpstreamFacts } from '../../inference/model-backend.ts';
import type { ContentBlock, Json, JsonObject, StopReason } from '../../inference/model-call.ts';
import { upstreamFacts } from './upstream-facts.ts';

/** What a chat completion says, its usage still in the upstream's words. */
export interface ChatAnswer {
  readonly content: readonly ContentBlock[];
  readonly stopReason: StopReason;
  readonly stopSequence?: string;
  readonly usage: Json | undefined;
  readonly upstream: UpstreamFacts;
}

/** Undefined when the body is not a chat completion. */
export function readChatAnswer(body: JsonObject, requestId: string): ChatAnswer | undefined {
  const choice = Array.isArray(body.choices) ? body.choices[0] : undefined;
  if (!isJsonObject(choice) || !isJsonObject(choice.message)) return undefined;
  const { content: text, refusal, tool_calls } = choice.message;
  const content: ContentBlock[] = [];
  const reasoning = reasoningOf(choice.message);
  if (reasoning !== '') content.push({ reasoningContent: { reasoningText: { text: reasoning } } });
  if (typeof text === 'string' && text !== '') content.push({ text });
  if (typeof refusal === 'string' && refusal !== '') content.push({ text: refusal });
  const toolCalls = Array.isArray(tool_calls) ? tool_calls.filter(isJsonObject) : [];
  toolCalls.forEach((call, index) => {
    const { name, arguments: input } = isJsonObject(call.function) ? call.function : {};
    const toolUseId = toolUseIdOf(call.id, requestId, index);
    content.push({ toolUse: { toolUseId, name: name ?? '', input: parseInput(input) } });
  });
  const upstream = upstreamFacts(body.id, body.service_tier);
  return { content, ...readStop(choice, toolCalls.length > 0), usage: body.usage, upstream };
}

/** Reasoning under the names in use: `reasoning_content` (DeepSeek, older vLLM, llama.cpp), `reasoning` (vLLM, Ollama, gpt-oss). */
export function reasoningOf({ reasoning_content, reasoning }: JsonObject): string {
  if (typeof reasoning_content === 'string') return reasoning_content;
  return typeof reasoning === 'string' ? reasoning : '';
}

/** Some servers leave the id of a tool call out or empty; Converse's clients answer by it. */
export function toolUseIdOf(id: Json | undefined, requestId: string, index: number): string {
  return typeof id === 'string' && id !== '' ? id : `tooluse_${requestId}_${index}`;
}

/** Why a choice ended. vLLM names the stop sequence in `stop_reason`. With forced tools, servers say `stop`. */
export function readStop(
  { finish_reason, stop_reason }: JsonObject,
  hasToolCalls: boolean,
): { readonly stopReason: StopReason; readonly stopSequence?: string } {
  switch (finish_reason) {
    case 'length':
      return { stopReason: 'max_tokens' };
    case 'content_filter':
      return { stopReason: 'content_filtered' };
    case 'tool_calls':
    case 'function_call':
      return { stopReason: 'tool_use' };
  }
  if (hasToolCalls) return { stopReason: 'tool_use' };
  if (typeof stop_reason === 'string') return { stopReason: 'stop_sequence', stopSequence: stop_reason };
  return { stopReason: 'end_turn' };
}

/** Arguments are JSON text that a model wrote: what does not parse is passed on as the text it is. */
function parseInput(input: Json | undefined): Json {
  if (typeof input !== 'string') return input ?? {};
  try {
    const value: Json = JSON.parse(input === '' ? '{}' : input);
    return isNestedTooDeep(value) ? input : value;
  } catch {
    return input;
  }
}
