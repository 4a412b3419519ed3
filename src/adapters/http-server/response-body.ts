import type { ServerResponse } from 'node:http';
import type { Http2ServerResponse } from 'node:http2';
import type { WireResponse } from '../../wire/exchange.ts';

export interface WriteOptions {
  /** Asks the client not to reuse the connection. */
  readonly closeAfter: boolean;
  /** A client that takes nothing of a stream for so long counts as gone. */
  readonly stallTimeoutMs: number;
  /** Waited for when everything is written and nothing is closed yet. */
  readonly beforeEnd?: () => Promise<void>;
}

/** Less than the server waits, so that a client does not begin a request on a connection that is about to be closed. */
const KEEP_ALIVE = 'timeout=60';

/**
 * Writes an answer, and resolves when it is sent. A stream is taken from its source only as fast as the client reads; when
 * the client goes away the source is told (`return`), so that it can end or drain its work.
 */
export async function writeResponse(
  either: ServerResponse | Http2ServerResponse,
  answer: WireResponse,
  { closeAfter, stallTimeoutMs, beforeEnd }: WriteOptions,
): Promise<void> {
  // Node's HTTP/2 response has the HTTP/1.1 one's methods; their overloads alone differ.
  const response = either as ServerResponse;
  const headers: Record<string, string | number> = { ...answer.headers };
  if (!('stream' in either)) headers[closeAfter ? 'connection' : 'keep-alive'] = closeAfter ? 'close' : KEEP_ALIVE;
  if (typeof answer.body === 'string' || Buffer.isBuffer(answer.body)) {
    headers['content-length'] = Buffer.byteLength(answer.body);
    response.writeHead(answer.status, headers);
    if (beforeEnd) {
      response.write(answer.body);
      await beforeEnd();
      response.end();
    } else response.end(answer.body);
    return sent(either);
  }
  response.writeHead(answer.status, headers);
  for await (const chunk of answer.body) {
    if (isClosed(either) || response.writableEnded) break;
    if (!response.write(chunk)) await drained(response, stallTimeoutMs);
  }
  response.end();
  return sent(either);
}

/** Everything was handed to the system, or nobody takes it any more. */
function sent(response: ServerResponse | Http2ServerResponse): Promise<void> {
  if (response.writableFinished || isClosed(response)) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('close', resolve);
  });
}

/** HTTP/2 responses have no `destroyed`; written to when closed, they would never drain. */
function isClosed(response: ServerResponse | Http2ServerResponse): boolean {
  return 'stream' in response ? response.stream.destroyed : response.destroyed;
}

function drained(response: ServerResponse, stallTimeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => response.destroy(), stallTimeoutMs);
    const done = () => {
      clearTimeout(timer);
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
