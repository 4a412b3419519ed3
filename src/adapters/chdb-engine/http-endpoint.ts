import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Engine, StatementResult } from './engine.ts';
import { engineError, toEngineError } from './engine-error.ts';
import { readStatement, type Statement } from './statement.ts';

/** As ClickHouse's `http_max_uri_size`. */
const MAX_HEADER_BYTES = 2 ** 20;
/** The longest `max_query_size` that the store asks for. */
const MAX_STATEMENT_BYTES = 2 ** 23;
/** Longer than any client keeps an idle connection, so that it is never closed under a request. */
const KEEP_ALIVE_MS = 75_000;

/**
 * The ClickHouse HTTP interface on top of the engine, as far as `@clickhouse/client` uses it: `/ping`, statements in the
 * body, inserts with the statement in the URL, settings and parameters as URL parameters.
 */
export function createEndpoint(engine: Engine, username: string, password: string): Server {
  const expected = digest(`${username}:${password}`);
  const server = createServer({
    maxHeaderSize: MAX_HEADER_BYTES,
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: 0,
  });
  server.on('request', (request, response) => {
    if (request.url === '/ping') response.end('Ok.\n');
    else void answer(engine, expected, request, response);
  });
  return server;
}

async function answer(
  engine: Engine,
  expected: Buffer,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    authenticate(request, expected);
    if (request.method !== 'POST') throw engineError('BAD_ARGUMENTS', 'Statements are sent by POST');
    if (request.headers['content-encoding']) throw engineError('BAD_ARGUMENTS', 'The body must not be compressed');
    const url = new URL(request.url ?? '/', 'http://engine');
    const inUrl = url.searchParams.get('query');
    const text = inUrl ?? (await readText(request));
    const statement = readStatement(url, text, inUrl !== null, request.headers['accept-encoding']);
    if (inUrl !== null && statement.kind !== 'insert' && hasBody(request)) {
      throw engineError('BAD_ARGUMENTS', 'Only `INSERT INTO ... FORMAT ...` takes a body beside its statement');
    }
    await engine.run(statement, request, gone.signal, (result) => send(statement, result, response));
  } catch (error) {
    sendError(error, response);
  }
}

async function send(
  { kind, queryId, format, compression }: Statement,
  { bytes, writtenRows }: StatementResult,
  response: ServerResponse,
): Promise<void> {
  response.setHeader('X-ClickHouse-Query-Id', queryId);
  response.setHeader('X-ClickHouse-Format', format);
  response.setHeader('X-ClickHouse-Timezone', 'UTC');
  response.setHeader('X-ClickHouse-Summary', JSON.stringify({ written_rows: `${writtenRows}` }));
  if (kind === 'select' && compression === 'gzip') response.setHeader('Content-Encoding', 'gzip');
  if (bytes instanceof Uint8Array) response.end(bytes);
  else await pipeline(bytes, response);
}

/** Before the first byte an error is an answer; after it, all that is left is to break the answer off. */
function sendError(error: unknown, response: ServerResponse): void {
  const { status, code, message } = toEngineError(error);
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  if (code !== undefined) response.setHeader('X-ClickHouse-Exception-Code', code);
  response.statusCode = status;
  // The rest of a body that was refused is not read, so the connection cannot be used again.
  if (!response.req.complete) response.setHeader('Connection', 'close');
  response.end(`${message}\n`);
}

/** Basic, or ClickHouse's own two headers. Compared as digests, so that time tells nothing about the secret. */
function authenticate({ headers }: IncomingMessage, expected: Buffer): void {
  const basic = /^Basic ([A-Za-z0-9+/=]+)$/.exec(headers.authorization ?? '')?.[1];
  const key = headers['x-clickhouse-key'];
  if (basic === undefined && key === undefined) throw engineError('REQUIRED_PASSWORD', 'Credentials are required');
  const given =
    basic === undefined
      ? `${headers['x-clickhouse-user'] ?? ''}:${key}`
      : Buffer.from(basic, 'base64').toString('utf8');
  if (!timingSafeEqual(digest(given), expected)) throw engineError('AUTHENTICATION_FAILED', 'Authentication failed');
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let byteCount = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    byteCount += chunk.length;
    if (byteCount > MAX_STATEMENT_BYTES) throw engineError('TOO_LARGE_STRING_SIZE', 'The statement is too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, byteCount).toString('utf8');
}
