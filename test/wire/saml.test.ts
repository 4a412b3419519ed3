import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { CreateSAMLProviderCommand, IAMClient, ListSAMLProvidersCommand } from '@aws-sdk/client-iam';
import {
  AssumeRoleWithSAMLCommand,
  type AssumeRoleWithSAMLCommandInput,
  type AssumeRoleWithSAMLCommandOutput,
  ExpiredTokenException,
  GetCallerIdentityCommand,
  InvalidIdentityTokenException,
  STSClient,
} from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEDERATED } from '../../examples/demo/announcement.ts';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { SamlIdp } from '../identity/saml-idp.ts';
import { ALL_SAML, PROVIDER, person } from '../identity/saml-setup.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { billScenario3, SCENARIO_3 } from './federated-announcement.ts';
import { ACCOUNT, allow, as, assumed, INVOKE, newRole, trust } from './principals.ts';
import { programs, run, said } from './program.ts';

const SHARED = `arn:aws:iam::${ACCOUNT}:role/Role-1`;

let idp: SamlIdp;
let server: TestServer;

beforeAll(async () => {
  idp = await SamlIdp.start();
  server = await startServer();
  await register(server);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  await idp.stop();
  removeFolders();
});

/** The identity provider, and one role that people share. */
async function register({ admin }: TestServer): Promise<void> {
  const iam = new IAMClient(admin);
  await iam.send(new CreateSAMLProviderCommand({ Name: 'corp', SAMLMetadataDocument: await idp.metadata() }));
  const { SAMLProviderList } = await iam.send(new ListSAMLProvidersCommand({}));
  expect(SAMLProviderList).toEqual([{ Arn: PROVIDER, CreateDate: expect.any(Date), ValidUntil: expect.any(Date) }]);
  iam.destroy();
  const trusted = { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: ALL_SAML };
  await newRole(admin, 'Role-1', {
    trust: [trusted],
    statements: [INVOKE, allow(['sts:AssumeRole', 'sts:TagSession'])],
  });
}

const member = (attributes: object = {}, nameId?: string) =>
  person({ Role: `${SHARED},${PROVIDER}`, ...attributes }, nameId);

/** Nobody signs the request: the client has no credentials. */
async function assume(
  SAMLAssertion: string,
  input: Partial<AssumeRoleWithSAMLCommandInput> = {},
  { url }: TestServer = server,
): Promise<AssumeRoleWithSAMLCommandOutput> {
  const sts = new STSClient({ endpoint: url, region: 'us-east-1' });
  const command = new AssumeRoleWithSAMLCommand({ RoleArn: SHARED, PrincipalArn: PROVIDER, SAMLAssertion, ...input });
  try {
    return await sts.send(command);
  } finally {
    sts.destroy();
  }
}

async function whoIs(config: ClientConfig): Promise<string | undefined> {
  const sts = new STSClient(config);
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  sts.destroy();
  return Arn;
}

describe('AssumeRoleWithSAML through the AWS SDK for JavaScript', () => {
  it('gives credentials to whom the assertion names', async () => {
    const answer = await assume(await idp.login(member({ 'PrincipalTag:team': 'ds', SourceIdentity: 'user-1' })));
    expect(answer).toMatchObject({
      AssumedRoleUser: { Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Role-1/user-1@acme.org` },
      Subject: 'user-1',
      SubjectType: 'persistent',
      Issuer: idp.issuer,
      Audience: 'https://signin.aws.amazon.com/saml',
      NameQualifier: expect.stringMatching(/^[A-Za-z0-9+/]{27}=$/),
      PackedPolicySize: 1,
      SourceIdentity: 'user-1',
    });
    expect(await whoIs(as(server.admin, answer.Credentials!))).toBe(answer.AssumedRoleUser?.Arn);
  });

  it('passes transitive tags on, which nobody can set anew', async () => {
    const { Credentials } = await assume(
      await idp.login(member({ 'PrincipalTag:team': 'ds', TransitiveTagKeys: 'team' })),
    );
    const session = as(server.admin, Credentials!);
    const next = await newRole(server.admin, 'Next', { trust: [trust(SHARED, ['sts:AssumeRole', 'sts:TagSession'])] });
    expect(await whoIs(await assumed(session, next, 'chained'))).toContain('assumed-role/Next/chained');
    const Tags = [{ Key: 'TEAM', Value: 'other' }];
    await expect(assumed(session, next, 'chained', { Tags })).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  it('answers refusals as STS does', async () => {
    const used = await idp.login(member());
    await assume(used);
    const cases = [
      [assume(used), InvalidIdentityTokenException, 400, 'Response has already been used'],
      [assume('AAAA'), InvalidIdentityTokenException, 400, /^Invalid SAML response: it is not well-formed XML/],
      [
        assume(await idp.login(member(), { lifetimeInSeconds: -1 })),
        ExpiredTokenException,
        400,
        'Response has expired',
      ],
    ] as const;
    for (const [promise, type, status, message] of cases) {
      const error = await promise.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(type);
      expect(error).toMatchObject({ $metadata: { httpStatusCode: status } });
      expect((error as Error).message).toMatch(message);
    }
    const other = { RoleArn: `arn:aws:iam::${ACCOUNT}:role/None` };
    await expect(assume(await idp.login(member()), other)).rejects.toMatchObject({
      name: 'AccessDenied',
      message: 'Not authorized to perform sts:AssumeRoleWithSAML',
      $metadata: { httpStatusCode: 403 },
    });
  });

  it('reads 100,000 characters and not one more', async () => {
    await expect(assume('A'.repeat(100_000))).rejects.toBeInstanceOf(InvalidIdentityTokenException);
    const error = await assume('A'.repeat(100_001)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'ValidationError',
      message: expect.stringContaining('Member must have length less than or equal to 100000'),
    });
    expect(String(error)).not.toContain('AAAA');
  });

  it('puts who was proven on record, and keeps the assertion out of records, logs, files and messages', async () => {
    const response = await idp.login(member({ 'PrincipalTag:team': 'ds' }, 'on-record'));
    await assume(response);
    const error = await assume(response).catch((thrown: unknown) => thrown);
    const trail = new CloudTrailClient(server.admin);
    const LookupAttributes = [{ AttributeKey: 'EventName' as const, AttributeValue: 'AssumeRoleWithSAML' }];
    const { Events } = await trail.send(new LookupEventsCommand({ LookupAttributes }));
    trail.destroy();
    const records = (Events ?? []).map(({ CloudTrailEvent }) => JSON.parse(CloudTrailEvent!));
    const mine = records.filter(({ userIdentity }) => userIdentity.userName === 'on-record');
    expect(mine.map(({ errorMessage }) => errorMessage)).toEqual(['Response has already been used', undefined]);
    for (const record of mine) {
      expect(record.userIdentity.type).toBe('SAMLUser');
      expect(record.requestParameters).toMatchObject({ principalTags: { team: 'ds' } });
    }
    const part = response.slice(1_000, 1_040);
    for (const text of [JSON.stringify(records), String(error), server.output()]) expect(text).not.toContain(part);
    expect(said('/bin/sh', '-c', `grep -rl '${part}' '${server.data}'`)).toBe('');
  });
});

const [cli] = programs('aws', '/usr/bin/aws');
const [python] = programs('python3', '/usr/bin/python3').filter((file) => said(file, '-c', 'import boto3; print(1)'));
if (!cli) console.warn('SKIPPED: no `aws` on the PATH');
if (!python) console.warn('SKIPPED: no python3 with boto3');

describe.skipIf(!cli)('the AWS CLI', () => {
  it('manages providers', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder('saml');
    const file = join(folder, 'metadata.xml');
    writeFileSync(file, await idp.metadata());
    const { accessKeyId, secretAccessKey } = server.admin.credentials;
    const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, HOME: folder };
    const iam = async (...args: readonly string[]) => {
      const command = ['--endpoint-url', server.url, '--region', 'us-east-1', '--output', 'json', 'iam', ...args];
      const { status, stdout, stderr } = await run(cli!, command, keys);
      expect(status, stderr).toBe(0);
      return stdout === '' ? undefined : JSON.parse(stdout);
    };
    const document = ['--saml-metadata-document', `file://${file}`];
    const tags = ['--tags', 'Key=team,Value=it'];
    const { SAMLProviderArn } = await iam('create-saml-provider', '--name', 'cli', ...document, ...tags);
    const arn = ['--saml-provider-arn', SAMLProviderArn];
    expect(await iam('get-saml-provider', ...arn)).toMatchObject({
      SAMLMetadataDocument: await idp.metadata(),
      Tags: [{ Key: 'team', Value: 'it' }],
    });
    expect(await iam('update-saml-provider', ...arn, ...document)).toEqual({ SAMLProviderArn });
    await iam('delete-saml-provider', ...arn);
    const { SAMLProviderList } = await iam('list-saml-providers');
    expect(SAMLProviderList).toMatchObject([{ Arn: PROVIDER }]);
  });

  it('assumes a role without credentials, with the assertion in a file', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder('saml');
    const file = join(folder, 'assertion');
    writeFileSync(file, `${await idp.login(member())}\n`);
    const command = ['--endpoint-url', server.url, '--region', 'us-east-1', '--output', 'json'];
    const arns = ['--role-arn', SHARED, '--principal-arn', PROVIDER, '--saml-assertion', `file://${file}`];
    const assumeRole = () => run(cli!, [...command, 'sts', 'assume-role-with-saml', ...arns], { HOME: folder });
    const { status, stdout, stderr } = await assumeRole();
    expect(status, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ Subject: 'user-1', AssumedRoleUser: { Arn: expect.any(String) } });
    expect((await assumeRole()).stderr).toContain(
      'An error occurred (InvalidIdentityToken) when calling the AssumeRoleWithSAML operation: Response has already been used',
    );
  });
});

describe.skipIf(!python)('boto3 assume_role_with_saml', () => {
  it('gives a session that calls as its person', { timeout: 120_000 }, async () => {
    const script = [
      'import boto3, os, sys',
      'url = os.environ["AWS_ENDPOINT_URL"]',
      'sts = boto3.client("sts", endpoint_url=url)',
      'c = sts.assume_role_with_saml(RoleArn=sys.argv[1], PrincipalArn=sys.argv[2], SAMLAssertion=sys.argv[3])["Credentials"]',
      'mine = boto3.client("sts", endpoint_url=url, aws_access_key_id=c["AccessKeyId"], aws_secret_access_key=c["SecretAccessKey"], aws_session_token=c["SessionToken"])',
      'print(mine.get_caller_identity()["Arn"])',
    ].join('\n');
    const environment = {
      AWS_ENDPOINT_URL: server.url,
      AWS_DEFAULT_REGION: 'us-east-1',
      HOME: temporaryFolder('saml'),
    };
    const arguments_ = ['-c', script, SHARED, PROVIDER, await idp.login(member())];
    const { status, stdout, stderr } = await run(python!, arguments_, environment);
    expect(status, stderr).toBe(0);
    expect(stdout.trim()).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Role-1/user-1@acme.org`);
  });
});

describe('examples/federation/saml/login.ts', () => {
  it('takes a person from the browser to the credentials of a profile', async () => {
    const port = await freePort();
    const acsUrl = `http://localhost:${port}/saml`;
    const own = await startServer({
      config: { federation: { samlRecipients: [acsUrl], samlAudiences: ['tallyline'] } },
    });
    await register(own);
    const loginUrl = idp.loginUrl(member(), { recipient: acsUrl, audience: 'tallyline' });
    const program = join(import.meta.dirname, '..', '..', 'examples', 'federation', 'saml', 'login.ts');
    const arns = ['--role', SHARED, '--provider', PROVIDER];
    const urls = ['--endpoint', own.url, '--login-url', loginUrl, '--acs-url', acsUrl];
    const child = spawn(process.execPath, [program, ...arns, ...urls], { stdio: ['ignore', 'pipe', 'pipe'] });
    const printed = new Promise<string>((resolve) => createInterface({ input: child.stdout }).once('line', resolve));
    const asked = await new Promise<string>((resolve) =>
      createInterface({ input: child.stderr }).once('line', resolve),
    );
    expect(asked).toBe(`open ${loginUrl} in a browser`);
    // What the browser does: the identity provider's page posts itself.
    const page = await (await fetch(loginUrl)).text();
    const [, SAMLResponse] = /name="SAMLResponse"\s+value="([^"]+)"/.exec(page)!;
    const [, action] = /action="([^"]+)"/.exec(page)!;
    const posted = await fetch(action!, { method: 'POST', body: new URLSearchParams({ SAMLResponse: SAMLResponse! }) });
    expect(await posted.text()).toContain('You are logged in');
    const { Version, ...keys } = JSON.parse(await printed);
    expect(Version).toBe(1);
    expect(await whoIs(as(own.admin, keys))).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Role-1/user-1@acme.org`);
    expect(await own.stop()).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, 'localhost', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe("scenario 3 of AWS's announcement, through SAML", () => {
  it('comes out of the delivered CUR 2.0 file exactly', async () => {
    const billed = await startServer();
    await register(billed);
    const rows = await billScenario3(billed, async ({ sessionName, tags }) => {
      const attributes = Object.entries(tags).map(([key, value]) => [`PrincipalTag:${key}`, value]);
      const who = person({
        Role: `arn:aws:iam::${ACCOUNT}:role/${FEDERATED.roleName},${PROVIDER}`,
        RoleSessionName: sessionName,
        ...Object.fromEntries(attributes),
      });
      const { Credentials } = await assume(await idp.login(who), {}, billed);
      return as(billed.admin, Credentials!);
    });
    expect(rows).toEqual(SCENARIO_3);
    expect(await billed.stop()).toBe(0);
  });
});
