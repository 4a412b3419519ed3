import { Fault } from '../../kernel/fault.ts';
import { INTEGER_MAX, type ScalarShape, type Shape, type StructureShape } from '../model.ts';
import { setEntry } from '../set-entry.ts';
import { parseTimestamp } from '../timestamp.ts';
import { decodeBase64 } from './json-value.ts';

/** Form fields by the parts of their names: `Tags.member.1.Key` is four levels down. */
interface Field {
  value?: string;
  readonly parts: Map<string, Field>;
}

/** Parts of a name. The deepest input of IAM has six; a longer name is no parameter, and unknown ones are ignored. */
const PARTS_MAX = 16;

/**
 * An operation's input from its form fields. Throws SerializationException, which the query protocol words
 * MalformedInput.
 */
export function decodeForm(shape: StructureShape, form: ReadonlyMap<string, string>): Record<string, unknown> {
  const root: Field = { parts: new Map() };
  for (const [name, value] of form) {
    const parts = name.split('.', PARTS_MAX + 1);
    if (parts.length <= PARTS_MAX) plant(root, parts, value);
  }
  return decodeStructure(shape, root);
}

function plant(root: Field, parts: readonly string[], value: string): void {
  let field = root;
  for (const part of parts) {
    let next = field.parts.get(part);
    if (!next) {
      next = { parts: new Map() };
      field.parts.set(part, next);
    }
    field = next;
  }
  field.value = value;
}

function decodeStructure(shape: StructureShape, field: Field): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const member of shape.members) {
    const memberField = field.parts.get(member.name);
    const value = memberField && decodeField(member.shape, memberField);
    if (value !== undefined) decoded[member.name] = value;
  }
  return decoded;
}

function decodeField(shape: Shape, field: Field): unknown {
  switch (shape.kind) {
    case 'structure':
    case 'union':
      return decodeStructure(shape, field);
    case 'list':
      // `Tags=` is how botocore writes an empty list.
      return numbered(field.parts.get('member')).map((element) => decodeField(shape.element, element));
    case 'map': {
      const decoded: Record<string, unknown> = {};
      for (const entry of numbered(field.parts.get('entry'))) {
        const value = entry.parts.get('value');
        if (value) setEntry(decoded, entry.parts.get('key')?.value ?? '', decodeField(shape.value, value));
      }
      return decoded;
    }
    default:
      return field.value === undefined ? undefined : decodeText(shape, field.value);
  }
}

/** Elements in the order of their numbers, which may have gaps. */
function numbered(field: Field | undefined): Field[] {
  return [...(field?.parts ?? [])]
    .filter(([part]) => /^\d{1,9}$/.test(part))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, element]) => element);
}

function decodeText(shape: ScalarShape, text: string): unknown {
  switch (shape.kind) {
    case 'integer':
    case 'long':
    case 'float':
      return decodeNumber(shape.kind, text);
    case 'boolean':
      if (text === 'true' || text === 'false') return text === 'true';
      throw malformed();
    case 'timestamp':
    case 'dateTime': {
      const date = parseTimestamp(text);
      if (date) return date;
      throw malformed();
    }
    case 'blob':
      return decodeBase64(text);
    default:
      return text;
  }
}

/** STS takes `+900` and `0900` for 900, refuses `900.0`, and names only the empty value (probed live, 2026-11). */
function decodeNumber(kind: 'integer' | 'long' | 'float', text: string): number {
  if (text === '') throw new Fault('SerializationException', 'missing value for decimal type');
  const number = Number(text);
  const isWell = kind === 'float' ? /^[+-]?\d+(?:\.\d+)?$/.test(text) : /^[+-]?\d+$/.test(text);
  if (!isWell || (kind === 'integer' && (number > INTEGER_MAX || number < -INTEGER_MAX - 1))) throw malformed();
  return number;
}

/** AWS says no more than the code. */
function malformed(): Fault {
  return new Fault('SerializationException', '');
}
