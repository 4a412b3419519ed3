import { CreateOpenIDConnectProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import {
  AssumeRoleWithWebIdentityCommand,
  type AssumeRoleWithWebIdentityCommandInput,
  type AssumeRoleWithWebIdentityCommandOutput,
  STSClient,
} from '@aws-sdk/client-sts';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import type { OpenIdProvider } from '../identity/openid-provider.ts';
import type { TestServer } from '../server.ts';
import { as } from './principals.ts';

const ACTIONS = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'];

/** Registers the provider with its client id in the administrator's account; returns its ARN. */
export async function registerProvider(server: TestServer, provider: OpenIdProvider): Promise<string> {
  const iam = new IAMClient(server.admin);
  const { OpenIDConnectProviderArn: arn } = await iam.send(
    new CreateOpenIDConnectProviderCommand({ Url: provider.issuer, ClientIDList: [provider.clientId] }),
  );
  iam.destroy();
  return arn!;
}

/** A statement of a trust policy for who signs in with the provider. */
export function trustProvider(
  providerArn: string,
  condition?: object,
  actions: string | readonly string[] = ACTIONS,
): object {
  return {
    Effect: 'Allow',
    Principal: { Federated: providerArn },
    Action: actions,
    ...(condition && { Condition: condition }),
  };
}

/** Nobody has signed this request: the client is given no credentials. */
export async function assumeWithToken(
  server: TestServer,
  input: Partial<AssumeRoleWithWebIdentityCommandInput> & {
    readonly RoleArn: string;
    readonly WebIdentityToken: string;
  },
): Promise<AssumeRoleWithWebIdentityCommandOutput> {
  const { endpoint, region } = server.admin;
  const sts = new STSClient({ endpoint, region, maxAttempts: 1 });
  try {
    return await sts.send(new AssumeRoleWithWebIdentityCommand({ RoleSessionName: 'session', ...input }));
  } finally {
    sts.destroy();
  }
}

/** The session that the token opens. */
export async function sessionWithToken(
  server: TestServer,
  roleArn: string,
  sessionName: string,
  token: string,
): Promise<ClientConfig> {
  const input = { RoleArn: roleArn, RoleSessionName: sessionName, WebIdentityToken: token };
  return as(server.admin, (await assumeWithToken(server, input)).Credentials!);
}
