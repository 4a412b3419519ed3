import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a model server does with one request. */
export type Reply =
  /** Nothing: the caller waits. */
  | { readonly does: 'stay silent' }
  /** The connection ends before a byte of an answer. */
  | { readonly does: 'hang up' }
  | { readonly does: 'refuse'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | {
      readonly does: 'answer';
      readonly words?: readonly string[];
      /** OpenAI's usage object. Absent: `USAGE`; null: it reports none. */
      readonly usage?: object | null;
      /** Streams only: every piece says what was used up to it, the last one `usage`. Absent: the last one alone. */
      readonly counting?: true;
      /** Streams only: it never ends. Absent: it does. */
      readonly endless?: true;
      /** Absent: a new one. */
      readonly id?: string;
      /** Streams only: pieces after which the connection breaks. Absent: it does not. */
      readonly cutAfter?: number;
      /** Streams only: pieces after which it waits for `release`. Absent: it does not. */
      readonly holdAfter?: number;
    };

export interface AskedModel {
  readonly body: { readonly model: string; readonly stream?: boolean };
  readonly headers: IncomingHttpHeaders;
  /** What was done with it. */
  readonly reply: Reply;
}

export const WORDS = ['Once', ' upon', ' a', ' time', ' there'];
export const USAGE = { prompt_tokens: 1200, completion_tokens: 345, total_tokens: 1545 };

/**
 * An OpenAI-compatible model server that does with each request what the next line of its script says, and answers well
 * when the script has ended.
 */
export class ScriptedModel {
  readonly asked: AskedModel[] = [];
  readonly #script: Reply[] = [];
  readonly #server: Server;
  #held = Promise.withResolvers<void>();
  #released = Promise.withResolvers<void>();
  #answers = 0;

  constructor() {
    this.#server = createServer((request, response) => {
      response.on('error', () => {});
      void request.toArray().then(async (chunks) => {
        if (request.method === 'GET') return void json(response, { data: [] });
        const body = JSON.parse(Buffer.concat(chunks).toString()) as AskedModel['body'];
        const reply: Reply = this.#script.shift() ?? { does: 'answer' };
        this.asked.push({ body, headers: request.headers, reply });
        await this.#reply(reply, body.stream === true, response);
      });
    });
  }

  /** Resolves with the base URL. */
  async listen(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  next(...replies: readonly Reply[]): void {
    this.#script.push(...replies);
  }

  /** Forgets what was asked and what was still to be replied. */
  reset(): void {
    this.asked.length = 0;
    this.#script.length = 0;
    this.#held = Promise.withResolvers();
    this.#released = Promise.withResolvers();
  }

  /** Resolves when a stream has come to its `holdAfter`. */
  get held(): Promise<void> {
    return this.#held.promise;
  }

  release(): void {
    this.#released.resolve();
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #reply(reply: Reply, isStream: boolean, response: ServerResponse): Promise<void> {
    switch (reply.does) {
      case 'stay silent':
        return;
      case 'hang up':
        return void response.destroy();
      case 'refuse':
        response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
        return void response.end(JSON.stringify({ error: { message: 'refused by the script' } }));
    }
    this.#answers += 1;
    const { words = WORDS, usage = USAGE, id = `chatcmpl-${this.#answers}` } = reply;
    if (!isStream) {
      const message = { role: 'assistant', content: words.join('') };
      const choices = [{ index: 0, message, finish_reason: 'stop' }];
      return json(response, { id, object: 'chat.completion', choices, ...(usage && { usage }) });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const pieces: unknown[] = [
      ...words.map((content, index) => ({
        ...{ id, choices: [{ index: 0, delta: { content }, finish_reason: null }] },
        ...(reply.counting && { usage: { prompt_tokens: 1, completion_tokens: index + 1, total_tokens: index + 2 } }),
      })),
      { id, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
      ...(usage ? [{ id, choices: [], usage }] : []),
      '[DONE]',
    ];
    while (reply.endless && !response.destroyed) {
      await new Promise((written) => response.write(`data: ${JSON.stringify(pieces[0])}\n\n`, written));
      await new Promise((later) => setImmediate(later));
    }
    for (const [index, piece] of pieces.entries()) {
      if (reply.cutAfter === index) return void response.destroy();
      if (reply.holdAfter === index) {
        this.#held.resolve();
        await this.#released.promise;
      }
      const text = typeof piece === 'string' ? piece : JSON.stringify(piece);
      await new Promise((written) => response.write(`data: ${text}\n\n`, written));
    }
    response.end();
  }
}

function json(response: ServerResponse, body: object): void {
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(body));
}
