import { Fault } from '../../kernel/fault.ts';
import { isJsonObject } from '../json-value.ts';
import type { ContentBlock, Json, JsonObject, ModelMessage, ModelPrompt } from '../model-call.ts';
import { structuredOutput } from '../structured-output.ts';
import { writtenBlock } from './written-block.ts';

/** Converse leaves the limit to the model, Anthropic's API demands one. Enough for an answer, below every model's own. */
const MAX_TOKENS_DEFAULT = 4_096;

/**
 * The Messages request that a call in Converse's form means; the model and whether to stream are the sender's to add.
 * Additional fields (`thinking`, `top_k`, ...) go along but never replace what the call itself says.
 */
export function formatAnthropicRequest(prompt: ModelPrompt): JsonObject {
  const { messages, system, maxTokens, temperature, topP, stopSequences, outputConfig } = prompt;
  return {
    ...prompt.additionalFields,
    max_tokens: maxTokens ?? MAX_TOKENS_DEFAULT,
    messages: messages.map(formatMessage),
    ...(system.length > 0 && { system: formatContent(system) }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { top_p: topP }),
    ...(stopSequences !== undefined && { stop_sequences: stopSequences }),
    ...formatTools(prompt),
    ...(outputConfig && { output_config: formatOutputConfig(outputConfig) }),
  };
}

function formatMessage({ role, content }: ModelMessage): JsonObject {
  return { role, content: formatContent(content) };
}

/** Converse's cache points stand behind what Anthropic marks itself. */
function formatContent(content: readonly ContentBlock[]): JsonObject[] {
  return withCacheControl(content, formatBlock);
}

function withCacheControl(blocks: readonly JsonObject[], format: (block: JsonObject) => JsonObject): JsonObject[] {
  const formatted: JsonObject[] = [];
  for (const block of blocks) {
    const { cachePoint } = block;
    if (!isJsonObject(cachePoint)) {
      formatted.push(format(block));
      continue;
    }
    const marked = formatted.pop();
    const { ttl } = cachePoint;
    const cacheControl = { type: 'ephemeral', ...(ttl !== undefined && { ttl }) };
    if (marked) formatted.push({ ...marked, cache_control: cacheControl });
  }
  return formatted;
}

function formatBlock(block: ContentBlock): JsonObject {
  const written = writtenBlock(block);
  if (written) return written;
  const { image, document, toolResult, guardContent } = block;
  if (isJsonObject(image)) return { type: 'image', source: base64Source(image, `image/${image.format}`, 'image') };
  if (isJsonObject(document)) return formatDocument(document);
  if (isJsonObject(toolResult)) return formatToolResult(toolResult);
  if (isJsonObject(guardContent) && isJsonObject(guardContent.text)) {
    return { type: 'text', text: guardContent.text.text ?? '' };
  }
  throw unsupported(Object.keys(block)[0]);
}

function formatToolResult({ toolUseId, content, status }: JsonObject): JsonObject {
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  return {
    type: 'tool_result',
    tool_use_id: toolUseId ?? '',
    content: withCacheControl(blocks, (block) =>
      block.json === undefined ? formatBlock(block) : { type: 'text', text: JSON.stringify(block.json) },
    ),
    ...(status === 'error' && { is_error: true }),
  };
}

function formatDocument(document: JsonObject): JsonObject {
  const { name, context, citations } = document;
  return {
    type: 'document',
    source: documentSource(document),
    ...(name !== undefined && { title: name }),
    ...(context !== undefined && { context }),
    ...(citations !== undefined && { citations }),
  };
}

/** Anthropic takes PDF as it is and every other document as its text. */
function documentSource(document: JsonObject): JsonObject {
  const { format, source } = document;
  if (isJsonObject(source) && typeof source.text === 'string') return textSource(source.text);
  if (isJsonObject(source) && Array.isArray(source.content)) {
    return { type: 'content', content: formatContent(source.content.filter(isJsonObject)) };
  }
  const pdf = base64Source(document, 'application/pdf', 'document');
  if (format === 'pdf') return pdf;
  if (!TEXT_FORMATS.has(format)) throw unsupported('document');
  return textSource(Buffer.from(String(pdf.data), 'base64').toString('utf8'));
}

const TEXT_FORMATS: ReadonlySet<Json | undefined> = new Set(['txt', 'md', 'csv', 'html']);

function textSource(text: string): JsonObject {
  return { type: 'text', media_type: 'text/plain', data: text };
}

/** A place in S3 cannot be passed on. */
function base64Source({ source }: JsonObject, mediaType: string, kind: string): JsonObject {
  if (!isJsonObject(source) || typeof source.bytes !== 'string') throw unsupported(kind);
  return { type: 'base64', media_type: mediaType, data: source.bytes };
}

/** The caller's tools, and behind them those that the vendor runs itself. */
function formatTools({ toolConfig, additionalFields }: ModelPrompt): JsonObject {
  if (!toolConfig) return {};
  const { tools, toolChoice } = toolConfig;
  const vendorTools = Array.isArray(additionalFields.tools) ? additionalFields.tools : [];
  return {
    tools: [...withCacheControl(Array.isArray(tools) ? tools.filter(isJsonObject) : [], formatTool), ...vendorTools],
    ...(isJsonObject(toolChoice) && { tool_choice: formatToolChoice(toolChoice) }),
  };
}

function formatTool({ toolSpec }: JsonObject): JsonObject {
  if (!isJsonObject(toolSpec)) throw new Fault('ValidationException', "This model doesn't support system tools.");
  const { name, description, inputSchema, strict } = toolSpec;
  return {
    name: name ?? '',
    ...(description !== undefined && { description }),
    input_schema: (isJsonObject(inputSchema) ? inputSchema.json : undefined) ?? {},
    ...(strict !== undefined && { strict }),
  };
}

function formatToolChoice({ any, tool }: JsonObject): JsonObject {
  if (isJsonObject(tool)) return { type: 'tool', name: tool.name ?? '' };
  return { type: any === undefined ? 'auto' : 'any' };
}

function formatOutputConfig({ textFormat, ...others }: JsonObject): JsonObject {
  const output = textFormat === undefined ? undefined : structuredOutput({ textFormat });
  return output ? { ...others, format: { type: 'json_schema', schema: output.schema } } : others;
}

function unsupported(kind: string | undefined): Fault {
  return new Fault(
    'ValidationException',
    `This model doesn't support the ${kind} content block that you provided. Update the content block and try again.`,
  );
}
