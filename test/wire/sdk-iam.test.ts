import {
  AttachRolePolicyCommand,
  AttachUserPolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteConflictException,
  DeletePolicyCommand,
  DeletePolicyVersionCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DeleteUserPolicyCommand,
  DetachRolePolicyCommand,
  DetachUserPolicyCommand,
  EntityAlreadyExistsException,
  GetAccessKeyLastUsedCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  GetUserCommand,
  GetUserPolicyCommand,
  IAMClient,
  IAMServiceException,
  InvalidInputException,
  LimitExceededException,
  ListAccessKeysCommand,
  ListAttachedUserPoliciesCommand,
  ListUsersCommand,
  MalformedPolicyDocumentException,
  NoSuchEntityException,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
  paginateListRoleTags,
  paginateListUsers,
  paginateListUserTags,
  TagRoleCommand,
  TagUserCommand,
  UntagUserCommand,
  UpdateAccessKeyCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
  UpdateUserCommand,
  waitUntilUserExists,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, allow, as, deny, newUser, policyOf, trust } from './principals.ts';

const REQUEST_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const READ = policyOf(allow('iam:Get*'));

let server: TestServer;
let iam: IAMClient;

beforeAll(async () => {
  server = await startServer();
  // LimitExceeded is a throttling error to the SDK, which would try again.
  iam = new IAMClient({ ...server.admin, maxAttempts: 1 });
});
afterAll(async () => {
  iam?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('users', () => {
  it('live from CreateUser to DeleteUser', async () => {
    const { User: created, $metadata } = await iam.send(
      new CreateUserCommand({ UserName: 'alice', Path: '/eng/ml/', Tags: [{ Key: 'team', Value: 'data science é' }] }),
    );
    expect($metadata).toMatchObject({ httpStatusCode: 200, requestId: expect.stringMatching(REQUEST_ID) });
    expect(created).toEqual({
      Path: '/eng/ml/',
      UserName: 'alice',
      UserId: expect.stringMatching(/^AIDA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:user/eng/ml/alice`,
      CreateDate: expect.any(Date),
      Tags: [{ Key: 'team', Value: 'data science é' }],
    });
    const waited = await waitUntilUserExists({ client: iam, maxWaitTime: 10, minDelay: 1 }, { UserName: 'alice' });
    expect(waited.state).toBe('SUCCESS');
    await iam.send(new UpdateUserCommand({ UserName: 'alice', NewUserName: 'Alice.B', NewPath: '/' }));
    const { User: renamed } = await iam.send(new GetUserCommand({ UserName: 'alice.b' }));
    expect(renamed).toEqual({
      ...created,
      Path: '/',
      UserName: 'Alice.B',
      Arn: `arn:aws:iam::${ACCOUNT}:user/Alice.B`,
    });
    await iam.send(new DeleteUserCommand({ UserName: 'Alice.B' }));
    await expect(iam.send(new GetUserCommand({ UserName: 'Alice.B' }))).rejects.toThrow(NoSuchEntityException);
  });

  it('are the caller where no name is given', async () => {
    expect((await iam.send(new GetUserCommand({}))).User?.UserName).toBe('admin');
  });

  it('come in pages, of a hundred unless the client says otherwise', { timeout: 60_000 }, async () => {
    const names = Array.from({ length: 120 }, (_, index) => `crowd-${String(index).padStart(3, '0')}`);
    for (let start = 0; start < names.length; start += 20) {
      const batch = names.slice(start, start + 20);
      await Promise.all(batch.map((UserName) => iam.send(new CreateUserCommand({ UserName, Path: '/crowd/' }))));
    }
    const first = await iam.send(new ListUsersCommand({ PathPrefix: '/crowd/' }));
    expect(first).toMatchObject({ IsTruncated: true, Marker: expect.any(String) });
    expect(first.Users).toHaveLength(100);
    const rest = await iam.send(new ListUsersCommand({ PathPrefix: '/crowd/', Marker: first.Marker }));
    expect(rest).toMatchObject({ IsTruncated: false });
    expect(rest.Marker).toBeUndefined();
    const listed = [...first.Users!, ...rest.Users!].map(({ UserName }) => UserName);
    expect(listed).toEqual(names);

    const sizes: number[] = [];
    const paged: string[] = [];
    for await (const { Users = [] } of paginateListUsers({ client: iam, pageSize: 50 }, { PathPrefix: '/crowd/' })) {
      sizes.push(Users.length);
      paged.push(...Users.map(({ UserName }) => UserName!));
    }
    expect(sizes).toEqual([50, 50, 20]);
    expect(paged).toEqual(names);
  });
});

describe('access keys', () => {
  it('sign from their creation until they are switched off or deleted', async () => {
    await iam.send(new CreateUserCommand({ UserName: 'keyed' }));
    const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'keyed' }));
    expect(key).toEqual({
      UserName: 'keyed',
      AccessKeyId: expect.stringMatching(/^AKIA[A-Z2-7]{16}$/),
      Status: 'Active',
      SecretAccessKey: expect.stringMatching(/^[A-Za-z0-9+/]{40}$/),
      CreateDate: expect.any(Date),
    });
    const sts = new STSClient(as(server.admin, { ...key }));
    const whoAmI = () => sts.send(new GetCallerIdentityCommand({}));
    const refused = { name: 'InvalidClientTokenId', message: 'The security token included in the request is invalid.' };
    const named = { UserName: 'keyed', AccessKeyId: key!.AccessKeyId };
    expect((await whoAmI()).Arn).toBe(`arn:aws:iam::${ACCOUNT}:user/keyed`);
    await iam.send(new UpdateAccessKeyCommand({ ...named, Status: 'Inactive' }));
    await expect(whoAmI()).rejects.toMatchObject({ ...refused, $metadata: { httpStatusCode: 403 } });
    await iam.send(new UpdateAccessKeyCommand({ ...named, Status: 'Active' }));
    expect((await whoAmI()).Account).toBe(ACCOUNT);

    const { AccessKeyMetadata } = await iam.send(new ListAccessKeysCommand({ UserName: 'keyed' }));
    expect(AccessKeyMetadata).toEqual([{ ...named, Status: 'Active', CreateDate: key!.CreateDate }]);
    await iam.send(new CreateAccessKeyCommand({ UserName: 'keyed' }));
    const third = iam.send(new CreateAccessKeyCommand({ UserName: 'keyed' }));
    await expect(third).rejects.toThrow(LimitExceededException);
    await expect(third).rejects.toThrow('Cannot exceed quota for AccessKeysPerUser: 2');
    await iam.send(new DeleteAccessKeyCommand(named));
    await expect(whoAmI()).rejects.toMatchObject(refused);
    sts.destroy();
  });

  it('tell when and where they were last used', async () => {
    const { credentials } = await newUser(server.admin, 'last-used', { statements: [allow('iam:GetUser')] });
    const lastUse = async () => {
      const command = new GetAccessKeyLastUsedCommand({ AccessKeyId: credentials.accessKeyId });
      return (await iam.send(command)).AccessKeyLastUsed;
    };
    expect(await lastUse()).toMatchObject({ ServiceName: 'N/A', Region: 'N/A' });
    const user = new IAMClient({ ...server.admin, credentials });
    await user.send(new GetUserCommand({}));
    user.destroy();
    await expect.poll(lastUse).toEqual({ LastUsedDate: expect.any(Date), ServiceName: 'iam', Region: 'us-east-1' });
  });
});

describe('roles', () => {
  it('live from CreateRole to DeleteRole', async () => {
    const document = policyOf(trust(`arn:aws:iam::${ACCOUNT}:root`));
    const { Role: created } = await iam.send(
      new CreateRoleCommand({
        RoleName: 'Analyst',
        Path: '/service/',
        Description: 'reads + writes',
        AssumeRolePolicyDocument: document,
        MaxSessionDuration: 7200,
        Tags: [{ Key: 'project', Value: 'DocFlow' }],
      }),
    );
    expect(created).toMatchObject({
      RoleId: expect.stringMatching(/^AROA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:role/service/Analyst`,
      Tags: [{ Key: 'project', Value: 'DocFlow' }],
    });
    const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: 'Analyst' }));
    expect(role).toMatchObject({ Description: 'reads + writes', MaxSessionDuration: 7200, RoleLastUsed: {} });
    expect(JSON.parse(decodeURIComponent(role!.AssumeRolePolicyDocument!))).toEqual(JSON.parse(document));

    await iam.send(new UpdateRoleCommand({ RoleName: 'Analyst', MaxSessionDuration: 3600, Description: 'reads' }));
    const newTrust = policyOf(trust(`arn:aws:iam::${ACCOUNT}:user/admin`, ['sts:AssumeRole', 'sts:TagSession']));
    await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: 'Analyst', PolicyDocument: newTrust }));
    await iam.send(new TagRoleCommand({ RoleName: 'Analyst', Tags: [{ Key: 'Project', Value: 'Chat' }] }));
    const { Role: updated } = await iam.send(new GetRoleCommand({ RoleName: 'Analyst' }));
    expect(updated).toMatchObject({
      Description: 'reads',
      MaxSessionDuration: 3600,
      Tags: [{ Key: 'Project', Value: 'Chat' }],
    });
    expect(JSON.parse(decodeURIComponent(updated!.AssumeRolePolicyDocument!))).toEqual(JSON.parse(newTrust));

    await iam.send(new PutRolePolicyCommand({ RoleName: 'Analyst', PolicyName: 'read', PolicyDocument: READ }));
    const { PolicyDocument } = await iam.send(new GetRolePolicyCommand({ RoleName: 'Analyst', PolicyName: 'read' }));
    expect(decodeURIComponent(PolicyDocument!)).toBe(READ);
    const remove = () => iam.send(new DeleteRoleCommand({ RoleName: 'Analyst' }));
    await expect(remove()).rejects.toThrow(DeleteConflictException);
    await expect(remove()).rejects.toThrow('Cannot delete entity, must delete policies first.');
    await iam.send(new DeleteRolePolicyCommand({ RoleName: 'Analyst', PolicyName: 'read' }));
    const aws = { RoleName: 'Analyst', PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' };
    await iam.send(new AttachRolePolicyCommand(aws));
    await expect(remove()).rejects.toThrow('Cannot delete entity, must detach all policies first.');
    await iam.send(new DetachRolePolicyCommand(aws));
    await remove();
    await expect(remove()).rejects.toThrow('The role with name Analyst cannot be found.');
  });
});

describe('tags', () => {
  it('are replaced without regard to the letter case of keys, removed, and listed in pages', async () => {
    const UserName = 'tagged';
    await iam.send(new CreateUserCommand({ UserName, Tags: [{ Key: 'Department', Value: '1' }] }));
    const Tags = [
      { Key: 'department', Value: 'science' },
      { Key: 'cost-center', Value: '' },
      { Key: 'e-mail', Value: 'a+b@x.org' },
    ];
    await iam.send(new TagUserCommand({ UserName, Tags }));
    await iam.send(new UntagUserCommand({ UserName, TagKeys: ['E-Mail', 'unknown'] }));
    const listed = [];
    for await (const page of paginateListUserTags({ client: iam, pageSize: 1 }, { UserName })) listed.push(page.Tags);
    expect(listed).toEqual([[Tags[1]], [Tags[0]]]);
  });

  it('are fifty at most', async () => {
    const RoleName = 'tag-full';
    await iam.send(
      new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: policyOf(trust(`arn:aws:iam::${ACCOUNT}:root`)) }),
    );
    const Tags = Array.from({ length: 50 }, (_, index) => ({ Key: `key-${index}`, Value: String(index) }));
    await iam.send(new TagRoleCommand({ RoleName, Tags }));
    const more = iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'one-more', Value: '' }] }));
    await expect(more).rejects.toThrow(LimitExceededException);
    let count = 0;
    for await (const page of paginateListRoleTags({ client: iam }, { RoleName })) count += page.Tags!.length;
    expect(count).toBe(50);
  });
});

describe('policies', () => {
  it('of a user are put, shown percent-encoded and deleted before the user', async () => {
    const UserName = 'inline';
    await iam.send(new CreateUserCommand({ UserName }));
    const spaced = JSON.stringify(JSON.parse(READ), undefined, 2);
    await iam.send(new PutUserPolicyCommand({ UserName, PolicyName: 'read', PolicyDocument: spaced }));
    const { PolicyDocument } = await iam.send(new GetUserPolicyCommand({ UserName, PolicyName: 'read' }));
    expect(PolicyDocument).not.toContain('{');
    expect(decodeURIComponent(PolicyDocument!)).toBe(spaced);
    await iam.send(new CreateAccessKeyCommand({ UserName }));
    const remove = () => iam.send(new DeleteUserCommand({ UserName }));
    await expect(remove()).rejects.toThrow('Cannot delete entity, must delete policies first.');
    await iam.send(new DeleteUserPolicyCommand({ UserName, PolicyName: 'read' }));
    const conflict = remove();
    await expect(conflict).rejects.toThrow(DeleteConflictException);
    await expect(conflict).rejects.toMatchObject({
      name: 'DeleteConflictException',
      message: 'Cannot delete entity, must delete access keys first.',
      $fault: 'client',
      $metadata: { httpStatusCode: 409, requestId: expect.stringMatching(REQUEST_ID) },
    });
  });

  it('of the account have versions and hold what they are attached to', async () => {
    const { Policy: policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'Readers', Path: '/team/', PolicyDocument: READ, Description: 'read' }),
    );
    const PolicyArn = policy!.Arn!;
    expect(policy).toMatchObject({
      PolicyId: expect.stringMatching(/^ANPA[A-Z2-7]{17}$/),
      Arn: `arn:aws:iam::${ACCOUNT}:policy/team/Readers`,
      DefaultVersionId: 'v1',
      AttachmentCount: 0,
      IsAttachable: true,
    });
    const wider = policyOf(allow('iam:*'));
    const { PolicyVersion } = await iam.send(
      new CreatePolicyVersionCommand({ PolicyArn, PolicyDocument: wider, SetAsDefault: true }),
    );
    expect(PolicyVersion).toMatchObject({ VersionId: 'v2', IsDefaultVersion: true });
    const { PolicyVersion: shown } = await iam.send(new GetPolicyVersionCommand({ PolicyArn, VersionId: 'v2' }));
    expect(decodeURIComponent(shown!.Document!)).toBe(wider);

    const UserName = 'attached';
    await iam.send(new CreateUserCommand({ UserName }));
    await iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }));
    const { AttachedPolicies } = await iam.send(new ListAttachedUserPoliciesCommand({ UserName }));
    expect(AttachedPolicies).toEqual([{ PolicyName: 'Readers', PolicyArn }]);
    await expect(iam.send(new DeletePolicyCommand({ PolicyArn }))).rejects.toThrow(DeleteConflictException);
    await expect(iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v2' }))).rejects.toThrow(
      'Cannot delete the default version of a policy.',
    );
    await iam.send(new DetachUserPolicyCommand({ UserName, PolicyArn }));
    await iam.send(new DeletePolicyVersionCommand({ PolicyArn, VersionId: 'v1' }));
    await iam.send(new DeletePolicyCommand({ PolicyArn }));
    await expect(iam.send(new AttachUserPolicyCommand({ UserName, PolicyArn }))).rejects.toThrow(NoSuchEntityException);
  });

  it('decide from the next call on', async () => {
    const config = await newUser(server.admin, 'reader');
    const user = new IAMClient(config);
    const arn = `arn:aws:iam::${ACCOUNT}:user/reader`;
    const read = () => user.send(new GetUserCommand({ UserName: 'reader' }));
    const put = (...statements: object[]) =>
      iam.send(
        new PutUserPolicyCommand({ UserName: 'reader', PolicyName: 'p', PolicyDocument: policyOf(...statements) }),
      );
    const denied = (reason: string) => ({
      name: 'AccessDenied',
      message: `User: ${arn} is not authorized to perform: iam:GetUser on resource: ${arn} ${reason}`,
      $metadata: { httpStatusCode: 403 },
    });
    await expect(read()).rejects.toMatchObject(
      denied('because no identity-based policy allows the iam:GetUser action'),
    );
    await put(allow('iam:GetUser', arn));
    expect((await read()).User?.Arn).toBe(arn);
    await put(allow('iam:*'), deny('iam:GetUser'));
    await expect(read()).rejects.toMatchObject(denied('with an explicit deny in an identity-based policy'));
    user.destroy();
  });
});

describe('errors', () => {
  it('are the typed classes of the SDK', async () => {
    const create = (UserName: string) => iam.send(new CreateUserCommand({ UserName }));
    await create('twin');
    await expect(create('TWIN')).rejects.toThrow(EntityAlreadyExistsException);
    const put = (PolicyDocument: string) =>
      iam.send(new PutUserPolicyCommand({ UserName: 'twin', PolicyName: 'p', PolicyDocument }));
    await expect(put('{')).rejects.toThrow(MalformedPolicyDocumentException);
    const Tags = [
      { Key: 'a', Value: '1' },
      { Key: 'A', Value: '2' },
    ];
    const twice = iam.send(new TagUserCommand({ UserName: 'twin', Tags }));
    await expect(twice).rejects.toThrow(InvalidInputException);
    await expect(twice).rejects.toThrow('Duplicate tag keys found. Please note that Tag keys are case insensitive.');
  });

  it('list every constraint that an input breaks', async () => {
    const call = iam.send(new CreateUserCommand({ UserName: 'x'.repeat(65), Path: 'no-slash' }));
    await expect(call).rejects.toThrow(IAMServiceException);
    await expect(call).rejects.toMatchObject({
      name: 'ValidationError',
      $metadata: { httpStatusCode: 400 },
      message: expect.stringMatching(
        /^2 validation errors detected: .+ at 'userName' failed to satisfy constraint: Member must have length less than or equal to 64; .+ at 'path' failed to satisfy constraint: Member must satisfy regular expression pattern/,
      ),
    });
  });

  it('say who is not known and what was not signed rightly', async () => {
    const call = async (credentials: Partial<typeof server.admin.credentials>) => {
      const config = { ...server.admin, credentials: { ...server.admin.credentials, ...credentials } };
      const client = new IAMClient(config);
      try {
        return await client.send(new GetUserCommand({}));
      } finally {
        client.destroy();
      }
    };
    await expect(call({ accessKeyId: 'AKIAIOSFODNN7EXAMPLE' })).rejects.toMatchObject({
      name: 'InvalidClientTokenId',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(call({ secretAccessKey: 'wrong' })).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(call({ sessionToken: 'not-a-token' })).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});
