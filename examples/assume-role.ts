// An application that serves many people makes each person's calls in a session of that person's own: the session name
// and the session tags are then what the bill is split by. Run as the administrator, who may make the role:
//
//   eval "$(npx tallyline env)"
//   npx node examples/assume-role.ts
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import {
  CreateRoleCommand,
  GetRoleCommand,
  IAMClient,
  NoSuchEntityException,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';

const ROLE_NAME = 'chat-user';
const PEOPLE = [
  { email: 'ana@example.com', team: 'search' },
  { email: 'ben@example.com', team: 'search' },
  { email: 'carla@example.com', team: 'sales' },
];

const iam = new IAMClient({});
const sts = new STSClient({});

const roleArn = await chatRole();
for (const { email, team } of PEOPLE) {
  const { Credentials: session } = await sts.send(
    new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: email, Tags: [{ Key: 'team', Value: team }] }),
  );
  const bedrock = new BedrockRuntimeClient({
    credentials: {
      accessKeyId: session!.AccessKeyId!,
      secretAccessKey: session!.SecretAccessKey!,
      sessionToken: session!.SessionToken!,
    },
  });
  const { usage } = await bedrock.send(
    new ConverseCommand({
      modelId: 'us.anthropic.claude-sonnet-4-6',
      messages: [{ role: 'user', content: [{ text: `Greet ${email}.` }] }],
    }),
  );
  console.log(`${email} (${team}): ${usage?.totalTokens} tokens`);
  bedrock.destroy();
}

/** The role that all sessions share. `sts:TagSession` in its trust policy is what lets the caller pass tags. */
async function chatRole(): Promise<string> {
  try {
    return (await iam.send(new GetRoleCommand({ RoleName: ROLE_NAME }))).Role!.Arn!;
  } catch (error) {
    if (!(error instanceof NoSuchEntityException)) throw error;
  }
  const { Account: account } = await sts.send(new GetCallerIdentityCommand({}));
  const trust = { Effect: 'Allow', Principal: { AWS: account }, Action: ['sts:AssumeRole', 'sts:TagSession'] };
  const invoke = { Effect: 'Allow', Action: 'bedrock:InvokeModel', Resource: '*' };
  const document = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  const { Role: role } = await iam.send(
    new CreateRoleCommand({ RoleName: ROLE_NAME, AssumeRolePolicyDocument: document(trust) }),
  );
  await iam.send(
    new PutRolePolicyCommand({ RoleName: ROLE_NAME, PolicyName: 'invoke', PolicyDocument: document(invoke) }),
  );
  return role!.Arn!;
}
