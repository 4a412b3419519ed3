import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  allow,
  Installation,
  type Keys,
  MANAGEMENT,
  policy,
  trust,
} from '../../../test/identity/installation.ts';

let installation: Installation;
let admin: Keys;

const call = (operation: string, input: object = {}, keys: Keys = admin): Promise<Answer> =>
  installation.call(operation, keys, input);
const arn = (resource: string) => `arn:aws:iam::${MANAGEMENT}:${resource}`;
const MODEL = 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6';
const deny = (Action: string, Resource = '*') => ({ Effect: 'Deny', Action, Resource });

async function message(promise: Promise<unknown>): Promise<string> {
  return await promise.then(
    () => 'no fault',
    (error) => `${error.code}: ${error.message}`,
  );
}

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
});

describe('SimulateCustomPolicy', () => {
  /** The example of the AWS CLI reference, simulate-custom-policy, with its answer. */
  const DATED =
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"dynamodb:*","Resource":"*","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2018-08-16T12:00:00Z"}}}}';
  const at = (time: string) => ({
    PolicyInputList: [DATED],
    ActionNames: ['dynamodb:CreateBackup'],
    ContextEntries: [{ ContextKeyName: 'aws:CurrentTime', ContextKeyValues: [time], ContextKeyType: 'date' }],
  });

  it('answers the example of the AWS CLI reference', async () => {
    expect(await call('SimulateCustomPolicy', at('2019-04-25T11:00:00Z'))).toEqual({
      EvaluationResults: [
        {
          EvalActionName: 'dynamodb:CreateBackup',
          EvalResourceName: '*',
          EvalDecision: 'allowed',
          MatchedStatements: [
            {
              SourcePolicyId: 'PolicyInputList.1',
              SourcePolicyType: 'IAM Policy',
              StartPosition: { Line: 1, Column: 38 },
              EndPosition: { Line: 1, Column: 167 },
            },
          ],
          MissingContextValues: [],
        },
      ],
      IsTruncated: false,
    });
    const { EvaluationResults } = await call('SimulateCustomPolicy', at('2014-04-25T11:00:00Z'));
    expect(EvaluationResults[0]).toMatchObject({ EvalDecision: 'implicitDeny', MatchedStatements: [] });
  });

  it('names the keys that the policies ask for and the request does not give', async () => {
    const { EvaluationResults } = await call('SimulateCustomPolicy', { ...at(''), ContextEntries: [] });
    expect(EvaluationResults[0].MissingContextValues).toEqual(['aws:CurrentTime']);
  });

  it('answers every resource by itself, and the action for all of them', async () => {
    const input = {
      PolicyInputList: [policy(allow('s3:*'), deny('s3:*', 'arn:aws:s3:::secret/*'))],
      ActionNames: ['s3:GetObject', 'iam:GetUser'],
      ResourceArns: ['arn:aws:s3:::open/x', 'arn:aws:s3:::secret/x'],
      ResourceHandlingOption: 'EC2-VPC-InstanceStore',
    };
    const { EvaluationResults } = await call('SimulateCustomPolicy', input);
    expect(EvaluationResults).toMatchObject([
      {
        EvalActionName: 's3:GetObject',
        EvalDecision: 'explicitDeny',
        MatchedStatements: [],
        ResourceSpecificResults: [
          { EvalResourceName: 'arn:aws:s3:::open/x', EvalResourceDecision: 'allowed' },
          { EvalResourceName: 'arn:aws:s3:::secret/x', EvalResourceDecision: 'explicitDeny' },
        ],
      },
      { EvalActionName: 'iam:GetUser', EvalDecision: 'implicitDeny' },
    ]);
  });

  it('weighs a boundary and the policies of an organization', async () => {
    const simulate = async (more: object) => {
      const input = { PolicyInputList: [policy(allow('*'))], ActionNames: ['bedrock:InvokeModel'], ...more };
      return (await call('SimulateCustomPolicy', input)).EvaluationResults[0];
    };
    expect(await simulate({ PermissionsBoundaryPolicyInputList: [policy(allow('s3:*'))] })).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
    });
    const levels = [[policy(allow('*'))], [policy(allow('*'), deny('bedrock:*'))]];
    const OrderedOrganizationPolicyInputList = levels.map((list) => ({ ServiceControlPolicyInputList: list }));
    const denied = await simulate({ OrderedOrganizationPolicyInputList });
    expect(denied).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [],
      OrganizationsDecisionDetail: { AllowedByOrganizations: false },
    });
    expect(denied).not.toHaveProperty('PermissionsBoundaryDecisionDetail');
  });

  it('weighs a resource policy for the caller that is named', async () => {
    await call('CreateUser', { UserName: 'alice' });
    const resourcePolicy = (principal: string) =>
      policy({ Effect: 'Allow', Principal: { AWS: principal }, Action: 's3:*', Resource: '*' });
    const simulate = (more: object) =>
      call('SimulateCustomPolicy', {
        PolicyInputList: [policy(allow('iam:*'))],
        ActionNames: ['s3:GetObject'],
        ResourcePolicy: resourcePolicy(arn('user/alice')),
        ...more,
      });
    const { EvaluationResults } = await simulate({ CallerArn: arn('user/alice') });
    expect(EvaluationResults[0]).toMatchObject({
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'ResourcePolicy', SourcePolicyType: 'Resource Policy' }],
    });
    const elsewhere = await simulate({ CallerArn: arn('user/alice'), ResourceOwner: 'arn:aws:iam::999999999999:root' });
    expect(elsewhere.EvaluationResults[0].EvalDecision).toBe('implicitDeny');
    expect(await message(simulate({}))).toContain('InvalidInputException');
  });

  it('pages, and refuses policies that are none', async () => {
    const input = { PolicyInputList: [policy(allow('*'))], ActionNames: ['s3:A', 's3:B', 's3:C'], MaxItems: 2 };
    const first = await call('SimulateCustomPolicy', input);
    expect(first.EvaluationResults.map((one: Answer) => one.EvalActionName)).toEqual(['s3:A', 's3:B']);
    const second = await call('SimulateCustomPolicy', { ...input, Marker: first.Marker });
    expect(second.EvaluationResults.map((one: Answer) => one.EvalActionName)).toEqual(['s3:C']);
    expect(second.IsTruncated).toBe(false);
    expect(await message(call('SimulateCustomPolicy', { ...input, PolicyInputList: ['{'] }))).toBe(
      'InvalidInputException: Syntax errors in policy.',
    );
  });
});

describe('SimulatePrincipalPolicy', () => {
  it('weighs what a user has: inline, managed, by group, and its boundary', async () => {
    await installation.user(admin, 'alice', [
      { ...allow('bedrock:*', '*'), Condition: { StringEquals: { 'aws:username': 'alice' } } },
    ]);
    await call('CreateGroup', { GroupName: 'team' });
    await call('AddUserToGroup', { GroupName: 'team', UserName: 'alice' });
    await call('PutGroupPolicy', {
      GroupName: 'team',
      PolicyName: 'g',
      PolicyDocument: policy(deny('bedrock:Delete*')),
    });
    await call('AttachUserPolicy', { UserName: 'alice', PolicyArn: 'arn:aws:iam::aws:policy/IAMReadOnlyAccess' });
    const input = {
      PolicySourceArn: arn('user/alice'),
      ActionNames: ['bedrock:InvokeModel', 'bedrock:DeleteGuardrail', 'iam:GetUser', 's3:GetObject'],
    };
    const { EvaluationResults } = await call('SimulatePrincipalPolicy', input);
    const matched = EvaluationResults.map((one: Answer) => [
      one.EvalDecision,
      ...one.MatchedStatements.map((statement: Answer) => statement.SourcePolicyId),
    ]);
    expect(matched).toEqual([
      ['allowed', 'user_alice_inline'],
      ['explicitDeny', 'group_team_g'],
      ['allowed', 'IAMReadOnlyAccess'],
      ['implicitDeny'],
    ]);
    await call('PutUserPermissionsBoundary', {
      UserName: 'alice',
      PermissionsBoundary: 'arn:aws:iam::aws:policy/IAMFullAccess',
    });
    const bounded = await call('SimulatePrincipalPolicy', { ...input, PolicyInputList: [policy(allow('s3:*'))] });
    expect(bounded.EvaluationResults.map((one: Answer) => one.EvalDecision)).toEqual([
      'implicitDeny',
      'explicitDeny',
      'allowed',
      'implicitDeny',
    ]);
    expect(bounded.EvaluationResults[0].PermissionsBoundaryDecisionDetail).toEqual({
      AllowedByPermissionsBoundary: false,
    });
  });

  it('takes roles and groups of the account, and nothing else', async () => {
    await call('CreateRole', { RoleName: 'App', AssumeRolePolicyDocument: trust(arn('root')), Path: '/x/' });
    await call('PutRolePolicy', {
      RoleName: 'App',
      PolicyName: 'p',
      PolicyDocument: policy(allow('bedrock:*', MODEL)),
    });
    const simulate = (PolicySourceArn: string) =>
      call('SimulatePrincipalPolicy', { PolicySourceArn, ActionNames: ['bedrock:InvokeModel'], ResourceArns: [MODEL] });
    expect((await simulate(arn('role/x/App'))).EvaluationResults).toMatchObject([
      {
        EvalResourceName: MODEL,
        EvalDecision: 'allowed',
        ResourceSpecificResults: [{ EvalResourceName: MODEL, EvalResourceDecision: 'allowed' }],
      },
    ]);
    await call('CreateGroup', { GroupName: 'team' });
    expect((await simulate(arn('group/team'))).EvaluationResults[0].EvalDecision).toBe('implicitDeny');
    expect(await message(simulate(arn('user/nobody')))).toBe(
      'NoSuchEntityException: The user with name nobody cannot be found.',
    );
    expect(await message(simulate(arn('policy/p')))).toBe(
      `InvalidInputException: Invalid Entity Arn: ${arn('policy/p')} does not clearly define entity type and name.`,
    );
    expect(await message(simulate('arn:aws:iam::999999999999:user/alice'))).toContain('AccessDeniedException');
  });
});

describe('context keys', () => {
  it('are those of conditions and variables, each once', async () => {
    const conditions = policy({
      Effect: 'Allow',
      Action: 's3:*',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
      Resource: 'arn:aws:s3:::home/${aws:username}/*',
      Condition: {
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a policy variable
        StringLike: { 'aws:PrincipalTag/team': '${aws:RequestTag/team}', 'AWS:UserName': '*' },
      },
    });
    expect(await call('GetContextKeysForCustomPolicy', { PolicyInputList: [conditions] })).toEqual({
      ContextKeyNames: ['aws:username', 'aws:PrincipalTag/team', 'aws:RequestTag/team'],
    });
    await call('CreateUser', { UserName: 'alice' });
    await call('PutUserPolicy', { UserName: 'alice', PolicyName: 'p', PolicyDocument: conditions });
    const input = { PolicySourceArn: arn('user/alice'), PolicyInputList: [policy(allow('*'))] };
    expect((await call('GetContextKeysForPrincipalPolicy', input)).ContextKeyNames).toHaveLength(3);
  });
});
