import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';
import { Fault } from '../../kernel/fault.ts';
import type { CredentialKeeper } from './credential-keeper.ts';
import { readSecretFile } from './secret-file.ts';
import { containerJson } from './workload-credentials.ts';

export interface ContainerEndpointParts {
  /** Default 127.0.0.1. */
  readonly host: string;
  /** 0: any free port. */
  readonly port: number;
  /** What callers have to send as `Authorization`. Made when it is not there; read for every request. */
  readonly authorizationTokenFile: string;
  readonly roleArn: string;
  readonly keeper: CredentialKeeper;
}

/** The address that EKS Pod Identity uses; ECS gives every task a path of its own, here it is the root. */
const PATHS: ReadonlySet<string> = new Set(['/', '/v1/credentials']);

/** Names and addresses that AWS SDKs take for a container's credentials. Another name in `Host` came by DNS rebinding. */
const HOSTS =
  /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\]|169\.254\.170\.(?:2|23)|\[fd00:ec2::23\])(?::\d{1,5})?$/;

/** Browsers and proxies add these; an SDK never does. */
const FOREIGN_HEADERS = ['origin', 'sec-fetch-site', 'x-forwarded-for', 'forwarded', 'via'] as const;

/** Speaks the protocol of AWS_CONTAINER_CREDENTIALS_FULL_URI with AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE. */
export class ContainerEndpoint {
  readonly #parts: ContainerEndpointParts;
  readonly #server: http.Server;

  constructor(parts: ContainerEndpointParts) {
    this.#parts = parts;
    const limits = { maxHeaderSize: 32_768, headersTimeout: 5_000, requestTimeout: 10_000, keepAliveTimeout: 5_000 };
    this.#server = http.createServer(limits, (request, response) => void this.#answer(request, response));
    this.#server.maxConnections = 200;
  }

  /** Resolves with the address once connections are accepted. */
  async listen(): Promise<string> {
    const { host, port, authorizationTokenFile } = this.#parts;
    makeTokenFile(authorizationTokenFile);
    readSecretFile(authorizationTokenFile);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error) => {
        reject(new Fault('ConfigInvalid', `cannot listen on \`${host}:${port}\`: ${error.message}`));
      });
      this.#server.listen(port, host, () => resolve());
    });
    const { address, family, port: bound } = this.#server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}/`;
  }

  async close(): Promise<void> {
    this.#parts.keeper.stop();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { status, body } = await this.#decide(request);
    const headers = { 'content-type': 'application/json', 'cache-control': 'no-store' };
    response.writeHead(status, headers).end(body);
  }

  async #decide({ method, url = '', headers }: http.IncomingMessage): Promise<{ status: number; body: string }> {
    if (!HOSTS.test(headers.host ?? '')) return refusal(403, 'Forbidden', 'the Host header names another host');
    if (FOREIGN_HEADERS.some((name) => headers[name] !== undefined)) {
      return refusal(403, 'Forbidden', 'the request came through a browser or a proxy');
    }
    const { authorizationTokenFile, keeper, roleArn } = this.#parts;
    try {
      if (!isSame(headers.authorization ?? '', readSecretFile(authorizationTokenFile))) {
        return refusal(401, 'Unauthorized', 'the Authorization header is not the token of this endpoint');
      }
      if (method !== 'GET') return refusal(405, 'MethodNotAllowed', 'only GET is answered');
      if (!PATHS.has(url)) return refusal(404, 'NotFound', 'there are no credentials at this path');
      return { status: 200, body: containerJson(await keeper.current(), roleArn) };
    } catch (error) {
      if (!(error instanceof Fault)) return refusal(500, 'InternalServerError', 'an unexpected error occurred');
      const { code, status } = error.fields;
      // A server that says no will say so again; one that does not answer may soon.
      const isRefused = typeof status === 'number' && status < 500;
      return refusal(isRefused ? 403 : 503, typeof code === 'string' ? code : 'ServiceUnavailable', error.message);
    }
  }
}

/** SDKs read these members in either spelling. */
function refusal(status: number, code: string, message: string): { status: number; body: string } {
  return { status, body: JSON.stringify({ Code: code, Message: message, code, message }) };
}

function isSame(presented: string, expected: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(presented), digest(expected));
}

/** For its owner alone, and without a line end: SDKs send the file as it is. */
function makeTokenFile(path: string): void {
  if (existsSync(path)) return;
  try {
    writeFileSync(path, randomBytes(32).toString('base64url'), { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw new Fault('ConfigInvalid', `cannot make --authorization-token-file \`${path}\`: ${(error as Error).message}`);
  }
}
