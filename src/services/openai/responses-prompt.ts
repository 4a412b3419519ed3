import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject, ModelPrompt } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';
import { conversePrompt } from './chat-prompt.ts';
import { invalidRequest, requireShallow } from './invalid-request.ts';

/** Members that lean on what OpenAI keeps between requests: nothing is kept here. */
const KEPT_STATE = ['previous_response_id', 'conversation', 'prompt'] as const;

/** Tools that run on OpenAI's servers, as its tool types begin. */
const SERVER_TOOLS = /^(web_search|file_search|code_interpreter|image_generation|mcp|tool_search|programmatic_tool)/;

/** Members that say how the answer is kept and sent, or that are read elsewhere. */
const RESPONSE_MEMBERS = new Set([
  ...['background', 'context_management', 'conversation', 'include', 'input', 'instructions', 'max_output_tokens'],
  ...['max_tool_calls', 'previous_response_id', 'prompt', 'reasoning', 'text', 'tool_choice', 'tools', 'truncation'],
]);

/** A Responses request: in Converse's form by way of a chat completions body, and as it came. */
export function readResponsesPrompt(body: JsonObject, modelId: string): ModelPrompt {
  requireShallow(body);
  for (const name of KEPT_STATE) {
    if ((body[name] ?? null) === null) continue;
    throw invalidRequest(
      name,
      `nothing is kept between requests: send the whole conversation as \`input\`, not \`${name}\``,
    );
  }
  if (body.background === true) {
    throw invalidRequest('background', 'responses are answered at once: leave out `background`');
  }
  const original = { format: 'openai-responses', body, headers: {} } as const;
  const chat = chatBody(body);
  try {
    return { ...conversePrompt(chat, modelId), original };
  } catch (error) {
    throw error instanceof Fault ? inOwnNames(error, typeof body.instructions === 'string' ? 1 : 0) : error;
  }
}

/** What is wrong with the chat completions body, by the names that the caller used. `added`: messages before the first item. */
function inOwnNames({ code, message, fields }: Fault, added: number): Fault {
  const rename = (text: string) =>
    text
      .replace(/\bmessages(\/|\[)(\d+)/g, (_, separator, index) => `input${separator}${Number(index) - added}`)
      .replace(/\bmessages\b/g, 'input')
      .replace(/\bmax_completion_tokens\b/g, 'max_output_tokens');
  const { param } = fields;
  return new Fault(code, rename(message), { ...fields, ...(typeof param === 'string' && { param: rename(param) }) });
}

function chatBody(body: JsonObject): JsonObject {
  const { input, instructions, max_output_tokens, reasoning, text, tools, tool_choice } = body;
  const others = Object.entries(body).filter(([name]) => !RESPONSE_MEMBERS.has(name));
  const { effort } = isJsonObject(reasoning) ? reasoning : {};
  const { format, verbosity } = isJsonObject(text) ? text : {};
  return {
    ...Object.fromEntries(others),
    messages: [
      ...(typeof instructions === 'string' ? [{ role: 'system', content: instructions }] : []),
      ...itemsOf(input).map(chatMessage),
    ],
    ...given('max_completion_tokens', max_output_tokens),
    ...given('reasoning_effort', effort),
    ...given('verbosity', verbosity),
    ...given('response_format', isJsonObject(format) ? responseFormat(format) : undefined),
    ...given('tools', Array.isArray(tools) ? tools.map(chatTool) : undefined),
    ...given('tool_choice', tool_choice === undefined ? undefined : chatToolChoice(tool_choice)),
  };
}

function itemsOf(input: Json | undefined): readonly JsonObject[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (Array.isArray(input) && input.length > 0 && input.every(isJsonObject)) return input;
  throw invalidRequest('input', '`input` must be a text or a list of items');
}

/** One item of the conversation. Kinds that chat completions do not have go along as they are. */
function chatMessage(item: JsonObject, index: number): JsonObject {
  const { type = 'message', role, content, call_id, name, arguments: input, output } = item;
  switch (type) {
    case 'message':
      return { role: role ?? null, content: Array.isArray(content) ? content.map(chatPart) : (content ?? null) };
    case 'function_call': {
      const call = {
        id: call_id ?? null,
        type: 'function',
        function: { name: name ?? null, arguments: input ?? null },
      };
      return { role: 'assistant', content: null, tool_calls: [call] };
    }
    case 'function_call_output':
      return {
        ...{ role: 'tool', tool_call_id: call_id ?? null },
        content: Array.isArray(output) ? output.map(chatPart) : (output ?? null),
      };
    // A model makes its reasoning anew, and what others wrote cannot be proven to them.
    case 'reasoning':
      return { role: 'assistant', content: null };
    case 'item_reference':
      throw invalidRequest(`input[${index}]`, 'nothing is kept between requests: send the item, not a reference to it');
    default:
      return { role: 'user', content: [{ type, [String(type)]: item }] };
  }
}

function chatPart(part: Json): Json {
  if (!isJsonObject(part)) return part;
  const { type, text, refusal, image_url, detail, file_data, filename, cache_control } = part;
  const hint = given('cache_control', cache_control);
  switch (type) {
    case 'input_text':
    case 'output_text':
      return { type: 'text', ...given('text', text), ...hint };
    case 'refusal':
      return { type: 'text', ...given('text', refusal) };
    case 'input_image':
      if (image_url === undefined || image_url === null) return part;
      return { type: 'image_url', image_url: { url: image_url, ...given('detail', detail) }, ...hint };
    case 'input_file':
      if (file_data === undefined || file_data === null) return part;
      return { type: 'file', file: { file_data, ...given('filename', filename) }, ...hint };
    default:
      return part;
  }
}

function chatTool(tool: Json, index: number): Json {
  if (!isJsonObject(tool)) return tool;
  const { type, cache_control, ...definition } = tool;
  if (typeof type === 'string' && (SERVER_TOOLS.test(type) || isHostedShell(tool))) {
    throw invalidRequest(
      `tools[${index}]`,
      `the tool \`${type}\` runs on OpenAI's servers: only tools of the client are taken`,
    );
  }
  return type === 'function' ? { type, function: definition, ...given('cache_control', cache_control) } : tool;
}

/** The client's own has the environment `local`, or none. */
function isHostedShell({ type, environment }: JsonObject): boolean {
  return type === 'shell' && isJsonObject(environment) && environment.type !== 'local';
}

function chatToolChoice(choice: Json): Json {
  if (!isJsonObject(choice)) return choice;
  if (choice.type === 'function') return { type: 'function', function: { name: choice.name ?? null } };
  return choice.mode === 'required' ? 'required' : 'auto';
}

/** Responses have the schema's members beside the type. */
function responseFormat({ type, ...definition }: JsonObject): JsonObject | undefined {
  if (type === 'text' || type === undefined) return undefined;
  return type === 'json_schema' ? { type, json_schema: definition } : { type };
}

function given(name: string, value: Json | undefined): JsonObject {
  return value === undefined || value === null ? {} : { [name]: value };
}
