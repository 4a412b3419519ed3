import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What an OpenAI-compatible upstream reports at the end. */
export interface ScriptedUsage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

/**
 * An OpenAI-compatible model server whose replies a test writes word by word, so that a test decides what has happened
 * when a client goes away.
 */
export class ScriptedUpstream {
  readonly #server: Server;
  readonly #waiting: ((reply: ScriptedReply) => void)[] = [];

  constructor() {
    this.#server = createServer((request, response) => {
      void readAll(request).then((text) => {
        const body = JSON.parse(text) as ScriptedReply['body'];
        this.#waiting.shift()?.(new ScriptedReply(response, request.url ?? '', body));
      });
    });
  }

  /** Resolves with the base URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  /** The reply to the next request: to be asked for before the request is sent. */
  nextReply(): Promise<ScriptedReply> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

export class ScriptedReply {
  /** What was asked. */
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly #response: ServerResponse;
  readonly #isStreamed: boolean;
  #text = '';

  constructor(response: ServerResponse, path: string, body: ScriptedReply['body']) {
    this.path = path;
    this.body = body;
    this.#response = response;
    this.#isStreamed = body.stream === true;
  }

  /** A whole answer, word by word. */
  answer(body: object, status = 200): void {
    this.#response.writeHead(status, { 'content-type': 'application/json' });
    this.#response.end(JSON.stringify(body));
  }

  /** A whole stream, byte by byte. */
  stream(text: string): void {
    this.#response.setHeader('content-type', 'text/event-stream');
    this.#response.end(text);
  }

  /** Adds a piece; resolves when the other side has room for more. */
  async say(text: string): Promise<void> {
    this.#text += text;
    if (!this.#isStreamed) return;
    await this.#write({ choices: [{ index: 0, delta: { role: 'assistant', content: text }, finish_reason: null }] });
  }

  async finish({ promptTokens, completionTokens }: ScriptedUsage): Promise<void> {
    const usage = {
      ...{ prompt_tokens: promptTokens, completion_tokens: completionTokens },
      total_tokens: promptTokens + completionTokens,
    };
    if (this.#isStreamed) {
      await this.#write({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
      await this.#write({ choices: [], usage });
      this.#response.end('data: [DONE]\n\n');
      return;
    }
    const message = { role: 'assistant', content: this.#text };
    this.#response.setHeader('content-type', 'application/json');
    this.#response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }], usage }));
  }

  /** The upstream dies. */
  breakOff(): void {
    this.#response.destroy();
  }

  async #write(chunk: object): Promise<void> {
    if (!this.#response.headersSent) this.#response.setHeader('content-type', 'text/event-stream');
    const hasRoom = this.#response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    if (!hasRoom) await once(this.#response, 'drain');
  }
}

async function readAll(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}
