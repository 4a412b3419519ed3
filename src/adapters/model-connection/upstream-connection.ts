import { type Dispatcher, Pool } from 'undici';
import type { CallFacts, CallTimeouts } from '../../inference/model-call.ts';
import { tooManyWaiting } from './upstream-fault.ts';

export interface ConnectionOptions {
  /** Where the paths of the API begin. */
  readonly url: string;
  /** Absent: 256. As many requests may be under way; four times as many more may wait for them. */
  readonly maxConnections?: number;
  /** Absent: 5,000. */
  readonly connectTimeoutMs?: number;
  /** Longest wait for the first byte of a reply. Absent: 300,000, because a whole answer comes in one piece. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within a reply. Absent: 120,000. */
  readonly idleTimeoutMs?: number;
  /** Absent: 64 MiB. */
  readonly maxResponseBytes?: number;
}

/** A request with a JSON body. */
export interface JsonRequest {
  /** Behind the connection's URL: `/chat/completions`. */
  readonly path: string;
  /** Beside those of every request; lower-case names. Absent: none. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

const WAITING_PER_CONNECTION = 4;

/** A call's own timeouts by undici's names. */
export function silences({ headersTimeoutMs, idleTimeoutMs }: CallTimeouts = {}): {
  readonly headersTimeout?: number;
  readonly bodyTimeout?: number;
} {
  return {
    ...(headersTimeoutMs !== undefined && { headersTimeout: headersTimeoutMs }),
    ...(idleTimeoutMs !== undefined && { bodyTimeout: idleTimeoutMs }),
  };
}

/** Connections to one upstream that takes JSON, with a bound on what waits for them. */
export class UpstreamConnection {
  readonly #pool: Pool;
  readonly #basePath: string;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #maxRequests: number;
  #requests = 0;

  /** `headers`: of every request; lower-case names. */
  constructor(options: ConnectionOptions, headers: Readonly<Record<string, string>>) {
    const { origin, pathname } = new URL(options.url);
    const connections = options.maxConnections ?? 256;
    this.#basePath = pathname.replace(/\/+$/, '');
    this.#headers = { 'content-type': 'application/json', ...headers };
    this.#maxRequests = connections * (1 + WAITING_PER_CONNECTION);
    this.#pool = new Pool(origin, {
      connections,
      allowH2: false,
      connect: { timeout: options.connectTimeoutMs ?? 5_000 },
      headersTimeout: options.headersTimeoutMs ?? 300_000,
      bodyTimeout: options.idleTimeoutMs ?? 120_000,
      maxResponseSize: options.maxResponseBytes ?? 64 * 1_024 * 1_024,
    });
  }

  /**
   * Throws when too many wait; whatever goes wrong later reaches the handler. Whoever sent a request calls `release` when
   * it is over.
   */
  send({ requestId, timeouts }: CallFacts, request: JsonRequest, handler: Dispatcher.DispatchHandler): void {
    if (this.#requests >= this.#maxRequests) throw tooManyWaiting();
    this.#requests += 1;
    const headers = { ...this.#headers, ...request.headers, 'x-request-id': requestId };
    const { body } = request;
    const options = { path: this.#basePath + request.path, method: 'POST', headers, body } as const;
    this.#pool.dispatch({ ...options, ...silences(timeouts) }, handler);
  }

  /** A question that takes no model, and counts as no request. */
  ask(path: string, handler: Dispatcher.DispatchHandler): void {
    this.#pool.dispatch({ path: this.#basePath + path, method: 'GET', headers: this.#headers }, handler);
  }

  release(): void {
    this.#requests -= 1;
  }

  /** Waits for the requests under way. */
  async close(): Promise<void> {
    await this.#pool.close();
  }
}
