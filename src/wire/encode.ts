import { BROWSER_HEADERS } from './browser-headers.ts';
import { awsJsonType } from './encode/aws-json-type.ts';
import { eventFrames } from './encode/event-frames.ts';
import { encodeJson, encodeMembers, toBuffer } from './encode/json-value.ts';
import { serverSentEvents } from './encode/server-sent-events.ts';
import { xmlLeaf, xmlMembers, xmlParent } from './encode/xml-value.ts';
import type { WireResponse } from './exchange.ts';
import { type Member, type OperationModel, operationModel, type StructureShape, unbound } from './model.ts';
import type { Operation } from './operation.ts';
import type { ServerSentEvent } from './server-sent-event.ts';
import { SERVICES } from './service.ts';

/** An answer whose body somebody else has worded in the operation's own protocol: it is sent as it is. */
export class WordedBody {
  readonly bytes: Buffer;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }
}

type Output = Readonly<Record<string, unknown>>;

/**
 * An answer in the operation's protocol. `output` has the shape of the JavaScript SDK's types; the member that is an
 * event stream is an async iterable of union values or whole frames, or of server-sent events where it is a document. `extraHeaders` (lower-case names) add to and override the
 * answer's own.
 */
export function encodeOutput(
  operation: Operation,
  output: unknown,
  requestId: string,
  extraHeaders: Readonly<Record<string, string>> = {},
): WireResponse {
  const model = operationModel(operation);
  const value = (output ?? {}) as Output;
  const { status, headers: own, body } = encode(model, operation, value, requestId);
  const headers: Record<string, string> = { ...own, 'x-amzn-requestid': requestId };
  if (operation.protocol === 'apiJson' || operation.service === 'console') Object.assign(headers, BROWSER_HEADERS);
  for (const name in extraHeaders) headers[name] = extraHeaders[name]!;
  return { status, headers, body };
}

function encode(model: OperationModel, operation: Operation, output: Output, requestId: string): WireResponse {
  switch (operation.protocol) {
    case 'apiJson':
      if (output instanceof WordedBody) return worded(output, 200);
      return {
        status: 200,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(encodeMembers(unbound(model.output), output)),
      };
    case 'awsJson':
      return {
        status: 200,
        headers: { 'content-type': awsJsonType(operation) },
        body: JSON.stringify(encodeMembers(model.output, output)),
      };
    case 'awsQuery':
      return { status: 200, headers: { 'content-type': 'text/xml' }, body: queryBody(model, output, requestId) };
    case 'restJson':
      if (output instanceof WordedBody) return worded(output, model.http!.status);
      return encodeRest(model, output);
  }
}

function worded({ bytes }: WordedBody, status: number): WireResponse {
  return { status, headers: { 'content-type': 'application/json' }, body: bytes };
}

/** An operation that returns nothing has no `Result` element. */
function queryBody(model: OperationModel, output: Output, requestId: string): string {
  const isUnit = model.output.name === 'Unit';
  const result = isUnit ? '' : xmlParent(`${model.name}Result`, xmlMembers(model.output, output, '    '), '  ');
  const metadata = xmlParent('ResponseMetadata', xmlLeaf('RequestId', requestId, '    '), '  ');
  const namespace = ` xmlns="${SERVICES[model.service].xmlNamespace}"`;
  return xmlParent(`${model.name}Response`, result + metadata, '', namespace);
}

function encodeRest(model: OperationModel, output: Output): WireResponse {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  let payload: Member | undefined;
  for (const member of model.output.members) {
    const value = output[member.name];
    if (member.binding?.at === 'payload') payload = member;
    else if (member.binding?.at === 'header' && value !== undefined) headers[member.binding.name] = String(value);
  }
  const status = model.http!.status;
  if (!payload) return { status, headers, body: JSON.stringify(encodeMembers(model.output, output)) };
  if (payload.shape.kind === 'union') {
    headers['content-type'] = 'application/vnd.amazon.eventstream';
    const events = output[payload.name] as AsyncIterable<Output>;
    return { status, headers, body: eventFrames(payload.shape as StructureShape, model.service, events) };
  }
  const value = output[payload.name];
  if (payload.shape.kind === 'document' && isStream(value)) {
    headers['content-type'] = 'text/event-stream; charset=utf-8';
    headers['cache-control'] = 'no-cache';
    return { status, headers, body: serverSentEvents(value) };
  }
  if (payload.shape.kind === 'blob' && isStream(value)) {
    return { status, headers, body: value as AsyncIterable<unknown> as AsyncIterable<Uint8Array> };
  }
  return { status, headers, body: encodePayload(payload, value) };
}

function isStream(value: unknown): value is AsyncIterable<ServerSentEvent> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function encodePayload({ shape }: Member, value: unknown): Buffer | string {
  if (value === undefined) return '';
  if (shape.kind === 'blob') return toBuffer(value);
  return shape.kind === 'string' ? String(value) : JSON.stringify(encodeJson(shape, value));
}
