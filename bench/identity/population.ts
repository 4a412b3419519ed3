import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { MasterKeySecretBox } from '../../src/adapters/master-key-secret-box.ts';
import { SqliteRecordStore } from '../../src/adapters/sqlite-record-store.ts';
import { loadCatalog } from '../../src/app/price-data.ts';
import { ConsoleSessions } from '../../src/identity/console-session.ts';
import { Directory } from '../../src/identity/directory.ts';
import { put } from '../../src/identity/directory-records.ts';
import { newAccessKeyId, newSecretAccessKey, newUniqueId, type RandomBytes } from '../../src/identity/identifier.ts';
import { OidcMappings } from '../../src/identity/oidc-mapping.ts';
import { NO_POLICIES } from '../../src/identity/policy-holder.ts';
import { type Session, SessionTokens } from '../../src/identity/session-token.ts';
import { ModelRouter } from '../../src/inference/model-router.ts';
import { ClientPresence } from '../../src/kernel/client-presence.ts';
import { RecentMap } from '../../src/kernel/recent-map.ts';
import type { RecordChange } from '../../src/kernel/record-store.ts';
import type { AuthorizeParts } from '../../src/paths/request-path/authorize.ts';
import type { IdentifyParts } from '../../src/paths/request-path/identify.ts';
import type { ParseParts } from '../../src/paths/request-path/parse.ts';
import { BILLING_REGIONS } from '../../src/rating/billing-region.ts';
import { BEDROCK_RUNTIME_INFERENCE } from '../../src/services/bedrock-runtime.ts';
import type { WireRequest } from '../../src/wire/exchange.ts';
import { signRequest } from '../../src/wire/sign-request.ts';
import { SigningKeyCache } from '../../src/wire/sigv4.ts';

export const ACCOUNT = '123456789012';
export const NOW_MS = Date.UTC(2026, 4, 1, 12);
const MODEL = 'openai.gpt-oss-120b-1:0';
const WRITE_BATCH = 10_000;

/** The keys that sign as one principal. */
export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** An installation without its server: the directory on disk and everything that the first steps of a request need. */
export interface Population {
  readonly parts: IdentifyParts & ParseParts & AuthorizeParts;
  readonly users: readonly Keys[];
  /** Opens a session of the one role under a name of its own. */
  readonly session: (index: number) => Keys;
  readonly close: () => Promise<void>;
}

/** Distinct bytes in every call, the same in every run. */
function counted(seed: string): RandomBytes {
  let round = 0;
  return (size) => createHash('shake256', { outputLength: size }).update(`${seed} ${round++}`).digest();
}

const POLICY = {
  ...NO_POLICIES,
  inlinePolicies: [
    {
      name: 'inference',
      document: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: ['bedrock:InvokeModel*'], Resource: '*' }],
      }),
    },
  ],
};

/** So many users, each with a key, two tags and a policy, and a role. */
export async function populate(folder: string, userCount: number): Promise<Population> {
  const store = new SqliteRecordStore(join(folder, `directory-${userCount}.sqlite`), () => NOW_MS);
  const box = new MasterKeySecretBox(Buffer.alloc(32, 1));
  const directory = new Directory(store, box);
  const sessions = new SessionTokens(box);
  const random = counted('population');
  const roleId = newUniqueId('AROA', random);
  const users: Keys[] = [];
  let changes: RecordChange[] = [
    put('account', { version: 0, id: ACCOUNT, name: 'bench', isManagement: true, createdAtMs: 0 }),
    put('role', {
      version: 0,
      accountId: ACCOUNT,
      id: roleId,
      name: 'Inference',
      path: '/',
      createdAtMs: 0,
      maxSessionDurationSeconds: 3600,
      trustPolicy: '{}',
      tags: new Map([['project', 'bench']]),
      ...POLICY,
    }),
  ];
  for (let index = 0; index < userCount; index++) {
    const id = newUniqueId('AIDA', random);
    const keys = { accessKeyId: newAccessKeyId('AKIA', ACCOUNT, random), secretAccessKey: newSecretAccessKey(random) };
    const tags = new Map([
      ['team', `team-${index % 50}`],
      ['cost-center', `${index % 500}`],
    ]);
    const common = { version: 0, accountId: ACCOUNT, createdAtMs: 0 };
    const sealedSecret = directory.sealSecret(keys.secretAccessKey);
    changes.push(
      put('user', { ...common, id, name: `user-${index}`, path: '/', tags, groupIds: [], ...POLICY }),
      put('access-key', { ...common, id: keys.accessKeyId, ownerId: id, sealedSecret, status: 'Active' }),
    );
    users.push(keys);
    if (changes.length < WRITE_BATCH) continue;
    await directory.write(changes);
    changes = [];
  }
  await directory.write(changes);
  const sessionRandom = counted('sessions');
  return {
    parts: {
      clock: () => NOW_MS,
      directory,
      sessions,
      consoleSessions: new ConsoleSessions(box),
      signingKeys: new SigningKeyCache(),
      regions: BILLING_REGIONS,
      defaultRegion: 'us-east-1',
      webIdentities: { verify: () => Promise.reject(new Error('nobody presents a token')) },
      oidcMappings: new OidcMappings([]),
      verifiedTokens: new RecentMap(0),
      catalog: loadCatalog([]),
      router: new ModelRouter({ upstreams: [], chance: Math.random }),
      operations: {},
      inference: BEDROCK_RUNTIME_INFERENCE,
    },
    users,
    session: (index) => {
      const session: Session = {
        kind: 'assumed-role',
        accountId: ACCOUNT,
        principalId: roleId,
        sessionName: `person-${index}@example.com`,
        issuedBy: 'AssumeRole',
        accessKeyId: newAccessKeyId('ASIA', ACCOUNT, sessionRandom),
        secretAccessKey: newSecretAccessKey(sessionRandom),
        issuedAtMs: NOW_MS,
        expiresAtMs: NOW_MS + 3_600_000,
        sessionTags: new Map([
          ['team', `team-${index % 50}`],
          ['user', `person-${index}`],
        ]),
        transitiveTagKeys: ['team'],
        sourceIdentity: `person-${index}`,
      };
      const { accessKeyId, secretAccessKey } = session;
      return { accessKeyId, secretAccessKey, sessionToken: sessions.issue(session) };
    },
    close: () => store.close(),
  };
}

const BODY = Buffer.from(
  JSON.stringify({
    messages: [{ role: 'user', content: [{ text: 'x'.repeat(700) }] }],
    inferenceConfig: { maxTokens: 100 },
  }),
);
const CLIENT = new ClientPresence();

/** What is signed: a Converse call of about a kilobyte. */
export const UNSIGNED = {
  method: 'POST',
  path: `/model/${encodeURIComponent(MODEL)}/converse`,
  headers: { host: '127.0.0.1:4280', 'content-type': 'application/json' },
  body: BODY,
} as const;

export function converse(keys: Keys): WireRequest {
  const headers = signRequest(UNSIGNED, { ...keys, region: 'us-east-1', service: 'bedrock' }, NOW_MS);
  return {
    method: 'POST',
    path: UNSIGNED.path,
    query: '',
    headers,
    body: BODY,
    httpVersion: '1.1',
    isTls: false,
    sourceIp: '192.0.2.1',
    receivedAtMs: NOW_MS,
    client: CLIENT,
  };
}
