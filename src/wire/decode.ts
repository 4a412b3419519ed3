import { decodeHttpValue } from './decode/http-value.ts';
import { decodeMembers, type JsonObject, parseJsonObject } from './decode/json-value.ts';
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
  return decodeRequest(routed, request).input;
}

/** An operation's input, and the JSON object that it was read from, unknown members and all; an empty one where there is none. */
export interface DecodedRequest {
  readonly input: unknown;
  readonly json: JsonObject;
}

/** As `decodeInput`. */
export function decodeRequest(routed: Routed, request: WireRequest): DecodedRequest {
  const operation = operationModel(routed.operation, asksForExtensions(request));
  const json = hasJsonMembers(operation, routed) ? parseJsonObject(request.body) : {};
  const input = decode(operation, routed, request, json);
  requireValid(operation, input);
  return { input, json };
}

function hasJsonMembers({ input }: OperationModel, { operation: { protocol } }: Routed): boolean {
  return protocol === 'restJson' ? input.members.some(({ binding }) => !binding) : protocol !== 'awsQuery';
}

function decode(
  operation: OperationModel,
  routed: Routed,
  request: WireRequest,
  json: JsonObject,
): Record<string, unknown> {
  switch (routed.operation.protocol) {
    case 'apiJson':
      return decodeMembers(unbound(operation.input), json);
    case 'awsJson':
      return decodeMembers(operation.input, json);
    case 'awsQuery':
      return decodeForm(operation.input, routed.form);
    case 'restJson':
      return decodeRest(operation, routed, request, json);
  }
}

const NO_QUERY = new URLSearchParams();

function decodeRest(
  operation: OperationModel,
  routed: Routed,
  request: WireRequest,
  json: JsonObject,
): Record<string, unknown> {
  const { members } = operation.input;
  const input = decodeMembers(operation.input, json);
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
