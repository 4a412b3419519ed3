import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, type AssumeRoleCommandInput, type Credentials, STSClient } from '@aws-sdk/client-sts';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { plant } from '../secrets/evidence.ts';

export const ACCOUNT = '123456789012';

type Tags = Readonly<Record<string, string>>;

/** JSON of a policy of these statements. */
export function policyOf(...statements: readonly object[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

export function allow(action: string | readonly string[], resource: string | readonly string[] = '*'): object {
  return { Effect: 'Allow', Action: action, Resource: resource };
}

export function deny(action: string | readonly string[], resource: string | readonly string[] = '*'): object {
  return { Effect: 'Deny', Action: action, Resource: resource };
}

/** A statement of a trust policy. */
export function trust(arn: string, action: string | readonly string[] = 'sts:AssumeRole', condition?: object): object {
  return { Effect: 'Allow', Principal: { AWS: arn }, Action: action, ...(condition && { Condition: condition }) };
}

export const INVOKE = allow('bedrock:Invoke*');

/** A new IAM user with an access key; `statements` become an inline policy. */
export async function newUser(
  admin: ClientConfig,
  userName: string,
  options: { readonly statements?: readonly object[]; readonly tags?: Tags; readonly path?: string } = {},
): Promise<ClientConfig> {
  const { statements = [], tags = {}, path = '/' } = options;
  const iam = new IAMClient(admin);
  await iam.send(new CreateUserCommand({ UserName: userName, Path: path, Tags: tagList(tags) }));
  if (statements.length > 0) {
    const document = { PolicyName: 'test', PolicyDocument: policyOf(...statements) };
    await iam.send(new PutUserPolicyCommand({ UserName: userName, ...document }));
  }
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
  iam.destroy();
  return as(admin, { AccessKeyId: key!.AccessKeyId, SecretAccessKey: key!.SecretAccessKey });
}

/** A new role; returns its ARN. */
export async function newRole(
  admin: ClientConfig,
  roleName: string,
  options: {
    readonly trust: readonly object[];
    readonly statements?: readonly object[];
    readonly tags?: Tags;
    readonly path?: string;
    readonly maxSessionSeconds?: number;
  },
): Promise<string> {
  const { statements = [], tags = {}, path = '/', maxSessionSeconds } = options;
  const iam = new IAMClient(admin);
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      Path: path,
      AssumeRolePolicyDocument: policyOf(...options.trust),
      Tags: tagList(tags),
      MaxSessionDuration: maxSessionSeconds,
    }),
  );
  if (statements.length > 0) {
    const document = { PolicyName: 'test', PolicyDocument: policyOf(...statements) };
    await iam.send(new PutRolePolicyCommand({ RoleName: roleName, ...document }));
  }
  iam.destroy();
  return role!.Arn!;
}

/** The configuration of a session of a role. */
export async function assumed(
  caller: ClientConfig,
  roleArn: string,
  sessionName: string,
  input: Partial<AssumeRoleCommandInput> = {},
): Promise<ClientConfig> {
  const sts = new STSClient(caller);
  const command = new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName, ...input });
  const { Credentials: credentials } = await sts.send(command);
  sts.destroy();
  return as(caller, credentials!);
}

/** The same server with other credentials. */
export function as(config: ClientConfig, credentials: Partial<Credentials>): ClientConfig {
  const { AccessKeyId, SecretAccessKey, SessionToken } = credentials;
  plant('a secret access key', SecretAccessKey);
  plant('a session token', SessionToken);
  return {
    ...config,
    credentials: {
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      ...(SessionToken && { sessionToken: SessionToken }),
    },
  };
}

export function tagList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
