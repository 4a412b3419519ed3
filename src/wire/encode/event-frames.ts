import { Fault } from '../../kernel/fault.ts';
import { encodeEventHeaders, encodeEventMessage } from '../event-stream.ts';
import { type Member, modelOf, type StructureShape } from '../model.ts';
import type { ServiceId } from '../operation.ts';
import { errorMembers, INTERNAL_FAILURE_MESSAGE } from './error-members.ts';
import { encodeMembers } from './json-value.ts';

type UnionValue = Readonly<Record<string, unknown>>;

/**
 * Frames of an event stream, one for each union value, made when they are asked for; what is a frame already stays as it is. An error of the source becomes an
 * exception frame and the stream ends there, cleanly: its status line has long been sent.
 */
export async function* eventFrames(
  union: StructureShape,
  service: ServiceId,
  events: AsyncIterable<UnionValue | Buffer>,
): AsyncGenerator<Buffer> {
  try {
    for await (const event of events) yield Buffer.isBuffer(event) ? event : eventFrame(union, service, event);
  } catch (error) {
    yield exceptionFrame(union, error);
  }
}

function eventFrame(union: StructureShape, service: ServiceId, event: UnionValue): Buffer {
  const member = union.members.find(({ name }) => event[name] !== undefined && event[name] !== null);
  if (!member) throw new TypeError(`no member of ${union.name} is set`);
  const shape = member.shape as StructureShape;
  const isException = modelOf(service).error(shape.name) !== undefined;
  return frame(member, isException ? 'exception' : 'event', encodeMembers(shape, event[member.name] as UnionValue));
}

/** The member that models the fault; a fault that the stream cannot name, and a bug, is `internalServerException`. */
function exceptionFrame(union: StructureShape, error: unknown): Buffer {
  const fault = error instanceof Fault ? error : undefined;
  const named = fault && union.members.find(({ shape }) => 'name' in shape && shape.name === fault.code);
  const member = named ?? union.memberByName.get('internalServerException');
  if (!member) throw error;
  const message = fault?.message ?? INTERNAL_FAILURE_MESSAGE;
  return frame(member, 'exception', errorMembers(member.shape as StructureShape, message, fault?.fields ?? {}));
}

const encodedHeaders = new WeakMap<Member, Buffer>();

function frame(member: Member, type: 'event' | 'exception', payload: object): Buffer {
  let headers = encodedHeaders.get(member);
  if (!headers) {
    const named = { [`:${type}-type`]: member.name, ':content-type': 'application/json', ':message-type': type };
    headers = encodeEventHeaders(named);
    encodedHeaders.set(member, headers);
  }
  return encodeEventMessage(headers, Buffer.from(JSON.stringify(payload)));
}
