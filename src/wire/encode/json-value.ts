import type { Shape, StructureShape } from '../model.ts';
import { setEntry } from '../set-entry.ts';
import { formatDateTime } from '../timestamp.ts';

type Members = Readonly<Record<string, unknown>>;

/**
 * What JSON.stringify is to be given for a structure. Members that travel elsewhere, and unknown ones, are left out.
 */
export function encodeMembers(shape: StructureShape, value: Members): Record<string, unknown> {
  const encoded: Record<string, unknown> = {};
  for (const member of shape.members) {
    const memberValue = value[member.name];
    if (memberValue !== undefined && memberValue !== null && !member.binding) {
      encoded[member.name] = encodeJson(member.shape, memberValue);
    }
  }
  return encoded;
}

/** Timestamps without a format of their own are epoch seconds on both JSON protocols. */
export function encodeJson(shape: Shape, value: unknown): unknown {
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return encodeMembers(shape, value as Members);
    case 'list':
      return (value as readonly unknown[]).map((element) => encodeJson(shape.element, element));
    case 'map': {
      const encoded: Record<string, unknown> = {};
      for (const [key, entry] of Object.entries(value as Members))
        setEntry(encoded, key, encodeJson(shape.value, entry));
      return encoded;
    }
    case 'timestamp':
      return (value as Date).getTime() / 1000;
    case 'dateTime':
      return formatDateTime(value as Date);
    case 'blob':
      return toBuffer(value).toString('base64');
    default:
      return value;
  }
}

export function toBuffer(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  if (!(value instanceof Uint8Array)) throw new TypeError('a blob must be bytes');
  return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
}
