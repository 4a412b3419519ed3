import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  allow,
  Installation,
  type Keys,
  MANAGEMENT,
  policy,
  START_MS,
  trust,
} from '../../../test/identity/installation.ts';

let installation: Installation;
let admin: Keys;

const call = (operation: string, input: object = {}, keys: Keys = admin): Promise<Answer> =>
  installation.call(operation, keys, input);
const arn = (resource: string) => `arn:aws:iam::${MANAGEMENT}:${resource}`;
const tag = (Key: string, Value: string) => ({ Key, Value });
const READ_ONLY = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';

async function message(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no fault',
    (error) => `${error.code}: ${error.message}`,
  );
}

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

describe('GetAccountAuthorizationDetails', () => {
  const DOCUMENT = policy(allow('s3:*'));

  beforeEach(async () => {
    await call('CreatePolicy', { PolicyName: 'own', PolicyDocument: DOCUMENT, Description: 'ours' });
    await call('CreatePolicyVersion', { PolicyArn: arn('policy/own'), PolicyDocument: DOCUMENT, SetAsDefault: true });
    await call('CreateGroup', { GroupName: 'team' });
    await call('AttachGroupPolicy', { GroupName: 'team', PolicyArn: READ_ONLY });
    await call('CreateUser', { UserName: 'alice', Tags: [tag('team', 'red')], PermissionsBoundary: arn('policy/own') });
    await call('PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: DOCUMENT });
    await call('AddUserToGroup', { GroupName: 'team', UserName: 'alice' });
    await call('CreateRole', { RoleName: 'App', AssumeRolePolicyDocument: trust(arn('user/alice')) });
    await call('AttachRolePolicy', { RoleName: 'App', PolicyArn: arn('policy/own') });
  });

  it('shows everything that bears on permissions', async () => {
    const { UserDetailList, GroupDetailList, RoleDetailList, Policies } = await call('GetAccountAuthorizationDetails');
    const [, alice] = UserDetailList;
    expect(alice).toMatchObject({
      UserName: 'alice',
      UserPolicyList: [
        { PolicyName: 'p', PolicyDocument: encodeURIComponent(DOCUMENT).replace('*', '%2A').replace('*', '%2A') },
      ],
      GroupList: ['team'],
      AttachedManagedPolicies: [],
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: arn('policy/own'),
      },
      Tags: [tag('team', 'red')],
    });
    expect(GroupDetailList).toMatchObject([
      {
        GroupName: 'team',
        GroupPolicyList: [],
        AttachedManagedPolicies: [{ PolicyName: 'IAMReadOnlyAccess', PolicyArn: READ_ONLY }],
      },
    ]);
    const [role] = RoleDetailList;
    expect(role).toMatchObject({
      RoleName: 'App',
      InstanceProfileList: [],
      RolePolicyList: [],
      AttachedManagedPolicies: [{ PolicyName: 'own', PolicyArn: arn('policy/own') }],
      Tags: [],
      RoleLastUsed: {},
    });
    expect(decodeURIComponent(role.AssumeRolePolicyDocument)).toContain(arn('user/alice'));
    expect(role).not.toHaveProperty('MaxSessionDuration');
    expect(Policies).toMatchObject([
      {
        PolicyName: 'own',
        Description: 'ours',
        DefaultVersionId: 'v2',
        AttachmentCount: 1,
        PermissionsBoundaryUsageCount: 1,
        PolicyVersionList: [
          { VersionId: 'v2', IsDefaultVersion: true, Document: expect.stringContaining('%22') },
          { VersionId: 'v1', IsDefaultVersion: false },
        ],
      },
      { PolicyName: 'AdministratorAccess' },
      { PolicyName: 'IAMReadOnlyAccess' },
    ]);
  });

  it('filters by kind', async () => {
    const details = await call('GetAccountAuthorizationDetails', { Filter: ['Role', 'LocalManagedPolicy'] });
    expect(details).toMatchObject({ UserDetailList: [], GroupDetailList: [] });
    expect(details.RoleDetailList).toHaveLength(1);
    expect(details.Policies.map((one: Answer) => one.PolicyName)).toEqual(['own']);
  });

  it('pages through all kinds as one list', async () => {
    const names: string[] = [];
    let Marker: string | undefined;
    do {
      const page: Answer = await call('GetAccountAuthorizationDetails', { MaxItems: 2, ...(Marker && { Marker }) });
      const items = [page.UserDetailList, page.GroupDetailList, page.RoleDetailList, page.Policies].flat();
      expect(items.length).toBeLessThanOrEqual(2);
      names.push(...items.map((one) => one.UserName ?? one.GroupName ?? one.RoleName ?? one.PolicyName));
      Marker = page.Marker;
    } while (Marker);
    expect(names).toEqual(['admin', 'alice', 'team', 'App', 'own', 'AdministratorAccess', 'IAMReadOnlyAccess']);
  });
});

describe('an account without console access', () => {
  it('answers tools that tidy up a user or a role', async () => {
    await call('CreateUser', { UserName: 'alice' });
    await call('CreateRole', { RoleName: 'App', AssumeRolePolicyDocument: trust(arn('root')) });
    const alice = { UserName: 'alice' };
    const noProfile = 'NoSuchEntityException: Login Profile for User alice cannot be found.';
    expect(await message(call('GetLoginProfile', alice))).toBe(noProfile);
    expect(await message(call('DeleteLoginProfile', alice))).toBe(noProfile);
    expect(await message(call('GetLoginProfile', { UserName: 'bob' }))).toBe(
      'NoSuchEntityException: The user with name bob cannot be found.',
    );
    expect(await message(call('GetAccountPasswordPolicy'))).toBe(
      `NoSuchEntityException: The Password Policy with domain name ${MANAGEMENT} cannot be found.`,
    );
    expect(await call('ListMFADevices', alice)).toEqual({ MFADevices: [], IsTruncated: false });
    expect(await call('ListMFADevices')).toEqual({ MFADevices: [], IsTruncated: false });
    expect(await call('ListSSHPublicKeys', alice)).toEqual({ SSHPublicKeys: [], IsTruncated: false });
    expect(await call('ListSigningCertificates', alice)).toEqual({ Certificates: [], IsTruncated: false });
    expect(await call('ListInstanceProfiles')).toEqual({ InstanceProfiles: [], IsTruncated: false });
    expect(await call('ListInstanceProfilesForRole', { RoleName: 'App' })).toEqual({
      InstanceProfiles: [],
      IsTruncated: false,
    });
    expect(await message(call('GetInstanceProfile', { InstanceProfileName: 'web' }))).toBe(
      'NoSuchEntityException: Instance Profile web cannot be found.',
    );
  });

  it('reports on its credentials', async () => {
    const alice = await installation.user(admin, 'alice');
    installation.directory.noteKeyUse(alice.AccessKeyId!, { atMs: START_MS, service: 'bedrock', region: 'us-east-1' });
    expect(await call('GenerateCredentialReport')).toEqual({ State: 'COMPLETE' });
    const { Content, ReportFormat } = await call('GetCredentialReport');
    expect(ReportFormat).toBe('text/csv');
    const rows = Content.toString()
      .split('\n')
      .map((line: string) => line.split(','));
    expect(rows.map((row: string[]) => row.length)).toEqual([22, 22, 22, 22]);
    expect(rows.map(([user]: string[]) => user)).toEqual(['user', '<root_account>', 'admin', 'alice']);
    const time = '2026-05-01T12:00:00+00:00';
    expect(rows[3].slice(8, 13)).toEqual(['true', time, time, 'us-east-1', 'bedrock']);
    expect(rows[3].slice(13, 15)).toEqual(['false', 'N/A']);
  });
});

describe('the boundary of a principal', () => {
  it('is a condition key of every action that changes its policies', async () => {
    const PermissionsBoundary = READ_ONLY;
    const statement = { ...allow('iam:*'), Condition: { StringEquals: { 'iam:PermissionsBoundary': READ_ONLY } } };
    const delegate = await installation.user(admin, 'delegate', [statement]);
    await call('CreateUser', { UserName: 'bounded', PermissionsBoundary });
    await call('CreateUser', { UserName: 'free' });
    const changes = [
      ['PutUserPolicy', { PolicyName: 'p', PolicyDocument: policy(allow('s3:*')) }],
      ['DeleteUserPolicy', { PolicyName: 'p' }],
      ['AttachUserPolicy', { PolicyArn: READ_ONLY }],
      ['DetachUserPolicy', { PolicyArn: READ_ONLY }],
    ] as const;
    for (const [operation, input] of changes) {
      expect(await message(call(operation, { UserName: 'bounded', ...input }, delegate))).toBe('no fault');
      expect(await message(call(operation, { UserName: 'free', ...input }, delegate))).toContain('AccessDenied');
    }
  });
});
