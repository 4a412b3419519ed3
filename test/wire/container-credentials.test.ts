import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type RawAnswer, type RawRequest, send } from '../faults/raw-client.ts';
import { MAIN, removeFolders } from '../server.ts';
import { ACCOUNT } from './principals.ts';
import { programs, run, said } from './program.ts';
import { callerOf, JS_CALLER, PYTHON_CALLER, TRAINER, WorkloadSetup } from './workload.ts';

interface Endpoint {
  readonly url: string;
  readonly tokenFile: string;
  /** What it told its operator. */
  readonly warnings: () => string;
  /** SIGTERM, then its exit code. */
  readonly stop: () => Promise<number>;
}

let setup: WorkloadSetup;
const running = new Set<ChildProcess>();

beforeAll(async () => {
  setup = await WorkloadSetup.start();
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
});
afterAll(async () => {
  await setup.server.stop();
  await setup.close();
  removeFolders();
});

let endpoints = 0;

async function serve(...args: readonly string[]): Promise<Endpoint> {
  endpoints += 1;
  const tokenFile = join(setup.folder, `authorization-${endpoints}`);
  const options = ['--role', setup.role, '--endpoint', setup.server.url, '--port', '0', ...args];
  const command = [...MAIN, 'credentials', 'serve', '--authorization-token-file', tokenFile, ...options];
  const child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let warnings = '';
  child.stderr.on('data', (chunk: Buffer) => {
    warnings += chunk.toString();
  });
  const exited = new Promise<number>((resolve) => {
    child.once('exit', (code) => {
      running.delete(child);
      resolve(code ?? 128);
    });
  });
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, listening] = /^serving credentials on (\S+)$/.exec(line) ?? [];
      if (listening) resolve(listening);
    });
    void exited.then((code) => reject(new Error(`ended with ${code}: ${warnings}`)));
  });
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return { url, tokenFile, warnings: () => warnings, stop };
}

const tokenOf = ({ tokenFile }: Endpoint) => readFileSync(tokenFile, 'utf8');

/** A request as an SDK sends it, with changes. */
function get(endpoint: Endpoint, changes: Partial<RawRequest> = {}): Promise<RawAnswer> {
  const headers = { host: new URL(endpoint.url).host, authorization: tokenOf(endpoint), ...changes.headers };
  return send(endpoint.url, { method: 'GET', path: '/', query: '', body: '', ...changes, headers });
}

const codeOf = ({ status, text }: RawAnswer) => [status, JSON.parse(text).Code];

const aws = programs('aws').find((file) => said(file, '--version') !== '');
const python = programs('python3').find((file) => said(file, '-c', 'import boto3; print(boto3.__version__)') !== '');
if (!aws) console.warn('SKIPPED: no `aws`');
if (!python) console.warn('SKIPPED: no python3 with boto3');

describe('tallyline credentials serve', () => {
  it('gives credentials of the role to who has the token, on loopback alone', async () => {
    const endpoint = await serve('--web-identity-token-file', await setup.tokenFile());
    expect(endpoint.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const answer = await get(endpoint);
    expect(answer.status, answer.text).toBe(200);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    const json = JSON.parse(answer.text);
    expect(json).toEqual({
      AccessKeyId: expect.stringMatching(/^ASIA/),
      SecretAccessKey: expect.any(String),
      Token: expect.any(String),
      Expiration: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      RoleArn: setup.role,
      AccountId: ACCOUNT,
    });
    expect(await callerOf(setup.server, { ...json, token: json.Token })).toBe(TRAINER);
    expect((await get(endpoint, { path: '/v1/credentials' })).text).toBe(answer.text);
    expect(await endpoint.stop()).toBe(0);
    expect(endpoint.warnings()).toBe('');
  });

  it('is a source in the default credential chains of the SDK for JavaScript, boto3 and the AWS CLI', async () => {
    const endpoint = await serve('--web-identity-token-file', await setup.tokenFile());
    const none = join(setup.folder, 'none');
    const environment = {
      AWS_ENDPOINT_URL: setup.server.url,
      AWS_REGION: 'us-east-1',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_CONFIG_FILE: none,
      AWS_SHARED_CREDENTIALS_FILE: none,
      AWS_CONTAINER_CREDENTIALS_FULL_URI: endpoint.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: endpoint.tokenFile,
    };
    const callers = [
      run(process.execPath, ['--input-type=module', '-e', JS_CALLER], environment),
      ...(python ? [run(python, ['-c', PYTHON_CALLER], environment)] : []),
      ...(aws ? [run(aws, ['sts', 'get-caller-identity', '--query', 'Arn', '--output', 'text'], environment)] : []),
    ];
    for (const { stdout, stderr } of await Promise.all(callers)) expect(stdout.trim(), stderr).toBe(TRAINER);
    const { AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: _, ...rest } = environment;
    const byValue = { ...rest, AWS_CONTAINER_AUTHORIZATION_TOKEN: tokenOf(endpoint) };
    const { stdout, stderr } = await run(process.execPath, ['--input-type=module', '-e', JS_CALLER], byValue);
    expect(stdout.trim(), stderr).toBe(TRAINER);
    const wrong = { ...rest, AWS_CONTAINER_AUTHORIZATION_TOKEN: 'guess' };
    const refused = await run(process.execPath, ['--input-type=module', '-e', JS_CALLER], wrong);
    expect(refused.status).not.toBe(0);
    expect(refused.stderr).toContain('Could not load credentials from any providers');
  });

  it("makes a token that is nobody else's, and takes a new one as soon as it is in the file", async () => {
    const endpoint = await serve('--web-identity-token-file', await setup.tokenFile());
    expect(statSync(endpoint.tokenFile).mode & 0o777).toBe(0o600);
    const old = tokenOf(endpoint);
    expect(old).toMatch(/^[\w-]{43}$/);
    writeFileSync(endpoint.tokenFile, 'rotated\n');
    expect(codeOf(await get(endpoint, { headers: { authorization: old } }))).toEqual([401, 'Unauthorized']);
    expect((await get(endpoint, { headers: { authorization: 'rotated' } })).status).toBe(200);
    writeFileSync(endpoint.tokenFile, '');
    expect((await get(endpoint, { headers: { authorization: '' } })).status).toBe(503);
  });

  it('answers nobody else: other hosts by DNS rebinding, browsers, proxies, guesses', async () => {
    const endpoint = await serve('--web-identity-token-file', await setup.tokenFile());
    const { port } = new URL(endpoint.url);
    const forbidden = [
      { host: `attacker.example:${port}` },
      { host: `127.0.0.1.attacker.example:${port}` },
      { host: `localhost.attacker.example` },
      { host: `10.0.0.1:${port}` },
      { host: '' },
      { origin: 'http://localhost' },
      { 'sec-fetch-site': 'cross-site' },
      { 'x-forwarded-for': '127.0.0.1' },
      { forwarded: 'for=127.0.0.1' },
      { via: '1.1 proxy' },
    ];
    for (const headers of forbidden) {
      expect(codeOf(await get(endpoint, { headers })), JSON.stringify(headers)).toEqual([403, 'Forbidden']);
    }
    for (const host of [`localhost:${port}`, `127.0.0.2:${port}`, `[::1]:${port}`, '169.254.170.23', '169.254.170.2']) {
      expect((await get(endpoint, { headers: { host } })).status, host).toBe(200);
    }
    const token = tokenOf(endpoint);
    for (const authorization of ['', token.slice(1), `${token}x`, token.toLowerCase(), `Bearer ${token}`]) {
      expect(codeOf(await get(endpoint, { headers: { authorization } }))).toEqual([401, 'Unauthorized']);
    }
    expect(codeOf(await get(endpoint, { path: '/role/x' }))).toEqual([404, 'NotFound']);
    expect(codeOf(await get(endpoint, { method: 'POST' }))).toEqual([405, 'MethodNotAllowed']);
    expect((await get(endpoint, { path: '/role/x', headers: { authorization: 'guess' } })).status).toBe(401);
  });

  it('tells a refusal from a server that does not answer', async () => {
    const refused = await serve('--role', `${setup.role}x`, '--web-identity-token-file', await setup.tokenFile());
    const answer = await get(refused);
    expect([answer.status, JSON.parse(answer.text)]).toEqual([
      403,
      {
        Code: 'AccessDenied',
        Message: 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
        code: 'AccessDenied',
        message: 'AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity',
      },
    ]);
    const away = ['--endpoint', 'http://127.0.0.1:9', '--web-identity-token-file', await setup.tokenFile()];
    const alone = await serve(...away);
    expect(codeOf(await get(alone))).toEqual([503, 'ServiceUnavailable']);
    expect(alone.warnings()).toMatch(/^tallyline: nothing answers at `http:\/\/127\.0\.0\.1:9`/);
  });

  it('does not start without what it needs', async () => {
    const file = await setup.tokenFile();
    await expect(serve('--web-identity-token-file', file, '--port', '70000')).rejects.toThrow('is not a port');
    await expect(serve('--web-identity-token-file', file, '--host', '192.0.2.1')).rejects.toThrow('cannot listen on');
    await expect(serve()).rejects.toThrow('no credentials to assume the role with');
  });

  it('gives out the last good credentials while the server is down', async () => {
    const endpoint = await serve('--web-identity-token-file', await setup.tokenFile());
    const before = await get(endpoint);
    expect(before.status).toBe(200);
    expect(await setup.server.stop()).toBe(0);
    expect((await get(endpoint)).text).toBe(before.text);
  });
});
