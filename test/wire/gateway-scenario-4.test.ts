import Anthropic from '@anthropic-ai/sdk';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { activateTags, deliverExport, EXPORT } from '../../examples/demo/billing.ts';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { fencedBlocks } from '../examples/guide.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { longTermKey } from './bearer-keys.ts';
import { curFiles } from './cur-rows.ts';
import { type DeliveredRow, deliveredRows, monthStart } from './delivered-rows.ts';
import { tallyline } from './gateway-keys.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from './principals.ts';
import { type ProgramResult, run } from './program.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const OPUS = 'anthropic.claude-opus-4-6-v1';
const TEAM = { 'iamPrincipal/team': 'data-science' };
const TENANT = { 'iamPrincipal/tenant': 'acme-corp' };
const PRINCIPALS = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' };
const USER = 'arn:aws:iam::111122223333:user/';
const ROLE = `arn:aws:sts::${ACCOUNT}:assumed-role/BedrockRole/`;

/**
 * Table of scenario 4 of AWS's announcement (2026-04-17), which rounds to three decimals: 0.081, 0.163, 0.526, 0.925. The
 * exact cost is quantity x regional price by hand: 24,500 x 3.30/1M, 9,900 x 16.50/1M, 95,600 x 5.50/1M, 33,636 x 27.50/1M.
 */
const SCENARIO_4 = [
  [`${ROLE}gw-tenant-acme`, 'USE1-Claude4.6Opus-input-tokens', TENANT, 525_800_000],
  [`${ROLE}gw-tenant-acme`, 'USE1-Claude4.6Opus-output-tokens', TENANT, 924_990_000],
  [`${ROLE}gw-user-1`, 'USE1-Claude4.6Sonnet-input-tokens', TEAM, 80_850_000],
  [`${ROLE}gw-user-1`, 'USE1-Claude4.6Sonnet-output-tokens', TEAM, 163_350_000],
];

const CALLERS = {
  'gw-user-1': { team: 'data-science' },
  'gw-tenant-acme': { tenant: 'acme-corp' },
};
type CallerName = keyof typeof CALLERS;

let aws: TestServer;
/** The gateway's own credentials at AWS: a session of its execution role, as a container or machine has them. */
let execution: ClientConfig;
const gateways: TestServer[] = [];

beforeAll(async () => {
  aws = await startServer();
  const [permissions, trustPolicy, limits] = fencedBlocks('GATEWAY.md', 'json').map(statementsOf);
  const executionRole = await newRole(aws.admin, 'GatewayExecution', {
    // For the gateway that calls as itself.
    ...{ trust: [trust(`arn:aws:iam::${ACCOUNT}:root`)], statements: [...permissions!, INVOKE] },
  });
  await newRole(aws.admin, 'BedrockRole', { trust: trustPolicy!, statements: limits!, maxSessionSeconds: 43_200 });
  const operator = await newUser(aws.admin, 'operator', { statements: [allow('sts:AssumeRole')] });
  execution = await assumed(operator, executionRole, 'gateway-1');
});
afterAll(async () => {
  for (const server of [...gateways, aws]) expect(await server.stop()).toBe(0);
  removeFolders();
});

/** Of a policy that the guide shows: what is to be pasted into AWS is what is proven here. */
function statementsOf(policy: string): readonly object[] {
  return (JSON.parse(policy) as { Statement: readonly object[] }).Statement;
}

/** A gateway of another organization's account, with the callers of the scenario. */
async function startGateway(upstream: object) {
  const variables = {
    accessKeyIdEnv: 'UPSTREAM_ACCESS_KEY_ID',
    secretAccessKeyEnv: 'UPSTREAM_SECRET_ACCESS_KEY',
    sessionTokenEnv: 'UPSTREAM_SESSION_TOKEN',
  };
  const bedrock = { name: 'aws', type: 'bedrock', endpoint: aws.url, stsEndpoint: aws.url, ...variables, ...upstream };
  const gateway = await startServer({
    config: { account: { id: '111122223333' }, upstreams: [bedrock] },
    environment: {
      UPSTREAM_ACCESS_KEY_ID: execution.credentials.accessKeyId,
      UPSTREAM_SECRET_ACCESS_KEY: execution.credentials.secretAccessKey,
      UPSTREAM_SESSION_TOKEN: execution.credentials.sessionToken!,
    },
  });
  gateways.push(gateway);
  const callers = {} as Record<CallerName, ClientConfig>;
  for (const [name, tags] of Object.entries(CALLERS)) {
    callers[name as CallerName] = await newUser(gateway.admin, name, {
      statements: [INVOKE, allow('bedrock:CallWithBearerToken')],
      tags,
    });
  }
  return { gateway, callers };
}

/** The traffic of the scenario, through every front door. Returns how many calls that were. */
async function callThroughAllDoors(gateway: TestServer, callers: Record<CallerName, ClientConfig>): Promise<number> {
  const simulate = (inputTokens: number, outputTokens: number) => ({ simulate: { inputTokens, outputTokens } });
  const text = 'Summarise the quarterly report.';
  const messages = [{ role: 'user' as const, content: text }];
  const converse = (modelId: string, inputTokens: number, outputTokens: number) => ({
    ...{ modelId, messages: [{ role: 'user' as const, content: [{ text }] }] },
    additionalModelRequestFields: simulate(inputTokens, outputTokens),
  });
  const user = new BedrockRuntimeClient(callers['gw-user-1']);
  const tenant = new BedrockRuntimeClient(callers['gw-tenant-acme']);
  await user.send(new ConverseCommand(converse(SONNET, 10_000, 4_000)));
  const { stream } = await tenant.send(new ConverseStreamCommand(converse(OPUS, 40_000, 10_000)));
  for await (const _ of stream!);
  const native = { anthropic_version: 'bedrock-2023-05-31', max_tokens: 100, messages, ...simulate(5_600, 3_636) };
  await tenant.send(new InvokeModelCommand({ modelId: OPUS, body: JSON.stringify(native) }));
  user.destroy();
  tenant.destroy();

  for (const { userName, model, ofOpenAi, ofAnthropic } of [
    { userName: 'gw-user-1', model: SONNET, ofOpenAi: simulate(8_000, 3_000), ofAnthropic: simulate(6_500, 2_900) },
    {
      userName: 'gw-tenant-acme',
      model: OPUS,
      ofOpenAi: simulate(20_000, 8_000),
      ofAnthropic: simulate(30_000, 12_000),
    },
  ]) {
    const { key: apiKey } = await longTermKey(gateway.admin, userName);
    const openai = new OpenAI({ apiKey, baseURL: `${gateway.url}/openai/v1`, maxRetries: 0 });
    await openai.chat.completions.create({ model, messages, ...ofOpenAi });
    const anthropic = new Anthropic({ apiKey, baseURL: `${gateway.url}/anthropic`, maxRetries: 0 });
    await anthropic.messages.create({ model, max_tokens: 100, messages, ...ofAnthropic });
  }
  return 7;
}

/** Principal, usage type, tags and cost in billionths of a dollar: the announcement's table does not tell operations apart. */
async function bill(
  server: TestServer,
  since: readonly DeliveredRow[] = [],
): Promise<[string, string, object, number][]> {
  const costs = new Map<string, number>();
  const add = ([principal, usageType, , cost, tags]: DeliveredRow, sign: number) => {
    const key = JSON.stringify([principal, usageType, tags]);
    costs.set(key, (costs.get(key) ?? 0) + sign * cost);
  };
  for (const row of await deliveredRows(server)) add(row, 1);
  for (const row of since) add(row, -1);
  return [...costs]
    .map(([key, cost]) => [...JSON.parse(key), Math.round(cost * 1e9)] as [string, string, object, number])
    .filter(([, , , cost]) => cost !== 0);
}

async function deliver(server: TestServer, calls: number): Promise<void> {
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(calls), ARRIVAL);
  await activateTags(server.admin, monthStart(), Object.keys({ ...TEAM, ...TENANT }));
  await deliverExport(server.admin);
}

function tallylineVerb(server: TestServer, ...args: readonly string[]): Promise<ProgramResult> {
  return run(process.execPath, [...MAIN, ...args, '--data', server.data], {});
}

/** What `tallyline doctor` says of it. */
async function billOfAws(server: TestServer): Promise<object | undefined> {
  const { Checks } = await tallyline<{ Checks: { Name: string }[] }>(server, 'GetDiagnosis', {});
  return Checks.find(({ Name }) => Name === 'bill of AWS');
}

describe("AWS's announcement, scenario 4: a gateway", () => {
  let gateway: TestServer;
  let calls = 0;

  beforeAll(async () => {
    const session = { role: `arn:aws:iam::${ACCOUNT}:role/BedrockRole`, durationSeconds: 43_200 };
    const started = await startGateway({ session });
    gateway = started.gateway;
    calls = await callThroughAllDoors(gateway, started.callers);
    await Promise.all([deliver(aws, calls), deliver(gateway, calls)]);
  });

  it("comes out of AWS's delivered CUR 2.0 file exactly", async () => {
    expect(await bill(aws)).toEqual(SCENARIO_4);
  });

  it("is what the gateway's own bill says, by principal, tags, model and token class", async () => {
    const { Sessions } = await tallyline<{ Sessions: { Principal: string; BilledPrincipal: string }[] }>(
      ...([gateway, 'ListUpstreamSessions', {}] as const),
    );
    const billedAs = new Map(Sessions.map(({ Principal, BilledPrincipal }) => [Principal, BilledPrincipal]));
    expect([...billedAs.keys()].sort()).toEqual([`${USER}gw-tenant-acme`, `${USER}gw-user-1`]);
    const own = await bill(gateway);
    expect(own.map(([principal, ...rest]) => [billedAs.get(principal), ...rest])).toEqual(SCENARIO_4);
  });

  it('is told by name: who is behind a session in the bill, and that nobody is missing in it', async () => {
    const [found] = JSON.parse((await tallylineVerb(gateway, 'sessions', '--name', 'gw-user-1', '--json')).stdout);
    expect(found).toMatchObject({ Principal: `${USER}gw-user-1`, Upstream: 'aws', Tags: { team: 'data-science' } });
    const [file] = await curFiles(aws, 'line_item_iam_principal', PRINCIPALS, { isCsv: true });
    const check = await tallylineVerb(gateway, 'sessions', 'check', '--bill', file!);
    expect(check).toMatchObject({ status: 0, stdout: 'the bill names everybody who called: 2\n' });
    expect(await billOfAws(gateway)).toMatchObject({ Status: 'ok' });
  });

  it('has a new session on demand', async () => {
    expect((await tallylineVerb(gateway, 'sessions', 'renew')).stdout).toBe('2 sessions given up\n');
  });

  // peers rows 56, 57, 58, 65: all spend on the gateway's role, and nobody said so.
  it('shows one identity without sessions of callers, as AWS says', async () => {
    const { gateway: plain, callers } = await startGateway({});
    const before = await deliveredRows(aws);
    const more = await callThroughAllDoors(plain, callers);
    await vi.waitFor(async () => expect(await billedCalls(aws)).toBe(calls + more), ARRIVAL);
    await tallyline(aws, 'StartExportExecution', { ExportName: EXPORT.name });
    const added = await bill(aws, before);
    const identity = `arn:aws:sts::${ACCOUNT}:assumed-role/GatewayExecution/gateway-1`;
    expect(added).toEqual(SCENARIO_4.map(([, usageType, , cost]) => [identity, usageType, {}, cost]));
    const told = 'your AWS bill will show one principal for everybody who calls through aws';
    expect(await billOfAws(plain)).toMatchObject({ Status: 'warning', Detail: told });
    const { status, stdout } = await tallylineVerb(plain, 'sessions', 'check', '--json');
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject(
      ['gw-tenant-acme', 'gw-user-1'].map((name) => ({
        ...{ Kind: 'billed-to-gateway', Principal: `${USER}${name}`, BilledPrincipal: identity },
      })),
    );
  });
});
