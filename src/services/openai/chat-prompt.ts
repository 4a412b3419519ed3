import type { ContentBlock, JsonObject, ModelMessage, ModelPrompt } from '../../inference/model-call.ts';
import { speaksOpenAiChat } from '../../inference/native.ts';
import { parseOpenChat } from '../../inference/openai-chat.ts';
import { invalidRequest } from './invalid-request.ts';

/** Members that say how the service keeps, names, guards and bills a request; no model reads them. */
const SERVICE_MEMBERS = [
  'amazon-bedrock-guardrailConfig',
  ...['metadata', 'prompt_cache_key', 'prompt_cache_options', 'prompt_cache_retention', 'safety_identifier'],
  ...['service_tier', 'store', 'user'],
];

/**
 * Members that models of other vendors do not know and would refuse. Those without a Converse form are left out for them,
 * as public gateways do, because clients send them to every model alike.
 */
const CHAT_MEMBERS = [
  ...['audio', 'frequency_penalty', 'function_call', 'functions', 'logit_bias', 'logprobs', 'modalities', 'moderation'],
  ...['parallel_tool_calls', 'prediction', 'presence_penalty', 'reasoning_effort', 'response_format', 'seed'],
  ...['top_logprobs', 'verbosity'],
];

/** A chat completions request: in Converse's form for upstreams that need it, and as it came for those that do not. */
export function readChatPrompt(body: JsonObject, modelId: string): ModelPrompt {
  if ((body.web_search_options ?? null) !== null) {
    throw invalidRequest('web_search_options', "searches run on OpenAI's servers: only tools of the client are taken");
  }
  return { ...conversePrompt(body, modelId), original: { format: 'openai-chat', body, headers: {} } };
}

/** Throws ValidationException. */
export function conversePrompt(chat: JsonObject, modelId: string): ModelPrompt {
  const { messages, additionalFields, ...prompt } = parseOpenChat(chat);
  const turns = turnsOf(messages);
  if (turns.length === 0) throw invalidRequest('messages', '`messages` must hold a message of the user');
  const unread = new Set(speaksOpenAiChat(modelId) ? SERVICE_MEMBERS : [...SERVICE_MEMBERS, ...CHAT_MEMBERS]);
  const fields = Object.entries(additionalFields).filter(([name]) => !unread.has(name));
  return { ...prompt, messages: turns, additionalFields: Object.fromEntries(fields) };
}

/**
 * Converse wants turns that alternate and say something; OpenAI's clients send several messages of one role, some empty.
 * Reasoning is left out: OpenAI's form has no signature of it, and without one its makers refuse it.
 */
function turnsOf(messages: readonly ModelMessage[]): ModelMessage[] {
  const turns: { role: ModelMessage['role']; content: ContentBlock[] }[] = [];
  for (const { role, content } of messages) {
    const said = content.filter(
      ({ text, reasoningContent }) =>
        reasoningContent === undefined && (typeof text !== 'string' || text.trim() !== ''),
    );
    if (said.length === 0) continue;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...said);
    else turns.push({ role, content: said });
  }
  return turns;
}
