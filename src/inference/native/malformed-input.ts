import { Fault } from '../../kernel/fault.ts';
import type { Json, JsonObject } from '../model-call.ts';

/** Type names as Bedrock's schema checker (everit, on org.json) prints them. */
export type JsonTypeName = 'String' | 'Number' | 'Integer' | 'Boolean' | 'JSONArray' | 'JSONObject';

/** What a member of a native body must be. */
export interface FieldRule {
  /** Any of these; the last one is named when none fits. */
  readonly types: readonly [JsonTypeName, ...JsonTypeName[]];
  readonly isRequired?: true;
  readonly min?: number;
  readonly max?: number;
  readonly values?: readonly string[];
}

/** Bedrock's answer to a native body that breaks its model's schema; texts as quoted in public reports (checked 2026-11). */
export function malformedInput(...violations: readonly string[]): Fault {
  const detail = violations.length === 0 ? '' : `: ${violations.join('')}`;
  return new Fault(
    'ValidationException',
    `Malformed input request${detail}, please reformat your input and try again.`,
    { param: paramOf(violations[0]) },
  );
}

/** The first member that is wrong, as OpenAI names it: `messages[0].role`. Undefined where it is the body itself. */
function paramOf(violation = ''): string | undefined {
  const [, pointer = '', missing] = /^#([^:]*): (?:required key \[([^\]]+)\])?/.exec(violation) ?? [];
  const path = [...pointer.split('/').slice(1), ...(missing === undefined ? [] : [missing])];
  return path.length === 0 ? undefined : path.join('.').replace(/\.(\d+)/g, '[$1]');
}

/** Throws with every violation. Members without a rule are let through: models differ in what they take. */
export function checkFields(object: JsonObject, rules: Readonly<Record<string, FieldRule>>, place = '#'): void {
  const violations: string[] = [];
  for (const [name, rule] of Object.entries(rules)) {
    const value = Object.hasOwn(object, name) ? object[name] : undefined;
    if (value === undefined) {
      if (rule.isRequired) violations.push(`${place}: required key [${name}] not found`);
      continue;
    }
    const violation = violationOf(value, rule);
    if (violation) violations.push(`${place}/${name}: ${violation}`);
  }
  if (violations.length > 0) throw malformedInput(...violations);
}

/** The elements of a list of objects; throws where one is something else. */
export function objectsOf(list: Json | undefined, place: string): readonly JsonObject[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw wrongType('JSONArray', list, place);
  list.forEach((element, index) => {
    if (typeNameOf(element) !== 'JSONObject') throw wrongType('JSONObject', element, `${place}/${index}`);
  });
  return list as readonly JsonObject[];
}

/** The elements of a list of strings; throws where one is something else. */
export function stringsOf(list: Json | undefined, place: string): readonly string[] {
  if (!Array.isArray(list)) throw wrongType('JSONArray', list ?? null, place);
  list.forEach((element, index) => {
    if (typeof element !== 'string') throw wrongType('String', element, `${place}/${index}`);
  });
  return list as readonly string[];
}

export function wrongType(expected: JsonTypeName, found: Json, place: string): Fault {
  return malformedInput(`${place}: expected type: ${expected}, found: ${typeNameOf(found)}`);
}

function violationOf(value: Json, { types, min, max, values }: FieldRule): string | undefined {
  const found = typeNameOf(value);
  if (!types.some((type) => type === found || (type === 'Number' && typeof value === 'number'))) {
    return `expected type: ${types.at(-1)}, found: ${found}`;
  }
  if (typeof value === 'number') {
    if (min !== undefined && value < min) return `${value} is not greater or equal to ${min}`;
    if (max !== undefined && value > max) return `${value} is not less or equal to ${max}`;
  }
  if (values && !values.includes(value as string)) return `${value} is not a valid enum value`;
  return undefined;
}

function typeNameOf(value: Json): JsonTypeName | 'BigDecimal' | 'Null' {
  if (value === null) return 'Null';
  if (Array.isArray(value)) return 'JSONArray';
  switch (typeof value) {
    case 'string':
      return 'String';
    case 'boolean':
      return 'Boolean';
    case 'number':
      return Number.isSafeInteger(value) ? 'Integer' : 'BigDecimal';
    default:
      return 'JSONObject';
  }
}
