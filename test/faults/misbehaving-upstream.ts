import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An OpenAI-compatible server that does what the last message's text says. */
export interface MisbehavingUpstream {
  /** For the configuration. */
  readonly url: string;
  /** Requests that were begun, by their text. */
  readonly asked: readonly string[];
  readonly close: () => Promise<void>;
}

type Behaviour = (response: ServerResponse, request: IncomingMessage) => void;

export const USAGE = { prompt_tokens: 11, completion_tokens: 3, total_tokens: 14 };
/** What the model has written when a stream breaks off. */
export const WRITTEN = 'Once upon a time';

const completion = (usage?: unknown) => ({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: WRITTEN }, finish_reason: 'stop' }],
  ...(usage !== undefined && { usage }),
});

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function text(response: ServerResponse, status: number, body: string, type = 'text/plain'): void {
  response.writeHead(status, { 'content-type': type }).end(body);
}

/** Begins a stream with the words that were written. */
function streamed(response: ServerResponse, ...events: unknown[]): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const word of WRITTEN.split(/(?= )/))
    response.write(event({ choices: [{ index: 0, delta: { content: word } }] }));
  for (const one of events) response.write(event(one));
  return response;
}

const event = (data: unknown) => `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const FINISHED = { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] };

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  'answer well': (response) => json(response, 200, completion(USAGE)),
  'answer never': () => {},
  'hang up': (response) => response.destroy(),
  'send half and wait': (response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"choices":');
  },
  'send half and hang up': (response) => {
    response.writeHead(200, { 'content-length': '1000' }).write('{"choices":', () => response.destroy());
  },
  'report no usage': (response) => json(response, 200, completion()),
  'report usage that contradicts itself': (response) =>
    json(response, 200, completion({ ...USAGE, total_tokens: 999 })),
  'report usage that is none': (response) =>
    json(response, 200, completion({ prompt_tokens: -5, completion_tokens: '3' })),
  'report usage beyond all bounds': (response) =>
    text(response, 200, JSON.stringify(completion(USAGE)).replace('11', '1e300')),
  'send garbage': (response) => text(response, 200, '\u0000\u0001 garbage'),
  'send nothing': (response) => text(response, 200, ''),
  'send a list': (response) => json(response, 200, []),
  'send no choices': (response) => json(response, 200, { choices: [], usage: USAGE }),
  'send a page': (response) => text(response, 502, '<html><body><h1>502 Bad Gateway</h1></body></html>', 'text/html'),
  'send an error with success': (response) => json(response, 200, { error: { message: 'out of memory' } }),
  'send 400': (response, request) =>
    json(response, 400, { error: { message: `bad request of ${request.headers.authorization}` } }),
  'send 401': (response, request) =>
    json(response, 401, { error: { message: `Incorrect API key: ${request.headers.authorization}` } }),
  'send 404': (response) => json(response, 404, { error: { message: 'The model does not exist' } }),
  'send 429': (response) => json(response, 429, { error: { message: 'slow down' } }),
  'send 500': (response) => json(response, 500, { error: { message: 'internal' } }),
  'send 503': (response) => json(response, 503, { error: 'overloaded' }),
  'send elsewhere': (response) => response.writeHead(307, { location: '/v1/chat/completions' }).end(),
  'stream well': (response) => streamed(response, FINISHED, { choices: [], usage: USAGE }, '[DONE]').end(),
  'stream without usage': (response) => streamed(response, FINISHED, '[DONE]').end(),
  'stream without an end': (response) => streamed(response).end(),
  'stream and wait': (response) => streamed(response),
  'stream and hang up': (response) => {
    streamed(response, { choices: [], usage: { prompt_tokens: 11, completion_tokens: 2 } }).write(': going\n\n', () =>
      response.destroy(),
    );
  },
  'stream garbage': (response) => streamed(response, '{"choices":').end(),
  'stream an error': (response) => streamed(response, { error: { message: 'out of memory' } }).end(),
  'stream without words': (response) => response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
  'stream one endless line': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const flood = () => {
      while (response.write('data: '.repeat(10_000)));
    };
    response.on('drain', flood);
    flood();
  },
};

export async function startUpstream(): Promise<MisbehavingUpstream> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    response.on('error', () => {});
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const { messages } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as { messages: { content: string }[] };
    const wanted = messages.at(-1)!.content;
    asked.push(wanted);
    BEHAVIOURS[wanted]!(response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    asked,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
