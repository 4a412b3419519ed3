import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import { signRequest } from '../../src/wire/sign-request.ts';
import { noteErrorBody } from './secret-watch.ts';

/** Long-term keys, or a session's. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** One request as it will go over the wire; tests change it after it was signed. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  /** Without `?`. */
  readonly query: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

/** An error in whichever words its protocol has for it. */
export interface WireError {
  readonly status: number;
  readonly code: string | undefined;
  readonly message: string | undefined;
}

const NOTHING = { method: 'POST', path: '/', query: '', body: '' } as const;

/** A call of the query protocol: IAM, STS. */
export function queryCall(action: string, version: string, fields: Readonly<Record<string, string>> = {}): RawRequest {
  const body = new URLSearchParams({ Action: action, Version: version, ...fields }).toString();
  return { ...NOTHING, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body };
}

export const stsCall = (action: string, fields?: Readonly<Record<string, string>>) =>
  queryCall(action, '2011-06-15', fields);
export const iamCall = (action: string, fields?: Readonly<Record<string, string>>) =>
  queryCall(action, '2010-05-08', fields);

/** A call of AWS JSON 1.1: Cost Explorer, Data Exports, Tallyline's own. */
export function jsonCall(target: string, input: object | string | Buffer): RawRequest {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target };
  return { ...NOTHING, headers, body: bodyOf(input) };
}

/** A call of REST JSON: Bedrock. */
export function restCall(path: string, input: object | string | Buffer): RawRequest {
  return { ...NOTHING, path, headers: { 'content-type': 'application/json' }, body: bodyOf(input) };
}

export const MODEL = 'anthropic.claude-sonnet-4-6';

/** A Converse call that the simulated model answers with the usage that `simulate` says. */
export function converseCall(simulate: object = {}, modelId = MODEL, operation = 'converse'): RawRequest {
  return restCall(`/model/${encodeURIComponent(modelId)}/${operation}`, {
    messages: [{ role: 'user', content: [{ text: 'hello' }] }],
    additionalModelRequestFields: { simulate },
  });
}

function bodyOf(input: object | string | Buffer): string | Buffer {
  return typeof input === 'string' || Buffer.isBuffer(input) ? input : JSON.stringify(input);
}

export interface Signing {
  /** Signing name: `sts`, `iam`, `bedrock`, `ce`, `tallyline`, ... */
  readonly service: string;
  readonly keys: Keys;
  /** Default `us-east-1`. */
  readonly region?: string;
  /** Default now. */
  readonly atMs?: number;
}

/** The same request with everything that SigV4 adds. */
export function signed(
  url: string,
  request: RawRequest,
  { service, keys, region = 'us-east-1', atMs }: Signing,
): RawRequest {
  const headers = { ...request.headers, host: new URL(url).host };
  const identity = { ...keys, region, service };
  return { ...request, headers: signRequest({ ...request, headers }, identity, atMs ?? Date.now()) };
}

/** Sends over HTTP/1.1 on a connection of its own. Rejects when the connection breaks before the answer is complete. */
export function send(url: string, request: RawRequest): Promise<RawAnswer> {
  const { method, headers, body } = request;
  return new Promise((resolve, reject) => {
    const length = headers['transfer-encoding'] ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = {
      method,
      path: targetOf(request),
      agent: false,
      headers: { ...length, ...headers },
      setDefaultHeaders: false,
    };
    const outgoing = http.request(url, options, (incoming) => {
      resolve(collected(incoming, incoming.statusCode ?? 0, incoming.headers));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Sends over HTTP/2 with prior knowledge, as the AWS SDK for JavaScript does. */
export async function sendHttp2(url: string, request: RawRequest): Promise<RawAnswer> {
  // In megabytes; the client's own limit is below the server's.
  const session = http2.connect(url, { maxSessionMemory: 100 });
  try {
    return await new Promise<RawAnswer>((resolve, reject) => {
      session.on('error', reject);
      const { host, ...headers } = request.headers;
      const pseudo = { ':method': request.method, ':path': targetOf(request), ':authority': host ?? new URL(url).host };
      const stream = session.request({ ...pseudo, ...headers });
      stream.on('error', reject);
      stream.on('response', ({ ':status': status, ...rest }) => resolve(collected(stream, status ?? 0, rest)));
      stream.end(request.body);
    });
  } finally {
    session.close();
  }
}

function targetOf({ path, query }: RawRequest): string {
  return query === '' ? path : `${path}?${query}`;
}

async function collected(
  source: AsyncIterable<Buffer>,
  status: number,
  headers: http.IncomingHttpHeaders,
): Promise<RawAnswer> {
  const chunks: Buffer[] = [];
  for await (const chunk of source) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const text = body.toString('utf8');
  if (status >= 400) noteErrorBody(text);
  return { status, headers, body, text };
}

export function errorOf({ status, headers, text }: RawAnswer): WireError {
  if (headers['content-type'] === 'text/xml') {
    const element = (name: string) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
    return { status, code: element('Code'), message: unescaped(element('Message')) };
  }
  const body = JSON.parse(text) as { readonly __type?: string; readonly message?: string; readonly Message?: string };
  const code = headers['x-amzn-errortype'] as string | undefined;
  if (body.__type !== undefined && body.__type !== code) throw new Error(`two codes: ${code} and ${body.__type}`);
  return { status, code, message: body.message ?? body.Message };
}

function unescaped(text: string | undefined): string | undefined {
  return text
    ?.replaceAll('&apos;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}

/** An element of a query protocol answer. */
export function elementOf({ text }: RawAnswer, name: string): string {
  const found = new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];
  if (found === undefined) throw new Error(`no ${name} in ${text}`);
  return found;
}

/** A TCP connection on which a test says what it likes. */
export interface RawConnection {
  readonly socket: net.Socket;
  /** Everything received so far. */
  readonly received: () => string;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;
}

/** Rejects when nobody listens. */
export async function rawConnection(url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url);
  const socket = net.connect(Number(port), hostname);
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve());
    // Once it is connected, what breaks it is told by `closed`.
    socket.on('error', reject);
  });
  return { socket, received: () => received, closed };
}

/** A request's HTTP/1.1 head as text, for sending in pieces. */
export function headText(request: RawRequest, extra: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ ...request.headers, ...extra }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${request.method} ${targetOf(request)} HTTP/1.1\r\n${lines.join('')}\r\n`;
}
