import { createHash } from 'node:crypto';
import { MasterKeySecretBox } from '../../src/adapters/master-key-secret-box.ts';
import { OidcTokenVerifier } from '../../src/adapters/oidc-token-verifier.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { XmlSamlVerifier } from '../../src/adapters/xml-saml-verifier.ts';
import { bootstrap } from '../../src/identity/bootstrap.ts';
import { Directory } from '../../src/identity/directory.ts';
import { put } from '../../src/identity/directory-records.ts';
import { newAccessKeyId, type RandomBytes } from '../../src/identity/identifier.ts';
import { findCredential, requireUnexpired } from '../../src/identity/identify.ts';
import type { Caller } from '../../src/identity/principal.ts';
import { SessionTokens } from '../../src/identity/session-token.ts';
import { ClientPresence } from '../../src/kernel/client-presence.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { FederationTable } from '../../src/paths/federation-handler.ts';
import type { OperationTable } from '../../src/paths/operation-handler.ts';
import { AuthorizationMessages } from '../../src/policy/authorization-message.ts';
import { authorize } from '../../src/policy/authorize.ts';
import { globalContext, withContext } from '../../src/policy/context.ts';
import { deniedMessage } from '../../src/policy/denied-message.ts';
import { iamOperations } from '../../src/services/iam.ts';
import { stsFederation, stsOperations } from '../../src/services/sts.ts';

export const MANAGEMENT = '123456789012';
export const MEMBER = '210987654321';
/** What this installation calls itself at identity providers. */
export const SAML_RULES = { recipients: ['https://tallyline.example/saml'], audiences: ['tallyline'] };
export const START_MS = Date.UTC(2026, 4, 1, 12);

/** The same bytes in every run. */
export function seededRandom(seed: string): RandomBytes {
  let round = 0;
  return (size) => createHash('shake256', { outputLength: size }).update(`${seed} ${round++}`).digest();
}

/** Access keys as an SDK holds them. */
export interface Keys {
  readonly AccessKeyId?: string | undefined;
  readonly SecretAccessKey?: string | undefined;
  readonly SessionToken?: string | undefined;
}

/** A directory with two accounts and the IAM and STS operations over it, called as the request path calls them. */
export class Installation {
  readonly box: MasterKeySecretBox;
  readonly store: SqliteRecordStore;
  readonly directory: Directory;
  readonly sessions: SessionTokens;
  readonly iam: OperationTable;
  readonly sts: OperationTable;
  readonly federation: FederationTable;
  readonly webIdentities: OidcTokenVerifier;
  nowMs = START_MS;

  /** `ca`: PEM of an OpenID provider's certificate. */
  constructor(file = ':memory:', masterKey = Buffer.alloc(32, 7), ca?: string) {
    this.box = new MasterKeySecretBox(masterKey);
    this.store = new SqliteRecordStore(file, () => this.nowMs);
    this.directory = new Directory(this.store, this.box);
    this.sessions = new SessionTokens(this.box);
    const random = seededRandom('installation');
    const saml = new XmlSamlVerifier();
    this.iam = iamOperations({ directory: this.directory, random, saml });
    const authorizationMessages = new AuthorizationMessages(this.box);
    const parts = { directory: this.directory, sessions: this.sessions, random, authorizationMessages };
    this.sts = stsOperations(parts);
    this.webIdentities = new OidcTokenVerifier({
      clock: () => this.nowMs,
      ...(ca !== undefined && { ca }),
      onTrouble: () => {},
    });
    const { webIdentities } = this;
    this.federation = stsFederation({ ...parts, webIdentities, saml: { verifier: saml, rules: SAML_RULES } });
  }

  /** A new one with the administrator of the management account. */
  static async start(ca?: string): Promise<{ installation: Installation; admin: Keys }> {
    const installation = new Installation(undefined, undefined, ca);
    const { directory, nowMs } = installation;
    const key = await bootstrap(directory, { id: MANAGEMENT, name: 'payer', nowMs, random: seededRandom('bootstrap') });
    await directory.write([
      put('account', { version: 0, id: MEMBER, name: 'member', isManagement: false, createdAtMs: nowMs }),
    ]);
    return { installation, admin: { AccessKeyId: key.accessKeyId, SecretAccessKey: key.secretAccessKey } };
  }

  callerOf(keys: Keys): Caller {
    const presented = { accessKeyId: keys.AccessKeyId!, sessionToken: keys.SessionToken };
    const credential = findCredential(this.directory, this.sessions, presented);
    requireUnexpired(credential, this.nowMs);
    return credential.caller;
  }

  /** An operation of IAM or STS: identified, authorized, run. */
  async call(operation: string, keys: Keys, input: object = {}): Promise<Answer> {
    const handler = this.iam[operation] ?? this.sts[operation]!;
    const caller = this.callerOf(keys);
    const request = this.#request();
    const call = { requestId: 'r', caller, input, request, region: 'us-east-1', nowMs: this.nowMs };
    const context = globalContext(caller, { ...request, region: call.region, nowMs: this.nowMs });
    for (const need of typeof handler.access === 'function' ? handler.access(call) : []) {
      const { action, resource } = need;
      const asked = { caller, action, resource, context: withContext(context, need.context ?? []) };
      const decision = authorize(asked, this.directory.policySetOf(caller));
      if (!decision.allowed) {
        throw new Fault('AccessDeniedException', deniedMessage(caller, action, resource, decision));
      }
    }
    return await handler.run(call);
  }

  /** An operation of STS that nobody signs. */
  async federate(operation: string, input: object): Promise<Answer> {
    const handler = this.federation[operation]!;
    const noteIdentity = () => {};
    const request = this.#request();
    const call = { requestId: 'r', input, request, region: 'us-east-1', nowMs: this.nowMs, noteIdentity };
    return (await handler.run(call)).output;
  }

  #request() {
    return {
      method: 'POST',
      path: '/',
      query: '',
      headers: { 'user-agent': 'test' },
      body: Buffer.alloc(0),
      httpVersion: '1.1',
      isTls: false,
      sourceIp: '192.0.2.1',
      receivedAtMs: this.nowMs,
      client: new ClientPresence(),
    } as const;
  }

  /** Root has keys only when root made them; here they are put into the directory. */
  async rootKeys(accountId: string): Promise<Keys> {
    const id = newAccessKeyId('AKIA', accountId, seededRandom(accountId));
    const sealedSecret = this.directory.sealSecret('secret');
    const key = {
      version: 0,
      id,
      accountId,
      ownerId: accountId,
      sealedSecret,
      status: 'Active',
      createdAtMs: 0,
    } as const;
    await this.directory.write([put('access-key', key)]);
    return { AccessKeyId: id, SecretAccessKey: 'secret' };
  }

  /** A user with a key and, when given, an inline policy. */
  async user(admin: Keys, name: string, statements?: readonly object[]): Promise<Keys> {
    await this.call('CreateUser', admin, { UserName: name });
    if (statements) {
      const PolicyDocument = policy(...statements);
      await this.call('PutUserPolicy', admin, { UserName: name, PolicyName: 'inline', PolicyDocument });
    }
    return (await this.call('CreateAccessKey', admin, { UserName: name })).AccessKey;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export type Answer = any;

/** Code and message of the fault that a call ends with. */
export async function fault(promise: Promise<unknown>): Promise<[code: string, message: string]> {
  const error = await promise.then(
    () => new Error('no fault'),
    (thrown) => thrown,
  );
  return [error.code, error.message];
}

export function policy(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export function allow(action: string | readonly string[], resource = '*'): object {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

export function trust(principal: string | object, ...actions: readonly string[]): string {
  const Principal = typeof principal === 'string' ? { AWS: principal } : principal;
  return policy({ Effect: 'Allow', Principal, Action: actions.length > 0 ? actions : ['sts:AssumeRole'] });
}
