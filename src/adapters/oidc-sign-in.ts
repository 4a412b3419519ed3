import { getCACertificates } from 'node:tls';
import { Agent } from 'undici';
import type { SignInProvider, SignInRequest } from '../identity/sign-in-provider.ts';
import { Fault } from '../kernel/fault.ts';
import { type Clock, MINUTE_MS } from '../kernel/time.ts';

export interface OidcSignInOptions {
  /** `https://login.example.com/realms/main`. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client, which PKCE alone protects. */
  readonly clientSecret?: string;
  readonly scopes: readonly string[];
  /** PEM of certificate authorities that are trusted besides Node's. Absent: Node's alone. */
  readonly ca?: string;
  readonly clock: Clock;
}

interface Endpoints {
  readonly authorization: string;
  readonly token: string;
}

const TIMEOUT_MS = 8_000;
const FRESH_MS = 15 * MINUTE_MS;
const MAX_ANSWER_BYTES = 256 * 1_024;

/** Authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636). Answers are bounded; redirects are not followed. */
export class OidcSignIn implements SignInProvider {
  readonly #options: OidcSignInOptions;
  readonly #agent: Agent;
  #endpoints: { readonly found: Endpoints; readonly atMs: number } | undefined;

  constructor(options: OidcSignInOptions) {
    this.#options = options;
    const ca = options.ca !== undefined && { ca: [...getCACertificates('default'), options.ca] };
    this.#agent = new Agent({ allowH2: false, connections: 2, maxResponseSize: MAX_ANSWER_BYTES, connect: { ...ca } });
  }

  async authorizationUrl({ redirectUri, state, nonce, codeChallenge }: SignInRequest): Promise<string> {
    const { authorization } = await this.#discover();
    const url = new URL(authorization);
    const question = {
      response_type: 'code',
      client_id: this.#options.clientId,
      scope: this.#options.scopes.join(' '),
      redirect_uri: redirectUri,
      state,
      nonce,
      code_challenge: codeChallenge,
      code_challenge_method: 'S256',
    };
    for (const [name, value] of Object.entries(question)) url.searchParams.set(name, value);
    return url.href;
  }

  async exchange(code: string, codeVerifier: string, redirectUri: string): Promise<string> {
    const { clientId, clientSecret } = this.#options;
    const { token } = await this.#discover();
    const form = new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: codeVerifier,
      redirect_uri: redirectUri,
      client_id: clientId,
      ...(clientSecret !== undefined && { client_secret: clientSecret }),
    });
    const { status, body } = await this.#ask(token, form.toString());
    const idToken = body.id_token;
    if (status === 200 && typeof idToken === 'string') return idToken;
    const reason = typeof body.error === 'string' ? body.error.slice(0, 64) : `status ${status}`;
    throw new Fault('IDPRejectedClaimException', `the identity provider gave no ID token: \`${reason}\``);
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  async #discover(): Promise<Endpoints> {
    const { issuer, clock } = this.#options;
    if (this.#endpoints && clock() - this.#endpoints.atMs < FRESH_MS) return this.#endpoints.found;
    const { status, body } = await this.#ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { issuer: named, authorization_endpoint: authorization, token_endpoint: token } = body;
    if (status !== 200 || named !== issuer || !isHttps(authorization) || !isHttps(token)) {
      throw unreachable(`\`${issuer}\` publishes no usable OpenID configuration`);
    }
    const found = { authorization, token };
    this.#endpoints = { found, atMs: clock() };
    return found;
  }

  async #ask(url: string, form?: string): Promise<{ status: number; body: Readonly<Record<string, unknown>> }> {
    const { origin, pathname, search } = new URL(url);
    try {
      const { statusCode, body } = await this.#agent.request({
        ...{ origin, path: pathname + search, method: form === undefined ? 'GET' : 'POST' },
        headers: {
          accept: 'application/json',
          ...(form !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(form !== undefined && { body: form }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return { status: statusCode, body: asObject(JSON.parse(await body.text())) };
    } catch (error) {
      throw unreachable(`\`${origin}\` does not answer: ${(error as Error).message}`);
    }
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isHttps(url: unknown): url is string {
  return typeof url === 'string' && url.startsWith('https://');
}

function unreachable(message: string): Fault {
  return new Fault('IDPCommunicationErrorException', message);
}
