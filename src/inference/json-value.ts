import { Fault } from '../kernel/fault.ts';
import type { JsonObject } from './model-call.ts';

/**
 * Nesting that a document may have. JSON.stringify recurses and overflows the stack at some thousand levels (V8 of
 * Node 24, measured), JSON.parse does not; no tool schema in use comes near.
 */
const MAX_JSON_DEPTH = 512;

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A decoded input as JSON: its blobs become base64 text. Throws ValidationException for what is nested too deep. */
export function asJson(value: object): JsonObject {
  if (isNestedTooDeep(value)) throw new Fault('ValidationException', 'The request is nested too deep.');
  return jsonOf(value) as JsonObject;
}

function jsonOf(value: unknown): unknown {
  if (ArrayBuffer.isView(value))
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  if (Array.isArray(value)) return value.map(jsonOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]) => (member === undefined ? [] : [[name, jsonOf(member)]])),
  );
}

/** True when writing the value as JSON again could overflow the stack. Walks level by level, without recursion. */
export function isNestedTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_JSON_DEPTH) return true;
    const next: unknown[] = [];
    for (const parent of level) {
      if (typeof parent !== 'object' || parent === null || ArrayBuffer.isView(parent)) continue;
      for (const child of Object.values(parent)) if (typeof child === 'object' && child !== null) next.push(child);
    }
    level = next;
  }
  return false;
}
