import type { StructureShape } from '../model.ts';
import { encodeMembers } from './json-value.ts';

/** Said of every error that is a bug; what it was is for the operator alone. */
export const INTERNAL_FAILURE_MESSAGE =
  'The request processing has failed because of an unknown error, exception or failure.';

/**
 * The members of an error's JSON body: those that its model names, and no others, for a Fault may carry facts that
 * are not for the client. The message's name is the model's, `Message` or `message`; an empty message is left out.
 */
export function errorMembers(
  shape: StructureShape | undefined,
  message: string,
  fields: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const messageName = shape?.memberByName.has('Message') ? 'Message' : 'message';
  const members = shape ? encodeMembers(shape, fields) : {};
  return message === '' ? members : { ...members, [messageName]: message };
}
