import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateSAMLProviderCommand, IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { OpenIdProvider } from '../identity/openid-provider.ts';
import { SamlIdp } from '../identity/saml-idp.ts';
import { ALL_SAML, PROVIDER } from '../identity/saml-setup.ts';
import { MAIN, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ACCOUNT, INVOKE, newRole, trust } from './principals.ts';
import { type ProgramResult, run } from './program.ts';
import { registerProvider, trustProvider } from './web-identity.ts';

/** A pod's service account, as Kubernetes names it. */
export const SERVICE_ACCOUNT = 'system:serviceaccount:ml:trainer';

/** The session that gets its name from that. */
export const TRAINER = `arn:aws:sts::${ACCOUNT}:assumed-role/Job/ml.trainer`;

/** A server that trusts an OpenID provider and a SAML provider, with a role for every way to get credentials. */
export class WorkloadSetup {
  readonly server: TestServer;
  readonly openId: OpenIdProvider;
  readonly saml: SamlIdp;
  readonly folder = temporaryFolder('workload');
  readonly role = `arn:aws:iam::${ACCOUNT}:role/Job`;

  private constructor(server: TestServer, openId: OpenIdProvider, saml: SamlIdp) {
    this.server = server;
    this.openId = openId;
    this.saml = saml;
  }

  static async start(): Promise<WorkloadSetup> {
    const [openId, saml] = await Promise.all([OpenIdProvider.start(), SamlIdp.start()]);
    const server = await startServer({ config: { federation: { caFile: openId.caFile } } });
    const iam = new IAMClient(server.admin);
    await iam.send(new CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument: await saml.metadata() }));
    iam.destroy();
    await newRole(server.admin, 'Job', {
      trust: [
        trustProvider(await registerProvider(server, openId)),
        trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession', 'sts:SetSourceIdentity']),
        { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: ALL_SAML },
      ],
      statements: [INVOKE],
      tags: { team: 'ml' },
    });
    return new WorkloadSetup(server, openId, saml);
  }

  async close(): Promise<void> {
    await this.openId.close();
    await this.saml.stop();
  }

  /** A file with a token of the subject, as a platform projects it. */
  async tokenFile(subject = SERVICE_ACCOUNT, claims: Readonly<Record<string, unknown>> = {}): Promise<string> {
    return this.file('token', await this.openId.sign({ sub: subject, ...claims }));
  }

  file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}

/** `tallyline credentials`, as an SDK starts it: where nothing else of Tallyline is. */
export function credentials(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<ProgramResult> {
  return run(process.execPath, [...MAIN, 'credentials', ...args], environment);
}

/** Whom credentials are good for. */
export async function callerOf(
  server: TestServer,
  keys: { readonly AccessKeyId: string; readonly SecretAccessKey: string; readonly token: string },
): Promise<string | undefined> {
  const { endpoint, region } = server.admin;
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, token: sessionToken } = keys;
  const sts = new STSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey, sessionToken } });
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  return Arn;
}

/** Prints who an AWS SDK for JavaScript is that is given nothing in code: its default credential chain. */
export const JS_CALLER = `
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
console.log((await new STSClient({}).send(new GetCallerIdentityCommand({}))).Arn);
`;

export const PYTHON_CALLER = 'import boto3; print(boto3.client("sts").get_caller_identity()["Arn"])';
