import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import Provider, { type Configuration } from 'oidc-provider';
import { generate } from 'selfsigned';
import { Agent } from 'undici';
import { temporaryFolder } from '../server.ts';

type Claims = Readonly<Record<string, unknown>>;

export const AWS_TAGS = 'https://aws.amazon.com/tags';
export const AWS_SOURCE_IDENTITY = 'https://aws.amazon.com/source_identity';

/** Claims of accounts that the provider puts into ID tokens. */
const ACCOUNT_CLAIMS = [
  'team',
  AWS_TAGS,
  AWS_SOURCE_IDENTITY,
  `${AWS_TAGS}/transitive_tag_keys`,
  ...['team', 'cost-center', 'Project'].map((key) => `${AWS_TAGS}/principal_tags/${key}`),
];
const REDIRECT = 'https://client.example.com/callback';

/** Answers a request in the provider's place; false: the provider answers. */
export type Interception = (request: IncomingMessage, response: ServerResponse) => boolean;

/** The nested claim that AWS documents, of tags with one value each. */
export function tagsClaim(tags: Readonly<Record<string, string>>, transitiveKeys?: readonly string[]): Claims {
  const principalTags = Object.fromEntries(Object.entries(tags).map(([key, value]) => [key, [value]]));
  return { principal_tags: principalTags, ...(transitiveKeys && { transitive_tag_keys: transitiveKeys }) };
}

/** A certified OpenID provider (`oidc-provider`) over TLS on a free port of this machine, with a certificate of its own. */
export class OpenIdProvider {
  readonly clientId = 'tallyline-cli';
  readonly issuer: string;
  /** PEM of the certificate that clients have to trust, as text and as a file. */
  readonly ca: string;
  readonly caFile: string;
  /** Paths that were asked for, oldest first. */
  readonly requests: string[] = [];
  /** Where browsers may be led back to, besides this class's own client. */
  readonly redirectUris: string[] = [];
  /** Who gives a password on the provider's page. */
  nextPerson: string | undefined;
  /** Stands in for the provider while it is set. */
  intercept: Interception | undefined;
  readonly #server: Server;
  readonly #agent: Agent;
  readonly #accounts = new Map<string, Claims>();
  #provider!: Provider;
  #keys: readonly JWK[] = [];
  #rotations = 0;

  private constructor(server: Server, ca: string, path: string) {
    const { port } = server.address() as AddressInfo;
    this.#server = server;
    this.issuer = `https://localhost:${port}${path}`;
    this.ca = ca;
    this.caFile = join(temporaryFolder('openid'), 'ca.pem');
    writeFileSync(this.caFile, ca);
    this.#agent = new Agent({ connect: { ca } });
  }

  /** `path` is the end of the issuer: `/` makes one like Auth0's. */
  static async start(path = ''): Promise<OpenIdProvider> {
    const certificate = await generate([{ name: 'commonName', value: 'localhost' }], {
      algorithm: 'sha256',
      extensions: [
        { name: 'basicConstraints', cA: true },
        { name: 'subjectAltName', altNames: [{ type: 2, value: 'localhost' }] },
      ],
    });
    const server = createServer({ key: certificate.private, cert: certificate.cert });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    const provider = new OpenIdProvider(server, certificate.cert, path);
    await provider.rotate();
    server.on('request', (request, response) => provider.#answer(request, response));
    return provider;
  }

  /** `host:port`, as in provider ARNs and condition keys. */
  get url(): string {
    return this.issuer.slice('https://'.length);
  }

  /** Lets a browser be led to a place after a person has signed in; the person's claims are those of the tokens. */
  async expectBrowser(redirectUri: string, person: string, claims: Claims = {}): Promise<void> {
    this.redirectUris.push(redirectUri);
    this.nextPerson = person;
    this.#accounts.set(person, claims);
    this.#provider = new Provider(this.issuer, this.#configuration());
  }

  /** Signs a person in as a browser would, with the authorization code flow and PKCE; answers the ID token. */
  async signIn(subject: string, claims: Claims = {}): Promise<string> {
    this.#accounts.set(subject, claims);
    const verifier = randomBytes(32).toString('base64url');
    const question = new URLSearchParams({
      client_id: this.clientId,
      response_type: 'code',
      scope: 'openid',
      redirect_uri: REDIRECT,
      login_hint: subject,
      code_challenge_method: 'S256',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    });
    const code = await this.#authorize(`/auth?${question}`);
    const { body } = await this.#agent.request({
      origin: new URL(this.issuer).origin,
      path: '/token',
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        client_id: this.clientId,
        redirect_uri: REDIRECT,
        code,
        code_verifier: verifier,
      }).toString(),
    });
    const { id_token: token } = (await body.json()) as { readonly id_token?: string };
    if (!token) throw new Error('the provider gave no ID token');
    return token;
  }

  /** A token of these claims and standard ones, signed with one of the provider's keys: what it would never issue itself. */
  async sign(claims: Claims, header: { readonly alg?: string; readonly kid?: string | null } = {}): Promise<string> {
    const { alg = 'RS256', kid } = header;
    const key = this.#keys.find((own) => own.alg === alg)!;
    const now = Math.floor(Date.now() / 1000);
    const standard = { iss: this.issuer, sub: 'someone', aud: this.clientId, iat: now, exp: now + 3600 };
    return await new SignJWT({ ...standard, ...claims })
      .setProtectedHeader({ alg, ...(kid !== null && { kid: kid ?? key.kid }) })
      .sign(key);
  }

  /** The keys as they are published. */
  publicKeys(): JWK[] {
    return this.#keys.map(({ d, p, q, dp, dq, qi, ...key }) => key);
  }

  /** New keys under new ids; the old ones are published no more. */
  async rotate(): Promise<void> {
    this.#rotations += 1;
    this.#keys = await Promise.all(
      ['RS256', 'ES256'].map(async (alg) => {
        const { privateKey } = await generateKeyPair(alg, { extractable: true });
        return { ...(await exportJWK(privateKey)), alg, use: 'sig', kid: `${alg}-${this.#rotations}` };
      }),
    );
    this.#provider = new Provider(this.issuer, this.#configuration());
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #configuration(): Configuration {
    return {
      clients: [
        {
          client_id: this.clientId,
          token_endpoint_auth_method: 'none',
          redirect_uris: [REDIRECT, ...this.redirectUris],
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      jwks: { keys: [...this.#keys] as NonNullable<Configuration['jwks']>['keys'] },
      cookies: { keys: [randomBytes(16).toString('hex')] },
      claims: { openid: ['sub', ...ACCOUNT_CLAIMS] },
      conformIdTokenClaims: false,
      ttl: { AccessToken: 600, AuthorizationCode: 60, Grant: 600, IdToken: 3600, Interaction: 600, Session: 600 },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      findAccount: (_context, subject) => ({
        accountId: subject,
        claims: () => ({ ...this.#accounts.get(subject), sub: subject }),
      }),
      loadExistingGrant: async ({ oidc }) => {
        const grant = new oidc.provider.Grant({
          clientId: oidc.client!.clientId,
          accountId: oidc.session!.accountId!,
        });
        grant.addOIDCScope('openid');
        await grant.save();
        return grant;
      },
    };
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '/';
    this.requests.push(path.replace(/\?.*/, ''));
    if (this.intercept?.(request, response)) return;
    if (path.startsWith('/interaction/')) void this.#logIn(request, response);
    else void this.#provider.callback()(request, response);
  }

  /** The page where a person would give a password. */
  async #logIn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { params } = await this.#provider.interactionDetails(request, response);
    await this.#provider.interactionFinished(request, response, {
      login: { accountId: String(params.login_hint ?? this.nextPerson) },
    });
  }

  async #authorize(start: string): Promise<string> {
    const { searchParams, search } = await this.follow(new URL(start, this.issuer).href);
    const code = searchParams.get('code');
    if (code) return code;
    throw new Error(`the provider refuses: ${search}`);
  }

  /** Follows the redirects with cookies, as a browser would; answers the one that leaves the provider. */
  async follow(start: string): Promise<URL> {
    const { origin, pathname, search } = new URL(start);
    const cookies = new Map<string, string>();
    let path = pathname + search;
    for (let steps = 0; steps < 10; steps++) {
      const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
      const { statusCode, headers, body } = await this.#agent.request({
        origin,
        path,
        method: 'GET',
        headers: { cookie },
      });
      const text = await body.text();
      for (const line of [headers['set-cookie'] ?? []].flat()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
        cookies.set(name!, value!);
      }
      if (typeof headers.location !== 'string') throw new Error(`${path} answers ${statusCode}: ${text}`);
      const next = new URL(headers.location, origin);
      if (next.origin !== origin) return next;
      path = next.pathname + next.search;
    }
    throw new Error('the provider redirects without end');
  }
}
