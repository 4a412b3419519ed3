import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AWS_TAGS, OpenIdProvider, tagsClaim } from '../identity/openid-provider.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ACCOUNT, newRole } from './principals.ts';
import { type ProgramResult, programs, run, said } from './program.ts';
import { registerProvider, trustProvider } from './web-identity.ts';

/**
 * Programs that find the token by the three variables of AWS's SDKs, as workloads do. The first versions that read
 * AWS_ENDPOINT_URL are 1.29 and 2.13 of the CLI and 1.28 of boto3; an older one would call AWS.
 */
const clis = programs('aws', '/usr/bin/aws').filter((file) => {
  const [, major, minor] = /aws-cli\/(\d+)\.(\d+)/.exec(said(file, '--version')) ?? [];
  return Number(minor) >= (major === '1' ? 29 : 13);
});
const pythons = programs('python3', '/usr/bin/python3').filter((file) => {
  const [, minor] = /^1\.(\d+)/.exec(said(file, '-c', 'import boto3; print(boto3.__version__)')) ?? [];
  return Number(minor) >= 28;
});
const BOTO3 = `
import boto3
print(boto3.client('sts').get_caller_identity()['Arn'])
`;
const clients = [
  ...clis.map((file) => ({
    name: `aws ${file}`,
    file,
    args: ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'],
  })),
  ...pythons.map((file) => ({ name: `boto3 of ${file}`, file, args: ['-c', BOTO3] })),
];
if (clis.length === 0) console.warn('SKIPPED: no `aws` (1.29 or 2.13 and later)');
if (pythons.length === 0) console.warn('SKIPPED: no python3 with boto3 1.28 or later');

let provider: OpenIdProvider;
let server: TestServer;
let role: string;

beforeAll(async () => {
  provider = await OpenIdProvider.start();
  server = await startServer({ config: { federation: { caFile: provider.caFile } } });
  role = await newRole(server.admin, 'Workload', { trust: [trustProvider(await registerProvider(server, provider))] });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await provider.close();
  removeFolders();
});

async function runWith(client: (typeof clients)[number], token: string): Promise<ProgramResult> {
  const home = temporaryFolder('home');
  const tokenFile = join(home, 'token');
  writeFileSync(tokenFile, token);
  chmodSync(tokenFile, 0o600);
  return run(client.file, client.args, {
    HOME: home,
    AWS_ENDPOINT_URL: server.url,
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ROLE_ARN: role,
    AWS_ROLE_SESSION_NAME: 'nightly-job',
    AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    AWS_MAX_ATTEMPTS: '1',
    PYTHONDONTWRITEBYTECODE: '1',
  });
}

if (clients.length === 0) it.skip('needs an `aws` or a python3 with boto3');

describe.each(clients)('$name', (client) => {
  it('opens its session with the token in a file', { timeout: 60_000 }, async () => {
    const token = await provider.signIn('system:serviceaccount:jobs:nightly', {
      [AWS_TAGS]: tagsClaim({ team: 'ops' }),
    });
    const { stdout, stderr } = await runWith(client, token);
    expect(stdout.trim(), stderr).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Workload/nightly-job`);
  });

  it('shows what is wrong with the token', { timeout: 60_000 }, async () => {
    const { status, stderr } = await runWith(client, await provider.sign({ aud: 'other-app' }));
    expect(status).not.toBe(0);
    expect(stderr).toContain(
      '(InvalidIdentityToken) when calling the AssumeRoleWithWebIdentity operation: Incorrect token audience',
    );
  });
});
