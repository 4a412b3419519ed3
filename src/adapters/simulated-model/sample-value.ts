import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';

/** Deeper members of a schema are left empty: a schema may refer to itself. */
const MAX_DEPTH = 8;

/** A small value that fits a JSON schema: required members only, first choices, smallest numbers. */
export function sampleValue(schema: Json | undefined, depth = 0): Json {
  if (!isJsonObject(schema)) return 'text';
  const { enum: choices, const: constant } = schema;
  if (constant !== undefined) return constant;
  if (Array.isArray(choices) && choices.length > 0) return choices[0] as Json;
  const variants = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(variants) && variants.length > 0 && depth < MAX_DEPTH) return sampleValue(variants[0], depth + 1);
  switch (Array.isArray(schema.type) ? schema.type[0] : schema.type) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return typeof schema.minimum === 'number' ? schema.minimum : 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return depth < MAX_DEPTH && Number(schema.minItems ?? 0) > 0 ? [sampleValue(schema.items, depth + 1)] : [];
    default:
      return sampleObject(schema, depth);
  }
}

function sampleObject({ properties, required }: JsonObject, depth: number): JsonObject {
  if (!isJsonObject(properties) || !Array.isArray(required) || depth >= MAX_DEPTH) return {};
  const names = required.filter((name): name is string => typeof name === 'string' && Object.hasOwn(properties, name));
  return Object.fromEntries(names.map((name) => [name, sampleValue(properties[name], depth + 1)]));
}
