import * as http from 'node:http';
import * as http2 from 'node:http2';
import * as net from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ClientPresence } from '../kernel/client-presence.ts';
import { Fault } from '../kernel/fault.ts';
import { oncePer } from '../kernel/once-per.ts';
import type { Clock } from '../kernel/time.ts';
import type { WireRequest, WireResponse } from '../wire/exchange.ts';
import { Deadlines } from './http-server/deadlines.ts';
import { IdleConnections } from './http-server/idle-connections.ts';
import { collectYoung, QuietCollection } from './http-server/quiet-collection.ts';
import { discardRest, readBody } from './http-server/request-body.ts';
import { writeResponse } from './http-server/response-body.ts';

export interface HttpServerOptions {
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** PEM texts. Absent: clear text. */
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly clock: Clock;
  /** Answers one request; must not reject for anything a client can cause. */
  readonly handle: (request: WireRequest) => Promise<WireResponse>;
  /** Answers a request that could not be read as a whole (too large, cut off). */
  readonly refuse: (request: WireRequest, fault: Fault) => WireResponse;
  /** For the head of a request, from its first byte. Absent: 30,000. */
  readonly headersTimeoutMs?: number;
  /** For a request's whole body. Absent: 120,000. */
  readonly bodyTimeoutMs?: number;
  /** For a client to take something more of a streamed answer. Absent: 120,000. */
  readonly stallTimeoutMs?: number;
  /** For a connection of HTTP/1.1 between two requests. Absent: 65,000. */
  readonly idleTimeoutMs?: number;
}

/** Largest body: Bedrock's InvokeModel takes 25,000,000 bytes; the rest is room for a Converse request of that content. */
export const BODY_BYTES_MAX = 26_000_000;
/** Requests answered at the same time; more are refused with 503 rather than queued without bound. */
const CONCURRENT_REQUESTS_MAX = 20_000;
const HEADERS_TIMEOUT_MS = 30_000;
const BODY_TIMEOUT_MS = 120_000;
/** One that waits for ever would keep its call open, and with it the journal from being cleared. */
const STALL_TIMEOUT_MS = 120_000;
const IDLE_TIMEOUT_MS = 65_000;
const HEADERS_BYTES_MAX = 64 * 1024;
const H2_PREFACE = 'PRI * HTTP/2.0';

type NodeRequest = http.IncomingMessage | http2.Http2ServerRequest;
type NodeResponse = http.ServerResponse | http2.Http2ServerResponse;

/**
 * HTTP/1.1 and HTTP/2 on one port: the AWS SDK for JavaScript speaks only HTTP/2 to Bedrock Runtime, also without TLS and
 * without asking first (prior knowledge), while the AWS CLI and boto3 speak HTTP/1.1. In clear text the first bytes of a
 * connection tell; under TLS, ALPN.
 */
export class HttpServer {
  readonly #options: HttpServerOptions & Required<Pick<HttpServerOptions, 'headersTimeoutMs' | 'stallTimeoutMs'>>;
  readonly #http1: http.Server;
  readonly #http2: http2.Http2Server | http2.Http2SecureServer;
  readonly #listener: net.Server;
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #sockets = new Set<net.Socket>();
  readonly #idle: IdleConnections;
  readonly #bodies: Deadlines;
  readonly #garbage = new QuietCollection(collectYoung, () => this.#inFlight);
  #inFlight = 0;
  #isDraining = false;
  #onIdle: (() => void) | undefined;

  constructor(options: HttpServerOptions) {
    this.#options = {
      headersTimeoutMs: HEADERS_TIMEOUT_MS,
      stallTimeoutMs: STALL_TIMEOUT_MS,
      ...options,
    };
    const { headersTimeoutMs: headersTimeout } = this.#options;
    const onRequest = (request: NodeRequest, response: NodeResponse) => void this.#serve(request, response);
    const limits = { maxHeaderSize: HEADERS_BYTES_MAX, headersTimeout, requestTimeout: 0, keepAliveTimeout: 0 };
    this.#idle = new IdleConnections(options.idleTimeoutMs ?? IDLE_TIMEOUT_MS);
    this.#bodies = new Deadlines(options.bodyTimeoutMs ?? BODY_TIMEOUT_MS);
    this.#http1 = http.createServer({ ...limits, connectionsCheckingInterval: headersTimeout / 2 }, onRequest);
    // It is handed its connections and never listens itself; without this event Node does not look at their timeouts.
    this.#http1.emit('listening');
    const settings = { maxConcurrentStreams: 1_000, maxHeaderListSize: HEADERS_BYTES_MAX };
    if (options.tls) {
      const secure = http2.createSecureServer({ ...options.tls, allowHTTP1: true, settings }, onRequest);
      secure.on('secureConnection', (socket) => {
        if (socket.alpnProtocol !== 'h2') this.#idle.add(socket);
      });
      this.#http2 = secure;
      this.#listener = secure as unknown as net.Server;
    } else {
      this.#http2 = http2.createServer({ settings }, onRequest);
      this.#listener = net.createServer((socket) => this.#sniff(socket));
    }
    this.#http2.on('session', (session) => {
      this.#sessions.add(session);
      session.once('close', () => this.#sessions.delete(session));
    });
    this.#listener.on('connection', (socket: net.Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
  }

  /** Resolves with the bound port once connections are accepted. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', (error: NodeJS.ErrnoException) => {
        const place = `${this.#options.host}:${this.#options.port}`;
        const why =
          error.code === 'EADDRINUSE' ? 'another process listens there; choose another with --port' : error.message;
        reject(new Fault('ConfigInvalid', `cannot listen on \`${place}\`: ${why}`));
      });
      this.#listener.listen(this.#options.port, this.#options.host, () => {
        resolve((this.#listener.address() as net.AddressInfo).port);
      });
    });
  }

  /**
   * Takes no new requests, waits for those in flight and until their clients have taken the answers (at most `graceMs`),
   * then closes every connection.
   */
  async close(graceMs: number): Promise<void> {
    this.#isDraining = true;
    const allClosed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
    for (const session of this.#sessions) session.close();
    this.#http1.closeIdleConnections();
    const over = new Promise<void>((resolve) => setTimeout(resolve, graceMs).unref());
    if (this.#inFlight > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await Promise.race([idle, over]);
    }
    // Each connection ends behind what is still on its way.
    for (const socket of this.#sockets) socket.destroySoon();
    await Promise.race([allClosed, over]);
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    this.#idle.close();
    this.#bodies.close();
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  #sniff(socket: net.Socket): void {
    socket.setNoDelay(true);
    // A connection that errs before it is handed over has nobody else to hear it.
    socket.on('error', () => socket.destroy());
    socket.setTimeout(this.#options.headersTimeoutMs, () => socket.destroy());
    let first = NO_BODY;
    const look = () => {
      const chunk = socket.read() as Buffer | null;
      if (!chunk) return void socket.destroy();
      first = Buffer.concat([first, chunk]);
      const isHttp2 = H2_PREFACE.startsWith(first.toString('latin1', 0, H2_PREFACE.length));
      // The beginning of the preface can be that of a method, too: `P`.
      if (isHttp2 && first.length < H2_PREFACE.length) return void socket.once('readable', look);
      socket.setTimeout(0);
      socket.removeAllListeners('timeout');
      socket.unshift(first);
      if (!isHttp2) this.#idle.add(socket);
      (isHttp2 ? this.#http2 : this.#http1).emit('connection', socket);
    };
    socket.once('readable', look);
  }

  async #serve(request: NodeRequest, response: NodeResponse): Promise<void> {
    this.#inFlight += 1;
    const { socket } = request;
    this.#idle.begin(socket);
    const client = new ClientPresence();
    // Not `writableFinished`: Node ends an HTTP/2 stream for a client that resets it.
    response.once('close', () => {
      if (!response.writableEnded) client.leave();
    });
    const head = this.#head(request, client);
    const { stallTimeoutMs } = this.#options;
    try {
      if (this.#isDraining || this.#inFlight > CONCURRENT_REQUESTS_MAX) {
        const fault = new Fault('ServiceUnavailableException', 'Bedrock is unable to process your request.');
        await writeResponse(response, this.#options.refuse(head, fault), {
          closeAfter: this.#isDraining,
          stallTimeoutMs,
        });
        return;
      }
      const body = await readBody(request, BODY_BYTES_MAX, this.#bodies);
      if (body instanceof Fault) {
        // A client that is still sending would lose the answer when the connection is closed: the rest is let in, and dropped.
        const beforeEnd = () => discardRest(request, BODY_BYTES_MAX);
        await writeResponse(response, this.#options.refuse(head, body), {
          closeAfter: true,
          stallTimeoutMs,
          beforeEnd,
        });
        return;
      }
      head.body = body;
      const answer = await this.#options.handle(head);
      await writeResponse(response, answer, { closeAfter: this.#isDraining, stallTimeoutMs });
    } catch {
      // The connection failed under us, or a stream was cut on purpose: there is nobody left to tell.
      response.destroy();
    } finally {
      this.#idle.end(socket);
      this.#inFlight -= 1;
      if (this.#inFlight === 0) this.#onIdle?.();
      this.#garbage.answered();
    }
  }

  /** Its body is yet to come. */
  #head(request: NodeRequest, client: ClientPresence): WireRequest & { body: Buffer } {
    const target = request.url ?? '/';
    const mark = target.indexOf('?');
    // Node joins what is repeated, and makes a list of one header alone, which is none of a request's.
    const headers = request.headers as Record<string, string>;
    if (request.headers['set-cookie']) headers['set-cookie'] = request.headers['set-cookie'].join(', ');
    if (headers.authorization !== undefined) headers.authorization = joined(request.rawHeaders, 'authorization');
    return {
      method: request.method ?? 'GET',
      path: mark < 0 ? target : target.slice(0, mark),
      query: mark < 0 ? '' : target.slice(mark + 1),
      headers,
      body: NO_BODY,
      httpVersion: request.httpVersionMajor === 2 ? '2' : '1.1',
      isTls: this.#options.tls !== undefined,
      ...(this.#options.tls && agreedTls(request.socket)),
      sourceIp: request.socket?.remoteAddress?.replace(/^::ffff:/, '') ?? '',
      receivedAtMs: this.#options.clock(),
      client,
    };
  }
}

/** Every value of a header. Node keeps the first of two Authorization headers, and a request with two must be seen as one. */
function joined(rawHeaders: readonly string[], name: string): string {
  const values: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const one = rawHeaders[index]!;
    if (one.length === name.length && one.toLowerCase() === name) values.push(rawHeaders[index + 1]!);
  }
  return values.join(', ');
}

const NO_BODY = Buffer.alloc(0);

/** What TLS agreed on, once a connection. */
const agreedTls = oncePer((socket: net.Socket): Pick<WireRequest, 'tls'> => {
  const secure = socket as TLSSocket;
  const tlsVersion = secure.getProtocol();
  return tlsVersion ? { tls: { tlsVersion, cipherSuite: secure.getCipher().standardName } } : {};
});
