import { isJsonObject } from '../../json-value.ts';
import type { ContentBlock, Json, JsonObject, ModelMessage, ModelPrompt } from '../../model-call.ts';
import { checkFields, malformedInput, objectsOf, stringsOf } from '../malformed-input.ts';

/** A Messages request. `model`, `stream` and `anthropic_version` say how it was sent and are dropped. */
export function parseAnthropic(body: JsonObject): ModelPrompt {
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
    messages: objectsOf(messages, '#/messages').map(parseMessage),
    system: parseContent(system ?? [], '#/system'),
    maxTokens: max_tokens as number,
    ...(temperature !== undefined && { temperature: temperature as number }),
    ...(top_p !== undefined && { topP: top_p as number }),
    ...(stop_sequences !== undefined && { stopSequences: stringsOf(stop_sequences, '#/stop_sequences') }),
    ...parseOutputConfig(output_config),
    ...parseTools(objectsOf(tools, '#/tools'), tool_choice, others),
  };
}

function parseMessage(message: JsonObject, index: number): ModelMessage {
  const place = `#/messages/${index}`;
  checkFields(
    message,
    {
      role: { types: ['String'], isRequired: true, values: ['user', 'assistant'] },
      content: { types: ['String', 'JSONArray'], isRequired: true },
    },
    place,
  );
  return { role: message.role as ModelMessage['role'], content: parseContent(message.content, `${place}/content`) };
}

/** Text stands for one text block. A block's `cache_control` becomes Converse's `cachePoint` behind it. */
function parseContent(content: Json | undefined, place: string): ContentBlock[] {
  if (typeof content === 'string') return [{ text: content }];
  return objectsOf(content, place).flatMap((block, index) => [
    parseBlock(block, `${place}/${index}`),
    ...cachePointOf(block),
  ]);
}

function cachePointOf({ cache_control }: JsonObject): ContentBlock[] {
  if (!isJsonObject(cache_control)) return [];
  const { ttl } = cache_control;
  return [{ cachePoint: { type: 'default', ...(ttl !== undefined && { ttl }) } }];
}

function parseBlock(block: JsonObject, place: string): ContentBlock {
  checkFields(block, { type: { types: ['String'], isRequired: true } }, place);
  switch (block.type) {
    case 'text':
      checkFields(block, { text: { types: ['String'], isRequired: true } }, place);
      return { text: block.text as string };
    case 'image': {
      const bytes = sourceData(block, place);
      return { image: { format: mediaSubtype(block, place), source: { bytes } } };
    }
    case 'document':
      return parseDocument(block, place);
    case 'tool_use':
      checkFields(block, TOOL_USE_RULES, place);
      return {
        toolUse: { toolUseId: block.id as string, name: block.name as string, input: block.input as JsonObject },
      };
    case 'tool_result':
      checkFields(block, TOOL_RESULT_RULES, place);
      return {
        toolResult: {
          toolUseId: block.tool_use_id as string,
          content: parseContent(block.content ?? [], `${place}/content`),
          ...(block.is_error === true && { status: 'error' }),
        },
      };
    case 'thinking':
      return {
        reasoningContent: {
          reasoningText: {
            text: block.thinking ?? '',
            ...(block.signature !== undefined && { signature: block.signature }),
          },
        },
      };
    case 'redacted_thinking':
      return { reasoningContent: { redactedContent: block.data ?? '' } };
    default:
      throw malformedInput(`${place}/type: ${String(block.type)} is not a valid enum value`);
  }
}

const TOOL_USE_RULES = {
  id: { types: ['String'], isRequired: true },
  name: { types: ['String'], isRequired: true },
  input: { types: ['JSONObject'], isRequired: true },
} as const;

const TOOL_RULES = {
  name: { types: ['String'], isRequired: true },
  input_schema: { types: ['JSONObject'], isRequired: true },
} as const;

const TOOL_RESULT_RULES = {
  tool_use_id: { types: ['String'], isRequired: true },
  content: { types: ['String', 'JSONArray'] },
  is_error: { types: ['Boolean'] },
} as const;

function parseDocument(block: JsonObject, place: string): ContentBlock {
  const data = sourceData(block, place);
  const isText = isJsonObject(block.source) && block.source.type === 'text';
  return {
    document: {
      format: isText ? 'txt' : mediaSubtype(block, place),
      name: block.title ?? 'document',
      source: isText ? { text: data } : { bytes: data },
      ...(block.context !== undefined && { context: block.context }),
      ...(block.citations !== undefined && { citations: block.citations }),
    },
  };
}

/** Base64 or text of a block's source. Bedrock takes no URLs and no file ids. */
function sourceData(block: JsonObject, place: string): string {
  checkFields(block, { source: { types: ['JSONObject'], isRequired: true } }, place);
  const source = block.source as JsonObject;
  checkFields(
    source,
    {
      type: { types: ['String'], isRequired: true, values: ['base64', 'text'] },
      data: { types: ['String'], isRequired: true },
    },
    `${place}/source`,
  );
  return source.data as string;
}

/** `png` of `image/png`. */
function mediaSubtype(block: JsonObject, place: string): string {
  const source = block.source as JsonObject;
  checkFields(source, { media_type: { types: ['String'], isRequired: true } }, `${place}/source`);
  const mediaType = source.media_type as string;
  return mediaType.slice(mediaType.indexOf('/') + 1);
}

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
