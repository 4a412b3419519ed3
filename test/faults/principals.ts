import type { TestServer } from '../server.ts';
import { elementOf, iamCall, type Keys, type RawAnswer, type RawRequest, send, signed, stsCall } from './raw-client.ts';
import { noteSecret } from './secret-watch.ts';

/** Signs now, for the right service and region, and sends. */
export function callAs(server: TestServer, keys: Keys, service: string, request: RawRequest): Promise<RawAnswer> {
  return send(server.url, signed(server.url, request, { service, keys }));
}

/** The same as the administrator; throws unless it was answered with 200. */
export async function callAsAdmin(server: TestServer, service: string, request: RawRequest): Promise<RawAnswer> {
  const answer = await callAs(server, server.admin.credentials, service, request);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return answer;
}

export const INVOKE_POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: ['bedrock:InvokeModel*', 'sts:*', 'ce:*'], Resource: '*' }],
});

/** An IAM user who may call models, and an access key of it. */
export async function createUser(server: TestServer, UserName: string): Promise<Keys> {
  await callAsAdmin(server, 'iam', iamCall('CreateUser', { UserName }));
  await callAsAdmin(
    server,
    'iam',
    iamCall('PutUserPolicy', { UserName, PolicyName: 'invoke', PolicyDocument: INVOKE_POLICY }),
  );
  return keysOf(await callAsAdmin(server, 'iam', iamCall('CreateAccessKey', { UserName })));
}

/** A role that everybody in the account may assume. */
export async function createRole(server: TestServer, RoleName: string): Promise<string> {
  const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: ['sts:AssumeRole', 'sts:TagSession'] };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  const created = await callAsAdmin(server, 'iam', iamCall('CreateRole', { RoleName, AssumeRolePolicyDocument }));
  await callAsAdmin(
    server,
    'iam',
    iamCall('PutRolePolicy', { RoleName, PolicyName: 'invoke', PolicyDocument: INVOKE_POLICY }),
  );
  return elementOf(created, 'Arn');
}

export async function assumeRole(
  server: TestServer,
  RoleArn: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<Keys> {
  const request = stsCall('AssumeRole', { RoleArn, RoleSessionName: 'session', ...fields });
  return keysOf(await callAsAdmin(server, 'sts', request));
}

/** The credentials in an answer of CreateAccessKey or STS; watched from now on. */
export function keysOf(answer: RawAnswer): Keys {
  const secretAccessKey = elementOf(answer, 'SecretAccessKey');
  const sessionToken = /<SessionToken>([^<]*)</.exec(answer.text)?.[1];
  noteSecret('a secret access key', secretAccessKey);
  noteSecret('a session token', sessionToken);
  return { accessKeyId: elementOf(answer, 'AccessKeyId'), secretAccessKey, ...(sessionToken && { sessionToken }) };
}
