import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assumeRole, callAsAdmin, createUser, keysOf } from '../faults/principals.ts';
import { elementOf, errorOf, iamCall, type Keys, queryCall, send, signed } from '../faults/raw-client.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT } from './principals.ts';

/** One call on the query protocol and what AWS answered. `{{name}}` stands for a value of the set-up below. */
interface AgreementCase {
  readonly name: string;
  readonly source: string;
  readonly action: string;
  /** Null takes a field away that the call would have. */
  readonly fields?: Readonly<Record<string, string | null>>;
  /** After the fields, as it is. */
  readonly append?: string;
  /** Whose keys sign; absent: those of the user `caller`. */
  readonly as?: string;
  /** Of the credential scope; absent: the service that is called. */
  readonly service?: string;
  readonly region?: string;
  readonly expected: {
    readonly status: number;
    readonly code?: string;
    readonly message?: string;
    readonly messageStart?: string;
    readonly xmlns?: string;
    readonly contains?: string;
    /** An element that must not be there. */
    readonly absent?: string;
  };
}

const FOLDER = new URL('../vectors/agreement/', import.meta.url);
const VERSIONS: Readonly<Record<string, string>> = { sts: '2011-06-15', iam: '2010-05-08' };
const ALL_STS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

let server: TestServer;
const values = new Map<string, string>();
const signers = new Map<string, Keys | undefined>();

beforeAll(async () => {
  server = await startServer();
  values.set('account', ACCOUNT);
  values.set('trust', trust(ALL_STS));
  values.set('open', await role('Open', trust(ALL_STS)));
  values.set('plain', await role('Plain', trust(['sts:AssumeRole'])));
  values.set('partner', await role('Partner', trust(ALL_STS, { StringEquals: { 'sts:ExternalId': 'right' } })));
  values.set('long', await role('Long', trust(ALL_STS), { MaxSessionDuration: '43200' }));
  const pathed = await role('Pathed', trust(ALL_STS), { Path: '/deep/' });
  await role('Unused', trust(ALL_STS));
  const [header, claims] = [
    { alg: 'RS256', kid: 'k' },
    { iss: 'https://idp.example.com', sub: 'subject', aud: 'a' },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  values.set('strangeToken', `${header}.${claims}.c2lnbmF0dXJl`);
  const caller = await createUser(server, 'caller');
  await allowEverything('caller');
  await createUser(server, 'full');
  await callAsAdmin(server, 'iam', iamCall('CreateAccessKey', { UserName: 'full' }));
  const session = await assumeRole(server, pathed);
  const other = await assumeRole(server, pathed);
  const identified = await assumeRole(server, pathed, { RoleSessionName: 'identified', SourceIdentity: 'Alice' });
  values.set('identifiedArn', `arn:aws:sts::${ACCOUNT}:assumed-role/Pathed/identified`);
  const tagged = await assumeRole(server, pathed, {
    'Tags.member.1.Key': 'team',
    'Tags.member.1.Value': 'red',
    'TransitiveTagKeys.member.1': 'team',
  });
  for (const [name, keys] of Object.entries({ caller, session, identified, tagged })) signers.set(name, keys);
  signers.set('unknown', { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x'.repeat(40) });
  signers.set('tokenless', { accessKeyId: session.accessKeyId, secretAccessKey: session.secretAccessKey });
  signers.set('swapped', { ...session, sessionToken: other.sessionToken! });
  signers.set('forged', { ...caller, secretAccessKey: 'x'.repeat(40) });
  signers.set('nobody', undefined);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

function trust(Action: readonly string[], Condition?: object): string {
  const statement = { Effect: 'Allow', Principal: { AWS: ACCOUNT }, Action, ...(Condition && { Condition }) };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

async function role(RoleName: string, AssumeRolePolicyDocument: string, more: Readonly<Record<string, string>> = {}) {
  const input = { RoleName, AssumeRolePolicyDocument, ...more };
  const created = await callAsAdmin(server, 'iam', iamCall('CreateRole', input));
  const PolicyDocument = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 'sts:*', Resource: '*' }],
  });
  if (RoleName !== 'Unused') {
    await callAsAdmin(server, 'iam', iamCall('PutRolePolicy', { RoleName, PolicyName: 'sts', PolicyDocument }));
  }
  return elementOf(created, 'Arn');
}

async function allowEverything(UserName: string): Promise<void> {
  const PolicyArn = 'arn:aws:iam::aws:policy/AdministratorAccess';
  await callAsAdmin(server, 'iam', iamCall('AttachUserPolicy', { UserName, PolicyArn }));
}

function filled(text: string): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`the set-up has no ${name}`);
    return value;
  });
}

for (const file of readdirSync(FOLDER)) {
  const { topic, cases } = JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as {
    readonly topic: string;
    readonly cases: readonly AgreementCase[];
  };
  describe(topic, () => {
    it.each(cases.map((one) => [one.name, one] as const))('%s', async (_, one) => {
      const called = one.action.includes('WithWebIdentity') ? 'sts' : file.replace('.json', '');
      const fields = Object.entries(one.fields ?? {}).flatMap(([name, value]) =>
        value === null ? [] : [[name, filled(value)] as const],
      );
      const made = queryCall(one.action, VERSIONS[called]!, Object.fromEntries(fields));
      const body = one.fields?.Version === null ? String(made.body).replace(/&Version=[^&]*/, '') : String(made.body);
      const request = {
        ...made,
        headers: { ...made.headers, host: new URL(server.url).host },
        body: body + (one.append ?? ''),
      };
      const keys = signers.get(one.as ?? 'caller');
      const scope = { service: one.service ?? called, region: one.region ?? 'us-east-1' };
      const answer = await send(server.url, keys ? signed(server.url, request, { ...scope, keys }) : request);
      const { status, code, message, messageStart, xmlns, contains, absent } = one.expected;
      expect(answer.status, answer.text).toBe(status);
      if (status >= 400) {
        const error = errorOf(answer);
        if (code !== undefined) expect(error.code).toBe(code);
        if (message !== undefined) expect(error.message).toBe(filled(message));
        if (messageStart !== undefined) expect(error.message?.slice(0, messageStart.length)).toBe(messageStart);
      }
      if (xmlns !== undefined) expect(answer.text).toContain(` xmlns="${xmlns}"`);
      if (contains !== undefined) expect(answer.text).toContain(filled(contains));
      if (absent !== undefined) expect(answer.text).not.toContain(`<${absent}`);
      if (status === 200 && /<SecretAccessKey>/.test(answer.text)) keysOf(answer);
    });
  });
}
