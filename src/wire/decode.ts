import { decodeHttpValue } from './decode/http-value.ts';
import { decodeMembers, parseJsonObject } from './decode/json-value.ts';
import { decodeForm } from './decode/query-value.ts';
import type { WireRequest } from './exchange.ts';
import { asksForExtensions } from './extensions.ts';
import { type Member, type OperationModel, operationModel, unbound } from './model.ts';
import type { Routed } from './operation.ts';
import { decodeUtf8 } from './text.ts';
import { requireValid } from './validate.ts';

/**
 * The operation's input in the shape that the JavaScript SDK's types describe: Dates, Buffers for blobs, documents as
 * they came. Throws SerializationException for what is not of the modelled type, then ValidationException for what
 * breaks the model's constraints.
 */
export function decodeInput(routed: Routed, request: WireRequest): unknown {
  const operation = operationModel(routed.operation, asksForExtensions(request));
  const input = decode(operation, routed, request);
  requireValid(operation, input);
  return input;
}

function decode(operation: OperationModel, routed: Routed, request: WireRequest): Record<string, unknown> {
  switch (routed.operation.protocol) {
    case 'apiJson':
      return decodeMembers(unbound(operation.input), parseJsonObject(request.body));
    case 'awsJson':
      return decodeMembers(operation.input, parseJsonObject(request.body));
    case 'awsQuery':
      return decodeForm(operation.input, routed.form);
    case 'restJson':
      return decodeRest(operation, routed, request);
  }
}

const NO_QUERY = new URLSearchParams();

function decodeRest(operation: OperationModel, routed: Routed, request: WireRequest): Record<string, unknown> {
  const { members } = operation.input;
  const hasJsonBody = members.some((member) => !member.binding);
  const input = hasJsonBody ? decodeMembers(operation.input, parseJsonObject(request.body)) : {};
  const query = request.query === '' ? NO_QUERY : new URLSearchParams(request.query);
  for (const member of members) {
    if (!member.binding) continue;
    const value = decodeBound(member, routed, request, query);
    if (value !== undefined) input[member.name] = value;
  }
  return input;
}

function decodeBound(member: Member, routed: Routed, request: WireRequest, query: URLSearchParams): unknown {
  const { binding, shape, name } = member;
  switch (binding?.at) {
    case 'label':
      return decodeHttpValue(shape, [routed.labels[name]!]);
    case 'query':
      return decodeHttpValue(shape, query.getAll(binding.name));
    case 'header': {
      const text = request.headers[binding.name];
      return decodeHttpValue(shape, text === undefined ? [] : [text]);
    }
    case 'payload':
      return request.body.length === 0 ? undefined : decodePayload(member, request.body);
    default:
      return undefined;
  }
}

/** A blob is the caller's own and never looked into; so is an event stream, which is read frame by frame elsewhere. */
function decodePayload({ shape }: Member, body: Buffer): unknown {
  if (shape.kind === 'structure') return decodeMembers(shape, parseJsonObject(body));
  if (shape.kind === 'document') return parseJsonObject(body);
  return shape.kind === 'string' ? decodeUtf8(body) : body;
}
