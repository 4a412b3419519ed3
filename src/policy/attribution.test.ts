import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ACCOUNT,
  type Attempt,
  attempt,
  request,
  roleCaller,
  tag,
  userCaller,
} from '../../test/identity/trust-cases.ts';
import { MasterKeySecretBox } from '../adapters/master-key-secret-box.ts';
import { SqliteRecordStore } from '../adapters/sqlite-record-store.ts';
import { Directory } from '../identity/directory.ts';
import { put } from '../identity/directory-records.ts';
import { NO_POLICIES } from '../identity/policy-holder.ts';
import type { RecordChange } from '../kernel/record-store.ts';
import { DAY_MS } from '../kernel/time.ts';
import { bindTrustPolicy } from '../services/iam/trust-principals.ts';
import { type AttributionQuestion, attributionFindings, type Finding, sortedFindings } from './attribution.ts';
import { type TrustDocument, type TrustRequest, trustPreset } from './trust-preset.ts';

const NOW_MS = Date.UTC(2026, 4, 1);
const MAY_ASSUME = statement('sts:*', '*');

interface Person {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly policies?: readonly object[];
}

function statement(action: string | readonly string[], resource: string, condition?: object): object {
  return { Effect: 'Allow', Action: action, Resource: resource, ...(condition && { Condition: condition }) };
}

function policies(statements: readonly object[] | undefined) {
  if (!statements) return NO_POLICIES;
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  return { inlinePolicies: [{ name: 'inline', document }], attachedPolicyArns: [] };
}

/** Users and roles have the unique ids that `userCaller` and `roleCaller` give them. */
class Company {
  readonly directory: Directory;

  constructor() {
    const store = new SqliteRecordStore(':memory:', () => NOW_MS);
    this.directory = new Directory(store, new MasterKeySecretBox(Buffer.alloc(32, 1)));
  }

  static async of(users: readonly Person[], roles: readonly Person[] = []): Promise<Company> {
    const company = new Company();
    await company.write(
      put('account', { version: 0, id: ACCOUNT, name: 'acme', isManagement: true, createdAtMs: 0 }),
      ...users.map((user) => company.user(user)),
      ...roles.map((role) => company.role(role, serviceTrust())),
      put('oidc-provider', {
        version: 0,
        accountId: ACCOUNT,
        url: 'login.example.com',
        clientIds: ['app', 'other-app'],
        thumbprints: [],
        createdAtMs: 0,
        tags: new Map(),
      }),
      put('oidc-provider', {
        version: 0,
        accountId: ACCOUNT,
        url: 'token.actions.githubusercontent.com',
        clientIds: ['sts.amazonaws.com'],
        thumbprints: [],
        createdAtMs: 0,
        tags: new Map(),
      }),
      put('saml-provider', {
        version: 0,
        accountId: ACCOUNT,
        name: 'Okta',
        uuid: 'u',
        metadata: '',
        entityId: 'e',
        certificates: [],
        createdAtMs: 0,
        validUntilMs: NOW_MS + DAY_MS,
        tags: new Map(),
      }),
    );
    return company;
  }

  write(...changes: RecordChange[]): Promise<void> {
    return this.directory.write(changes);
  }

  user({ name, tags = {}, policies: statements }: Person): RecordChange {
    return put('user', {
      version: 0,
      accountId: ACCOUNT,
      id: userCaller(name).principalId,
      name,
      path: '/',
      createdAtMs: 0,
      tags: new Map(Object.entries(tags)),
      groupIds: [],
      ...policies(statements),
    });
  }

  role({ name, tags = {}, policies: statements }: Person, trust: object): RecordChange {
    return put('role', {
      version: this.directory.role(ACCOUNT, name)?.version ?? 0,
      accountId: ACCOUNT,
      id: roleCaller(name, 'x').principalId,
      name,
      path: '/',
      createdAtMs: 0,
      maxSessionDurationSeconds: 3600,
      trustPolicy: bindTrustPolicy(JSON.stringify(trust), this.directory),
      tags: new Map(Object.entries(tags)),
      ...policies(statements),
    });
  }

  findings(question: Partial<AttributionQuestion> = {}): Finding[] {
    const all = {
      accountId: ACCOUNT,
      requiredTagKeys: [],
      nowMs: NOW_MS,
      addresses: [],
      isSeen: () => true,
      ...question,
    };
    return sortedFindings([...attributionFindings(this.directory, all)].flat());
  }

  /** What is said about the trust of one role. */
  async ofTrust(trust: object, question: Partial<AttributionQuestion> = {}): Promise<Finding[]> {
    await this.write(this.role({ name: 'Target', ...{ policies: [statement('sts:AssumeRole', '*')] } }, trust));
    const found = this.findings({ roleName: 'Target', ...question });
    return found.filter(({ kind }) => kind !== 'assumes-any-role');
  }
}

function serviceTrust(): object {
  return {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  };
}

function trust(principal: object, condition?: object, action: string | string[] = 'sts:AssumeRole'): object {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Trust',
        Effect: 'Allow',
        Principal: principal,
        Action: action,
        ...(condition && { Condition: condition }),
      },
    ],
  };
}

const USERS: readonly Person[] = [
  { name: 'alice', tags: { team: 'red' }, policies: [MAY_ASSUME] },
  { name: 'bob', tags: { team: 'blue' }, policies: [MAY_ASSUME] },
  { name: 'carol', tags: { team: 'red' }, policies: [MAY_ASSUME] },
];
const ROLES: readonly Person[] = [
  { name: 'Gateway', policies: [MAY_ASSUME] },
  { name: 'Chatbot', tags: { team: 'red' } },
];
const arn = (resource: string) => `arn:aws:iam::${ACCOUNT}:${resource}`;
const EVERYBODY = { AWS: arn('root') };
const OIDC = arn('oidc-provider/login.example.com');

const anyTags = fc
  .record({
    values: fc.constantFrom<string[]>([], ['red'], ['red', 'blue']),
    extra: fc.boolean(),
    isRequired: fc.boolean(),
  })
  .map(({ values, extra, isRequired }) => ({
    requiredTags: isRequired ? [tag('team', ...values)] : [],
    allowedTags: extra ? [tag('stage', ...values)] : [],
  }));

/** Every shape with its options, for callers that are in the directory. */
const anyPreset: fc.Arbitrary<TrustRequest> = fc
  .record({ tags: anyTags, transitive: fc.boolean(), sourceIdentity: fc.boolean(), some: fc.boolean() })
  .chain(({ tags, transitive, sourceIdentity, some }) => {
    const isTransitive = transitive && tags.requiredTags.length > 0;
    const common = { ...tags, isTransitive };
    const needed = tags.requiredTags.length > 0 ? tags.requiredTags : [tag('team')];
    return fc.constantFrom(
      request('user', { ...common, account: ACCOUNT, hasSourceIdentity: sourceIdentity }),
      request('user', {
        ...common,
        principals: [arn('user/alice'), arn('user/bob')],
        hasSourceIdentity: sourceIdentity,
      }),
      request('application', { ...common, principals: [arn('role/Chatbot')], sessionName: some ? 'chat-*' : 'chat' }),
      request('application', { ...common, principals: [arn('user/alice'), arn('user/bob')], sessionName: 'username' }),
      request('service', { ...common, principals: ['ecs-tasks.amazonaws.com'] }),
      request('oidc', { ...common, provider: OIDC, audience: 'app', hasSourceIdentity: sourceIdentity }),
      request('oidc', { ...common, provider: OIDC, audience: 'app', subject: some ? 'job-*' : 'job-1' }),
      request('github-actions', {
        ...common,
        account: ACCOUNT,
        subject: `repo:acme/bot:${some ? '*' : 'ref:refs/heads/main'}`,
      }),
      request('kubernetes', { ...common, provider: OIDC, subject: 'system:serviceaccount:a:b' }),
      request('cognito', { ...common, requiredTags: needed, audience: 'us-east-1:pool' }),
      request('saml', { ...common, account: ACCOUNT, provider: 'Okta', hasSourceIdentity: sourceIdentity }),
      request('gateway', {
        ...common,
        requiredTags: needed,
        principals: [arn('role/Gateway')],
        ...(some && { sessionName: 'gw-*' }),
      }),
    );
  });

describe('presets', () => {
  test('have no finding with the callers that they are for', async () => {
    const company = await Company.of(USERS, ROLES);
    const property = fc.asyncProperty(anyPreset, async (preset) => {
      const found = await company.ofTrust(trustPreset(preset), {
        requiredTagKeys: preset.shape === 'service' ? [] : preset.requiredTags.map(({ key }) => key),
      });
      // Tags that need not stay are said so for a role that goes on to others; a provider's free tags are not there.
      expect(found.filter(({ kind }) => preset.isTransitive || kind !== 'tags-not-transitive')).toEqual([]);
    });
    await fc.assert(property, { numRuns: 300, seed: 41 });
  });

  /** Takes away or widens one thing. */
  function weakened(document: TrustDocument, at: number, how: 'drop' | 'widen' | 'bare'): TrustDocument {
    const copy = structuredClone(document) as unknown as {
      Statement: { Effect: string; Condition?: Record<string, Record<string, unknown>> }[];
    };
    const lines = copy.Statement.flatMap(({ Condition = {} }, index) =>
      Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.keys(keys).map((key) => ({ index, operator, key })),
      ),
    );
    const line = lines[at % lines.length];
    if (!line) return document;
    const { Condition } = copy.Statement[line.index]!;
    if (how === 'bare') delete copy.Statement[line.index]!.Condition;
    else if (how === 'drop') delete Condition![line.operator]![line.key];
    else if (line.operator === 'StringEquals') {
      delete Condition!.StringEquals![line.key];
      Condition!.StringLike = { ...Condition!.StringLike, [line.key]: '*' };
    }
    return copy as unknown as TrustDocument;
  }

  /** What three users of the directory can do, asked in another way than the analysis asks. */
  function attacks(document: TrustDocument): Record<string, boolean> {
    const may = (asked: Attempt) => attempt(document, asked) === 'allowed';
    const people = USERS.map(({ name, tags = {} }) => userCaller(name, { ...tags }));
    const ways = people.flatMap((caller) =>
      [{}, { team: caller.tags.get('team')! }, { team: 'red' }].flatMap((tags) =>
        [undefined, caller.userName].map((sourceIdentity) => ({
          caller,
          tags,
          transitive: Object.keys(tags),
          sessionName: caller.userName!,
          sourceIdentity,
        })),
      ),
    );
    const open = ways.filter(may);
    const named = (name: string) =>
      new Set(ways.filter((way) => may({ ...way, sessionName: name })).map(({ caller }) => caller.userName)).size;
    return {
      name: ['alice', 'bob', 'carol', 'x-1'].some((name) => named(name) > 1),
      key: open.some((way) => may({ ...way, tags: { ...way.tags, project: 'x' } })),
      value: open.some((way) => way.tags.team !== undefined && may({ ...way, tags: { team: 'green' } })),
      letters: open.some(
        (way) => way.tags.team !== undefined && may({ ...way, tags: { TEAM: way.tags.team }, transitive: ['TEAM'] }),
      ),
      missing: ways.some((way) => may({ ...way, tags: {}, transitive: [] })),
    };
  }

  const FOUND_AS: Readonly<Record<string, readonly Finding['kind'][]>> = {
    name: ['session-name-chosen', 'identity-shared'],
    key: ['tag-key-chosen'],
    value: ['tag-value-chosen', 'tag-key-chosen'],
    letters: ['tag-key-case', 'tag-key-chosen'],
    missing: ['tag-missing'],
  };

  test('that somebody weakened have a finding whenever an attack succeeds, and none of a kind without one', async () => {
    const company = await Company.of(USERS, ROLES);
    const succeeded = new Set<string>();
    const property = fc.asyncProperty(
      anyTags.map((tags) => request('user', { ...tags, account: ACCOUNT })),
      fc.nat(20),
      fc.constantFrom('drop' as const, 'widen' as const, 'bare' as const),
      async (preset, at, how) => {
        const document = weakened(trustPreset(preset), at, how);
        const kinds = new Set((await company.ofTrust(document, { requiredTagKeys: ['team'] })).map(({ kind }) => kind));
        for (const [attack, isOpen] of Object.entries(attacks(document))) {
          if (isOpen) succeeded.add(attack);
          const isFound = FOUND_AS[attack]!.some((kind) => kinds.has(kind));
          if (isOpen) expect([attack, isFound]).toEqual([attack, true]);
        }
        const { name, missing } = attacks(document);
        expect(kinds.has('session-name-chosen') || kinds.has('identity-shared')).toBe(name);
        expect(kinds.has('tag-missing')).toBe(missing);
      },
    );
    await fc.assert(property, { numRuns: 400, seed: 42 });
    // A check that no attack ever got through would be none.
    expect([...succeeded].sort()).toEqual(['key', 'letters', 'missing', 'name', 'value']);
  });
});

describe('trust policies', () => {
  const PINNED = { StringEquals: { 'sts:RoleSessionName': `\${aws:username}` } };

  test.each<[string, object, Finding['kind'], Finding['severity']]>([
    ['a name that nobody pins', trust(EVERYBODY), 'session-name-chosen', 'high'],
    [
      'a pattern that all share',
      trust(EVERYBODY, { StringLike: { 'sts:RoleSessionName': 'dev-*' } }),
      'session-name-chosen',
      'high',
    ],
    [
      'one name for all',
      trust(EVERYBODY, { StringEquals: { 'sts:RoleSessionName': 'shared' } }),
      'identity-shared',
      'medium',
    ],
    [
      'tags without conditions',
      trust(EVERYBODY, PINNED, ['sts:AssumeRole', 'sts:TagSession']),
      'tag-key-chosen',
      'high',
    ],
    [
      'a value that is free',
      trust(
        EVERYBODY,
        {
          ...PINNED,
          StringLike: { 'aws:RequestTag/team': '*' },
          'ForAllValues:StringEquals': { 'aws:TagKeys': 'team' },
        },
        ['sts:AssumeRole', 'sts:TagSession'],
      ),
      'tag-value-chosen',
      'high',
    ],
    [
      'a list of values for several callers',
      trust(
        EVERYBODY,
        {
          StringEquals: { ...PINNED.StringEquals, 'aws:RequestTag/team': ['red', 'blue'] },
          'ForAllValues:StringEquals': { 'aws:TagKeys': 'team' },
        },
        'sts:*',
      ),
      'tag-value-chosen',
      'high',
    ],
    [
      'values that are limited and keys that are not',
      trust(
        EVERYBODY,
        {
          StringEquals: { ...PINNED.StringEquals, 'aws:RequestTag/team': `\${aws:PrincipalTag/team}` },
          'ForAllValues:StringEqualsIgnoreCase': { 'aws:TagKeys': 'team' },
        },
        'sts:*',
      ),
      'tag-key-case',
      'medium',
    ],
    [
      'tags that a chain loses',
      trustPreset(request('user', { account: ACCOUNT, requiredTags: [tag('team')] })),
      'tags-not-transitive',
      'low',
    ],
    [
      'a source identity that anyone may set',
      trust(EVERYBODY, PINNED, ['sts:AssumeRole', 'sts:SetSourceIdentity']),
      'source-identity-chosen',
      'medium',
    ],
    ['everybody', trust({ AWS: '*' }, PINNED), 'anyone-may-assume', 'high'],
    [
      'a user that speaks for others',
      trust({ AWS: arn('user/alice') }, { StringLike: { 'sts:RoleSessionName': 'gw-*' } }, [
        'sts:AssumeRole',
        'sts:SetSourceIdentity',
      ]),
      'broker-with-keys',
      'medium',
    ],
    [
      'a third party without external id',
      trust({ AWS: 'arn:aws:iam::999988887777:role/Vendor' }, { StringEquals: { 'sts:RoleSessionName': 'vendor' } }),
      'external-id-missing',
      'medium',
    ],
    [
      'an OIDC role whose callers name themselves',
      trust({ Federated: OIDC }, { StringEquals: { 'login.example.com:aud': 'app' } }, 'sts:AssumeRoleWithWebIdentity'),
      'session-name-chosen',
      'high',
    ],
    [
      'an OIDC role without audience',
      trust(
        { Federated: OIDC },
        { StringEquals: { 'sts:RoleSessionName': `\${login.example.com:sub}` } },
        'sts:AssumeRoleWithWebIdentity',
      ),
      'audience-not-checked',
      'medium',
    ],
    [
      'GitHub without a subject',
      trust(
        { Federated: arn('oidc-provider/token.actions.githubusercontent.com') },
        {
          StringEquals: { 'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com', 'sts:RoleSessionName': 'ci' },
        },
        'sts:AssumeRoleWithWebIdentity',
      ),
      'anyone-may-assume',
      'high',
    ],
    [
      'GitHub with a subject of any owner',
      trust(
        { Federated: arn('oidc-provider/token.actions.githubusercontent.com') },
        {
          StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:*:ref:refs/heads/main' },
          StringEquals: { 'sts:RoleSessionName': 'ci' },
        },
        'sts:AssumeRoleWithWebIdentity',
      ),
      'anyone-may-assume',
      'high',
    ],
    [
      'SAML without audience',
      trust({ Federated: arn('saml-provider/Okta') }, undefined, 'sts:AssumeRoleWithSAML'),
      'audience-not-checked',
      'medium',
    ],
    [
      "a provider's tags as they come",
      trust({ Federated: arn('saml-provider/Okta') }, undefined, ['sts:AssumeRoleWithSAML', 'sts:TagSession']),
      'tag-key-chosen',
      'low',
    ],
    [
      'a provider that is gone',
      trust({ Federated: arn('saml-provider/Gone') }, undefined, 'sts:AssumeRoleWithSAML'),
      'provider-missing',
      'low',
    ],
  ])('%s', async (_, policy, kind, severity) => {
    const company = await Company.of(USERS, ROLES);
    const found = (await company.ofTrust(policy)).find((one) => one.kind === kind);
    expect(found).toMatchObject({ severity, subjectArn: arn('role/Target') });
    expect(found!.fix).toMatch(/`[^`]+`|make the provider again/);
  });

  test('two gateways that tie the name to a source identity can still name each other’s users', async () => {
    const company = await Company.of(USERS, ROLES);
    const one = trustPreset(request('gateway', { principals: [arn('role/Gateway')], requiredTags: [tag('team')] }));
    const both = JSON.parse(
      JSON.stringify(one).replaceAll(
        `"${arn('role/Gateway')}"`,
        JSON.stringify([arn('role/Gateway'), arn('role/Chatbot')]),
      ),
    );
    expect((await company.ofTrust(both)).map(({ kind }) => kind)).toContain('session-name-chosen');
  });

  test('one role that many may assume is many, unless each is named on the way', async () => {
    const company = await Company.of(USERS, ROLES);
    const gateway = (policy: object) =>
      company.write(company.role({ name: 'Gateway', policies: [MAY_ASSUME] }, policy));
    const behind = trustPreset(request('gateway', { principals: [arn('role/Gateway')], requiredTags: [tag('team')] }));
    await gateway(trust(EVERYBODY));
    const [found] = await company.ofTrust(behind);
    expect(found).toMatchObject({ kind: 'session-name-chosen', severity: 'medium', statementId: 'AssumeRole' });
    expect(found!.risk).toContain(`through ${arn('role/Gateway')} come ${arn('user/alice')}, ${arn('user/bob')}`);
    await gateway(trustPreset(request('user', { account: ACCOUNT, hasSourceIdentity: true })));
    expect(await company.ofTrust(behind)).toEqual([]);
    await gateway(trust(EVERYBODY));
    const fixed = trustPreset(request('application', { principals: [arn('role/Gateway')], sessionName: 'gateway' }));
    expect((await company.ofTrust(fixed)).map(({ kind }) => kind)).toEqual(['identity-shared']);
  });

  test('tokens that carry no tags are helped by tags of the role', async () => {
    const company = await Company.of([]);
    const ci = trustPreset(
      request('github-actions', { account: ACCOUNT, subject: 'repo:acme/bot:ref:refs/heads/main' }),
    );
    const [found, ...others] = await company.ofTrust(ci, { requiredTagKeys: ['team'] });
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      kind: 'tag-missing',
      fix: expect.stringContaining('`aws iam tag-role --role-name Target'),
    });
  });

  test('the organization counts', async () => {
    const company = await Company.of(USERS, ROLES);
    const organization = { version: 0, id: 'o-abc', rootId: 'r-1', managementAccountId: ACCOUNT, createdAtMs: 0 };
    await company.write(
      put('organization', { ...organization, tags: new Map(), policyIds: [], isServiceControlEnabled: false }),
    );
    const pinned = { StringEquals: { 'aws:PrincipalOrgID': 'o-abc' } };
    const kinds = (await company.ofTrust(trust({ AWS: '*' }, pinned))).map(({ kind }) => kind);
    expect(kinds).toEqual(['session-name-chosen']);
    const others = { StringEquals: { 'aws:PrincipalOrgID': 'o-xyz' } };
    expect(await company.ofTrust(trust({ AWS: '*' }, others))).toEqual([]);
  });

  test('names nobody of an account that the asker may not see', async () => {
    const company = await Company.of([]);
    const other = '210987654321';
    const hidden = { accountId: other, name: 'hidden-name', path: '/', createdAtMs: 0, version: 0, tags: new Map() };
    const mayAssume = policies([MAY_ASSUME]);
    await company.write(
      put('account', { version: 0, id: other, name: 'other', isManagement: false, createdAtMs: 0 }),
      put('user', { ...hidden, id: 'AIDAHIDDENHIDDENHIDDE', groupIds: [], ...mayAssume }),
      put('role', {
        ...hidden,
        id: 'AROAHIDDENHIDDENHIDDE',
        trustPolicy: JSON.stringify(trust(EVERYBODY)),
        maxSessionDurationSeconds: 3600,
        ...mayAssume,
      }),
    );
    for (const AWS of ['*', `arn:aws:iam::${other}:root`]) {
      const told = async (isSeen: (id: string) => boolean) =>
        JSON.stringify(await company.ofTrust(trust({ AWS }), { isSeen }));
      expect(await told(() => true)).toContain('hidden-name');
      const shown = await told((id) => id === ACCOUNT);
      expect(JSON.parse(shown)).not.toEqual([]);
      expect(shown).not.toContain('hidden-name');
    }
  });

  test('names the statement and the preset that ends it', async () => {
    const company = await Company.of(USERS, ROLES);
    const [found] = await company.ofTrust(trust(EVERYBODY));
    expect(found).toEqual({
      kind: 'session-name-chosen',
      severity: 'high',
      subjectArn: arn('role/Target'),
      statementId: 'Trust',
      risk: `${arn('user/alice')} can call its session \`bob\`, and so can ${arn('user/bob')}: one can spend in the other's name`,
      fix: `put a trust policy in place that rules it out: \`tallyline trust-policy user --account ${ACCOUNT} > trust.json\`, then \`aws iam update-assume-role-policy --role-name Target --policy-document file://trust.json\``,
    });
  });
});

describe('principals', () => {
  const of = (found: readonly Finding[], name: string) => found.filter(({ subjectArn }) => subjectArn === arn(name));

  test.each<[string, object, Finding['kind'] | undefined]>([
    ['tags itself', statement('iam:TagUser', arn(`user/\${aws:username}`)), 'changes-tags'],
    [
      'tags itself with the keys that matter',
      statement('iam:TagUser', '*', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }),
      'changes-tags',
    ],
    [
      'tags itself with a key that does not matter',
      statement('iam:TagUser', '*', { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['nickname'] } }),
      undefined,
    ],
    ['untags roles', statement('iam:UntagRole', '*'), 'changes-tags'],
    ["makes others' keys", statement('iam:CreateAccessKey', '*'), 'changes-identities'],
    ["makes one other's keys", statement('iam:CreateAccessKey', arn('user/bob')), 'changes-identities'],
    ['makes its own keys', statement('iam:CreateAccessKey', arn('user/alice')), undefined],
    ['changes trust policies', statement('iam:Update*', '*'), 'changes-identities'],
    ['gives itself policies', statement('iam:PutUserPolicy', arn('user/alice')), 'changes-identities'],
    ['assumes any role', statement('sts:AssumeRole', '*'), 'assumes-any-role'],
    ['assumes one role', statement('sts:AssumeRole', arn('role/Chatbot')), undefined],
    ['federates under any name', statement('sts:GetFederationToken', '*'), 'federates-freely'],
    [
      'federates under its own name',
      statement('sts:GetFederationToken', `arn:aws:sts::${ACCOUNT}:federated-user/\${aws:username}`),
      undefined,
    ],
    ['administers', statement('iam:*', '*'), undefined],
  ])('one that %s', async (_, allowed, kind) => {
    const company = await Company.of([{ name: 'alice', tags: { team: 'red' }, policies: [allowed] }, { name: 'bob' }]);
    const kinds = of(company.findings({ requiredTagKeys: ['team'] }), 'user/alice').map((one) => one.kind);
    expect(kinds).toEqual(kind ? [kind] : []);
  });

  test('administrators are named once', async () => {
    const company = await Company.of(['alice', 'bob'].map((name) => ({ name, policies: [statement('*', '*')] })));
    const [found, ...others] = company.findings().filter(({ kind }) => kind === 'administrator');
    expect(others).toEqual([]);
    expect(found!.risk).toBe(`can change every tag, key and trust policy: ${arn('user/alice')}, ${arn('user/bob')}`);
  });

  test('who may infer has to carry the required tags, whatever their letters', async () => {
    const company = await Company.of(
      [
        { name: 'alice', tags: { Team: 'red' }, policies: [statement('bedrock:*', '*')] },
        { name: 'bob', policies: [statement('bedrock:InvokeModel', '*')] },
        { name: 'carol' },
      ],
      [{ name: 'Chatbot', policies: [statement('bedrock:InvokeModel*', '*')] }],
    );
    const found = company.findings({ requiredTagKeys: ['team'] }).filter(({ kind }) => kind === 'tag-missing');
    expect(found.map(({ subjectArn }) => subjectArn)).toEqual([arn('role/Chatbot'), arn('user/bob')]);
    expect(found[1]!.fix).toBe('tag it: `aws iam tag-user --user-name bob --tags Key=team,Value=VALUE`');
  });

  test('keys that several hold or nobody uses', async () => {
    const company = await Company.of([{ name: 'alice' }, { name: 'bob' }]);
    const { principalId } = userCaller('alice');
    const key = (id: string, createdAtMs: number, status: 'Active' | 'Inactive' = 'Active') =>
      put('access-key', {
        version: 0,
        id,
        accountId: ACCOUNT,
        ownerId: principalId,
        sealedSecret: company.directory.sealSecret('s'),
        status,
        createdAtMs,
      });
    const apiKey = (id: string, expiresAtMs?: number) =>
      put('service-credential', {
        version: 0,
        id,
        accountId: ACCOUNT,
        userId: principalId,
        serviceName: 'bedrock.amazonaws.com',
        alias: id,
        secretHash: '',
        status: 'Active',
        createdAtMs: 0,
        ...(expiresAtMs !== undefined && { expiresAtMs }),
      });
    await company.write(
      key('AKIAOLD', NOW_MS - 91 * DAY_MS),
      key('AKIANEW', NOW_MS - DAY_MS),
      key('AKIAOFF', 0, 'Inactive'),
    );
    await company.write(apiKey('ACCA1'), apiKey('ACCA2', NOW_MS + DAY_MS), apiKey('ACCA3', NOW_MS - DAY_MS));
    expect(of(company.findings(), 'user/alice').map(({ kind }) => kind)).toEqual([
      'api-key-shared',
      'api-key-without-end',
      'key-unused',
      'two-active-keys',
    ]);
    company.directory.noteKeyUse('AKIAOLD', { atMs: NOW_MS - DAY_MS, service: 'bedrock', region: 'us-east-1' });
    expect(company.findings().map(({ kind }) => kind)).not.toContain('key-unused');
  });

  test('one word in two spellings', async () => {
    const company = await Company.of([
      { name: 'alice', tags: { team: 'data-science', 'cost-center': '1' } },
      { name: 'bob', tags: { team: 'data-science', 'cost-center': '1' } },
      { name: 'carol', tags: { team: 'Data Science', CostCenter: '2' } },
    ]);
    const found = of(company.findings(), 'user/carol');
    expect(found.map(({ risk }) => risk)).toEqual([
      'the tag key is `CostCenter` here and `cost-center` elsewhere: reports take them for different ones',
      'the value of the tag `team` is `Data Science` here and `data-science` elsewhere: reports take them for different ones',
    ]);
  });

  test('providers and client ids that no role asks for, and many addresses', async () => {
    const company = await Company.of([]);
    await company.write(
      company.role({ name: 'Sso' }, trustPreset(request('oidc', { provider: OIDC, audience: 'app' }))),
    );
    const seen = { principalArn: `arn:aws:sts::${ACCOUNT}:assumed-role/Sso/shared`, addresses: 23, days: 30 };
    const found = company.findings({ addresses: [seen, { ...seen, addresses: 2 }] });
    expect(found.map(({ kind, subjectArn }) => [kind, subjectArn])).toEqual([
      ['client-id-unused', OIDC],
      ['provider-unused', arn('oidc-provider/token.actions.githubusercontent.com')],
      ['provider-unused', arn('saml-provider/Okta')],
      ['many-addresses', seen.principalArn],
    ]);
    expect(found[0]!.risk).toContain('`other-app`');
  });
});
