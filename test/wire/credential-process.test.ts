import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { trustPolicy } from '../../src/cli/trust-policy.ts';
import { AWS_TAGS, tagsClaim } from '../identity/openid-provider.ts';
import { PROVIDER, person } from '../identity/saml-setup.ts';
import { MAIN, removeFolders } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, ledger } from './ledger.ts';
import { ACCOUNT, allow, newRole, newUser } from './principals.ts';
import { type ProgramResult, programs, run, said } from './program.ts';
import {
  callerOf,
  credentials,
  JS_CALLER,
  PYTHON_CALLER,
  SERVICE_ACCOUNT,
  TRAINER,
  WorkloadSetup,
} from './workload.ts';

const SESSION = `arn:aws:sts::${ACCOUNT}:assumed-role/Job/`;

let setup: WorkloadSetup;
let own: Readonly<Record<string, string>>;
let source: readonly string[];

beforeAll(async () => {
  setup = await WorkloadSetup.start();
  const { credentials } = await newUser(setup.server.admin, 'builder', { statements: [allow('sts:*')] });
  own = { AWS_ACCESS_KEY_ID: credentials.accessKeyId, AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey };
  source = ['--role', setup.role, '--endpoint', setup.server.url];
});
afterAll(async () => {
  await setup.server.stop();
  await setup.close();
  removeFolders();
});

// biome-ignore lint/suspicious/noExplicitAny: the JSON of credential_process
function printedBy({ status, stdout, stderr }: ProgramResult): any {
  expect(status, stderr).toBe(0);
  return JSON.parse(stdout);
}

const callerIn = (json: { AccessKeyId: string; SecretAccessKey: string; SessionToken: string }) =>
  callerOf(setup.server, { ...json, token: json.SessionToken });

describe('tallyline credentials', () => {
  it('prints credentials for the token of a platform, named after its subject', async () => {
    const file = await setup.tokenFile();
    const json = printedBy(await credentials([...source, '--web-identity-token-file', file, '--duration', '900']));
    expect(json).toEqual({
      Version: 1,
      AccessKeyId: expect.stringMatching(/^ASIA/),
      SecretAccessKey: expect.any(String),
      SessionToken: expect.any(String),
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      AccountId: ACCOUNT,
    });
    expect(Date.parse(json.Expiration) - Date.now()).toBeLessThanOrEqual(900_000);
    expect(await callerIn(json)).toBe(TRAINER);
  });

  it('is let in by the policy that `tallyline trust-policy` prints, under no other name', async () => {
    const { url: provider, clientId: audience } = setup.openId;
    const given = { account: ACCOUNT, provider: `https://${provider}`, audience, subject: SERVICE_ACCOUNT };
    const provided = { ...given, principal: [], requireTag: [], allowTag: [] };
    const { Statement } = JSON.parse(trustPolicy('kubernetes', provided)) as { Statement: object[] };
    const role = await newRole(setup.server.admin, 'Pinned', { trust: Statement });
    const args = ['--role', role, '--endpoint', setup.server.url];
    const token = ['--web-identity-token-file', await setup.tokenFile()];
    const json = printedBy(await credentials([...args, ...token]));
    expect(await callerIn(json)).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Pinned/ml.trainer`);
    const { stderr } = await credentials([...args, ...token, '--session-name', 'other']);
    expect(stderr).toBe('tallyline: AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity\n');
  });

  it("takes everything from AWS's variables as EKS sets them", async () => {
    const environment = {
      TALLYLINE_ENDPOINT: setup.server.url,
      AWS_ROLE_ARN: setup.role,
      AWS_WEB_IDENTITY_TOKEN_FILE: await setup.tokenFile('ignored', { email: 'ana@example.com' }),
    };
    expect(await callerIn(printedBy(await credentials([], environment)))).toBe(`${SESSION}ana@example.com`);
    const named = { ...environment, AWS_ROLE_SESSION_NAME: 'nightly' };
    expect(await callerIn(printedBy(await credentials([], named)))).toBe(`${SESSION}nightly`);
  });

  it('bills the session with the tags that the provider signed', async () => {
    const file = await setup.tokenFile('batch-7', { [AWS_TAGS]: tagsClaim({ 'cost-center': '42' }) });
    const json = printedBy(await credentials([...source, '--web-identity-token-file', file]));
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = json;
    const caller = { ...setup.server.admin, credentials: { accessKeyId, secretAccessKey, sessionToken } };
    await spend(caller, [{ modelId: 'anthropic.claude-sonnet-4-6', inputTokens: 10, outputTokens: 1 }]);
    await expect
      .poll(() => ledger(setup.server), ARRIVAL)
      .toMatchObject([{ Principal: `${SESSION}batch-7`, Tags: { team: 'ml', 'cost-center': '42' } }]);
  });

  it('assumes a role with keys, tags and a source identity, in the name of whose keys they are', async () => {
    const options = ['--session-tag', 'run=a=b', '--session-tag', 'job=7', '--transitive-tag', 'run'];
    const session = ['--source-identity', 'builder', '--external-id', 'x1'];
    const json = printedBy(await credentials([...source, ...options, ...session], own));
    expect(await callerIn(json)).toBe(`${SESSION}builder`);
    const chained = {
      AWS_ACCESS_KEY_ID: json.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: json.SecretAccessKey,
      AWS_SESSION_TOKEN: json.SessionToken,
    };
    // The tag is transitive: the caller cannot set it anew.
    const again = await credentials([...source, '--session-tag', 'run=other', '--session-name', 'x2'], chained);
    expect(again).toMatchObject({ status: 1, stdout: '' });
    expect(again.stderr).toMatch(/^tallyline: (InvalidParameterValue|AccessDenied): .+\n$/);
  });

  it("assumes a role with a profile of the AWS CLI's files", async () => {
    const text = `[other]\naws_access_key_id = AKIAOTHEROTHEROTHER0\n[ci]\naws_access_key_id = ${own.AWS_ACCESS_KEY_ID}\naws_secret_access_key = ${own.AWS_SECRET_ACCESS_KEY}\n`;
    const environment = { AWS_SHARED_CREDENTIALS_FILE: setup.file('credentials', text), HOME: setup.folder };
    const json = printedBy(await credentials([...source, '--source-profile', 'ci'], environment));
    expect(await callerIn(json)).toBe(`${SESSION}builder`);
    const { stderr } = await credentials([...source, '--source-profile', 'nobody'], environment);
    expect(stderr).toMatch(/^tallyline: no keys of the profile `nobody` in /);
  });

  it('signs in with a SAML assertion from a file or from standard input', async () => {
    const login = () => setup.saml.login(person({ Role: `${setup.role},${PROVIDER}` }));
    const file = setup.file('assertion', await login());
    const json = printedBy(await credentials([...source, '--saml-assertion-file', file]));
    expect(await callerIn(json)).toBe(`${SESSION}user-1@acme.org`);
    const xml = Buffer.from(await login(), 'base64');
    const args = [...MAIN, 'credentials', ...source, '--saml-assertion-file', '-'];
    const piped = spawnSync(process.execPath, args, { input: xml, encoding: 'utf8' });
    expect(piped.stderr).toBe('');
    expect(await callerIn(JSON.parse(piped.stdout))).toBe(`${SESSION}user-1@acme.org`);
  });

  it('keeps them in a file of its owner, for the same identity alone', async () => {
    const file = await setup.tokenFile();
    const cache = join(setup.folder, 'cache', 'job.json');
    const options = [...source, '--web-identity-token-file', file, '--cache', cache];
    const first = printedBy(await credentials(options));
    await setup.tokenFile();
    expect(printedBy(await credentials(options))).toEqual(first);
    expect(statSync(cache).mode & 0o777).toBe(0o600);
    expect(readFileSync(cache, 'utf8')).not.toContain(readFileSync(file, 'utf8'));
    await setup.tokenFile('somebody:else');
    expect(await callerIn(printedBy(await credentials(options)))).toBe(`${SESSION}somebody-else`);
    chmodSync(cache, 0o644);
    const { status, stdout, stderr } = await credentials(options);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(`tallyline: --cache \`${cache}\` cannot be used: others can read it: chmod 600\n`);
  });

  it('says what is wrong in one line, and prints nothing else', async () => {
    const token = await setup.tokenFile();
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['--role', setup.role], /^no server: pass --endpoint or set TALLYLINE_ENDPOINT$/],
      [['--endpoint', setup.server.url], /^no role: pass --role or set AWS_ROLE_ARN$/],
      [['--role', 'Job', '--endpoint', setup.server.url], /^--role `Job` is not the ARN of a role$/],
      [
        ['--role', setup.role, '--endpoint', 'localhost:4280'],
        /^--endpoint `localhost:4280` is not an http or https address$/,
      ],
      [source, /^no credentials to assume the role with: pass --web-identity-token-file, /],
      [[...source, '--web-identity-token-file', '/nowhere/token'], /^cannot read `\/nowhere\/token`: ENOENT/],
      [[...source, '--web-identity-token-file', setup.file('empty', '\n')], /is empty$/],
      [
        [...source, '--web-identity-token-file', setup.file('opaque', 'opaque')],
        /holds no token with a subject: pass --session-name$/,
      ],
      [
        [...source, '--web-identity-token-file', token, '--session-tag', 'team=red'],
        /^--session-tag does not go with a web identity token: the provider decides that$/,
      ],
      [[...source, '--web-identity-token-file', token, '--saml-assertion-file', token], /^choose one of /],
      [
        [
          ...source,
          '--web-identity-token-file',
          setup.file('forged', `${readFileSync(token, 'utf8').slice(0, -8)}AAAAAAAA`),
        ],
        /^InvalidIdentityToken: /,
      ],
      [
        ['--role', `${setup.role}x`, '--endpoint', setup.server.url, '--web-identity-token-file', token],
        /^AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity$/,
      ],
      [
        ['--role', setup.role, '--endpoint', 'http://127.0.0.1:9', '--web-identity-token-file', token],
        /^nothing answers at `http:\/\/127\.0\.0\.1:9`/,
      ],
    ];
    for (const [args, message] of wrong) {
      const { status, stdout, stderr } = await credentials(args);
      expect({ status, stdout }, args.join(' ')).toEqual({ status: 1, stdout: '' });
      expect(stderr, args.join(' ')).toMatch(/^tallyline: [^\n]+\n$/);
      expect(stderr.slice('tallyline: '.length, -1)).toMatch(message);
    }
  });
});

const aws = programs('aws').find((file) => said(file, '--version') !== '');
const python = programs('python3').find((file) => said(file, '-c', 'import boto3; print(boto3.__version__)') !== '');
if (!aws) console.warn('SKIPPED: no `aws`');
if (!python) console.warn('SKIPPED: no python3 with boto3');

describe('as the credential_process of a profile', () => {
  let environment: Readonly<Record<string, string>>;
  beforeAll(async () => {
    const command = [process.execPath, ...MAIN, 'credentials', ...source];
    const file = await setup.tokenFile();
    const cache = join(setup.folder, 'profile.json');
    const process_ = [...command, '--web-identity-token-file', file, '--cache', cache].join(' ');
    const config = `[profile job]\nregion = us-east-1\nendpoint_url = ${setup.server.url}\ncredential_process = ${process_}\n`;
    environment = {
      AWS_CONFIG_FILE: setup.file('config', config),
      AWS_SHARED_CREDENTIALS_FILE: join(setup.folder, 'none'),
      AWS_PROFILE: 'job',
      AWS_SDK_LOAD_CONFIG: '1',
    };
  });

  it('makes the AWS SDK for JavaScript the workload', async () => {
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', JS_CALLER], environment);
    expect(stdout.trim(), stderr).toBe(TRAINER);
  });

  it.skipIf(!python)('makes boto3 the workload', async () => {
    const { stdout, stderr } = await run(python!, ['-c', PYTHON_CALLER], environment);
    expect(stdout.trim(), stderr).toBe(TRAINER);
  });

  it.skipIf(!aws)('makes the AWS CLI the workload', async () => {
    const args = ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'];
    const { stdout, stderr } = await run(aws!, args, environment);
    expect(stdout.trim(), stderr).toBe(TRAINER);
  });
});

describe('without the command line', () => {
  it('SDKs read the token themselves, when they are told where STS is', async () => {
    const none = join(setup.folder, 'none');
    const environment = {
      // The AWS CLI keeps sessions in the home folder, and they must not outlive the server.
      HOME: setup.folder,
      AWS_ENDPOINT_URL: setup.server.url,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: none,
      AWS_SHARED_CREDENTIALS_FILE: none,
      AWS_ROLE_ARN: setup.role,
      AWS_ROLE_SESSION_NAME: 'ml.trainer',
      AWS_WEB_IDENTITY_TOKEN_FILE: await setup.tokenFile(),
    };
    const callers = [
      run(process.execPath, ['--input-type=module', '-e', JS_CALLER], environment),
      ...(python ? [run(python, ['-c', PYTHON_CALLER], environment)] : []),
      ...(aws ? [run(aws, ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'], environment)] : []),
    ];
    for (const { stdout, stderr } of await Promise.all(callers)) expect(stdout.trim(), stderr).toBe(TRAINER);
  });
});

it('gives out what is in the cache while the server is down, for as long as it is good', async () => {
  const file = await setup.tokenFile();
  const cache = join(setup.folder, 'outage.json');
  const args = [...source, '--web-identity-token-file', file, '--cache', cache];
  const first = printedBy(await credentials(args));
  expect(await setup.server.stop()).toBe(0);
  const after = (minutes: number) => {
    const late = `const now = Date.now; Date.now = () => now() + ${minutes * 60_000};`;
    return credentials(args, { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(late)}` });
  };
  expect(printedBy(await after(50))).toEqual(first);
  const ended = await after(61);
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toMatch(/^tallyline: nothing answers at /);
});
