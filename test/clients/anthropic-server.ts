import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JsonObject } from '../../src/inference/model-call.ts';

export interface AnthropicRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: JsonObject;
}

type Script = (request: AnthropicRequest, reply: ServerResponse) => void | Promise<void>;

/** A server of Anthropic's API that answers as a test says, and remembers what it was asked. */
export class AnthropicServer {
  readonly requests: AnthropicRequest[] = [];
  readonly #server: Server;
  script: Script;

  constructor(script: Script = (_, reply) => whole(reply, MESSAGE)) {
    this.script = script;
    this.#server = createServer((message, reply) => {
      void message.toArray().then((chunks) => {
        const body = JSON.parse(Buffer.concat(chunks).toString());
        const request = { path: message.url ?? '', headers: message.headers, body };
        this.requests.push(request);
        reply.setHeader('request-id', 'req_upstream_1');
        return this.script(request, reply);
      });
    });
  }

  /** Resolves with the base URL. */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get last(): AnthropicRequest {
    return this.requests.at(-1)!;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** With everything that an answer may have, and a block and a member that nobody here knows. */
export const MESSAGE: JsonObject = {
  id: 'msg_01UpstreamsOwn',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-6',
  content: [
    { type: 'thinking', thinking: 'The user greets.', signature: 'c2lnbmF0dXJl' },
    { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' },
    { type: 'text', text: 'Hello.' },
    { type: 'block_of_tomorrow', value: 7 },
    { type: 'tool_use', id: 'toolu_1', name: 'weather', input: { city: 'Ghent' } },
  ],
  stop_reason: 'tool_use',
  stop_sequence: null,
  member_of_tomorrow: { deep: [1, 2] },
  usage: {
    input_tokens: 12,
    cache_creation_input_tokens: 15,
    cache_read_input_tokens: 30,
    cache_creation: { ephemeral_5m_input_tokens: 10, ephemeral_1h_input_tokens: 5 },
    output_tokens: 40,
    service_tier: 'standard',
    server_tool_use: { web_search_requests: 0 },
  },
};

/** Usage as every upstream that answers `MESSAGE` or `EVENTS` is to be metered. */
export const METERED = {
  ...{ InputTokens: '12', OutputTokens: '40', CacheReadInputTokens: '30' },
  ...{ CacheWrite5mInputTokens: '10', CacheWrite1hInputTokens: '5', IsEstimated: false },
} as const;

const { output_tokens: _output, ...INPUT_USAGE } = MESSAGE.usage as JsonObject;

/** The same as a stream; the deltas of its usage are cumulative. */
export const EVENTS: readonly JsonObject[] = [
  {
    type: 'message_start',
    message: { ...MESSAGE, content: [], stop_reason: null, usage: { ...INPUT_USAGE, output_tokens: 1 } },
  },
  { type: 'ping' },
  { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'The user greets.' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 'c2lnbmF0dXJl' } },
  { type: 'content_block_stop', index: 0 },
  { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'cmVkYWN0ZWQ=' } },
  { type: 'content_block_stop', index: 1 },
  { type: 'content_block_start', index: 2, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'Hel' } },
  { type: 'content_block_delta', index: 2, delta: { type: 'text_delta', text: 'lo.' } },
  { type: 'content_block_stop', index: 2 },
  { type: 'event_of_tomorrow', value: 7 },
  {
    type: 'content_block_start',
    index: 3,
    content_block: { type: 'tool_use', id: 'toolu_1', name: 'weather', input: {} },
  },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '{"city":' } },
  { type: 'content_block_delta', index: 3, delta: { type: 'input_json_delta', partial_json: '"Ghent"}' } },
  { type: 'content_block_stop', index: 3 },
  { type: 'message_delta', delta: { stop_reason: null }, usage: { output_tokens: 30 } },
  {
    type: 'message_delta',
    delta: { stop_reason: 'tool_use', stop_sequence: null },
    usage: { ...INPUT_USAGE, output_tokens: 40 },
  },
  { type: 'message_stop' },
];

export function whole(reply: ServerResponse, body: JsonObject, status = 200): void {
  reply.statusCode = status;
  reply.setHeader('content-type', 'application/json');
  reply.end(JSON.stringify(body));
}

/** A complete stream. */
export function streamed(reply: ServerResponse, events: readonly JsonObject[] = EVENTS): void {
  send(reply, ...events);
  reply.end();
}

/** A piece of a stream. */
export function send(reply: ServerResponse, ...events: readonly JsonObject[]): void {
  if (!reply.headersSent) reply.setHeader('content-type', 'text/event-stream; charset=utf-8');
  for (const event of events) reply.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}
