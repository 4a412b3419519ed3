import { getCACertificates } from 'node:tls';
import { Agent } from 'undici';

export interface JsonFetchOptions {
  /** PEM of certificate authorities that are trusted besides Node's. Absent: Node's alone. */
  readonly ca?: string;
  /** Longest whole answer, from the first byte sent to the last one read. Absent: 8,000. */
  readonly timeoutMs?: number;
}

/** Why there is no document. */
export class FetchFailure extends Error {
  override readonly name = 'FetchFailure';
  /** `unreachable` may pass; `unusable` lasts until somebody changes something. */
  readonly kind: 'unreachable' | 'untrusted' | 'unusable';

  constructor(kind: FetchFailure['kind'], message: string) {
    super(message);
    this.kind = kind;
  }
}

const TIMEOUT_MS = 8_000;
const CONNECT_TIMEOUT_MS = 4_000;
/** A set of 200 keys with certificate chains is about 700 KB. */
const MAX_DOCUMENT_BYTES = 1_024 * 1_024;
/** Requests under way to all providers together. More wait; there is at most one for each provider. */
const MAX_FETCHES = 16;

/** Reads JSON documents from servers that are not trusted to be quick, small or well. Never follows a redirect. */
export class JsonFetch {
  readonly #agent: Agent;
  readonly #timeoutMs: number;
  #underWay = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(options: JsonFetchOptions) {
    this.#timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
    this.#agent = new Agent({
      allowH2: false,
      connections: 2,
      maxResponseSize: MAX_DOCUMENT_BYTES,
      connect: {
        timeout: CONNECT_TIMEOUT_MS,
        ...(options.ca !== undefined && { ca: [...getCACertificates('default'), options.ca] }),
      },
    });
  }

  /** Throws FetchFailure. `url` is https. */
  async json(url: string): Promise<unknown> {
    if (this.#underWay >= MAX_FETCHES) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#underWay += 1;
    try {
      return JSON.parse(await this.#text(url));
    } catch (error) {
      throw asFailure(url, error);
    } finally {
      // Whoever waits takes the place over.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#underWay -= 1;
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #text(url: string): Promise<string> {
    const { origin, pathname, search } = new URL(url);
    const { statusCode, body } = await this.#agent.request({
      origin,
      path: pathname + search,
      method: 'GET',
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(this.#timeoutMs),
    });
    if (statusCode !== 200) {
      await body.dump();
      const isPassing = statusCode >= 500 || statusCode === 408 || statusCode === 429;
      throw new FetchFailure(isPassing ? 'unreachable' : 'unusable', `${url} answers ${statusCode}`);
    }
    return await body.text();
  }
}

/** OpenSSL's and Node's codes for a certificate that is not to be trusted. */
const CERTIFICATE_CODE = /CERT|SELF_SIGNED|UNABLE_TO|ISSUER|HOSTNAME_MISMATCH/;

function asFailure(url: string, error: unknown): FetchFailure {
  if (error instanceof FetchFailure) return error;
  if (error instanceof SyntaxError) return new FetchFailure('unusable', `${url} is not JSON`);
  const { code = '', message } = error as NodeJS.ErrnoException;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return new FetchFailure('unusable', `${url} is too large`);
  if (CERTIFICATE_CODE.test(code)) return new FetchFailure('untrusted', `${url}: ${message}`);
  return new FetchFailure('unreachable', `${url}: ${message || code}`);
}
