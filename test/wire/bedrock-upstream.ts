import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { startServer, type TestServer } from '../server.ts';
import { allow, newUser } from './principals.ts';

/** The account that plays AWS's side of the gateway. */
export const AWS_ACCOUNT = '999999999999';
/** Whom AWS's bill names for everything the gateway calls with its own credentials. */
export const GATEWAY_ARN = `arn:aws:iam::${AWS_ACCOUNT}:user/gateway`;

/** A Tallyline whose simulated models are Amazon Bedrock's, and another one in front of it. */
export interface GatewayAndAws {
  readonly aws: TestServer;
  /** Of the user at AWS whose credentials the gateway has. */
  readonly gatewayUser: ClientConfig;
  readonly gateway: TestServer;
}

/** AWS has a guardrail `gr1` that does not let dragons through. */
export async function startGatewayAndAws(): Promise<GatewayAndAws> {
  const guardrails = { gr1: { deniedWords: ['dragon'], pii: ['EMAIL'] } };
  const upstreams = [{ name: 'simulated', type: 'simulated', guardrails }];
  const aws = await startServer({ config: { account: { id: AWS_ACCOUNT }, upstreams } });
  const statements = [allow(['bedrock:Invoke*', 'bedrock:CountTokens', 'bedrock:ApplyGuardrail'])];
  const gatewayUser = await newUser(aws.admin, 'gateway', { statements });
  const gateway = await startGateway(aws.url, gatewayUser);
  return { aws, gatewayUser, gateway };
}

/** A gateway whose only upstream is at `endpoint`, with these credentials. */
export function startGateway(
  endpoint: string,
  { credentials }: ClientConfig,
  upstream: object = {},
): Promise<TestServer> {
  const variables = { accessKeyIdEnv: 'UPSTREAM_ACCESS_KEY_ID', secretAccessKeyEnv: 'UPSTREAM_SECRET_ACCESS_KEY' };
  const bedrock = { name: 'bedrock', type: 'bedrock', endpoint, stsEndpoint: endpoint, ...variables, ...upstream };
  return startServer({
    config: { upstreams: [bedrock] },
    environment: {
      UPSTREAM_ACCESS_KEY_ID: credentials.accessKeyId,
      UPSTREAM_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    },
  });
}
