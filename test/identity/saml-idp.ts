import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { generate } from 'selfsigned';

export const AWS_SIGN_IN = 'https://signin.aws.amazon.com/saml';
export const AWS_AUDIENCE = 'urn:amazon:webservices';

/** What an identity provider's administrator sets up for one person. */
export interface SamlPerson {
  readonly nameId: string;
  /** Attribute statements, by the part of their names after `https://aws.amazon.com/SAML/Attributes/` or in full. */
  readonly attributes: Readonly<Record<string, string | readonly string[]>>;
}

/** Settings of the provider; every member has the default of a set-up that works. */
export interface SamlSettings {
  readonly recipient?: string;
  readonly audience?: string | readonly string[];
  readonly issuer?: string;
  readonly nameIdFormat?: string;
  readonly signed?: 'assertion' | 'response' | 'both' | 'nothing';
  readonly signatureAlgorithm?: 'rsa-sha256' | 'rsa-sha1';
  readonly digestAlgorithm?: 'sha256' | 'sha1';
  readonly lifetimeInSeconds?: number;
  /** Prefix of the signature's namespace; absent: it is the default namespace. */
  readonly signaturePrefix?: string;
  readonly encryptionCert?: string;
}

export interface KeyPair {
  readonly privateKey: string;
  readonly certificate: string;
}

/** The types of `samlp`, which has none, as far as it is used. */
interface Samlp {
  auth(options: object): Middleware;
  metadata(options: object): Middleware;
}
type Middleware = (request: object, response: object, next: (error: Error) => void) => void;

const samlp = createRequire(import.meta.url)('samlp') as Samlp;

const PREFIX = 'https://aws.amazon.com/SAML/Attributes/';
const METADATA_PATH = '/FederationMetadata/2007-06/FederationMetadata.xml';

export async function newKeyPair(keyType: 'rsa' | 'ec' = 'rsa'): Promise<KeyPair> {
  const pair = await generate([{ name: 'commonName', value: 'idp.example.com' }], { keyType, algorithm: 'sha256' });
  return { privateKey: pair.private, certificate: pair.cert };
}

/** Auth0's identity provider library behind HTTP on loopback: metadata, and a login that answers the browser's form. */
export class SamlIdp {
  /** The entity ID. */
  readonly issuer = 'https://idp.example.com/saml';
  keys: KeyPair;
  readonly #server = createServer((request, response) => this.#answer(request, response));
  readonly #people = new Map<string, { readonly person: SamlPerson; readonly settings: SamlSettings }>();

  private constructor(keys: KeyPair) {
    this.keys = keys;
  }

  static async start(): Promise<SamlIdp> {
    const idp = new SamlIdp(await newKeyPair());
    await new Promise<void>((resolve) => idp.#server.listen(0, '127.0.0.1', resolve));
    return idp;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** The metadata document, as an administrator downloads it. */
  async metadata(): Promise<string> {
    return await (await fetch(this.url + METADATA_PATH)).text();
  }

  /** Where a browser begins to log in as this person. */
  loginUrl(person: SamlPerson, settings: SamlSettings = {}): string {
    const id = String(this.#people.size);
    this.#people.set(id, { person, settings });
    return `${this.url}/login?person=${id}`;
  }

  /** The `SAMLResponse` that the person's browser is given to post: base64. */
  async login(person: SamlPerson, settings: SamlSettings = {}): Promise<string> {
    const page = await (await fetch(this.loginUrl(person, settings))).text();
    const [, token] = /name="SAMLResponse"\s+value="([^"]+)"/.exec(page) ?? [];
    if (!token) throw new Error(`the identity provider answered: ${page}`);
    return token;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    // What samlp uses of Express.
    const asExpress = Object.assign(request, {
      query: Object.fromEntries(url.searchParams),
      protocol: 'http',
      originalUrl: request.url,
    });
    const answer = Object.assign(response, {
      set: (name: string, value: string) => response.setHeader(name, value),
      send: (body: string | number) => response.end(String(body)),
    });
    const fail = (error: Error) => response.writeHead(500).end(error.message);
    if (url.pathname === METADATA_PATH) {
      samlp.metadata({ issuer: this.issuer, cert: this.keys.certificate })(asExpress, answer, fail);
      return;
    }
    const found = this.#people.get(url.searchParams.get('person') ?? '');
    if (!found) return void response.writeHead(404).end();
    samlp.auth(this.#options(found.person, found.settings))(asExpress, answer, fail);
  }

  #options(person: SamlPerson, settings: SamlSettings): object {
    const { signed = 'assertion', recipient = AWS_SIGN_IN, audience = AWS_AUDIENCE } = settings;
    const { signaturePrefix, encryptionCert } = settings;
    return {
      issuer: settings.issuer ?? this.issuer,
      cert: this.keys.certificate,
      key: this.keys.privateKey,
      audience,
      recipient,
      destination: recipient,
      lifetimeInSeconds: settings.lifetimeInSeconds ?? 3600,
      signAssertion: signed === 'assertion' || signed === 'both',
      signResponse: signed === 'response' || signed === 'both',
      signatureAlgorithm: settings.signatureAlgorithm ?? 'rsa-sha256',
      digestAlgorithm: settings.digestAlgorithm ?? 'sha256',
      ...(signaturePrefix && { signatureNamespacePrefix: signaturePrefix }),
      ...(encryptionCert && { encryptionCert, encryptionPublicKey: encryptionCert }),
      getPostURL: (_audience: unknown, _dom: unknown, _request: unknown, done: (error: null, url: string) => void) =>
        done(null, recipient),
      getUserFromRequest: () => person,
      profileMapper: () => ({
        getClaims: () =>
          Object.fromEntries(
            Object.entries(person.attributes).map(([name, value]) => [
              /^(https?:|urn:|\d)/.test(name) ? name : PREFIX + name,
              value,
            ]),
          ),
        getNameIdentifier: () => ({
          nameIdentifier: person.nameId,
          nameIdentifierFormat: settings.nameIdFormat ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
        }),
      }),
    };
  }
}
