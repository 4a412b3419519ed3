import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { CostExplorerClient, GetCostAndUsageCommand } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { heldSplit } from '../../src/cli/held-split.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, HOUR_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ARRIVAL, ledgerEntry } from './ledger.ts';
import { allow, newUser } from './principals.ts';

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl';
/** Two model units of Nova 2 Lite without a commitment, as the sheet has them. */
const USD_PER_HOUR = 2 * 60.5;

const startedAtMs = Date.now();
const period = billingPeriodOf(startedAtMs);
const fromMs = Math.max(billingPeriodStartMs(period), startedAtMs - 3 * HOUR_MS);
const hours = Math.floor(startedAtMs / HOUR_MS) - Math.floor(fromMs / HOUR_MS) + 1;

const heldModels = [
  { arn: ARN, modelId: 'amazon.nova-2-lite-v1:0', modelUnits: 2, from: new Date(fromMs).toISOString() },
];

let server: TestServer;

beforeAll(async () => {
  server = await startServer({ config: { heldModels } });
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const tallyline = () => new TallylineClient(readProfile(server.data, {}), () => Date.now());

async function call(userName: string, inputTokens: number): Promise<string> {
  const user = await newUser(server.admin, userName, { statements: [allow(['bedrock:InvokeModel'], ARN)] });
  const bedrock = new BedrockRuntimeClient(user);
  const { $metadata } = await bedrock.send(
    new ConverseCommand({
      modelId: ARN,
      messages: [{ role: 'user', content: [{ text: 'hello' }] }],
      additionalModelRequestFields: { simulate: { inputTokens, outputTokens: 0 } },
    }),
  );
  bedrock.destroy();
  return $metadata.requestId!;
}

/** Usage types of the month with their cost, from Cost Explorer. */
async function billed(): Promise<Record<string, number>> {
  const explorer = new CostExplorerClient(server.admin);
  const { ResultsByTime } = await explorer.send(
    new GetCostAndUsageCommand({
      TimePeriod: { Start: `${period}-01`, End: new Date(billingPeriodEndMs(period)).toISOString().slice(0, 10) },
      ...{ Granularity: 'MONTHLY', Metrics: ['UnblendedCost'], GroupBy: [{ Type: 'DIMENSION', Key: 'USAGE_TYPE' }] },
    }),
  );
  explorer.destroy();
  const sums: Record<string, number> = {};
  for (const { Groups = [] } of ResultsByTime!) {
    for (const { Keys, Metrics } of Groups) {
      sums[Keys![0]!] = (sums[Keys![0]!] ?? 0) + Number(Metrics!.UnblendedCost!.Amount);
    }
  }
  return sums;
}

it('tokens through provisioned throughput cost nothing and are counted', async () => {
  const requestId = await call('alice', 1_000);
  await expect
    .poll(() => ledgerEntry(server, requestId), ARRIVAL)
    .toMatchObject({
      ...{ ModelId: 'amazon.nova-2-lite-v1:0', ResourceArn: ARN, InputTokens: '1000' },
      ...{ CostUsd: '0', IsUnpriced: false },
    });
});

it('its hours are billed once each, also after a start anew', async () => {
  const HOURS = 'USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits';
  await expect.poll(async () => (await billed())[HOURS], ARRIVAL).toBeCloseTo(hours * USD_PER_HOUR, 6);
  expect(await server.stop()).toBe(0);
  server = await startServer({ config: { heldModels }, data: server.data });
  await call('bob', 3_000);
  await expect.poll(async () => (await billed())['USE1-Nova2.0Lite-input-tokens-provisioned'], ARRIVAL).toBe(0);
  // The hour may have turned since.
  const now = Math.floor(Date.now() / HOUR_MS) - Math.floor(fromMs / HOUR_MS) + 1;
  expect([hours, now].map((count) => count * USD_PER_HOUR)).toContain((await billed())[HOURS]);
});

it('every hour is split by what was used in it, and what nobody used is idle', async () => {
  interface Row {
    readonly Resource: string;
    readonly Principal: string;
    readonly CostUsd: string;
    readonly Rule: string;
  }
  const rows = async () => (await tallyline().call<{ Rows: Row[] }>('GetHeldModelSplit', { Period: period })).Rows;
  const shareOf = async (name: string) => {
    const row = (await rows()).find(({ Principal }) => Principal.endsWith(name));
    return Number(row?.CostUsd ?? 0);
  };
  await expect.poll(() => shareOf('user/bob'), ARRIVAL).toBeGreaterThan(0);
  const all = await rows();
  expect(new Set(all.map(({ Resource, Rule }) => `${Resource} ${Rule}`))).toEqual(new Set([`${ARN} tokens`]));
  const [alice, bob] = [await shareOf('user/alice'), await shareOf('user/bob')];
  // A quarter and three quarters of one hour, unless the hour turned between them.
  expect([USD_PER_HOUR, 2 * USD_PER_HOUR]).toContain(alice + bob);
  if (alice + bob === USD_PER_HOUR) expect(bob).toBe(3 * alice);
  const total = all.reduce((sum, { CostUsd }) => sum + Number(CostUsd), 0);
  expect(total % USD_PER_HOUR).toBe(0);
  const lines: string[] = [];
  await heldSplit(tallyline(), period, {}, (text) => lines.push(text));
  expect(lines.join('\n')).toMatch(hours > 1 ? /\(idle\)/ : /user\/bob/);
});
