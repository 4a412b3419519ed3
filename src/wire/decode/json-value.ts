import { Fault } from '../../kernel/fault.ts';
import { INTEGER_MAX, type ScalarShape, type Shape, type StructureShape } from '../model.ts';
import { setEntry } from '../set-entry.ts';
import { decodeUtf8 } from '../text.ts';
import { parseTimestamp } from '../timestamp.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Levels of lists, maps and structures, documents included. Keeps every later walk over the input off the stack's
 * end.
 */
const DEPTH_MAX = 200;

/** The JSON object in a body; no body is an empty object. Throws SerializationException. */
export function parseJsonObject(body: Buffer): JsonObject {
  if (body.length === 0) return {};
  const text = decodeUtf8(body);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Fault('SerializationException', 'Malformed JSON');
  }
  return expectObject(value);
}

/**
 * The members of a structure that the body carries, in the shape that the JavaScript SDK gives its callers. Members
 * that travel elsewhere (labels, headers) are not taken from the body, whatever it says; unknown ones are dropped, as
 * AWS does.
 */
export function decodeMembers(shape: StructureShape, value: JsonObject, depth = 0): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const member = shape.memberByName.get(name);
    const memberValue = value[name];
    if (member && !member.binding && memberValue !== null) {
      decoded[name] = decodeJson(member.shape, memberValue, depth + 1);
    }
  }
  return decoded;
}

function decodeJson(shape: Shape, value: unknown, depth: number): unknown {
  switch (shape.kind) {
    case 'structure':
      return decodeMembers(shape, expectObject(value, depth), depth);
    case 'union':
      return decodeUnion(shape, expectObject(value, depth), depth);
    case 'list':
      return expectList(value, depth).map((element) =>
        element === null ? null : decodeJson(shape.element, element, depth + 1),
      );
    case 'map':
      return decodeMap(shape.value, expectObject(value, depth), depth);
    default:
      return decodeScalar(shape, value, depth);
  }
}

/** Some clients add `__type`; it is no member and falls away with the other unknown keys. */
function decodeUnion(shape: StructureShape, value: JsonObject, depth: number): Record<string, unknown> {
  const decoded = decodeMembers(shape, value, depth);
  if (Object.keys(decoded).length !== 1) throw serialization(`Exactly one member of ${shape.name} must be set`);
  return decoded;
}

function decodeMap(shape: Shape, value: JsonObject, depth: number): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const entry = value[key] === null ? null : decodeJson(shape, value[key], depth + 1);
    setEntry(decoded, key, entry);
  }
  return decoded;
}

function decodeScalar(shape: ScalarShape, value: unknown, depth: number): unknown {
  switch (shape.kind) {
    case 'string':
      if (typeof value === 'string') return value;
      throw mistyped(value, 'a String');
    case 'boolean':
      if (typeof value === 'boolean') return value;
      throw mistyped(value, 'a Boolean');
    case 'integer':
      if (Number.isInteger(value) && Math.abs(value as number) <= INTEGER_MAX) return value;
      throw mistyped(value, 'an Integer');
    case 'long':
      if (Number.isInteger(value)) return value;
      throw mistyped(value, 'a Long');
    case 'float':
      if (Number.isFinite(value)) return value;
      throw mistyped(value, 'a Double');
    case 'timestamp':
    case 'dateTime': {
      const date = parseTimestamp(value);
      if (date) return date;
      throw mistyped(value, 'milliseconds since epoch');
    }
    case 'blob':
      return decodeBase64(value);
    case 'document':
      requireDepthOf(value, depth);
      return value;
  }
}

/** Strict, because Buffer would drop what it cannot read. */
export function decodeBase64(value: unknown): Buffer {
  if (typeof value !== 'string') throw mistyped(value, 'a Blob');
  const bytes = Buffer.from(value, 'base64');
  const padding = value.endsWith('==') ? 2 : value.endsWith('=') ? 1 : 0;
  if (value.length % 4 !== 0 || bytes.length !== (value.length / 4) * 3 - padding) {
    throw serialization('STRING_VALUE can not be converted to a Blob: Invalid Base64');
  }
  return bytes;
}

const LIST_NOT_EXPECTED = 'Start of list found where not expected';
const STRUCTURE_NOT_EXPECTED = 'Start of structure or map found where not expected.';

function expectObject(value: unknown, depth = 0): JsonObject {
  if (!isObject(value)) throw serialization(Array.isArray(value) ? LIST_NOT_EXPECTED : 'Expected null');
  requireDepth(depth);
  return value;
}

function expectList(value: unknown, depth: number): readonly unknown[] {
  if (!Array.isArray(value)) throw serialization(isObject(value) ? STRUCTURE_NOT_EXPECTED : 'Expected list or null');
  requireDepth(depth);
  return value;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function requireDepth(depth: number): void {
  if (depth > DEPTH_MAX) throw serialization('Maximum nesting depth exceeded');
}

function requireDepthOf(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return;
  requireDepth(depth);
  for (const entry of Object.values(value)) requireDepthOf(entry, depth + 1);
}

/** The words of AWS's JSON services, as recorded from DynamoDB, Kinesis and SQS (checked 2026-11). */
function mistyped(value: unknown, target: string): Fault {
  if (Array.isArray(value)) return serialization(LIST_NOT_EXPECTED);
  if (isObject(value)) return serialization(STRUCTURE_NOT_EXPECTED);
  return serialization(`${tokenOf(value)} can not be converted to ${target}`);
}

function tokenOf(value: unknown): string {
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return typeof value === 'boolean' ? `${value ? 'TRUE' : 'FALSE'}_VALUE` : 'STRING_VALUE';
}

function serialization(message: string): Fault {
  return new Fault('SerializationException', message);
}
