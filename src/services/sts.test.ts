import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  allow,
  fault,
  Installation,
  type Keys,
  MANAGEMENT,
  MEMBER,
  policy,
  START_MS,
  trust,
} from '../../test/identity/installation.ts';
import { accountOfAccessKeyId } from '../identity/identifier.ts';

let installation: Installation;
let admin: Keys;

const call = (operation: string, keys: Keys, input: object = {}): Promise<Answer> =>
  installation.call(operation, keys, input);
const arnOf = (name: string) => `arn:aws:iam::${MANAGEMENT}:role/${name}`;
const ROOT = `arn:aws:iam::${MANAGEMENT}:root`;
const ALL_STS = ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'];

/** A role that trusts the whole account; a name with slashes has a path. */
async function role(
  name: string,
  options: { document?: string; seconds?: number; tags?: Record<string, string> } = {},
) {
  const Tags = Object.entries(options.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
  const slash = name.lastIndexOf('/');
  const answer = await call('CreateRole', admin, {
    RoleName: name.slice(slash + 1),
    Path: `/${name.slice(0, slash + 1)}`,
    AssumeRolePolicyDocument: options.document ?? trust(ROOT, ...ALL_STS),
    MaxSessionDuration: options.seconds,
    Tags,
  });
  return answer.Role;
}

function assume(keys: Keys, roleName: string, input: object = {}): Promise<Answer> {
  return call('AssumeRole', keys, { RoleArn: arnOf(roleName), RoleSessionName: 'session', ...input });
}

const tag = (Key: string, Value: string) => ({ Key, Value });

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

describe('AssumeRole', () => {
  it('answers a session that is the assumed role, without the role path', async () => {
    const { RoleId } = await role('team/app/Reader');
    const answer = await assume(admin, 'team/app/Reader');
    expect(answer).toEqual({
      AssumedRoleUser: {
        AssumedRoleId: `${RoleId}:session`,
        Arn: `arn:aws:sts::${MANAGEMENT}:assumed-role/Reader/session`,
      },
      Credentials: {
        AccessKeyId: expect.stringMatching(/^ASIA[A-Z2-7]{16}$/),
        SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
        SessionToken: expect.stringMatching(/^[\w-]{100,}$/),
        Expiration: new Date(START_MS + 3_600_000),
      },
    });
    expect(await call('GetCallerIdentity', answer.Credentials)).toEqual({
      Arn: `arn:aws:sts::${MANAGEMENT}:assumed-role/Reader/session`,
      UserId: `${RoleId}:session`,
      Account: MANAGEMENT,
    });
    expect(installation.callerOf(answer.Credentials).principalArn).toBe(arnOf('team/app/Reader'));
  });

  it('expires to the second', async () => {
    await role('Reader');
    installation.nowMs = START_MS + 789;
    const { Credentials } = await assume(admin, 'Reader', { DurationSeconds: 900 });
    expect(Credentials.Expiration).toEqual(new Date(START_MS + 900_000));
    installation.nowMs = START_MS + 899_999;
    expect(installation.callerOf(Credentials).roleName).toBe('Reader');
    installation.nowMs = START_MS + 900_000;
    expect(() => installation.callerOf(Credentials)).toThrow('The security token included in the request is expired');
  });

  it('says in the same words that a role is missing and that it does not trust the caller', async () => {
    const alice = await installation.user(admin, 'alice');
    await role('Closed', { document: trust(`arn:aws:iam::${MANAGEMENT}:user/admin`) });
    const sentence = (name: string) =>
      `User: arn:aws:iam::${MANAGEMENT}:user/alice is not authorized to perform: sts:AssumeRole on resource: ${arnOf(name)}`;
    expect(await fault(assume(alice, 'Closed'))).toEqual(['AccessDeniedException', sentence('Closed')]);
    expect(await fault(assume(alice, 'Missing'))).toEqual(['AccessDeniedException', sentence('Missing')]);
  });

  it('refuses texts that are no ARN, and ARNs of other things', async () => {
    expect(await fault(call('AssumeRole', admin, { RoleArn: 'x'.repeat(20), RoleSessionName: 's1' }))).toEqual([
      'ValidationException',
      `${'x'.repeat(20)} is invalid`,
    ]);
    await role('team/Reader');
    const wrongPath = await fault(assume(admin, 'Reader'));
    expect(wrongPath[0]).toBe('AccessDeniedException');
  });

  it('compares the duration with the role first and with the limit of chaining second', async () => {
    await role('Long', { seconds: 43_200 });
    await role('Short');
    const tooLong = 'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.';
    const chained =
      'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.';
    expect((await assume(admin, 'Long', { DurationSeconds: 43_200 })).Credentials.Expiration).toEqual(
      new Date(START_MS + 43_200_000),
    );
    expect(await fault(assume(admin, 'Short', { DurationSeconds: 3601 }))).toEqual(['ValidationException', tooLong]);
    await call('AttachRolePolicy', admin, {
      RoleName: 'Long',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    const { Credentials } = await assume(admin, 'Long');
    expect((await assume(Credentials, 'Long', { DurationSeconds: 3600 })).Credentials).toBeDefined();
    expect(await fault(assume(Credentials, 'Long', { DurationSeconds: 3601 }))).toEqual([
      'ValidationException',
      chained,
    ]);
    expect(await fault(assume(Credentials, 'Short', { DurationSeconds: 3601 }))).toEqual([
      'ValidationException',
      tooLong,
    ]);
  });

  it('finds fault with the request before it says whether the caller may', async () => {
    const alice = await installation.user(admin, 'alice');
    const duplicate = await fault(assume(alice, 'Missing', { Tags: [tag('team', 'a'), tag('Team', 'b')] }));
    expect(duplicate[0]).toBe('InvalidParameterValueException');
    const malformed = await fault(assume(alice, 'Missing', { Policy: '{' }));
    expect(malformed[0]).toBe('MalformedPolicyDocumentException');
  });

  it('is not for root, nor with an MFA device or a context that nobody can check', async () => {
    await role('Reader');
    const rootKeys = await installation.rootKeys(MANAGEMENT);
    expect(await fault(assume(rootKeys, 'Reader'))).toEqual([
      'AccessDeniedException',
      'Roles may not be assumed by root accounts.',
    ]);
    expect((await fault(assume(admin, 'Reader', { SerialNumber: 'GAHT12345678', TokenCode: '123456' })))[0]).toBe(
      'AccessDeniedException',
    );
    expect(
      (await fault(assume(admin, 'Reader', { ProvidedContexts: [{ ProviderArn: 'arn', ContextAssertion: 'x' }] })))[0],
    ).toBe('ValidationException');
  });

  it('works across accounts when both sides allow it', async () => {
    const target = `arn:aws:iam::${MEMBER}:role/Target`;
    const memberAdmin = await installation.rootKeys(MEMBER);
    await call('CreateRole', memberAdmin, { RoleName: 'Target', AssumeRolePolicyDocument: trust(ROOT) });
    const alice = await installation.user(admin, 'alice', [allow('sts:AssumeRole', target)]);
    const bob = await installation.user(admin, 'bob');
    const input = { RoleArn: target, RoleSessionName: 'visit' };
    expect((await call('AssumeRole', alice, input)).AssumedRoleUser.Arn).toBe(
      `arn:aws:sts::${MEMBER}:assumed-role/Target/visit`,
    );
    expect((await fault(call('AssumeRole', bob, input)))[0]).toBe('AccessDeniedException');
  });

  it('does not trust a user made anew under a trusted name', async () => {
    const alice = await installation.user(admin, 'alice');
    const { Role } = await call('CreateRole', admin, {
      RoleName: 'Private',
      AssumeRolePolicyDocument: trust(`arn:aws:iam::${MANAGEMENT}:user/alice`),
    });
    expect(decodeURIComponent(Role.AssumeRolePolicyDocument)).toContain(`"arn:aws:iam::${MANAGEMENT}:user/alice"`);
    expect((await assume(alice, 'Private')).Credentials).toBeDefined();
    await call('DeleteAccessKey', admin, { UserName: 'alice', AccessKeyId: alice.AccessKeyId });
    await call('DeleteUser', admin, { UserName: 'alice' });
    const impostor = await installation.user(admin, 'alice');
    expect((await fault(assume(impostor, 'Private')))[0]).toBe('AccessDeniedException');
    const shown = (await call('GetRole', admin, { RoleName: 'Private' })).Role.AssumeRolePolicyDocument;
    expect(decodeURIComponent(shown)).toMatch(/"AWS":"AIDA[A-Z2-7]{17}"/);
  });
});

describe('session tags', () => {
  it('beat the tags of the role without regard to the letter case of keys', async () => {
    await role('App', { tags: { Department: 'ops', project: 'x' } });
    const { Credentials } = await assume(admin, 'App', { Tags: [tag('department', 'research'), tag('empty', '')] });
    expect(installation.callerOf(Credentials).tags).toEqual(
      new Map([
        ['project', 'x'],
        ['department', 'research'],
        ['empty', ''],
      ]),
    );
  });

  it('stay, while the tags of the role change under a session', async () => {
    await role('App', { tags: { team: 'a', project: 'x' } });
    const { Credentials } = await assume(admin, 'App', { Tags: [tag('team', 'b')] });
    await call('TagRole', admin, { RoleName: 'App', Tags: [tag('project', 'y'), tag('team', 'c')] });
    expect(Object.fromEntries(installation.callerOf(Credentials).tags)).toEqual({ team: 'b', project: 'y' });
  });

  it('need sts:TagSession', async () => {
    await role('Untagged', { document: trust(ROOT) });
    const alice = await installation.user(admin, 'alice', [allow('sts:AssumeRole')]);
    const message = `User: arn:aws:iam::${MANAGEMENT}:user/alice is not authorized to perform: sts:TagSession on resource: ${arnOf('Untagged')}`;
    expect(await fault(assume(alice, 'Untagged', { Tags: [tag('team', 'a')] }))).toEqual([
      'AccessDeniedException',
      message,
    ]);
    expect((await assume(alice, 'Untagged')).PackedPolicySize).toBeUndefined();
  });

  it.each([
    [
      { Tags: [tag('Team', 'a'), tag('team', 'b')] },
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ],
    [{ TransitiveTagKeys: ['team'] }, 'The specified transitive tag key must be included in the requested tags.'],
    [{ Tags: [tag('AWS:x', 'a')] }, 'aws: prefixed tag key names are not allowed for external use.'],
  ])('are refused when they are not in order: %j', async (input, message) => {
    await role('App');
    expect(await fault(assume(admin, 'App', input))).toEqual(['InvalidParameterValueException', message]);
  });

  it('pass through chaining when they are transitive, and only then', async () => {
    await role('First');
    await role('Second', { tags: { team: 'second' } });
    await call('AttachRolePolicy', admin, {
      RoleName: 'First',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    const first = await assume(admin, 'First', {
      Tags: [tag('team', 'a'), tag('note', 'n')],
      TransitiveTagKeys: ['TEAM'],
    });
    const second = await assume(first.Credentials, 'Second', { Tags: [tag('own', 'o')] });
    expect(Object.fromEntries(installation.callerOf(second.Credentials).tags)).toEqual({ team: 'a', own: 'o' });
    const conflict =
      "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.";
    expect(await fault(assume(first.Credentials, 'Second', { Tags: [tag('Team', 'b')] }))).toEqual([
      'InvalidParameterValueException',
      conflict,
    ]);
    await call('AttachRolePolicy', admin, {
      RoleName: 'Second',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    const third = await assume(second.Credentials, 'First');
    expect(Object.fromEntries(installation.callerOf(third.Credentials).tags)).toEqual({ team: 'a' });
    expect(third.PackedPolicySize).toBe(1);
  });

  it('fill the packed size, which has an end', async () => {
    await role('App');
    const tags = (count: number) =>
      Array.from({ length: count }, (_, n) => tag(`key-${n}`.padEnd(64, 'k'), 'v'.repeat(64)));
    expect((await assume(admin, 'App', { Tags: tags(16) })).PackedPolicySize).toBe(50);
    expect(await fault(assume(admin, 'App', { Tags: tags(40) }))).toEqual([
      'PackedPolicyTooLargeException',
      'Packed size of session tags consumes 125% of allotted space.',
    ]);
  });
});

describe('source identity', () => {
  it('is set once and stays for the rest of the chain', async () => {
    await role('First');
    await role('Second');
    await call('AttachRolePolicy', admin, {
      RoleName: 'First',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    const first = await assume(admin, 'First', { SourceIdentity: 'alice' });
    expect(first.SourceIdentity).toBe('alice');
    expect((await assume(first.Credentials, 'Second')).SourceIdentity).toBe('alice');
    const again = await assume(first.Credentials, 'Second', { SourceIdentity: 'alice' });
    expect(installation.callerOf(again.Credentials).sourceIdentity).toBe('alice');
    expect(await fault(assume(first.Credentials, 'Second', { SourceIdentity: 'bob' }))).toEqual([
      'ValidationException',
      'The source identity is already set for this assume role session',
    ]);
  });

  it('needs sts:SetSourceIdentity, also when it is inherited', async () => {
    await role('First');
    await role('NoSet', { document: trust(ROOT) });
    await call('PutRolePolicy', admin, {
      RoleName: 'First',
      PolicyName: 'p',
      PolicyDocument: policy(allow('sts:AssumeRole')),
    });
    const { Credentials } = await assume(admin, 'First', { SourceIdentity: 'alice' });
    expect(await fault(assume(Credentials, 'NoSet'))).toEqual([
      'AccessDeniedException',
      `User: arn:aws:sts::${MANAGEMENT}:assumed-role/First/session is not authorized to perform: sts:SetSourceIdentity on resource: ${arnOf('NoSet')}`,
    ]);
  });
});

describe('session policies', () => {
  it('limit what the session may do', async () => {
    await role('Power');
    await call('AttachRolePolicy', admin, {
      RoleName: 'Power',
      PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess',
    });
    const limited = await assume(admin, 'Power', { Policy: policy(allow('iam:GetUser')) });
    expect(limited.PackedPolicySize).toBeGreaterThan(0);
    expect((await call('GetUser', limited.Credentials, { UserName: 'admin' })).User.UserName).toBe('admin');
    expect((await fault(call('ListUsers', limited.Credentials)))[0]).toBe('AccessDeniedException');
    const managed = await assume(admin, 'Power', {
      PolicyArns: [{ arn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' }],
    });
    expect((await call('ListUsers', managed.Credentials)).Users).toHaveLength(1);
    expect((await fault(call('DeleteUser', managed.Credentials, { UserName: 'x' })))[0]).toBe('AccessDeniedException');
  });

  it('are refused when malformed, unknown or too long', async () => {
    await role('Power');
    expect((await fault(assume(admin, 'Power', { Policy: 'no json' })))[0]).toBe('MalformedPolicyDocumentException');
    const arn = `arn:aws:iam::${MANAGEMENT}:policy/none`;
    expect((await fault(assume(admin, 'Power', { PolicyArns: [{ arn }] })))[0]).toBe('ValidationException');
    const long = policy(allow(`iam:${'x'.repeat(2048)}`));
    expect((await fault(assume(admin, 'Power', { Policy: long })))[1]).toMatch(/length less than or equal to 2048$/);
  });
});

describe('sessions and the directory', () => {
  it('end with their role, also when one is made anew under the name', async () => {
    await role('App');
    const { Credentials } = await assume(admin, 'App');
    await call('DeleteRole', admin, { RoleName: 'App' });
    const invalid = 'The security token included in the request is invalid.';
    expect(() => installation.callerOf(Credentials)).toThrow(invalid);
    await role('App');
    expect(() => installation.callerOf(Credentials)).toThrow(invalid);
    expect(installation.callerOf((await assume(admin, 'App')).Credentials).roleName).toBe('App');
  });

  it('see policies that were attached after they began', async () => {
    await role('App');
    const { Credentials } = await assume(admin, 'App');
    expect((await fault(call('ListUsers', Credentials)))[0]).toBe('AccessDeniedException');
    await call('AttachRolePolicy', admin, { RoleName: 'App', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
    expect((await call('ListUsers', Credentials)).Users).toHaveLength(1);
  });
});

describe('GetSessionToken and GetFederationToken', () => {
  it('give a user who is the same user, and cannot call IAM', async () => {
    const answer = await call('GetSessionToken', admin);
    expect(answer.Credentials.Expiration).toEqual(new Date(START_MS + 43_200_000));
    const identity = await call('GetCallerIdentity', answer.Credentials);
    expect(identity).toEqual(await call('GetCallerIdentity', admin));
    expect(await fault(call('ListUsers', answer.Credentials))).toEqual([
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    ]);
    await role('App');
    expect((await assume(answer.Credentials, 'App')).Credentials).toBeDefined();
    expect(await fault(call('GetSessionToken', answer.Credentials))).toEqual([
      'AccessDeniedException',
      'Cannot call GetSessionToken with session credentials',
    ]);
  });

  it('cut sessions of root to an hour', async () => {
    const { Credentials } = await call('GetSessionToken', await installation.rootKeys(MANAGEMENT), {
      DurationSeconds: 7200,
    });
    expect(Credentials.Expiration).toEqual(new Date(START_MS + 3_600_000));
    expect(installation.callerOf(Credentials)).toMatchObject({ kind: 'root', arn: ROOT, userId: MANAGEMENT });
  });

  it('give a federated user the tags of the user and the permissions of both policies', async () => {
    await call('TagUser', admin, { UserName: 'admin', Tags: [tag('team', 'a'), tag('site', 's')] });
    const Policy = policy(allow('sts:GetAccessKeyInfo'));
    const answer = await call('GetFederationToken', admin, { Name: 'carol', Policy, Tags: [tag('Team', 'b')] });
    expect(answer.FederatedUser).toEqual({
      FederatedUserId: `${MANAGEMENT}:carol`,
      Arn: `arn:aws:sts::${MANAGEMENT}:federated-user/carol`,
    });
    const caller = installation.callerOf(answer.Credentials);
    expect(Object.fromEntries(caller.tags)).toEqual({ site: 's', Team: 'b' });
    const info = { AccessKeyId: admin.AccessKeyId };
    expect(await call('GetAccessKeyInfo', answer.Credentials, info)).toEqual({ Account: MANAGEMENT });
    const silent = await call('GetFederationToken', admin, { Name: 'dave' });
    expect(silent.PackedPolicySize).toBe(0);
    expect((await fault(call('GetAccessKeyInfo', silent.Credentials, info)))[0]).toBe('AccessDeniedException');
    await role('App');
    expect((await fault(assume(answer.Credentials, 'App')))[0]).toBe('AccessDeniedException');
    expect((await fault(call('GetFederationToken', answer.Credentials, { Name: 'eve' })))[1]).toBe(
      'Cannot call GetFederationToken with session credentials',
    );
  });
});

describe('GetAccessKeyInfo', () => {
  it('reads the account out of the access key id', async () => {
    await role('App');
    const { Credentials } = await assume(admin, 'App');
    expect(accountOfAccessKeyId(Credentials.AccessKeyId)).toBe(MANAGEMENT);
    expect(await call('GetAccessKeyInfo', admin, { AccessKeyId: Credentials.AccessKeyId })).toEqual({
      Account: MANAGEMENT,
    });
    expect((await fault(call('GetAccessKeyInfo', admin, { AccessKeyId: 'AKIAIOSFODNN7EXAMPLE' })))[0]).toBe(
      'ValidationException',
    );
  });
});
