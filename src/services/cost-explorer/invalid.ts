import { Fault } from '../../kernel/fault.ts';

/** What Cost Explorer answers to a request that it cannot take. Not in its model, but what AWS sends. */
export function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
