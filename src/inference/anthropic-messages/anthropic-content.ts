import { isJsonObject } from '../json-value.ts';
import type { ContentBlock, Json, JsonObject } from '../model-call.ts';
import { checkFields, malformedInput, objectsOf } from '../native/malformed-input.ts';

/**
 * Reads Anthropic's content blocks. `isOpen` is Anthropic's own API, which knows more of them than Bedrock and gets new
 * ones: blocks and sources that have no Converse form are kept under their own name, so that an upstream of another
 * dialect says that it does not take them. On Bedrock they are refused, as there.
 */
export class AnthropicContentReader {
  readonly #isOpen: boolean;

  constructor(isOpen: boolean) {
    this.#isOpen = isOpen;
  }

  /** Text stands for one text block. A block's `cache_control` becomes Converse's `cachePoint` behind it. */
  read(content: Json | undefined, place: string): ContentBlock[] {
    if (typeof content === 'string') return [{ text: content }];
    return objectsOf(content, place).flatMap((block, index) => [
      this.#readBlock(block, `${place}/${index}`),
      ...cachePointOf(block),
    ]);
  }

  #readBlock(block: JsonObject, place: string): ContentBlock {
    checkFields(block, { type: { types: ['String'], isRequired: true } }, place);
    const type = block.type as string;
    switch (type) {
      case 'text':
        checkFields(block, { text: { types: ['String'], isRequired: true } }, place);
        return { text: block.text as string };
      case 'image':
        return { image: this.#readSource(block, place) };
      case 'document':
        return { document: this.#readDocument(block, place) };
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
            content: this.read(block.content ?? [], `${place}/content`),
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
        if (this.#isOpen) return { [type]: block };
        throw malformedInput(`${place}/type: ${type} is not a valid enum value`);
    }
  }

  #readDocument(block: JsonObject, place: string): JsonObject {
    return {
      ...this.#readSource(block, place),
      name: block.title ?? 'document',
      ...(block.context !== undefined && { context: block.context }),
      ...(block.citations !== undefined && { citations: block.citations }),
    };
  }

  /** Format and source as Converse has them. Bedrock takes no URLs and no file ids. */
  #readSource(block: JsonObject, place: string): JsonObject {
    checkFields(block, { source: { types: ['JSONObject'], isRequired: true } }, place);
    const source = block.source as JsonObject;
    if (this.#isOpen && source.type === 'content') {
      return { format: 'txt', source: { content: this.read(source.content, `${place}/source/content`) } };
    }
    if (this.#isOpen && source.type !== 'base64' && source.type !== 'text') return { source };
    checkFields(source, SOURCE_RULES, `${place}/source`);
    if (source.type === 'text' && block.type === 'document') return { format: 'txt', source: { text: source.data! } };
    checkFields(source, { media_type: { types: ['String'], isRequired: true } }, `${place}/source`);
    return { format: subtypeOf(source.media_type as string), source: { bytes: source.data! } };
  }
}

/** Converse's cache point for a block or tool with a `cache_control`. */
export function cachePointOf({ cache_control }: JsonObject): ContentBlock[] {
  if (!isJsonObject(cache_control)) return [];
  const { ttl } = cache_control;
  return [{ cachePoint: { type: 'default', ...(ttl !== undefined && { ttl }) } }];
}

const SOURCE_RULES = {
  type: { types: ['String'], isRequired: true, values: ['base64', 'text'] },
  data: { types: ['String'], isRequired: true },
} as const;

const TOOL_USE_RULES = {
  id: { types: ['String'], isRequired: true },
  name: { types: ['String'], isRequired: true },
  input: { types: ['JSONObject'], isRequired: true },
} as const;

const TOOL_RESULT_RULES = {
  tool_use_id: { types: ['String'], isRequired: true },
  content: { types: ['String', 'JSONArray'] },
  is_error: { types: ['Boolean'] },
} as const;

/** `png` of `image/png`. */
function subtypeOf(mediaType: string): string {
  return mediaType.slice(mediaType.indexOf('/') + 1);
}
