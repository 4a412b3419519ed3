import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CreateAccessKeyCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, AssumeRoleWithWebIdentityCommand, type Credentials, STSClient } from '@aws-sdk/client-sts';
import { APPLICATIONS, type DemoCall, FEDERATED, USERS } from './announcement.ts';
import type { IdentityProvider } from './identity-provider.ts';

/** Where the clients point and as whom; what every AWS SDK client takes. */
export interface ClientConfig {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

const INVOKE = {
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], Resource: '*' },
  ],
};

/** Makes the users and roles of the announcement and their inference calls, all through the AWS SDK. */
export async function runAnnouncement(admin: ClientConfig, print: (line: string) => void): Promise<void> {
  const iam = new IAMClient(admin);
  for (const { userName, tags, calls } of USERS) {
    await iam.send(new CreateUserCommand({ UserName: userName, Tags: tagList(tags) }));
    const policy = { UserName: userName, PolicyName: 'invoke', PolicyDocument: JSON.stringify(INVOKE) };
    await iam.send(new PutUserPolicyCommand(policy));
    const config = await accessKeyOf(iam, admin, userName);
    print(`IAM user ${userName}: ${calls.length} Converse calls with its own access key`);
    await converse(config, calls);
  }

  const { User: runtime } = await iam.send(new CreateUserCommand({ UserName: 'app-runtime' }));
  const runtimeConfig = await accessKeyOf(iam, admin, 'app-runtime');
  for (const { roleName, sessionName, tags, calls } of APPLICATIONS) {
    const trust = { Effect: 'Allow', Principal: { AWS: runtime!.Arn }, Action: 'sts:AssumeRole' };
    const { Role: role } = await iam.send(
      new CreateRoleCommand({
        RoleName: roleName,
        AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
        Tags: tagList(tags),
      }),
    );
    const policy = { RoleName: roleName, PolicyName: 'invoke', PolicyDocument: JSON.stringify(INVOKE) };
    await iam.send(new PutRolePolicyCommand(policy));
    const sts = new STSClient(runtimeConfig);
    const { Credentials: session } = await sts.send(
      new AssumeRoleCommand({ RoleArn: role!.Arn, RoleSessionName: sessionName }),
    );
    sts.destroy();
    print(`role ${roleName}, session ${sessionName}: ${calls.length} Converse calls with STS credentials`);
    await converse(sessionOf(admin, session!), calls);
  }
  iam.destroy();
}

/**
 * Scenario 3: everybody who signs in with the provider shares one role. The trust policy lets a person in under the name
 * in the signed token only, and the tags are the token's: nothing of either is the person's to choose.
 */
export async function runFederation(
  admin: ClientConfig,
  provider: IdentityProvider,
  print: (line: string) => void,
): Promise<void> {
  const iam = new IAMClient(admin);
  const { OpenIDConnectProviderArn } = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: provider.issuer, ClientIDList: [provider.clientId] }),
  );
  const url = provider.issuer.replace('https://', '');
  const trust = {
    Effect: 'Allow',
    Principal: { Federated: OpenIDConnectProviderArn },
    Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
    Condition: {
      StringEquals: { [`${url}:aud`]: provider.clientId, 'sts:RoleSessionName': `\${${url}:sub}` },
    },
  };
  const roleName = 'Engineers';
  const { Role: role } = await iam.send(
    new CreateRoleCommand({
      RoleName: roleName,
      AssumeRolePolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [trust] }),
    }),
  );
  const policy = { RoleName: roleName, PolicyName: 'invoke', PolicyDocument: JSON.stringify(INVOKE) };
  await iam.send(new PutRolePolicyCommand(policy));
  iam.destroy();
  // Nobody signs this call: the token is the proof.
  const sts = new STSClient({ endpoint: admin.endpoint, region: admin.region });
  for (const { sessionName, tags, calls } of FEDERATED.people) {
    const { Credentials: session } = await sts.send(
      new AssumeRoleWithWebIdentityCommand({
        RoleArn: role!.Arn,
        RoleSessionName: sessionName,
        WebIdentityToken: await provider.signIn(sessionName, tags),
      }),
    );
    print(`role ${roleName}, ${sessionName} through OpenID Connect: ${calls.length} Converse calls`);
    await converse(sessionOf(admin, session!), calls);
  }
  sts.destroy();
}

export function sessionOf(config: ClientConfig, session: Credentials): ClientConfig {
  const { AccessKeyId, SecretAccessKey, SessionToken } = session;
  const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
  return { ...config, credentials };
}

async function accessKeyOf(iam: IAMClient, admin: ClientConfig, userName: string): Promise<ClientConfig> {
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: userName }));
  return { ...admin, credentials: { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! } };
}

/** `simulate` tells the simulated model which usage to report; a real model would count its own. */
export async function converse(config: ClientConfig, calls: readonly DemoCall[]): Promise<void> {
  const bedrock = new BedrockRuntimeClient(config);
  for (const { modelId, inputTokens, outputTokens } of calls) {
    await bedrock.send(
      new ConverseCommand({
        modelId,
        messages: [{ role: 'user', content: [{ text: 'Summarise the quarterly report.' }] }],
        additionalModelRequestFields: { simulate: { inputTokens, outputTokens } },
      }),
    );
  }
  bedrock.destroy();
}

export function tagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}
