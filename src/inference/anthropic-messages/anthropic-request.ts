import { isJsonObject, isNestedTooDeep } from '../json-value.ts';
import type { Json, JsonObject, ModelMessage, ModelPrompt } from '../model-call.ts';
import { checkFields, malformedInput, objectsOf, stringsOf } from '../native/malformed-input.ts';
import { AnthropicContentReader, cachePointOf } from './anthropic-content.ts';

/** A Messages request to Bedrock: blocks that it does not know are refused. */
export function parseAnthropic(body: JsonObject): ModelPrompt {
  return parseMessages(body, new AnthropicContentReader(false), ['user', 'assistant']);
}

/** A Messages request to Anthropic's own API, which takes more than has a Converse form. */
export function parseOpenAnthropic(body: JsonObject): ModelPrompt {
  if (isNestedTooDeep(body)) throw malformedInput();
  return parseMessages(body, new AnthropicContentReader(true), ['user', 'assistant', 'system']);
}

/** `model`, `stream` and `anthropic_version` say how the request was sent and are dropped. */
function parseMessages(body: JsonObject, reader: AnthropicContentReader, roles: readonly string[]): ModelPrompt {
  checkFields(body, {
    max_tokens: { types: ['Integer'], isRequired: true, min: 1 },
    messages: { types: ['JSONArray'], isRequired: true },
    system: { types: ['JSONArray', 'String'] },
    temperature: { types: ['Number'], min: 0, max: 1 },
    top_p: { types: ['Number'], min: 0, max: 1 },
    stop_sequences: { types: ['JSONArray'] },
    tools: { types: ['JSONArray'] },
    tool_choice: { types: ['JSONObject'] },
    output_config: { types: ['JSONObject'] },
  });
  const {
    anthropic_version: _version,
    model: _model,
    stream: _stream,
    max_tokens,
    messages,
    system,
    temperature,
    top_p,
    stop_sequences,
    tools,
    tool_choice,
    output_config,
    ...others
  } = body;
  return {
    messages: objectsOf(messages, '#/messages').map((message, index) => parseMessage(message, index, reader, roles)),
    system: reader.read(system ?? [], '#/system'),
    maxTokens: max_tokens as number,
    ...(temperature !== undefined && { temperature: temperature as number }),
    ...(top_p !== undefined && { topP: top_p as number }),
    ...(stop_sequences !== undefined && { stopSequences: stringsOf(stop_sequences, '#/stop_sequences') }),
    ...parseOutputConfig(output_config),
    ...parseTools(objectsOf(tools, '#/tools'), tool_choice, others),
  };
}

function parseMessage(
  message: JsonObject,
  index: number,
  reader: AnthropicContentReader,
  roles: readonly string[],
): ModelMessage {
  const place = `#/messages/${index}`;
  checkFields(
    message,
    {
      role: { types: ['String'], isRequired: true, values: roles },
      content: { types: ['String', 'JSONArray'], isRequired: true },
    },
    place,
  );
  return { role: message.role as ModelMessage['role'], content: reader.read(message.content, `${place}/content`) };
}

const TOOL_RULES = {
  name: { types: ['String'], isRequired: true },
  input_schema: { types: ['JSONObject'], isRequired: true },
} as const;

/** Structured output: `output_config.format` is Converse's `textFormat`, whose schema is JSON text. */
function parseOutputConfig(config: Json | undefined): Pick<ModelPrompt, 'outputConfig'> {
  if (!isJsonObject(config)) return {};
  const { format, ...others } = config;
  if (!isJsonObject(format)) return { outputConfig: others };
  const jsonSchema = { schema: JSON.stringify(format.schema ?? {}), name: 'output' };
  return { outputConfig: { ...others, textFormat: { type: 'json_schema', structure: { jsonSchema } } } };
}

/** Client tools become Converse's; tools that the vendor runs itself (`web_search_20250305`, ...) have no Converse form. */
function parseTools(
  tools: readonly JsonObject[],
  choice: Json | undefined,
  others: JsonObject,
): Pick<ModelPrompt, 'toolConfig' | 'additionalFields'> {
  const isClientTool = ({ type }: JsonObject) => type === undefined || type === 'custom';
  const clientTools = tools.filter(isClientTool);
  const vendorTools = tools.filter((tool) => !isClientTool(tool));
  const additionalFields = vendorTools.length > 0 ? { ...others, tools: vendorTools } : others;
  const choiceType = isJsonObject(choice) ? choice.type : undefined;
  // Converse cannot offer tools and forbid them: with `none`, no tool is offered.
  if (clientTools.length === 0 || choiceType === 'none') return { additionalFields };
  return {
    toolConfig: {
      tools: clientTools.flatMap((tool) => [{ toolSpec: parseTool(tool) }, ...cachePointOf(tool)]),
      ...(isJsonObject(choice) && { toolChoice: toolChoiceOf(choice) }),
    },
    additionalFields,
  };
}

function parseTool(tool: JsonObject): JsonObject {
  checkFields(tool, TOOL_RULES, '#/tools');
  const { name, description, input_schema, strict } = tool;
  return {
    name: name as string,
    ...(description !== undefined && { description }),
    inputSchema: { json: input_schema as JsonObject },
    ...(strict !== undefined && { strict }),
  };
}

function toolChoiceOf(choice: JsonObject): JsonObject {
  if (choice.type === 'tool') return { tool: { name: choice.name ?? '' } };
  return choice.type === 'any' ? { any: {} } : { auto: {} };
}
