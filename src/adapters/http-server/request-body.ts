import type { IncomingMessage } from 'node:http';
import type { Http2ServerRequest } from 'node:http2';
import { Fault } from '../../kernel/fault.ts';
import type { Deadlines } from './deadlines.ts';

const EMPTY = Buffer.alloc(0);
/** For the rest of a refused body. */
const DISCARD_TIMEOUT_MS = 10_000;

/**
 * The whole body, or the Fault to answer with: larger than `bytesMax`, shorter than its Content-Length, or not sent by its
 * deadline. Rejects when the connection breaks.
 */
export function readBody(
  request: IncomingMessage | Http2ServerRequest,
  bytesMax: number,
  deadlines: Deadlines,
): Promise<Buffer | Fault> {
  const declared = request.headers['content-length'];
  if (declared !== undefined && Number(declared) > bytesMax) return Promise.resolve(tooLarge(bytesMax));
  if (declared === '0' || request.method === 'GET' || request.method === 'HEAD') {
    request.resume();
    return Promise.resolve(EMPTY);
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const expire = () => resolve(new Fault('SerializationException', 'The request body was not sent in time.'));
    deadlines.begin(expire);
    const take = (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) {
        deadlines.end(expire);
        chunks.length = 0;
        request.off('data', take).pause();
        resolve(tooLarge(bytesMax));
        return;
      }
      chunks.push(chunk);
    };
    request.on('data', take);
    request.once('end', () => {
      deadlines.end(expire);
      const isCut = declared !== undefined && Number(declared) !== bytes;
      if (isCut) resolve(new Fault('SerializationException', 'The request body is shorter than its Content-Length.'));
      else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, bytes));
    });
    request.once('aborted', () => {
      deadlines.end(expire);
      reject(new Error('the client went away while sending its request'));
    });
    request.once('error', (error) => {
      deadlines.end(expire);
      reject(error);
    });
  });
}

/** Reads what is still coming of a refused body and drops it; resolves when it is over, or too long, or takes too long. */
export function discardRest(request: IncomingMessage | Http2ServerRequest, bytesMax: number): Promise<void> {
  if (request.complete || request.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    let bytes = 0;
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(done, DISCARD_TIMEOUT_MS);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > bytesMax) done();
    });
    for (const over of ['end', 'close', 'error'] as const) request.once(over, done);
    request.resume();
  });
}

function tooLarge(bytesMax: number): Fault {
  return new Fault('RequestEntityTooLargeException', `The request body is larger than ${bytesMax} bytes.`);
}
