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

let installation: Installation;
let admin: Keys;

const call = (operation: string, input: object = {}, keys: Keys = admin): Promise<Answer> =>
  installation.call(operation, keys, input);
const tag = (Key: string, Value: string) => ({ Key, Value });
const tags = (count: number) => Array.from({ length: count }, (_, n) => tag(`key${n}`, 'v'));
const arn = (resource: string) => `arn:aws:iam::${MANAGEMENT}:${resource}`;
const ANYTHING = policy(allow('*'));

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

describe('users', () => {
  it('are created, shown, renamed and deleted', async () => {
    const { User } = await call('CreateUser', { UserName: 'Alice', Path: '/team/', Tags: [tag('team', 'a')] });
    expect(User).toEqual({
      Path: '/team/',
      UserName: 'Alice',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: arn('user/team/Alice'),
      CreateDate: new Date(START_MS),
      Tags: [tag('team', 'a')],
    });
    expect((await call('GetUser', { UserName: 'Alice' })).User).toEqual(User);
    await call('UpdateUser', { UserName: 'Alice', NewUserName: 'Bob', NewPath: '/' });
    expect((await call('GetUser', { UserName: 'Bob' })).User).toMatchObject({
      UserId: User.UserId,
      Arn: arn('user/Bob'),
    });
    expect(await fault(call('GetUser', { UserName: 'Alice' }))).toEqual([
      'NoSuchEntityException',
      'The user with name Alice cannot be found.',
    ]);
    await call('DeleteUser', { UserName: 'Bob' });
    expect((await call('ListUsers')).Users.map(({ UserName }: Answer) => UserName)).toEqual(['admin']);
  });

  it('have names that differ in more than letter case', async () => {
    await call('CreateUser', { UserName: 'alice' });
    const exists = ['EntityAlreadyExistsException', 'User with name ALICE already exists.'];
    expect(await fault(call('CreateUser', { UserName: 'ALICE' }))).toEqual(exists);
    expect(await fault(call('UpdateUser', { UserName: 'admin', NewUserName: 'ALICE' }))).toEqual(exists);
    await call('UpdateUser', { UserName: 'alice', NewUserName: 'Alice' });
    expect((await call('GetUser', { UserName: 'alice' })).User.UserName).toBe('Alice');
  });

  it('are created once when two requests race', async () => {
    const answers = await Promise.allSettled([1, 2, 3].map(() => call('CreateUser', { UserName: 'alice' })));
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.code] : []));
    expect(lost).toEqual(['EntityAlreadyExistsException', 'EntityAlreadyExistsException']);
  });

  it('default to the caller, who must be a user', async () => {
    expect((await call('GetUser')).User.UserName).toBe('admin');
    const root = await installation.rootKeys(MANAGEMENT);
    expect((await call('GetUser', {}, root)).User).toMatchObject({ UserId: MANAGEMENT, Arn: arn('root') });
    await call('CreateRole', { RoleName: 'App', AssumeRolePolicyDocument: trust(arn('root')) });
    await call('AttachRolePolicy', { RoleName: 'App', PolicyArn: 'arn:aws:iam::aws:policy/AdministratorAccess' });
    const { Credentials } = await call('AssumeRole', { RoleArn: arn('role/App'), RoleSessionName: 'session' });
    expect(await fault(call('GetUser', {}, Credentials))).toEqual([
      'ValidationException',
      'Must specify userName when calling with non-User credentials',
    ]);
  });

  it('are not deleted while something hangs on them', async () => {
    await call('CreateUser', { UserName: 'alice' });
    await call('CreateGroup', { GroupName: 'team' });
    await call('AddUserToGroup', { UserName: 'alice', GroupName: 'team' });
    const { AccessKey } = await call('CreateAccessKey', { UserName: 'alice' });
    await call('AttachUserPolicy', { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
    await call('PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: ANYTHING });
    const refusal = async () => (await fault(call('DeleteUser', { UserName: 'alice' }))).join(': ');
    expect(await refusal()).toBe('DeleteConflictException: Cannot delete entity, must delete policies first.');
    await call('DeleteUserPolicy', { UserName: 'alice', PolicyName: 'p' });
    expect(await refusal()).toBe('DeleteConflictException: Cannot delete entity, must detach all policies first.');
    await call('DetachUserPolicy', { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
    expect(await refusal()).toBe('DeleteConflictException: Cannot delete entity, must delete access keys first.');
    await call('DeleteAccessKey', { UserName: 'alice', AccessKeyId: AccessKey.AccessKeyId });
    expect(await refusal()).toBe('DeleteConflictException: Cannot delete entity, must remove users from group first.');
    await call('RemoveUserFromGroup', { UserName: 'alice', GroupName: 'team' });
    await call('DeleteUser', { UserName: 'alice' });
  });

  it('are listed page by page in name order, without repeats when the list changes in between', async () => {
    for (const name of ['delta', 'Bravo', 'alpha', 'charlie'])
      await call('CreateUser', { UserName: name, Path: '/x/' });
    const first = await call('ListUsers', { PathPrefix: '/x/', MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true, Marker: expect.any(String) });
    expect(first.Users.map(({ UserName }: Answer) => UserName)).toEqual(['alpha', 'Bravo']);
    expect(first.Users[0]).not.toHaveProperty('Tags');
    await call('DeleteUser', { UserName: 'Bravo' });
    const second = await call('ListUsers', { PathPrefix: '/x/', MaxItems: 2, Marker: first.Marker });
    expect(second.Users.map(({ UserName }: Answer) => UserName)).toEqual(['charlie', 'delta']);
    expect(second).toMatchObject({ IsTruncated: false });
    expect(second).not.toHaveProperty('Marker');
    expect((await fault(call('ListUsers', { Marker: 'not a marker' })))[0]).toBe('ValidationException');
  });

  it('of other accounts are not there', async () => {
    const member = await installation.rootKeys(MEMBER);
    expect((await call('ListUsers', {}, member)).Users).toEqual([]);
    expect((await fault(call('GetUser', { UserName: 'admin' }, member)))[0]).toBe('NoSuchEntityException');
  });
});

describe('access keys', () => {
  it('sign until they are inactive or deleted, and are two at most', async () => {
    const alice = await installation.user(admin, 'alice');
    expect(alice).toMatchObject({
      UserName: 'alice',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      SecretAccessKey: expect.stringMatching(/^.{40}$/),
      Status: 'Active',
    });
    await call('CreateAccessKey', { UserName: 'alice' });
    expect(await fault(call('CreateAccessKey', { UserName: 'alice' }))).toEqual([
      'LimitExceededException',
      'Cannot exceed quota for AccessKeysPerUser: 2',
    ]);
    const key = { UserName: 'alice', AccessKeyId: alice.AccessKeyId };
    expect(installation.callerOf(alice).userName).toBe('alice');
    await call('UpdateAccessKey', { ...key, Status: 'Inactive' });
    expect(() => installation.callerOf(alice)).toThrow('The security token included in the request is invalid.');
    await call('UpdateAccessKey', { ...key, Status: 'Active' });
    expect(installation.callerOf(alice).userName).toBe('alice');
    await call('DeleteAccessKey', key);
    expect(() => installation.callerOf(alice)).toThrow('The security token included in the request is invalid.');
    const { AccessKeyMetadata } = await call('ListAccessKeys', { UserName: 'alice' });
    expect(AccessKeyMetadata).toHaveLength(1);
    expect(AccessKeyMetadata[0]).not.toHaveProperty('SecretAccessKey');
    expect(await fault(call('DeleteAccessKey', key))).toEqual([
      'NoSuchEntityException',
      `The Access Key with id ${alice.AccessKeyId} cannot be found.`,
    ]);
  });

  it('tell when they were last used, to a quarter of an hour', async () => {
    const alice = await installation.user(admin, 'alice');
    const id = alice.AccessKeyId!;
    const lastUse = async () => (await call('GetAccessKeyLastUsed', { AccessKeyId: id })).AccessKeyLastUsed;
    expect(await lastUse()).toEqual({ LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' });
    installation.directory.noteKeyUse(id, { atMs: START_MS, service: 'bedrock', region: 'eu-central-1' });
    installation.directory.noteKeyUse(id, { atMs: START_MS + 60_000, service: 'sts', region: 'us-east-1' });
    expect(await lastUse()).toEqual({
      LastUsedDate: new Date(START_MS),
      ServiceName: 'bedrock',
      Region: 'eu-central-1',
    });
    installation.directory.noteKeyUse(id, { atMs: START_MS + 900_000, service: 'sts', region: 'us-east-1' });
    expect((await lastUse()).ServiceName).toBe('sts');
  });
});

describe('roles', () => {
  it('are created and shown as AWS shows them', async () => {
    const document = trust({ Service: 'bedrock.amazonaws.com', AWS: MEMBER });
    const created = await call('CreateRole', {
      RoleName: 'App',
      Path: '/team/',
      AssumeRolePolicyDocument: document,
      Description: 'an app',
      MaxSessionDuration: 7200,
      Tags: [tag('team', 'a')],
    });
    expect(created.Role).toEqual({
      Path: '/team/',
      RoleName: 'App',
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: arn('role/team/App'),
      CreateDate: new Date(START_MS),
      AssumeRolePolicyDocument: expect.stringMatching(/^%7B%22Version%22%3A%222012-10-17%22/),
      Description: 'an app',
      Tags: [tag('team', 'a')],
    });
    const shown = JSON.parse(decodeURIComponent(created.Role.AssumeRolePolicyDocument));
    expect(shown.Statement[0].Principal).toEqual({
      Service: 'bedrock.amazonaws.com',
      AWS: `arn:aws:iam::${MEMBER}:root`,
    });
    const { Role } = await call('GetRole', { RoleName: 'App' });
    expect(Role).toEqual({ ...created.Role, MaxSessionDuration: 7200, RoleLastUsed: {} });
    const [listed] = (await call('ListRoles', { PathPrefix: '/team/' })).Roles;
    expect(listed).not.toHaveProperty('Tags');
    await call('UpdateRole', { RoleName: 'App', Description: 'other' });
    expect((await call('GetRole', { RoleName: 'App' })).Role).toMatchObject({
      Description: 'other',
      MaxSessionDuration: 3600,
    });
    await call('DeleteRole', { RoleName: 'App' });
    expect((await fault(call('GetRole', { RoleName: 'App' })))[1]).toBe('The role with name App cannot be found.');
  });

  it('trust only principals that exist', async () => {
    const create = (document: string) => call('CreateRole', { RoleName: 'App', AssumeRolePolicyDocument: document });
    const invalid = (principal: string) => [
      'MalformedPolicyDocumentException',
      `Invalid principal in policy: "AWS":"${principal}"`,
    ];
    for (const principal of [arn('user/nobody'), arn('role/none'), arn('user/team/admin'), 'AROAAAAAAAAAAAAAAAAAA']) {
      expect(await fault(create(trust(principal)))).toEqual(invalid(principal));
    }
    await create(trust({ AWS: [arn('user/admin'), 'arn:aws:iam::999999999999:user/elsewhere', '*'] }));
    const { Role } = await call('GetRole', { RoleName: 'App' });
    expect(JSON.parse(decodeURIComponent(Role.AssumeRolePolicyDocument)).Statement[0].Principal.AWS).toEqual([
      arn('user/admin'),
      'arn:aws:iam::999999999999:user/elsewhere',
      '*',
    ]);
    expect(
      await fault(call('UpdateAssumeRolePolicy', { RoleName: 'App', PolicyDocument: trust(arn('user/x')) })),
    ).toEqual(invalid(arn('user/x')));
    expect((await fault(create('{')))[0]).toBe('MalformedPolicyDocumentException');
  });

  it('keep to the quota of their trust policy, where white space is free', async () => {
    const statement = { Effect: 'Allow', Principal: { AWS: arn('root') }, Action: 'sts:AssumeRole' };
    const padded = JSON.stringify({ Version: '2012-10-17', Statement: [statement] }, undefined, 200);
    await call('CreateRole', { RoleName: 'Padded', AssumeRolePolicyDocument: padded });
    const long = policy(...Array.from({ length: 20 }, (_, n) => ({ Sid: `S${n}`, ...statement })));
    expect(await fault(call('CreateRole', { RoleName: 'Long', AssumeRolePolicyDocument: long }))).toEqual([
      'LimitExceededException',
      'Cannot exceed quota for ACLSizePerRole: 2048',
    ]);
  });
});

describe('inline policies', () => {
  it('are put, shown percent-encoded, listed and deleted', async () => {
    const document = policy({ ...allow('s3:*'), Condition: { StringLike: { 'aws:PrincipalTag/x': "it's (*)" } } });
    await call('PutUserPolicy', { UserName: 'admin', PolicyName: 'p', PolicyDocument: document });
    const answer = await call('GetUserPolicy', { UserName: 'admin', PolicyName: 'p' });
    expect(answer).toMatchObject({ UserName: 'admin', PolicyName: 'p' });
    expect(answer.PolicyDocument).not.toMatch(/[!'()* ]/);
    expect(decodeURIComponent(answer.PolicyDocument)).toBe(document);
    await call('PutUserPolicy', { UserName: 'admin', PolicyName: '__proto__', PolicyDocument: ANYTHING });
    expect((await call('ListUserPolicies', { UserName: 'admin' })).PolicyNames).toEqual(['__proto__', 'p']);
    await call('DeleteUserPolicy', { UserName: 'admin', PolicyName: 'p' });
    expect(await fault(call('GetUserPolicy', { UserName: 'admin', PolicyName: 'p' }))).toEqual([
      'NoSuchEntityException',
      'The user policy with name p cannot be found.',
    ]);
  });

  it('share a quota and are checked', async () => {
    await call('CreateGroup', { GroupName: 'team' });
    const half = policy(allow(`s3:${'x'.repeat(1000)}`));
    await call('PutUserPolicy', { UserName: 'admin', PolicyName: 'a', PolicyDocument: half });
    expect(await fault(call('PutUserPolicy', { UserName: 'admin', PolicyName: 'b', PolicyDocument: half }))).toEqual([
      'LimitExceededException',
      'Maximum policy size of 2048 bytes exceeded for user admin',
    ]);
    await call('PutGroupPolicy', { GroupName: 'team', PolicyName: 'a', PolicyDocument: half });
    expect((await fault(call('PutUserPolicy', { UserName: 'admin', PolicyName: 'b', PolicyDocument: 'x' })))[0]).toBe(
      'MalformedPolicyDocumentException',
    );
  });
});

describe('managed policies', () => {
  const POLICY = arn('policy/team/Readers');
  const create = () => call('CreatePolicy', { PolicyName: 'Readers', Path: '/team/', PolicyDocument: ANYTHING });

  it('have versions, five at most, one of them in force', async () => {
    const { Policy } = await create();
    expect(Policy).toMatchObject({ Arn: POLICY, DefaultVersionId: 'v1', AttachmentCount: 0, IsAttachable: true });
    expect((await fault(create()))[1]).toBe('A policy called Readers already exists. Duplicate names are not allowed.');
    const PolicyDocument = policy(allow('iam:ListUsers'));
    for (let n = 2; n <= 5; n++)
      await call('CreatePolicyVersion', { PolicyArn: POLICY, PolicyDocument, SetAsDefault: n === 3 });
    expect(await fault(call('CreatePolicyVersion', { PolicyArn: POLICY, PolicyDocument }))).toEqual([
      'LimitExceededException',
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    ]);
    const { Versions } = await call('ListPolicyVersions', { PolicyArn: POLICY });
    expect(Versions.map(({ VersionId }: Answer) => VersionId)).toEqual(['v5', 'v4', 'v3', 'v2', 'v1']);
    const alice = await installation.user(admin, 'alice');
    await call('AttachUserPolicy', { UserName: 'alice', PolicyArn: POLICY });
    expect((await fault(call('GetUser', { UserName: 'admin' }, alice)))[0]).toBe('AccessDeniedException');
    await call('SetDefaultPolicyVersion', { PolicyArn: POLICY, VersionId: 'v1' });
    expect((await call('GetUser', { UserName: 'admin' }, alice)).User.UserName).toBe('admin');
    expect((await fault(call('DeletePolicyVersion', { PolicyArn: POLICY, VersionId: 'v1' })))[1]).toBe(
      'Cannot delete the default version of a policy.',
    );
    await call('DeletePolicyVersion', { PolicyArn: POLICY, VersionId: 'v5' });
    const next = await call('CreatePolicyVersion', { PolicyArn: POLICY, PolicyDocument });
    expect(next.PolicyVersion.VersionId).toBe('v6');
    const { PolicyVersion } = await call('GetPolicyVersion', { PolicyArn: POLICY, VersionId: 'v1' });
    expect(decodeURIComponent(PolicyVersion.Document)).toBe(ANYTHING);
  });

  it('are attached, counted, listed and only deleted when nothing uses them', async () => {
    await create();
    await call('CreateRole', { RoleName: 'App', AssumeRolePolicyDocument: trust(arn('root')) });
    await call('AttachRolePolicy', { RoleName: 'App', PolicyArn: POLICY });
    await call('AttachRolePolicy', { RoleName: 'App', PolicyArn: POLICY });
    await call('PutUserPermissionsBoundary', { UserName: 'admin', PermissionsBoundary: POLICY });
    expect((await call('GetPolicy', { PolicyArn: POLICY })).Policy).toMatchObject({
      AttachmentCount: 1,
      PermissionsBoundaryUsageCount: 1,
    });
    expect((await call('ListEntitiesForPolicy', { PolicyArn: POLICY })).PolicyRoles).toHaveLength(1);
    expect((await call('ListAttachedRolePolicies', { RoleName: 'App' })).AttachedPolicies).toEqual([
      { PolicyName: 'Readers', PolicyArn: POLICY },
    ]);
    const used = await call('ListPolicies', { OnlyAttached: true });
    expect(used.Policies.map(({ PolicyName }: Answer) => PolicyName)).toEqual(['AdministratorAccess', 'Readers']);
    expect((await call('ListPolicies', { Scope: 'Local' })).Policies).toHaveLength(1);
    const attached = 'Cannot delete a policy attached to entities.';
    expect(await fault(call('DeletePolicy', { PolicyArn: POLICY }))).toEqual(['DeleteConflictException', attached]);
    await call('DetachRolePolicy', { RoleName: 'App', PolicyArn: POLICY });
    expect((await fault(call('DeletePolicy', { PolicyArn: POLICY })))[1]).toBe(attached);
    await call('DeleteUserPermissionsBoundary', { UserName: 'admin' });
    expect(await fault(call('DetachRolePolicy', { RoleName: 'App', PolicyArn: POLICY }))).toEqual([
      'NoSuchEntityException',
      `Policy ${POLICY} was not found.`,
    ]);
    await call('CreatePolicyVersion', { PolicyArn: POLICY, PolicyDocument: ANYTHING });
    expect((await fault(call('DeletePolicy', { PolicyArn: POLICY })))[1]).toMatch(
      /^This policy has more than one version\./,
    );
    await call('DeletePolicyVersion', { PolicyArn: POLICY, VersionId: 'v2' });
    await call('DeletePolicy', { PolicyArn: POLICY });
    expect((await fault(call('GetPolicy', { PolicyArn: POLICY })))[1]).toBe(`Policy ${POLICY} was not found.`);
  });

  it('are refused when they do not exist, are too many or belong to AWS', async () => {
    const attach = (PolicyArn: string) => call('AttachUserPolicy', { UserName: 'admin', PolicyArn });
    expect(await fault(attach(POLICY))).toEqual([
      'NoSuchEntityException',
      `Policy ${POLICY} does not exist or is not attachable.`,
    ]);
    expect(await fault(attach('not an arn at all....'))).toEqual([
      'ValidationException',
      'Invalid ARN:  Could not be parsed!',
    ]);
    for (let n = 1; n <= 9; n++) {
      const { Policy } = await call('CreatePolicy', { PolicyName: `p${n}`, PolicyDocument: ANYTHING });
      await attach(Policy.Arn);
    }
    await create();
    expect((await fault(attach(POLICY)))[1]).toBe('Cannot exceed quota for PoliciesPerUser: 10');
    const aws = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
    expect((await call('GetPolicy', { PolicyArn: aws })).Policy.PolicyName).toBe('ReadOnlyAccess');
    expect((await fault(call('DeletePolicy', { PolicyArn: aws })))[0]).toBe('AccessDeniedException');
    const long = policy(allow(`s3:${'x'.repeat(6144)}`));
    expect((await fault(call('CreatePolicy', { PolicyName: 'long', PolicyDocument: long })))[1]).toBe(
      'Cannot exceed quota for PolicySize: 6144',
    );
  });

  it('bound what a user may do', async () => {
    const alice = await installation.user(admin, 'alice', [allow('iam:*')]);
    await call('CreatePolicy', { PolicyName: 'Bound', PolicyDocument: policy(allow('iam:Get*')) });
    await call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: arn('policy/Bound') });
    expect((await call('GetUser', { UserName: 'alice' }, alice)).User.PermissionsBoundary).toEqual({
      PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
      PermissionsBoundaryArn: arn('policy/Bound'),
    });
    expect((await fault(call('ListUsers', {}, alice)))[0]).toBe('AccessDeniedException');
    const missing = arn('policy/None');
    expect(
      await fault(call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: missing })),
    ).toEqual(['NoSuchEntityException', `Scope ARN: ${missing} does not exist or is not attachable.`]);
  });
});

describe('groups', () => {
  it('give their policies to their users', async () => {
    const alice = await installation.user(admin, 'alice');
    await call('CreateGroup', { GroupName: 'Readers' });
    await call('AddUserToGroup', { UserName: 'alice', GroupName: 'Readers' });
    expect((await fault(call('ListUsers', {}, alice)))[0]).toBe('AccessDeniedException');
    await call('AttachGroupPolicy', { GroupName: 'Readers', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
    expect((await call('ListUsers', {}, alice)).Users).toHaveLength(2);
    expect((await call('ListGroupsForUser', { UserName: 'alice' })).Groups).toHaveLength(1);
    expect((await call('GetGroup', { GroupName: 'Readers' })).Users[0].UserName).toBe('alice');
    await call('UpdateGroup', { GroupName: 'Readers', NewGroupName: 'Watchers' });
    expect((await call('ListUsers', {}, alice)).Users).toHaveLength(2);
    await call('DetachGroupPolicy', { GroupName: 'Watchers', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
    expect((await fault(call('DeleteGroup', { GroupName: 'Watchers' })))[1]).toBe(
      'Cannot delete entity, must remove users from group first.',
    );
    await call('RemoveUserFromGroup', { UserName: 'alice', GroupName: 'Watchers' });
    await call('DeleteGroup', { GroupName: 'Watchers' });
    expect((await call('ListGroups')).Groups).toEqual([]);
  });
});

describe('tags', () => {
  it('replace a key of another letter case, and are fifty at most', async () => {
    await call('TagUser', { UserName: 'admin', Tags: [tag('Department', 'a'), tag('__proto__', 'x')] });
    await call('TagUser', { UserName: 'admin', Tags: [tag('department', 'b')] });
    const listed = await call('ListUserTags', { UserName: 'admin' });
    expect(listed).toEqual({ Tags: [tag('__proto__', 'x'), tag('department', 'b')], IsTruncated: false });
    await call('UntagUser', { UserName: 'admin', TagKeys: ['DEPARTMENT', 'unknown'] });
    await call('TagUser', { UserName: 'admin', Tags: tags(49) });
    expect(await fault(call('TagUser', { UserName: 'admin', Tags: [tag('one more', 'v')] }))).toEqual([
      'LimitExceededException',
      'Cannot exceed quota for TagsPerUser: 50',
    ]);
    expect((await call('ListUserTags', { UserName: 'admin', MaxItems: 20 })).Tags).toHaveLength(20);
  });

  it('are refused when a key comes twice or belongs to AWS', async () => {
    expect(await fault(call('TagUser', { UserName: 'admin', Tags: [tag('a', '1'), tag('A', '2')] }))).toEqual([
      'InvalidInputException',
      'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
    ]);
    expect((await fault(call('TagUser', { UserName: 'admin', Tags: [tag('aws:x', '1')] })))[0]).toBe(
      'InvalidInputException',
    );
  });

  it('of policies are told apart by letter case', async () => {
    const { Policy } = await call('CreatePolicy', {
      PolicyName: 'P',
      PolicyDocument: ANYTHING,
      Tags: [tag('Key', '1')],
    });
    await call('TagPolicy', { PolicyArn: Policy.Arn, Tags: [tag('key', '2')] });
    expect((await call('ListPolicyTags', { PolicyArn: Policy.Arn })).Tags).toEqual([tag('Key', '1'), tag('key', '2')]);
  });
});

describe('permissions', () => {
  it('are asked on the exact resource, with the tags of the request and of the resource', async () => {
    const alice = await installation.user(admin, 'alice', [
      { ...allow('iam:TagUser', arn('user/team/*')), Condition: { StringEquals: { 'aws:RequestTag/team': 'a' } } },
      { ...allow('iam:GetUser'), Condition: { StringEquals: { 'iam:ResourceTag/team': 'a' } } },
    ]);
    await call('CreateUser', { UserName: 'inside', Path: '/team/' });
    const message = `User: ${arn('user/alice')} is not authorized to perform: iam:GetUser on resource: ${arn('user/team/inside')} because no identity-based policy allows the iam:GetUser action`;
    expect(await fault(call('GetUser', { UserName: 'inside' }, alice))).toEqual(['AccessDeniedException', message]);
    const retag = (Value: string) => call('TagUser', { UserName: 'inside', Tags: [tag('team', Value)] }, alice);
    expect((await fault(retag('b')))[0]).toBe('AccessDeniedException');
    await retag('a');
    expect((await call('GetUser', { UserName: 'inside' }, alice)).User.UserName).toBe('inside');
    expect((await fault(call('TagUser', { UserName: 'admin', Tags: [tag('team', 'a')] }, alice)))[0]).toBe(
      'AccessDeniedException',
    );
  });

  it('to move a user are needed at both ends', async () => {
    const alice = await installation.user(admin, 'alice', [allow('iam:UpdateUser', arn('user/a/*'))]);
    await call('CreateUser', { UserName: 'mover', Path: '/a/' });
    expect((await fault(call('UpdateUser', { UserName: 'mover', NewPath: '/b/' }, alice)))[0]).toBe(
      'AccessDeniedException',
    );
    await call('UpdateUser', { UserName: 'mover', NewUserName: 'moved' }, alice);
  });
});

describe('the account', () => {
  it('has one alias and a summary', async () => {
    await call('CreateAccountAlias', { AccountAlias: 'acme' });
    expect((await call('ListAccountAliases')).AccountAliases).toEqual(['acme']);
    const member = await installation.rootKeys(MEMBER);
    expect((await fault(call('CreateAccountAlias', { AccountAlias: 'acme' }, member)))[0]).toBe(
      'EntityAlreadyExistsException',
    );
    await call('DeleteAccountAlias', { AccountAlias: 'acme' });
    expect((await call('ListAccountAliases')).AccountAliases).toEqual([]);
    await call('CreateOpenIDConnectProvider', { Url: 'https://idp.example.com' });
    const { SummaryMap } = await call('GetAccountSummary');
    expect(SummaryMap).toMatchObject({ Users: 1, UsersQuota: 5000, Roles: 0, Providers: 1 });
  });
});
