import { ClientPresence } from '../kernel/client-presence.ts';
import type { WireRequest } from './exchange.ts';

/** A request for tests: a signed-for-nothing `POST /` over HTTP/1.1, with what a test cares about put in. */
export function wireRequest(over: Partial<WireRequest> = {}): WireRequest {
  return {
    method: 'POST',
    path: '/',
    query: '',
    headers: {},
    body: Buffer.alloc(0),
    httpVersion: '1.1',
    isTls: false,
    sourceIp: '192.0.2.1',
    receivedAtMs: 0,
    client: new ClientPresence(),
    ...over,
  };
}

/** A request of the query protocol. */
export function formRequest(fields: Readonly<Record<string, string>> | string): WireRequest {
  const body = typeof fields === 'string' ? fields : new URLSearchParams(fields).toString();
  return wireRequest({ headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: Buffer.from(body) });
}

/** A request of the AWS JSON protocol. */
export function jsonRequest(target: string, body: unknown): WireRequest {
  return wireRequest({
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
}

/** A REST request with a JSON body. */
export function restRequest(method: string, target: string, body?: unknown): WireRequest {
  const [path = '', query = ''] = target.split('?');
  return wireRequest({
    method,
    path,
    query,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? Buffer.alloc(0) : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  });
}
