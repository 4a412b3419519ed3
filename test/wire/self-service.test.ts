import { BudgetsClient, CreateBudgetCommand, type Expression } from '@aws-sdk/client-budgets';
import { IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { errorOf, type RawAnswer, send, signed } from '../faults/raw-client.ts';
import { expectNoSecrets, watch } from '../faults/secret-watch.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { longTermKey, shortTermKey } from './bearer-keys.ts';
import { gatewayKey, type IssuedKey } from './gateway-keys.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { ACCOUNT, assumed, deny, INVOKE, newRole, newUser, policyOf, trust } from './principals.ts';
import { run } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';
const ANA = `arn:aws:iam::${ACCOUNT}:user/ana`;
const JOB = `arn:aws:sts::${ACCOUNT}:assumed-role/Workload/job-7`;

let server: TestServer;
let ana: ClientConfig;
let session: ClientConfig;
let key: IssuedKey;

beforeAll(async () => {
  const hardBudgets = {
    budgets: [
      { name: 'each-person', unit: 'USD', limit: '20', each: 'principal', window: { unit: 'day', timeZone: 'UTC' } },
    ],
  };
  server = watch(await startServer({ config: { budgets: { refreshSeconds: 1 }, hardBudgets } }));
  ana = await newUser(server.admin, 'ana', { statements: [INVOKE], tags: { team: 'red' } });
  const bob = await newUser(server.admin, 'bob', { statements: [INVOKE], tags: { team: 'red' } });
  const role = await newRole(server.admin, 'Workload', {
    trust: [trust(`arn:aws:iam::${ACCOUNT}:root`, ['sts:AssumeRole', 'sts:TagSession'])],
    statements: [INVOKE],
    tags: { team: 'blue' },
  });
  session = await assumed(server.admin, role, 'job-7', { Tags: [{ Key: 'project', Value: 'x' }] });
  key = await gatewayKey(server, { Name: 'laptop', UserName: 'ana', Tags: { device: 'laptop' } });
  await spend(ana, [
    { modelId: SONNET, inputTokens: 1_000, outputTokens: 100 },
    { modelId: NOVA, inputTokens: 1_000, outputTokens: 0 },
  ]);
  await spend(bob, [{ modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(3), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  expectNoSecrets();
  removeFolders();
});

const reading = (path: string, headers: Readonly<Record<string, string>> = {}) => {
  const [pathname = '', query = ''] = path.split('?');
  return {
    method: 'GET',
    path: `/gateway/v1${pathname}`,
    query,
    headers: { host: new URL(server.url).host, ...headers },
    body: '',
  };
};
const withToken = (path: string, token: string): Promise<RawAnswer> =>
  send(server.url, reading(path, { authorization: `Bearer ${token}` }));
const signedBy = ({ credentials }: ClientConfig, path: string): Promise<RawAnswer> =>
  send(server.url, signed(server.url, reading(path), { service: 'tallyline', keys: credentials }));

async function told(answer: Promise<RawAnswer>): Promise<unknown> {
  const { status, text } = await answer;
  expect(status, text).toBe(200);
  return JSON.parse(text);
}

describe('GET /gateway/v1/me', () => {
  it('says who calls, from the credential to the principal', async () => {
    expect(await told(withToken('/me', key.Secret))).toMatchObject({
      principal: ANA,
      accountId: ACCOUNT,
      kind: 'user',
      tags: { team: 'red', device: 'laptop' },
      chain: [
        { type: 'gateway-key', id: key.GatewayKey.KeyId, name: 'laptop' },
        { type: 'user', id: ANA },
        { type: 'principal', id: ANA },
      ],
      scopes: ['inference', 'models', 'self'],
      expiresAt: key.GatewayKey.ExpiresAt,
    });
    const inHeader = send(server.url, reading('/me', { 'x-api-key': key.Secret }));
    expect(await told(inHeader)).toMatchObject({ principal: ANA });
    expect(await told(signedBy(session, '/me'))).toMatchObject({
      principal: JOB,
      kind: 'assumed-role',
      tags: { team: 'blue', project: 'x' },
      sessionTags: { project: 'x' },
      chain: [
        { type: 'access-key', id: session.credentials.accessKeyId },
        { type: 'role', id: `arn:aws:iam::${ACCOUNT}:role/Workload` },
        { type: 'session', id: 'job-7' },
        { type: 'principal', id: JOB },
      ],
    });
  });

  it('answers every verified caller, and nobody else', async () => {
    const long = await longTermKey(server.admin, 'ana', { CredentialAgeDays: 3 });
    for (const token of [long.key, await shortTermKey(ana.credentials)]) {
      expect(await told(withToken('/me', token))).toMatchObject({
        principal: ANA,
        chain: [{ type: 'bedrock-api-key' }, { type: 'user' }, { type: 'principal' }],
      });
    }
    expect(errorOf(await send(server.url, reading('/me'))).code).toBe('MissingAuthenticationTokenException');
    expect(errorOf(await withToken('/me', 'nonsense')).status).toBe(403);
    const { Secret } = await gatewayKey(server, { UserName: 'ana', Scopes: ['inference'] });
    expect(errorOf(await withToken('/me', Secret)).message).toMatch(/does not have the scope self$/);
  });

  it('is denied where a policy says so', async () => {
    const iam = new IAMClient(server.admin);
    const mute = await newUser(server.admin, 'mute');
    expect((await signedBy(mute, '/me')).status).toBe(200);
    const document = policyOf(deny('tallyline:GetCaller*'));
    await iam.send(new PutUserPolicyCommand({ UserName: 'mute', PolicyName: 'no', PolicyDocument: document }));
    iam.destroy();
    expect(errorOf(await signedBy(mute, '/me')).message).toMatch(/tallyline:GetCaller with an explicit deny/);
  });
});

describe('what a caller spent', () => {
  it("is the caller's own, and nobody else's", async () => {
    // Sonnet 4.6 at regional prices: 3.30 and 16.50 USD for a million tokens; Nova Lite: 0.06.
    const sum = { costUsd: '0.00501', tokens: '2100', requests: '2' };
    expect(await told(withToken('/me/spend?timeZone=Australia%2FAdelaide', key.Secret))).toMatchObject({
      principal: ANA,
      timeZone: 'Australia/Adelaide',
      today: sum,
      monthToDate: sum,
      last30Days: sum,
      models: [
        { modelId: SONNET, costUsd: '0.00495', requests: '1' },
        { modelId: NOVA, costUsd: '0.00006', requests: '1' },
      ],
    });
    expect(await told(signedBy(session, '/me/spend'))).toMatchObject({ last30Days: { costUsd: '0' }, models: [] });
    const other = withToken(`/me/spend?principal=${encodeURIComponent(JOB)}`, key.Secret);
    expect(await told(other)).toMatchObject({ principal: ANA });
    expect(errorOf(await withToken('/me/spend?timeZone=Nowhere', key.Secret)).code).toBe('ValidationException');
  });

  it('rose by model since the week before, with the reason', async () => {
    expect(await told(withToken('/me/changes', key.Secret))).toMatchObject({
      costUsd: '0.00501',
      previousCostUsd: '0',
      models: [
        {
          modelId: SONNET,
          changeUsd: '0.00495',
          drivers: [{ type: 'USAGE_CHANGE', changeUsd: '0.0033' }, { changeUsd: '0.00165' }],
        },
        { modelId: NOVA, changeUsd: '0.00006' },
      ],
    });
  });

  it('counts against the budgets that are for it', async () => {
    const budgets = new BudgetsClient(server.admin);
    const budget = async (BudgetName: string, FilterExpression?: Expression) => {
      const limit = {
        BudgetLimit: { Amount: '50', Unit: 'USD' },
        TimeUnit: 'MONTHLY' as const,
        BudgetType: 'COST' as const,
      };
      const Budget = {
        BudgetName,
        ...limit,
        ...(FilterExpression && { FilterExpression, Metrics: ['UnblendedCost' as const] }),
      };
      await budgets.send(new CreateBudgetCommand({ AccountId: ACCOUNT, Budget }));
    };
    const team = (...Values: string[]): Expression => ({ Tags: { Key: 'iamPrincipal/team', Values } });
    await budget('everybody');
    await budget('red', team('red', 'green'));
    await budget('blue', team('blue'));
    await budget('not red', { Not: team('red') });
    await budget('red on EC2', { And: [team('red'), { Dimensions: { Key: 'SERVICE', Values: ['Amazon EC2'] } }] });
    budgets.destroy();
    const names = async (answer: Promise<RawAnswer>) => {
      const { budgets: listed } = (await told(answer)) as { budgets: { name: string }[] };
      return listed.map(({ name }) => name).sort();
    };
    expect(await names(withToken('/me/budgets', key.Secret))).toEqual([
      'each-person',
      'everybody',
      'red',
      'red on EC2',
    ]);
    expect(await names(signedBy(session, '/me/budgets'))).toEqual(['blue', 'each-person', 'everybody', 'not red']);
    const now = new Date();
    const nextMonth = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)).toISOString().slice(0, 10);
    expect(await told(withToken('/me/budgets', key.Secret))).toMatchObject({
      budgets: expect.arrayContaining([
        expect.objectContaining({ name: 'each-person', kind: 'hard', unit: 'USD', limit: '20', used: '0.00501' }),
        expect.objectContaining({
          ...{ name: 'red', kind: 'alert', unit: 'USD', limit: '50' },
          resetsAt: expect.stringContaining(nextMonth),
        }),
      ]),
    });
  });
});

describe('tallyline', () => {
  const tallyline = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) =>
    run(process.execPath, [...MAIN, ...args, '--data', server.data], environment);

  it('whoami tells a person with a key who it is, what it spent and what it may spend', async () => {
    const { stdout, stderr } = await tallyline(['whoami'], { TALLYLINE_API_KEY: key.Secret });
    expect(stderr).toBe('');
    expect(stdout).toMatch(new RegExp(`^principal {7}${ANA}$`, 'm'));
    expect(stdout).toMatch(/^through {9}gateway-key laptop > user arn/m);
    expect(stdout).toMatch(/^month to date +0\.00501 +2100 +2$/m);
    expect(stdout).toMatch(/^red +alert +\S+ +50 +USD +\S+Z$/m);
    expect(stdout).toMatch(/^anthropic\.claude-sonnet-4-6 +0 +0\.00495 +0\.00495 +usage of USE1-/m);
    const admin = JSON.parse((await tallyline(['whoami', '--json'])).stdout) as { principal: string };
    expect(admin.principal).toMatch(new RegExp(`^arn:aws:iam::${ACCOUNT}:`));
    const refused = await tallyline(['whoami'], { TALLYLINE_API_KEY: `${key.Secret}x` });
    expect(refused).toMatchObject({
      status: 1,
      stderr: 'tallyline: Authentication failed: The gateway key is incomplete or mistyped.\n',
    });
  });

  it('keys makes, lists, rotates, disables and deletes keys', async () => {
    const line = (text: string, name: string) => new RegExp(`^${name} {2,}(.*)$`, 'm').exec(text)?.[1] ?? '';
    const role = ['--role', 'Workload', '--session', 'nightly', '--tag', 'job=etl', '--model', 'amazon.*'];
    const { stdout: made } = await tallyline(['keys', 'create', 'etl', ...role, '--scope', 'self', '--days', '7']);
    expect(line(made, 'principal')).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Workload/nightly`);
    const [id, secret] = [line(made, 'key id'), line(made, 'key')];
    expect(await told(withToken('/me', secret))).toMatchObject({
      tags: { job: 'etl', team: 'blue' },
      allowedModels: ['amazon.*'],
    });
    const { stdout: rotated } = await tallyline(['keys', 'rotate', 'etl', '--grace-hours', '0']);
    expect((await withToken('/me', secret)).status).toBe(403);
    expect((await withToken('/me', line(rotated, 'key'))).status).toBe(200);
    expect((await tallyline(['keys', 'disable', 'etl'])).stdout).toBe(`disabled ${id}\n`);
    expect((await withToken('/me', line(rotated, 'key'))).status).toBe(403);
    expect((await tallyline(['keys', 'list', '--role', 'Workload'])).stdout).toMatch(
      new RegExp(`^etl +${id} .* disabled `, 'm'),
    );
    expect((await tallyline(['keys', 'show', id])).stdout).not.toContain('tly-');
    expect((await tallyline(['keys', 'delete', 'etl'])).stdout).toBe(`deleted ${id}\n`);
    expect((await tallyline(['keys', 'show', 'etl'])).stderr).toBe(
      'tallyline: no gateway key `etl`: see `tallyline keys list`\n',
    );
  });
});
