import { BedrockRuntimeClient, ConverseCommand, type ConverseCommandInput } from '@aws-sdk/client-bedrock-runtime';
import {
  AttachUserPolicyCommand,
  CreateUserCommand,
  GetUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPermissionsBoundaryCommand,
  PutUserPolicyCommand,
  TagUserCommand,
  UntagUserCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, type AssumeRoleCommandInput, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, allow, assumed, newRole, newUser, policyOf, tagList, trust } from './principals.ts';

/**
 * That each condition key of docs/POLICY.md is supplied by requests of the AWS SDK, with the value it should have: a
 * statement that asks for the value lets the call through, and one that asks for another value does not.
 */
const SONNET = 'anthropic.claude-sonnet-4-6';
const DAY_MS = 86_400_000;
const READ_ONLY = 'arn:aws:iam::aws:policy/IAMReadOnlyAccess';

/** Operator, key, the value that is there, one that is not. */
type Case = readonly [operator: string, key: string, right: string, wrong: string];
type Call = (caller: ClientConfig) => Promise<unknown>;

let server: TestServer;
let user: ClientConfig;
let session: ClientConfig;
let trusting: string;

beforeAll(async () => {
  server = await startServer();
  user = await newUser(server.admin, 'asker', { path: '/apps/', tags: { team: 'red' } });
  await newUser(server.admin, 'target', { tags: { team: 'blue' } });
  const roleArn = await newRole(server.admin, 'Asker', {
    path: '/apps/',
    tags: { Stage: 'test' },
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'])],
  });
  trusting = await newRole(server.admin, 'Trusting', {
    tags: { owner: 'platform' },
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity'])],
  });
  session = await assumed(server.admin, roleArn, 'ann@example.com', {
    Tags: tagList({ team: 'green' }),
    SourceIdentity: 'ann',
  });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function setUserPolicy(...statements: readonly object[]): Promise<void> {
  const policy = { UserName: 'asker', PolicyName: 'test', PolicyDocument: policyOf(...statements) };
  await withIam(server.admin, (iam) => iam.send(new PutUserPolicyCommand(policy)));
}

async function setRolePolicy(...statements: readonly object[]): Promise<void> {
  const policy = { RoleName: 'Asker', PolicyName: 'test', PolicyDocument: policyOf(...statements) };
  await withIam(server.admin, (iam) => iam.send(new PutRolePolicyCommand(policy)));
}

async function withIam<Result>(caller: ClientConfig, use: (iam: IAMClient) => Promise<Result>): Promise<Result> {
  const iam = new IAMClient(caller);
  try {
    return await use(iam);
  } finally {
    iam.destroy();
  }
}

function converse(input: Partial<ConverseCommandInput> = {}): Call {
  return async (caller) => {
    const bedrock = new BedrockRuntimeClient(caller);
    bedrock.middlewareStack.add(
      (next) => (call) => {
        (call.request as { headers: Record<string, string> }).headers.referer = 'https://console.example.com/';
        return next(call);
      },
      { step: 'build' },
    );
    const messages = [{ role: 'user' as const, content: [{ text: 'hello' }] }];
    try {
      return await bedrock.send(new ConverseCommand({ modelId: SONNET, messages, ...input }));
    } finally {
      bedrock.destroy();
    }
  };
}

function assume(input: Partial<AssumeRoleCommandInput> = {}): Call {
  return async (caller) => {
    const sts = new STSClient(caller);
    try {
      return await sts.send(new AssumeRoleCommand({ RoleArn: trusting, RoleSessionName: 'run-7', ...input }));
    } finally {
      sts.destroy();
    }
  };
}

async function isAllowed(call: Call, caller: ClientConfig): Promise<boolean> {
  try {
    await call(caller);
    return true;
  } catch (error) {
    if (/^AccessDenied/.test((error as Error).name)) return false;
    throw error;
  }
}

interface Setting {
  readonly caller: () => ClientConfig;
  readonly setPolicy: (...statements: readonly object[]) => Promise<void>;
  readonly call: Call;
  /** Needed besides what the condition is put on. */
  readonly further?: readonly object[];
  /** Resource of the statement with the condition; `*` when absent. */
  readonly resource?: string;
}

async function outcomes(
  [operator, key, right, wrong]: Case,
  setting: Setting,
): Promise<[right: boolean, wrong: boolean]> {
  const { caller, setPolicy, call, further = [], resource = '*' } = setting;
  const withValue = async (value: string) => {
    await setPolicy(...further, { ...allow('*', resource), Condition: { [operator]: { [key]: value } } });
    return isAllowed(call, caller());
  };
  return [await withValue(right), await withValue(wrong)];
}

const at = (offsetMs: number) => new Date(Date.now() + offsetMs).toISOString();
const asUser = (call: Call, more: Partial<Setting> = {}): Setting => ({
  caller: () => user,
  setPolicy: setUserPolicy,
  call,
  ...more,
});
const asSession: Setting = { caller: () => session, setPolicy: setRolePolicy, call: converse() };

describe('of the caller', () => {
  it.each<Case>([
    ['StringEquals', 'aws:username', 'asker', 'target'],
    ['StringLike', 'aws:userid', 'AIDA*', 'AROA*'],
    ['ArnEquals', 'aws:PrincipalArn', `arn:aws:iam::${ACCOUNT}:user/apps/asker`, `arn:aws:iam::${ACCOUNT}:user/asker`],
    ['StringEquals', 'aws:PrincipalType', 'User', 'AssumedRole'],
    ['StringEquals', 'aws:PrincipalAccount', ACCOUNT, '210987654321'],
    ['StringEquals', 'aws:PrincipalTag/team', 'red', 'green'],
    ['Bool', 'aws:PrincipalIsAWSService', 'false', 'true'],
    ['Null', 'aws:TokenIssueTime', 'true', 'false'],
    ['Null', 'aws:MultiFactorAuthPresent', 'true', 'false'],
    ['Null', 'aws:SourceIdentity', 'true', 'false'],
    ['Null', 'aws:FederatedProvider', 'true', 'false'],
    ['Null', 'bedrock:BearerTokenType', 'true', 'false'],
  ])('a user: %s %s', async (...entry) => {
    expect(await outcomes(entry, asUser(converse()))).toEqual([true, false]);
  });

  it.each<Case>([
    ['Null', 'aws:username', 'true', 'false'],
    ['StringLike', 'aws:userid', 'AROA*:ann@example.com', 'AROA*:bob@example.com'],
    ['ArnEquals', 'aws:PrincipalArn', `arn:aws:iam::${ACCOUNT}:role/apps/Asker`, `arn:aws:sts::${ACCOUNT}:*`],
    ['StringEquals', 'aws:PrincipalType', 'AssumedRole', 'User'],
    ['StringEquals', 'aws:PrincipalTag/team', 'green', 'red'],
    ['StringEquals', 'aws:PrincipalTag/Stage', 'test', 'production'],
    ['StringEquals', 'aws:SourceIdentity', 'ann', 'bob'],
    ['DateLessThan', 'aws:TokenIssueTime', at(DAY_MS), at(-DAY_MS)],
    ['Bool', 'aws:MultiFactorAuthPresent', 'false', 'true'],
    ['Null', 'aws:MultiFactorAuthAge', 'true', 'false'],
  ])('a session of a role: %s %s', async (...entry) => {
    expect(await outcomes(entry, asSession)).toEqual([true, false]);
  });
});

describe('of the request', () => {
  it.each<Case>([
    ['DateGreaterThan', 'aws:CurrentTime', at(-DAY_MS), at(DAY_MS)],
    [
      'NumericGreaterThan',
      'aws:EpochTime',
      String(Math.floor((Date.now() - DAY_MS) / 1000)),
      String(Math.floor((Date.now() + DAY_MS) / 1000)),
    ],
    ['IpAddress', 'aws:SourceIp', '127.0.0.0/8', '10.0.0.0/8'],
    ['StringLike', 'aws:UserAgent', 'aws-sdk-js/*', 'curl/*'],
    ['StringEquals', 'aws:Referer', 'https://console.example.com/', 'https://elsewhere.example.com/'],
    ['Bool', 'aws:SecureTransport', 'false', 'true'],
    ['StringEquals', 'aws:RequestedRegion', 'us-east-1', 'eu-west-1'],
    ['Bool', 'aws:ViaAWSService', 'false', 'true'],
    ['Null', 'aws:CalledVia', 'true', 'false'],
    ['Null', 'bedrock:ServiceTier', 'true', 'false'],
  ])('%s %s', async (...entry) => {
    expect(await outcomes(entry, asUser(converse()))).toEqual([true, false]);
  });
});

describe('of Bedrock', () => {
  it('bedrock:ServiceTier', async () => {
    const entry = ['StringEquals', 'bedrock:ServiceTier', 'flex', 'priority'] as const;
    expect(await outcomes(entry, asUser(converse({ serviceTier: { type: 'flex' } })))).toEqual([true, false]);
  });

  it('bedrock:InferenceProfileArn, on the model behind a profile', async () => {
    const arn = (id: string) => `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/${id}`;
    const entry = ['ArnEquals', 'bedrock:InferenceProfileArn', arn(`us.${SONNET}`), arn(`eu.${SONNET}`)] as const;
    const setting = asUser(converse({ modelId: `us.${SONNET}` }), {
      further: [allow('bedrock:InvokeModel', 'arn:aws:bedrock:*:*:inference-profile/*')],
      resource: 'arn:aws:bedrock:*::foundation-model/*',
    });
    expect(await outcomes(entry, setting)).toEqual([true, false]);
  });
});

describe('of IAM', () => {
  const onTarget = (send: (iam: IAMClient) => Promise<unknown>): Setting => asUser((caller) => withIam(caller, send));
  const get = onTarget((iam) => iam.send(new GetUserCommand({ UserName: 'target' })));
  const tag = onTarget((iam) =>
    iam.send(new TagUserCommand({ UserName: 'target', Tags: tagList({ stage: 'test', level: '1' }) })),
  );
  const untag = onTarget((iam) => iam.send(new UntagUserCommand({ UserName: 'target', TagKeys: ['stage'] })));
  const attach = onTarget((iam) => iam.send(new AttachUserPolicyCommand({ UserName: 'target', PolicyArn: READ_ONLY })));
  const bound = onTarget((iam) =>
    iam.send(new PutUserPermissionsBoundaryCommand({ UserName: 'target', PermissionsBoundary: READ_ONLY })),
  );

  it.each<readonly [...Case, Setting]>([
    ['StringEquals', 'aws:ResourceTag/team', 'blue', 'red', get],
    ['StringEquals', 'iam:ResourceTag/team', 'blue', 'red', get],
    ['StringEquals', 'aws:RequestTag/stage', 'test', 'production', tag],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', 'level', 'team', tag],
    ['ForAllValues:StringEquals', 'aws:TagKeys', 'stage', 'team', untag],
    ['ArnEquals', 'iam:PolicyARN', READ_ONLY, 'arn:aws:iam::aws:policy/IAMFullAccess', attach],
    ['ArnEquals', 'iam:PermissionsBoundary', READ_ONLY, 'arn:aws:iam::aws:policy/IAMFullAccess', bound],
  ])('%s %s', async (operator, key, right, wrong, setting) => {
    expect(await outcomes([operator, key, right, wrong], setting)).toEqual([true, false]);
  });

  it('tags and boundary of a user that is to be created', async () => {
    const create: Call = (caller) =>
      withIam(caller, (iam) =>
        iam.send(
          new CreateUserCommand({
            UserName: `made-${Date.now()}`,
            Tags: tagList({ team: 'new' }),
            PermissionsBoundary: READ_ONLY,
          }),
        ),
      );
    const boundary = ['ArnEquals', 'iam:PermissionsBoundary', READ_ONLY, 'arn:aws:iam::aws:policy/x'] as const;
    expect(await outcomes(boundary, asUser(create))).toEqual([true, false]);
    const team = ['StringEquals', 'aws:RequestTag/team', 'new', 'old'] as const;
    expect(await outcomes(team, asUser(create))).toEqual([true, false]);
  });
});

describe('of STS, in the policies of the caller', () => {
  const tagged = { Tags: tagList({ team: 'red', stage: 'test' }), TransitiveTagKeys: ['team'] };

  it.each<readonly [...Case, Partial<AssumeRoleCommandInput>]>([
    ['StringEquals', 'sts:RoleSessionName', 'run-7', 'run-8', {}],
    ['StringEquals', 'sts:ExternalId', 'x-1', 'x-2', { ExternalId: 'x-1' }],
    ['StringEquals', 'sts:SourceIdentity', 'ann', 'bob', { SourceIdentity: 'ann' }],
    ['ForAnyValue:StringEquals', 'sts:TransitiveTagKeys', 'team', 'stage', tagged],
    ['StringEquals', 'aws:RequestTag/team', 'red', 'blue', tagged],
    ['ForAnyValue:StringEquals', 'aws:TagKeys', 'stage', 'owner', tagged],
    ['StringEquals', 'aws:ResourceTag/owner', 'platform', 'nobody', {}],
    ['StringEquals', 'iam:ResourceTag/owner', 'platform', 'nobody', {}],
    ['StringEquals', 'aws:ResourceAccount', ACCOUNT, '210987654321', {}],
    ['Null', 'sts:ExternalId', 'true', 'false', {}],
    ['Null', 'sts:DurationSeconds', 'true', 'false', { DurationSeconds: 900 }],
  ])('%s %s', async (operator, key, right, wrong, input) => {
    expect(await outcomes([operator, key, right, wrong], asUser(assume(input)))).toEqual([true, false]);
  });
});
