import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject, ModelCall } from '../../inference/model-call.ts';
import { structuredOutput } from '../../inference/structured-output.ts';
import { Fault } from '../../kernel/fault.ts';
import { chatMessages } from './chat-messages.ts';

/** The member that limits the answer: OpenAI's newer models want the longer name, most other servers know the shorter. */
export type MaxTokensField = (typeof MAX_TOKENS_FIELDS)[number];

const MAX_TOKENS_FIELDS = ['max_tokens', 'max_completion_tokens'] as const;

/**
 * Members by which single servers (llama.cpp, vLLM, TGI) would write more than the call's limit says, which budgets rely
 * on: they go to nobody.
 */
const LOOSENING_FIELDS = ['best_of', 'max_new_tokens', 'max_output_tokens', 'n_predict', 'num_predict'] as const;

/**
 * The body of a chat completions request. Usage is always asked for. Additional fields go along (`seed`, `top_k`,
 * `reasoning_effort`, ...) but never replace what the call itself says.
 */
export function chatRequest(call: ModelCall, maxTokensField: MaxTokensField, isStream: boolean): string {
  const { maxTokens, temperature, topP, stopSequences, toolConfig, outputConfig, additionalFields } = call;
  const own = maxTokens === undefined ? [] : MAX_TOKENS_FIELDS;
  return JSON.stringify({
    ...without(additionalFields, ['n', ...LOOSENING_FIELDS, ...own]),
    model: call.upstreamModelId,
    messages: chatMessages(call),
    ...(maxTokens !== undefined && { [maxTokensField]: maxTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stopSequences !== undefined && stopSequences.length > 0 && { stop: stopSequences }),
    ...(toolConfig && chatTools(toolConfig)),
    ...(outputConfig && responseFormat(outputConfig)),
    stream: isStream,
    // Undefined removes one that came with the additional fields: servers refuse it without `stream`.
    stream_options: isStream ? { include_usage: true } : undefined,
  });
}

/**
 * A chat completions body as the caller wrote it, but for the model's name, how it is sent, and the token limit that the
 * call has by now, under the name that the caller used. Its reader has seen to it that one answer is asked for.
 */
export function passedOnChatRequest(
  body: JsonObject,
  { upstreamModelId, maxTokens }: ModelCall,
  maxTokensField: MaxTokensField,
  isStream: boolean,
): string {
  const limits = MAX_TOKENS_FIELDS.filter((name) => typeof body[name] === 'number');
  const limit = Object.fromEntries((limits.length > 0 ? limits : [maxTokensField]).map((name) => [name, maxTokens]));
  const asked = isJsonObject(body.stream_options) ? body.stream_options : {};
  return JSON.stringify({
    ...without(body, LOOSENING_FIELDS),
    ...(maxTokens !== undefined && limit),
    model: upstreamModelId,
    stream: isStream,
    stream_options: isStream ? { ...asked, include_usage: true } : undefined,
  });
}

function without(fields: JsonObject, names: readonly string[]): JsonObject {
  if (!names.some((name) => Object.hasOwn(fields, name))) return fields;
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function chatTools({ tools, toolChoice }: JsonObject): JsonObject {
  const listed = Array.isArray(tools) ? tools.filter(isJsonObject) : [];
  return {
    // Cache points have no OpenAI form: its servers cache by themselves.
    tools: listed.filter(({ cachePoint }) => cachePoint === undefined).map(chatTool),
    ...(isJsonObject(toolChoice) && { tool_choice: chatToolChoice(toolChoice) }),
  };
}

function chatTool({ toolSpec }: JsonObject): JsonObject {
  if (!isJsonObject(toolSpec)) throw new Fault('ValidationException', "This model doesn't support system tools.");
  const { name, description, inputSchema, strict } = toolSpec;
  return {
    type: 'function',
    function: {
      name: name ?? '',
      ...(description !== undefined && { description }),
      parameters: (isJsonObject(inputSchema) ? inputSchema.json : undefined) ?? {},
      ...(strict !== undefined && { strict }),
    },
  };
}

function chatToolChoice({ any, tool }: JsonObject): Json {
  if (isJsonObject(tool)) return { type: 'function', function: { name: tool.name ?? '' } };
  return any === undefined ? 'auto' : 'required';
}

function responseFormat(outputConfig: JsonObject): JsonObject {
  const output = structuredOutput(outputConfig);
  if (!output) return {};
  const { name, description, schema } = output;
  return {
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: name ?? 'output',
        ...(description !== undefined && { description }),
        schema,
        strict: true,
      },
    },
  };
}
