import { isJsonObject } from '../json-value.ts';
import type { ContentBlock, JsonObject } from '../model-call.ts';

const MEDIA_MEMBERS = ['image', 'document', 'video', 'audio'] as const;

/** A block as decoded from the wire with its blobs as base64 text. Blocks without blobs are returned as they are. */
export function blobsAsBase64(block: object): ContentBlock {
  return mapBlobs(block as JsonObject, (blob) =>
    ArrayBuffer.isView(blob) ? Buffer.from(blob.buffer, blob.byteOffset, blob.byteLength).toString('base64') : blob,
  );
}

/** A block of ours with its blobs as bytes, the form that `wire/` encodes. */
export function blobsAsBuffers(block: ContentBlock): object {
  return mapBlobs(block, (blob) => (typeof blob === 'string' ? Buffer.from(blob, 'base64') : blob));
}

/**
 * Converse has blobs in few places, so they are looked up by name: documents (tool inputs, schemas) may hold anything
 * and are never walked.
 */
function mapBlobs(block: JsonObject, convert: (blob: unknown) => unknown): JsonObject {
  if (typeof block.text === 'string') return block;
  for (const member of MEDIA_MEMBERS) {
    const media = block[member];
    if (!isJsonObject(media)) continue;
    return { ...block, [member]: { ...media, source: convertMember(media.source, 'bytes', convert) } } as JsonObject;
  }
  if (block.reasoningContent !== undefined) {
    return {
      ...block,
      reasoningContent: convertMember(block.reasoningContent, 'redactedContent', convert),
    } as JsonObject;
  }
  if (isJsonObject(block.guardContent)) return { ...block, guardContent: mapBlobs(block.guardContent, convert) };
  if (isJsonObject(block.toolResult) && Array.isArray(block.toolResult.content)) {
    const content = block.toolResult.content.map((inner) => (isJsonObject(inner) ? mapBlobs(inner, convert) : inner));
    return { ...block, toolResult: { ...block.toolResult, content } };
  }
  return block;
}

function convertMember(holder: unknown, name: string, convert: (blob: unknown) => unknown): unknown {
  if (!isJsonObject(holder) || holder[name] === undefined) return holder;
  return { ...holder, [name]: convert(holder[name]) };
}
