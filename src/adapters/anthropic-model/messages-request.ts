import { asAnthropicBody, formatAnthropicRequest } from '../../inference/anthropic-messages.ts';
import { anthropicName } from '../../inference/anthropic-name.ts';
import type { BodyFormat, JsonObject, ModelCall, OriginalBody } from '../../inference/model-call.ts';
import type { JsonRequest } from '../model-connection/upstream-connection.ts';

export function messagesRequest(call: ModelCall, isStream: boolean): JsonRequest {
  const { body, headers } = spoken(call);
  return {
    path: '/v1/messages',
    headers,
    // Undefined removes a member: the caller's own `stream` goes with the operation that was asked for.
    body: JSON.stringify({ ...body, model: anthropicName(call.upstreamModelId), stream: isStream || undefined }),
  };
}

/** What says how to answer is not taken where only the input is counted. */
export function countBody(call: ModelCall): JsonRequest {
  const { body, headers } = spoken(call);
  const counted = Object.fromEntries(Object.entries(body).filter(([name]) => COUNTED.has(name)));
  return {
    path: '/v1/messages/count_tokens',
    headers,
    body: JSON.stringify({ ...counted, model: anthropicName(call.upstreamModelId) }),
  };
}

const COUNTED: ReadonlySet<string> = new Set([
  ...['messages', 'system', 'tools', 'tool_choice', 'thinking', 'output_config', 'mcp_servers', 'context_management'],
  'cache_control',
]);

/** The dialect of the caller's own body, where it is Anthropic's: then the answer goes back as it comes. */
export function passedOnAs(call: ModelCall): BodyFormat | undefined {
  return ownBody(call)?.format;
}

function ownBody({ original, modelId }: ModelCall): OriginalBody | undefined {
  if (original?.format === 'anthropic-messages') return original;
  return original?.format === 'native' && modelId.startsWith('anthropic.') ? original : undefined;
}

/** The body in Anthropic's words: the caller's own, or what the call means in them. */
function spoken(call: ModelCall): { readonly body: JsonObject; readonly headers: Readonly<Record<string, string>> } {
  const own = ownBody(call);
  if (own) return asAnthropicBody(own);
  // On Bedrock betas are named in the body.
  return asAnthropicBody({ format: 'native', body: formatAnthropicRequest(call), headers: {} });
}
