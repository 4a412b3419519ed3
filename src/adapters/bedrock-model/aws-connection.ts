import { type Dispatcher, Pool } from 'undici';
import type { CallFacts } from '../../inference/model-call.ts';
import type { CallCredentials, UpstreamCredentials } from '../../inference/upstream-credentials.ts';
import type { Clock } from '../../kernel/time.ts';
import { signRequest } from '../../wire/sign-request.ts';
import { SigningKeyCache } from '../../wire/sigv4.ts';
import { silences } from '../model-connection/upstream-connection.ts';
import { tooManyWaiting } from '../model-connection/upstream-fault.ts';

export interface AwsConnectionOptions {
  /** Absent: AWS's own, by region. */
  readonly endpoint?: string | undefined;
  /** Of Bedrock Agent Runtime. Absent: `endpoint`. */
  readonly agentEndpoint?: string | undefined;
  /** Absent: the region that the caller addressed. */
  readonly region?: string | undefined;
  readonly credentials: UpstreamCredentials;
  readonly clock: Clock;
  /** In each region. As many requests may be under way; four times as many more may wait for them. */
  readonly maxConnections: number;
  readonly connectTimeoutMs: number;
  readonly headersTimeoutMs: number;
  readonly idleTimeoutMs: number;
  readonly maxResponseBytes: number;
}

/** Bedrock's two services that answer calls. */
export type BedrockService = 'bedrock-runtime' | 'bedrock-agent-runtime';

/** A request before it is signed. */
export interface BedrockRequest {
  /** Absent: Bedrock Runtime. */
  readonly service?: BedrockService;
  /** Percent-encoded: `/model/anthropic.claude-3-haiku-20240307-v1%3A0/converse`. */
  readonly path: string;
  /** Beside those that every request has; lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const WAITING_PER_CONNECTION = 4;
/** Signatures are of no use to AWS beyond five minutes of its own clock. */
const SKEW_MIN_MS = 240_000;

/** Connections to Bedrock Runtime, and the signatures without which it answers nothing. */
export class AwsConnection {
  readonly #options: AwsConnectionOptions;
  readonly #keys = new SigningKeyCache();
  /** By address. Regions are checked before a call comes here, so there are few. */
  readonly #endpoints = new Map<string, { readonly pool: Pool; readonly host: string; readonly prefix: string }>();
  #requests = 0;
  /** What AWS's clock is ahead of ours. */
  #skewMs = 0;

  constructor(options: AwsConnectionOptions) {
    this.#options = options;
  }

  /**
   * Sends a request; what comes of it reaches the handler. Answers the credentials that it was signed with; a promise where
   * they have to be waited for. Whoever sent it calls `release` when it is over.
   */
  send(
    call: CallFacts,
    request: BedrockRequest,
    handler: Dispatcher.DispatchHandler,
  ): CallCredentials | Promise<CallCredentials> {
    const { maxConnections, credentials } = this.#options;
    if (this.#requests >= maxConnections * (1 + WAITING_PER_CONNECTION)) throw tooManyWaiting();
    this.#requests += 1;
    const released = (error: unknown): never => {
      this.release();
      throw error;
    };
    try {
      const signer = credentials.for(call.caller, call);
      if (!(signer instanceof Promise)) return this.#sendAs(signer, call, request, handler);
      return signer.then((awaited) => this.#sendAs(awaited, call, request, handler)).catch(released);
    } catch (error) {
      return released(error);
    }
  }

  #sendAs(
    signer: CallCredentials,
    call: CallFacts,
    request: BedrockRequest,
    handler: Dispatcher.DispatchHandler,
  ): CallCredentials {
    const region = this.#options.region ?? call.region;
    const { pool, host, prefix } = this.#endpoint(region, request.service ?? 'bedrock-runtime');
    const { body } = request;
    const path = prefix + request.path;
    const headers = {
      ...request.headers,
      host,
      'content-type': 'application/json',
      'amz-sdk-invocation-id': call.requestId,
      // Invocations are the caller's calls, attempts the router's; how many it will make is not said.
      'amz-sdk-request': `attempt=${call.attempt ?? 1}`,
    };
    const { accessKeyId, secretAccessKey, sessionToken } = signer;
    const identity = { accessKeyId, secretAccessKey, sessionToken, region, service: 'bedrock' };
    const nowMs = this.#options.clock() + this.#skewMs;
    const signed = signRequest({ method: 'POST', path, headers, body }, identity, nowMs, this.#keys);
    signed['user-agent'] = USER_AGENT;
    pool.dispatch({ path, method: 'POST', headers: signed, body, ...silences(call.timeouts) }, handler);
    return signer;
  }

  release(): void {
    this.#requests -= 1;
  }

  /** After a signature was refused: true where AWS's clock, as its answer names it, explains why. */
  correctClock(dateHeader: string | string[] | undefined): boolean {
    const theirMs = Date.parse(String(dateHeader));
    const skewMs = theirMs - this.#options.clock();
    if (Number.isNaN(theirMs) || Math.abs(skewMs - this.#skewMs) < SKEW_MIN_MS) return false;
    this.#skewMs = skewMs;
    return true;
  }

  /** Waits for the requests under way. */
  async close(): Promise<void> {
    await Promise.all([...this.#endpoints.values()].map(({ pool }) => pool.close()));
    await this.#options.credentials.close();
  }

  #endpoint(
    region: string,
    service: BedrockService,
  ): { readonly pool: Pool; readonly host: string; readonly prefix: string } {
    const { endpoint, agentEndpoint = endpoint } = this.#options;
    const configured = service === 'bedrock-agent-runtime' ? agentEndpoint : endpoint;
    const key = configured ?? `https://${service}.${region}.amazonaws.com`;
    let found = this.#endpoints.get(key);
    if (!found) {
      const { origin, host, pathname } = new URL(key);
      found = { pool: this.#pool(origin), host, prefix: pathname.replace(/\/+$/, '') };
      this.#endpoints.set(key, found);
    }
    return found;
  }

  #pool(origin: string): Pool {
    const { maxConnections, connectTimeoutMs, headersTimeoutMs, idleTimeoutMs, maxResponseBytes } = this.#options;
    return new Pool(origin, {
      connections: maxConnections,
      allowH2: false,
      connect: { timeout: connectTimeoutMs },
      headersTimeout: headersTimeoutMs,
      bodyTimeout: idleTimeoutMs,
      maxResponseSize: maxResponseBytes,
    });
  }
}

const USER_AGENT = 'tallyline';
