import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach } from 'vitest';
import { CALL_FACTS } from '../inference/call-facts.fixture.ts';
import type { ModelEvent } from '../inference/model-backend.ts';
import type { JsonObject, ModelCall } from '../inference/model-call.ts';
import { GptTokenCounter } from './gpt-token-counter.ts';
import { OpenAiModel, type OpenAiModelOptions } from './openai-model.ts';

export const counter = new GptTokenCounter();

export type Script = (
  request: { readonly body: JsonObject; readonly message: IncomingMessage },
  reply: ServerResponse,
) => void;

/** An OpenAI-compatible server that does what a test says. */
export class Upstream {
  readonly requests: { readonly body: JsonObject; readonly message: IncomingMessage }[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server;

  constructor(script: Script) {
    this.#server = createServer((message, reply) => {
      const chunks: Buffer[] = [];
      message.on('data', (chunk) => chunks.push(chunk));
      message.on('end', () => {
        const request = { body: JSON.parse(Buffer.concat(chunks).toString()), message };
        this.requests.push(request);
        script(request, reply);
      });
    });
    this.#server.on('connection', (socket) => this.sockets.add(socket));
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function start(script: Script, options: Partial<OpenAiModelOptions> = {}) {
  const upstream = new Upstream(script);
  const model = new OpenAiModel({ name: 'local', url: await upstream.listen(), counter, ...options });
  // Run last to first: requests that an upstream leaves hanging end with it.
  cleanups.push(
    () => model.close(),
    () => upstream.close(),
  );
  return { upstream, model };
}

export function call(parts: Partial<ModelCall> = {}): ModelCall {
  return {
    requestId: 'req-1',
    modelId: 'openai.gpt-oss-20b-1:0',
    upstreamModelId: 'gpt-oss:20b',
    messages: [{ role: 'user', content: [{ text: 'What is the capital of France?' }] }],
    system: [],
    additionalFields: {},
    ...CALL_FACTS,
    ...parts,
  };
}

export function completion(message: JsonObject, usage?: JsonObject, rest: JsonObject = {}): string {
  return JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: 'stop', ...rest }],
    ...(usage && { usage }),
  });
}

export function pick(body: JsonObject, ...names: readonly string[]): JsonObject {
  return Object.fromEntries(names.map((name) => [name, body[name] ?? null]));
}

export function answering(body: string, status = 200): Script {
  return (_request, reply) => {
    reply.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
}

export function streaming(...chunks: readonly (JsonObject | string | Buffer)[]): Script {
  return (_request, reply) => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const chunk of chunks) {
      reply.write(typeof chunk === 'string' || Buffer.isBuffer(chunk) ? chunk : `data: ${JSON.stringify(chunk)}\n\n`);
    }
    reply.end();
  };
}

export const DONE = 'data: [DONE]\n\n';
export const USAGE = { prompt_tokens: 14, completion_tokens: 2, total_tokens: 16 };
export const usageChunk = (usage: JsonObject = USAGE): JsonObject => ({ choices: [], usage });
export const textChunk = (content: string): JsonObject => ({
  choices: [{ index: 0, delta: { content }, finish_reason: null }],
});
export const endChunk = (reason = 'stop'): JsonObject => ({
  choices: [{ index: 0, delta: {}, finish_reason: reason }],
});

export function textOf(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.type === 'blockDelta' ? (event.delta.text ?? '') : '')).join('');
}

export function endOf(events: readonly ModelEvent[]): Extract<ModelEvent, { type: 'end' }> {
  const last = events.at(-1);
  if (last?.type !== 'end') throw new Error('the stream has no end');
  return last;
}
