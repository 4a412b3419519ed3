import { isJsonObject } from '../json-value.ts';
import type { Json, JsonObject, ModelPrompt } from '../model-call.ts';
import { checkFields, objectsOf, stringsOf } from '../native/malformed-input.ts';
import { cachePointOf, parseChatMessages, type UnknownParts } from './chat-messages.ts';

/** A chat completions request. `model`, `stream` and `stream_options` say how it was sent and are dropped. */
export function parseChatRequest(body: JsonObject, unknown: UnknownParts): ModelPrompt {
  // OpenAI's clients send null for what is not set.
  const fields = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  checkFields(fields, {
    messages: { types: ['JSONArray'], isRequired: true },
    max_tokens: { types: ['Integer'], min: 1 },
    max_completion_tokens: { types: ['Integer'], min: 1 },
    temperature: { types: ['Number'], min: 0, max: 2 },
    top_p: { types: ['Number'], min: 0, max: 1 },
    stop: { types: ['String', 'JSONArray'] },
    // An answer holds one choice; more would be paid for and thrown away.
    n: { types: ['Integer'], min: 1, max: 1 },
    tools: { types: ['JSONArray'] },
    tool_choice: { types: ['String', 'JSONObject'] },
    response_format: { types: ['JSONObject'] },
  });
  const {
    model: _model,
    stream: _stream,
    stream_options: _streamOptions,
    n: _n,
    messages,
    max_tokens,
    max_completion_tokens,
    temperature,
    top_p,
    stop,
    tools,
    tool_choice,
    response_format,
    ...others
  } = fields as JsonObject;
  const limit = max_completion_tokens ?? max_tokens;
  return {
    ...parseChatMessages(objectsOf(messages, '#/messages'), unknown),
    ...(limit !== undefined && { maxTokens: limit as number }),
    ...(temperature !== undefined && { temperature: temperature as number }),
    ...(top_p !== undefined && { topP: top_p as number }),
    ...(stop !== undefined && { stopSequences: typeof stop === 'string' ? [stop] : stringsOf(stop, '#/stop') }),
    ...parseTools(objectsOf(tools, '#/tools'), tool_choice, unknown),
    ...parseResponseFormat(response_format, others),
  };
}

/** With `none`, no tool is offered: Converse cannot offer tools and forbid them. */
function parseTools(
  tools: readonly JsonObject[],
  choice: Json | undefined,
  unknown: UnknownParts,
): Pick<ModelPrompt, 'toolConfig'> {
  if (tools.length === 0 || choice === 'none') return {};
  return {
    toolConfig: {
      tools: tools.flatMap((tool, index) => [parseTool(tool, `#/tools/${index}`, unknown), ...cachePointOf(tool)]),
      ...(choice !== undefined && { toolChoice: toolChoiceOf(choice) }),
    },
  };
}

function parseTool(tool: JsonObject, place: string, unknown: UnknownParts): JsonObject {
  const { type } = tool;
  if (unknown === 'keep' && typeof type === 'string' && type !== 'function') return { [type]: tool[type] ?? tool };
  checkFields(
    tool,
    {
      type: { types: ['String'], isRequired: true, values: ['function'] },
      function: { types: ['JSONObject'], isRequired: true },
    },
    place,
  );
  const definition = tool.function as JsonObject;
  checkFields(definition, { name: { types: ['String'], isRequired: true } }, `${place}/function`);
  const { name, description, parameters, strict } = definition;
  return {
    toolSpec: {
      name: name as string,
      ...(description !== undefined && description !== '' && { description }),
      inputSchema: { json: parameters ?? { type: 'object', properties: {} } },
      ...(typeof strict === 'boolean' && { strict }),
    },
  };
}

function toolChoiceOf(choice: Json): JsonObject {
  if (isJsonObject(choice) && isJsonObject(choice.function)) return { tool: { name: choice.function.name ?? '' } };
  return choice === 'required' ? { any: {} } : { auto: {} };
}

/** A JSON schema is Converse's structured output; `json_object` and the like stay the vendor's. */
function parseResponseFormat(
  format: Json | undefined,
  others: JsonObject,
): Pick<ModelPrompt, 'outputConfig' | 'additionalFields'> {
  if (!isJsonObject(format)) return { additionalFields: others };
  const { type, json_schema } = format;
  if (type !== 'json_schema' || !isJsonObject(json_schema)) {
    return { additionalFields: { ...others, response_format: format } };
  }
  const { name, description, schema } = json_schema;
  const jsonSchema = {
    schema: JSON.stringify(schema ?? {}),
    name: name ?? 'output',
    ...(description !== undefined && { description }),
  };
  return {
    outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema } } },
    additionalFields: others,
  };
}
