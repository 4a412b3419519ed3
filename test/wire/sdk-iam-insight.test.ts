import {
  GetAccountAuthorizationDetailsCommand,
  GetContextKeysForCustomPolicyCommand,
  GetCredentialReportCommand,
  GetLoginProfileCommand,
  GetRoleCommand,
  IAMClient,
  ListInstanceProfilesForRoleCommand,
  ListMFADevicesCommand,
  NoSuchEntityException,
  paginateGetAccountAuthorizationDetails,
  paginateSimulatePrincipalPolicy,
  SimulateCustomPolicyCommand,
} from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, allow, assumed, deny, newRole, newUser, policyOf, trust } from './principals.ts';
import { programs, run } from './program.ts';

let server: TestServer;
let iam: IAMClient;

beforeAll(async () => {
  server = await startServer();
  iam = new IAMClient(server.admin);
  await newUser(server.admin, 'alice', { tags: { team: 'red' }, statements: [allow('bedrock:*'), deny('s3:*')] });
  await newRole(server.admin, 'App', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)],
    statements: [allow('bedrock:InvokeModel')],
  });
});
afterAll(async () => {
  iam?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('GetAccountAuthorizationDetails', () => {
  it('is read by the SDK, document by document', async () => {
    const { UserDetailList, RoleDetailList, Policies, IsTruncated } = await iam.send(
      new GetAccountAuthorizationDetailsCommand({}),
    );
    const alice = UserDetailList!.find(({ UserName }) => UserName === 'alice')!;
    const document = JSON.parse(decodeURIComponent(alice.UserPolicyList![0]!.PolicyDocument!));
    expect(document.Statement).toEqual([allow('bedrock:*'), deny('s3:*')]);
    expect(alice).toMatchObject({ GroupList: [], Tags: [{ Key: 'team', Value: 'red' }] });
    expect(RoleDetailList![0]).toMatchObject({ RoleName: 'App', InstanceProfileList: [] });
    expect(Policies!.map(({ PolicyName }) => PolicyName)).toEqual(['AdministratorAccess']);
    expect(IsTruncated).toBe(false);
  });

  it('pages with the SDK', async () => {
    let count = 0;
    for await (const page of paginateGetAccountAuthorizationDetails({ client: iam, pageSize: 1 }, {})) {
      const { UserDetailList, GroupDetailList, RoleDetailList, Policies } = page;
      count += [UserDetailList, GroupDetailList, RoleDetailList, Policies].flat().length;
    }
    expect(count).toBe(4);
  });
});

describe('the policy simulator', () => {
  it('answers for a principal, in pages', async () => {
    const input = {
      PolicySourceArn: `arn:aws:iam::${ACCOUNT}:user/alice`,
      ActionNames: ['bedrock:InvokeModel', 's3:GetObject', 'iam:GetUser'],
    };
    const decisions: unknown[] = [];
    for await (const { EvaluationResults } of paginateSimulatePrincipalPolicy({ client: iam, pageSize: 2 }, input)) {
      decisions.push(...EvaluationResults!.map(({ EvalActionName, EvalDecision }) => [EvalActionName, EvalDecision]));
    }
    expect(decisions).toEqual([
      ['bedrock:InvokeModel', 'allowed'],
      ['s3:GetObject', 'explicitDeny'],
      ['iam:GetUser', 'implicitDeny'],
    ]);
  });

  it('answers for policies, with the place of each statement', async () => {
    const statement = { ...allow('bedrock:*'), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'red' } } };
    const { EvaluationResults } = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [policyOf(statement)],
        ActionNames: ['bedrock:InvokeModel'],
        ContextEntries: [
          { ContextKeyName: 'aws:PrincipalTag/team', ContextKeyValues: ['red'], ContextKeyType: 'string' },
        ],
      }),
    );
    expect(EvaluationResults![0]).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'PolicyInputList.1', StartPosition: { Line: 1, Column: 38 } }],
      MissingContextValues: [],
    });
    const keys = await iam.send(new GetContextKeysForCustomPolicyCommand({ PolicyInputList: [policyOf(statement)] }));
    expect(keys.ContextKeyNames).toEqual(['aws:PrincipalTag/team']);
  });

  const [aws] = programs('aws');
  it.skipIf(!aws)('answers the AWS CLI', async () => {
    const { accessKeyId, secretAccessKey } = server.admin.credentials as {
      accessKeyId: string;
      secretAccessKey: string;
    };
    const command = ['iam', 'simulate-principal-policy', '--policy-source-arn', `arn:aws:iam::${ACCOUNT}:user/alice`];
    const { stdout, stderr } = await run(
      aws!,
      [...command, '--action-names', 's3:GetObject', '--output', 'json', '--endpoint-url', server.url],
      { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_DEFAULT_REGION: 'us-east-1' },
    );
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).EvaluationResults[0]).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [{ SourcePolicyId: 'user_alice_test', SourcePolicyType: 'IAM Policy' }],
    });
  });
});

describe('what tools ask before they delete', () => {
  it('is answered as by an account without consoles and instances', async () => {
    const UserName = 'alice';
    await expect(iam.send(new GetLoginProfileCommand({ UserName }))).rejects.toThrowError(NoSuchEntityException);
    expect((await iam.send(new ListMFADevicesCommand({ UserName }))).MFADevices).toEqual([]);
    const profiles = await iam.send(new ListInstanceProfilesForRoleCommand({ RoleName: 'App' }));
    expect(profiles.InstanceProfiles).toEqual([]);
    const { Content } = await iam.send(new GetCredentialReportCommand({}));
    expect(Buffer.from(Content!).toString()).toMatch(/^user,arn,user_creation_time,/);
  });
});

describe('GetRole', () => {
  it('says when and where a session of the role was last used', async () => {
    const lastUse = async () => (await iam.send(new GetRoleCommand({ RoleName: 'App' }))).Role!.RoleLastUsed;
    expect(await lastUse()).toEqual({});
    const session = await assumed(server.admin, `arn:aws:iam::${ACCOUNT}:role/App`, 'ann');
    const sts = new STSClient(session);
    await sts.send(new GetCallerIdentityCommand({}));
    sts.destroy();
    await expect.poll(lastUse).toMatchObject({ Region: 'us-east-1', LastUsedDate: expect.any(Date) });
  });
});
