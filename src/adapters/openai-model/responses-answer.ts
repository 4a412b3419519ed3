import { isJsonObject } from '../../inference/json-value.ts';
import type { ContentBlock, Json, JsonObject, StopReason } from '../../inference/model-call.ts';
import type { ChatAnswer } from './chat-answer.ts';
import { upstreamFacts } from './upstream-facts.ts';

/** What a Responses object says, as far as metering asks; undefined when it is none, or one of a failure. */
export function readResponse(body: JsonObject): ChatAnswer | undefined {
  if (!Array.isArray(body.output) || body.status === 'failed') return undefined;
  const items = body.output.filter(isJsonObject);
  return {
    content: items.flatMap(contentOf),
    stopReason: responseStop(body),
    usage: body.usage,
    upstream: upstreamFacts(body.id, body.service_tier),
  };
}

export function responseStop({ status, incomplete_details, output }: JsonObject): StopReason {
  if (status === 'incomplete') {
    const isFiltered = isJsonObject(incomplete_details) && incomplete_details.reason === 'content_filter';
    return isFiltered ? 'content_filtered' : 'max_tokens';
  }
  const hasCalls = Array.isArray(output) && output.some((item) => isJsonObject(item) && item.type === 'function_call');
  return hasCalls ? 'tool_use' : 'end_turn';
}

/** Text of messages and of reasoning; a tool call with its arguments as the text that they are. */
function contentOf({ type, content, summary, name, arguments: input, call_id }: JsonObject): ContentBlock[] {
  if (type === 'function_call')
    return [{ toolUse: { toolUseId: call_id ?? '', name: name ?? '', input: input ?? '' } }];
  return [...partsOf(content), ...partsOf(summary)].flatMap(({ text, refusal }) => {
    const written = text ?? refusal;
    return typeof written === 'string' ? [{ text: written }] : [];
  });
}

function partsOf(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}
