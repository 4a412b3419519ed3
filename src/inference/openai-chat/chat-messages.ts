import { isJsonObject, isNestedTooDeep } from '../json-value.ts';
import type { ContentBlock, Json, JsonObject, ModelMessage, ModelPrompt } from '../model-call.ts';
import { checkFields, malformedInput, objectsOf, wrongType } from '../native/malformed-input.ts';

/** What becomes of message parts and tools that have no Converse form. */
export type UnknownParts =
  /** Bedrock's way with a native body. */
  | 'refuse'
  /**
   * They go along under their own name, `{video_url: ...}`: an upstream of the same dialect reads the original body, and
   * every other refuses the block that it does not know.
   */
  | 'keep';

const ROLES = ['system', 'developer', 'user', 'assistant', 'tool'] as const;

/**
 * OpenAI's message list in Converse's form: leading system and developer messages become `system`, later ones keep their
 * place; tool messages that follow each other become the tool results of one user message.
 */
export function parseChatMessages(
  list: readonly JsonObject[],
  unknown: UnknownParts,
): Pick<ModelPrompt, 'system' | 'messages'> {
  const system: ContentBlock[] = [];
  const messages: { role: ModelMessage['role']; content: ContentBlock[] }[] = [];
  let isInToolRun = false;
  list.forEach((message, index) => {
    const place = `#/messages/${index}`;
    checkFields(message, { role: { types: ['String'], isRequired: true, values: ROLES } }, place);
    const role = message.role as (typeof ROLES)[number];
    if (role === 'tool') {
      const result = parseToolMessage(message, place, unknown);
      if (isInToolRun) messages.at(-1)?.content.push(result);
      else messages.push({ role: 'user', content: [result] });
    } else if (role === 'system' || role === 'developer') {
      const content = parseContent(message.content, place, unknown);
      if (messages.length === 0) system.push(...content);
      else messages.push({ role: 'system', content });
    } else {
      const content =
        role === 'user' ? parseContent(message.content, place, unknown) : parseAssistant(message, place, unknown);
      messages.push({ role, content });
    }
    isInToolRun = role === 'tool';
  });
  return { system, messages };
}

function parseToolMessage(message: JsonObject, place: string, unknown: UnknownParts): ContentBlock {
  checkFields(message, { tool_call_id: { types: ['String'], isRequired: true } }, place);
  const content = parseContent(message.content, place, unknown);
  return { toolResult: { toolUseId: message.tool_call_id as string, content } };
}

function parseAssistant(message: JsonObject, place: string, unknown: UnknownParts): ContentBlock[] {
  const { content, reasoning_content, tool_calls, refusal } = message;
  const blocks: ContentBlock[] = [];
  if (typeof reasoning_content === 'string' && reasoning_content !== '') {
    blocks.push({ reasoningContent: { reasoningText: { text: reasoning_content } } });
  }
  if (content !== undefined && content !== null && content !== '') {
    blocks.push(...parseContent(content, place, unknown));
  }
  if (typeof refusal === 'string') blocks.push({ text: refusal });
  objectsOf(tool_calls ?? [], `${place}/tool_calls`).forEach((call, index) => {
    blocks.push(parseToolCall(call, `${place}/tool_calls/${index}`));
  });
  return blocks;
}

function parseToolCall(call: JsonObject, place: string): ContentBlock {
  checkFields(
    call,
    { id: { types: ['String'], isRequired: true }, function: { types: ['JSONObject'], isRequired: true } },
    place,
  );
  const definition = call.function as JsonObject;
  checkFields(
    definition,
    { name: { types: ['String'], isRequired: true }, arguments: { types: ['String'], isRequired: true } },
    `${place}/function`,
  );
  const input = parseArguments(definition.arguments as string);
  if (!isJsonObject(input))
    throw wrongType('JSONObject', definition.arguments as string, `${place}/function/arguments`);
  return { toolUse: { toolUseId: call.id as string, name: definition.name as string, input } };
}

/** Undefined when the text is not JSON of a sane depth; some clients send empty text for no arguments. */
function parseArguments(text: string): Json | undefined {
  try {
    const value: Json = JSON.parse(text.trim() === '' ? '{}' : text);
    return isNestedTooDeep(value) ? undefined : value;
  } catch {
    return undefined;
  }
}

function parseContent(content: Json | undefined, place: string, unknown: UnknownParts): ContentBlock[] {
  if (content === undefined) throw malformedInput(`${place}: required key [content] not found`);
  if (typeof content === 'string') return [{ text: content }];
  return objectsOf(content, `${place}/content`).flatMap((part, index) => [
    parsePart(part, `${place}/content/${index}`, unknown),
    ...cachePointOf(part),
  ]);
}

/** Anthropic's hint, which OpenAI's clients send along for models that want one; OpenAI's own servers need none. */
export function cachePointOf({ cache_control: hint }: JsonObject): ContentBlock[] {
  if (!isJsonObject(hint)) return [];
  return [{ cachePoint: { type: 'default', ...(typeof hint.ttl === 'string' && { ttl: hint.ttl }) } }];
}

function parsePart(part: JsonObject, place: string, unknown: UnknownParts): ContentBlock {
  checkFields(part, { type: { types: ['String'], isRequired: true } }, place);
  const type = part.type as string;
  const holder = part[type];
  if (unknown === 'keep' && !isTranslatable(type, holder)) return { [type]: holder ?? part };
  switch (part.type) {
    case 'text':
      checkFields(part, { text: { types: ['String'], isRequired: true } }, place);
      return { text: part.text as string };
    case 'image_url': {
      const { mediaType, data } = parseDataUrl(isJsonObject(holder) ? holder.url : undefined, `${place}/image_url/url`);
      return { image: { format: subtypeOf(mediaType), source: { bytes: data } } };
    }
    case 'file': {
      const { filename, file_data } = isJsonObject(holder) ? holder : {};
      const { mediaType, data } = parseDataUrl(file_data, `${place}/file/file_data`);
      const name = typeof filename === 'string' ? filename.replace(/\.[^.]*$/, '') : 'document';
      return { document: { format: subtypeOf(mediaType), name, source: { bytes: data } } };
    }
    case 'input_audio': {
      const { format, data } = isJsonObject(holder) ? holder : {};
      return { audio: { format: format ?? 'wav', source: { bytes: data ?? '' } } };
    }
    default:
      throw malformedInput(`${place}/type: ${String(part.type)} is not a valid enum value`);
  }
}

/** Texts are checked further on, so that a mistake in one is told. */
function isTranslatable(type: string, holder: Json | undefined): boolean {
  switch (type) {
    case 'text':
      return true;
    case 'image_url':
      return isJsonObject(holder) && dataUrlHead(holder.url) !== null;
    case 'file':
      return isJsonObject(holder) && dataUrlHead(holder.file_data) !== null;
    default:
      return type === 'input_audio';
  }
}

/** Only `data:` URLs: Bedrock fetches nothing for a caller. */
function parseDataUrl(url: Json | undefined, place: string): { mediaType: string; data: string } {
  const head = dataUrlHead(url);
  if (!head) throw malformedInput(`${place}: string does not match pattern ^data:[^;]+;base64,`);
  return { mediaType: head[1] as string, data: (url as string).slice(head[0].length) };
}

function dataUrlHead(url: Json | undefined): RegExpExecArray | null {
  return typeof url === 'string' ? /^data:([\w.+/-]+);base64,/.exec(url.slice(0, 200)) : null;
}

function subtypeOf(mediaType: string): string {
  const subtype = mediaType.slice(mediaType.indexOf('/') + 1);
  return subtype === 'plain' ? 'txt' : subtype;
}
