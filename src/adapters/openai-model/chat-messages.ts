import { isJsonObject } from '../../inference/json-value.ts';
import type { ContentBlock, Json, JsonObject, ModelCall, ModelMessage } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';

/** Documents that are text: OpenAI's servers get their words. PDF goes along as a file, others do not. */
const TEXT_FORMATS: ReadonlySet<Json | undefined> = new Set(['txt', 'md', 'csv', 'html']);

/** A call's system blocks and messages as OpenAI's message list. */
export function chatMessages(call: ModelCall): JsonObject[] {
  const list: JsonObject[] = [];
  if (call.system.length > 0) list.push(systemMessage(call.system));
  for (const message of call.messages) {
    if (message.role === 'assistant') list.push(assistantMessage(message));
    else if (message.role === 'system') list.push(systemMessage(message.content));
    else pushUserMessages(message.content, list);
  }
  return list;
}

function systemMessage(content: readonly ContentBlock[]): JsonObject {
  return {
    role: 'system',
    content: content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n'),
  };
}

/** Reasoning is left out: OpenAI's servers make it anew and some refuse to be given any. */
function assistantMessage({ content }: ModelMessage): JsonObject {
  let text = '';
  const toolCalls: JsonObject[] = [];
  for (const { text: blockText, toolUse, citationsContent } of content) {
    if (typeof blockText === 'string') text += blockText;
    if (isJsonObject(citationsContent)) text += joinedTexts(citationsContent.content);
    if (isJsonObject(toolUse)) {
      toolCalls.push({
        id: toolUse.toolUseId ?? '',
        type: 'function',
        function: { name: toolUse.name ?? '', arguments: JSON.stringify(toolUse.input ?? {}) },
      });
    }
  }
  return {
    role: 'assistant',
    content: text === '' ? null : text,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
  };
}

/** Tool results are messages of their own and must directly follow the calls they answer. */
function pushUserMessages(content: readonly ContentBlock[], list: JsonObject[]): void {
  const [first] = content;
  if (content.length === 1 && first && typeof first.text === 'string') {
    list.push({ role: 'user', content: first.text });
    return;
  }
  const parts: JsonObject[] = [];
  for (const block of content) {
    if (isJsonObject(block.toolResult)) list.push(toolMessage(block.toolResult));
    else parts.push(...contentParts(block));
  }
  if (parts.length > 0) list.push({ role: 'user', content: parts });
}

function toolMessage({ toolUseId, content }: JsonObject): JsonObject {
  const blocks = Array.isArray(content) ? content.filter(isJsonObject) : [];
  const texts = blocks.map((block) => {
    if (typeof block.text === 'string') return block.text;
    if (block.json !== undefined) return JSON.stringify(block.json);
    throw unsupported(Object.keys(block)[0]);
  });
  return { role: 'tool', tool_call_id: toolUseId ?? '', content: texts.join('\n') };
}

function contentParts(block: ContentBlock): JsonObject[] {
  const { text, image, document, audio, guardContent, cachePoint } = block;
  if (typeof text === 'string') return [{ type: 'text', text }];
  if (cachePoint !== undefined) return [];
  if (isJsonObject(guardContent) && isJsonObject(guardContent.text)) {
    return [{ type: 'text', text: guardContent.text.text ?? '' }];
  }
  if (isJsonObject(image)) {
    return [{ type: 'image_url', image_url: { url: `data:image/${image.format};base64,${bytesOf(image, 'image')}` } }];
  }
  if (isJsonObject(audio)) {
    return [{ type: 'input_audio', input_audio: { data: bytesOf(audio, 'audio'), format: audio.format ?? '' } }];
  }
  if (isJsonObject(document)) return [documentPart(document)];
  throw unsupported(Object.keys(block)[0]);
}

function documentPart(document: JsonObject): JsonObject {
  const { format, name, source } = document;
  if (isJsonObject(source) && typeof source.text === 'string') return { type: 'text', text: source.text };
  if (isJsonObject(source) && Array.isArray(source.content)) return { type: 'text', text: joinedTexts(source.content) };
  const bytes = bytesOf(document, 'document');
  if (TEXT_FORMATS.has(format)) return { type: 'text', text: Buffer.from(bytes, 'base64').toString('utf8') };
  if (format !== 'pdf') throw unsupported('document');
  return { type: 'file', file: { filename: `${name}.pdf`, file_data: `data:application/pdf;base64,${bytes}` } };
}

function joinedTexts(content: Json | undefined): string {
  if (!Array.isArray(content)) return '';
  return content.map((block) => (isJsonObject(block) && typeof block.text === 'string' ? block.text : '')).join('\n');
}

/** Base64 of a media block. A place in S3 cannot be passed on. */
function bytesOf(media: JsonObject, kind: string): string {
  if (isJsonObject(media.source) && typeof media.source.bytes === 'string') return media.source.bytes;
  throw unsupported(kind);
}

function unsupported(kind: string | undefined): Fault {
  return new Fault(
    'ValidationException',
    `This model doesn't support the ${kind} content block that you provided. Update the content block and try again.`,
  );
}
