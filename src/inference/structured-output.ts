import { Fault } from '../kernel/fault.ts';
import { isJsonObject } from './json-value.ts';
import type { Json, JsonObject } from './model-call.ts';

/** The form that an answer must have. */
export interface StructuredOutput {
  readonly name?: Json;
  readonly description?: Json;
  readonly schema: Json;
}

/** What Converse's `outputConfig` demands, whose schema is JSON text; undefined where it demands nothing. */
export function structuredOutput({ textFormat }: JsonObject): StructuredOutput | undefined {
  const structure = isJsonObject(textFormat) ? textFormat.structure : undefined;
  const definition = isJsonObject(structure) ? structure.jsonSchema : undefined;
  if (!isJsonObject(definition)) return undefined;
  return { ...definition, schema: parseSchema(definition.schema) };
}

function parseSchema(schema: Json | undefined): Json {
  try {
    return JSON.parse(String(schema));
  } catch {
    throw new Fault(
      'ValidationException',
      'The format of the value at outputConfig.textFormat.structure.jsonSchema.schema is invalid. ' +
        'Provide a json object for the field and try again.',
    );
  }
}
