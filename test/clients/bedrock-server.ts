import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeEventHeaders, encodeEventMessage } from '../../src/wire/event-stream.ts';

/** A request to Bedrock Runtime as it arrived. */
export interface BedrockAsk {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

type Payload = Readonly<Record<string, unknown>>;

/** A server whose answers a test writes, down to the bytes: what Bedrock is seen to do on the wire, and what it should not. */
export class BedrockServer {
  readonly asks: BedrockAsk[] = [];
  script: (reply: ServerResponse, ask: BedrockAsk) => void = (reply) => whole(reply, {});
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, reply) => {
      void request.toArray().then((chunks: Buffer[]) => {
        const headers = request.headers as Record<string, string>;
        const ask = { method: request.method!, path: request.url!, headers, body: Buffer.concat(chunks).toString() };
        this.asks.push(ask);
        this.script(reply, ask);
      });
    });
  }

  /** Resolves with the endpoint. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get last(): BedrockAsk {
    return this.asks.at(-1)!;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export const AWS_REQUEST_ID = '0b7a5c3e-aws';

export function whole(reply: ServerResponse, body: object, headers: Readonly<Record<string, string>> = {}): void {
  reply.writeHead(200, { 'content-type': 'application/json', 'x-amzn-requestid': AWS_REQUEST_ID, ...headers });
  reply.end(JSON.stringify(body));
}

export function refused(
  reply: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  reply.writeHead(status, { 'x-amzn-errortype': code, 'x-amzn-requestid': AWS_REQUEST_ID, ...headers });
  reply.end(JSON.stringify({ message }));
}

export function frame(name: string, payload: Payload, type: 'event' | 'exception' = 'event'): Buffer {
  const headers = { [`:${type}-type`]: name, ':content-type': 'application/json', ':message-type': type };
  return encodeEventMessage(encodeEventHeaders(headers), Buffer.from(JSON.stringify(payload)));
}

/** A chunk of InvokeModelWithResponseStream; `p` is the padding that Bedrock adds. */
export function chunk(inner: Payload): Buffer {
  return frame('chunk', { bytes: Buffer.from(JSON.stringify(inner)).toString('base64'), p: 'abcdef' });
}

export function streamed(
  reply: ServerResponse,
  frames: readonly Buffer[],
  headers: Readonly<Record<string, string>> = {},
): void {
  const type = { 'content-type': 'application/vnd.amazon.eventstream', 'x-amzn-requestid': AWS_REQUEST_ID };
  reply.writeHead(200, { ...type, ...headers });
  for (const one of frames) reply.write(one);
  reply.end();
}
