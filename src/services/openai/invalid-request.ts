import { Fault } from '../../kernel/fault.ts';

/** A 400 that names the member which is wrong. */
export function invalidRequest(param: string, message: string): Fault {
  return new Fault('ValidationException', message, { param });
}
