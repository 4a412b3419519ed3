import { isNestedTooDeep } from '../../inference/json-value.ts';
import type { JsonObject } from '../../inference/model-call.ts';
import { Fault } from '../../kernel/fault.ts';

/** A 400 that names the member which is wrong. */
export function invalidRequest(param: string, message: string): Fault {
  return new Fault('ValidationException', message, { param });
}

/** Throws for a body that could not be written again. */
export function requireShallow(body: JsonObject): void {
  if (isNestedTooDeep(body)) throw new Fault('ValidationException', 'the body is nested too deeply');
}
