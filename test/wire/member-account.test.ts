import { BedrockClient, CreateInferenceProfileCommand, GetInferenceProfileCommand } from '@aws-sdk/client-bedrock';
import { BudgetsClient, CreateBudgetCommand, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import {
  CostExplorerClient,
  CreateAnomalyMonitorCommand,
  CreateCostCategoryDefinitionCommand,
  GetAnomalyMonitorsCommand,
  GetApproximateUsageRecordsCommand,
  GetCostAndUsageCommand,
  GetCostAndUsageWithResourcesCommand,
  GetCostCategoriesCommand,
  GetDimensionValuesCommand,
  ListCostAllocationTagsCommand,
  ListCostCategoryDefinitionsCommand,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ClientConfig } from '../../examples/demo/organisation.ts';
import { TallylineClient } from '../../src/cli/client.ts';
import { DAY_MS } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { memberAdmin, newAccount } from './organization.ts';
import { ACCOUNT } from './principals.ts';

const MODEL = 'anthropic.claude-sonnet-4-6';
const TODAY = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const day = (offset: number) => new Date(TODAY + offset * DAY_MS).toISOString().slice(0, 10);
const PERIOD = { Start: day(-1), End: day(1) };

let server: TestServer;
let memberId: string;
let otherId: string;
let member: ClientConfig;
/** An application inference profile of the payer's. */
let profileArn: string;

beforeAll(async () => {
  server = await startServer();
  memberId = await newAccount(server.admin, 'member');
  otherId = await newAccount(server.admin, 'other');
  member = await memberAdmin(server.admin, memberId);
  const other = await memberAdmin(server.admin, otherId);
  const bedrock = new BedrockClient(server.admin);
  const modelSource = { copyFrom: `arn:aws:bedrock:us-east-1::foundation-model/${MODEL}` };
  const made = await bedrock.send(new CreateInferenceProfileCommand({ inferenceProfileName: 'secret', modelSource }));
  profileArn = made.inferenceProfileArn!;
  bedrock.destroy();
  const call = { inputTokens: 1_000, outputTokens: 0 };
  await spend(member, [{ ...call, modelId: MODEL }]);
  await spend(other, [{ ...call, modelId: MODEL }]);
  await spend(server.admin, [{ ...call, modelId: profileArn }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(3), ARRIVAL);
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** One of Tallyline's own operations, as the member's administrator. */
function call<Answer>(operation: string, input: object): Promise<Answer> {
  const { accessKeyId, secretAccessKey, sessionToken } = member.credentials as {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken: string;
  };
  const profile = { endpoint: server.url, region: 'us-east-1', accessKeyId, secretAccessKey, sessionToken };
  return new TallylineClient(profile, () => Date.now()).call(operation, input);
}

async function withClient<Client extends { destroy(): void }, Result>(
  client: Client,
  use: (client: Client) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

const asMember = <Result>(use: (ce: CostExplorerClient) => Promise<Result>) =>
  withClient(new CostExplorerClient(member), use);

describe('a member account with every permission', () => {
  it('reads of its own calls alone in reports, invoices and the list of calls', async () => {
    const range = { Start: new Date(TODAY - DAY_MS).toISOString(), End: new Date(TODAY + DAY_MS).toISOString() };
    const GroupBy = [{ Type: 'DIMENSION', Key: 'account' }];
    const question = { ...range, Granularity: 'TOTAL', GroupBy };
    const keysOf = async (more: object) => {
      const { Rows } = await call<{ Rows: { Keys: string[] }[] }>('GetReport', { ...question, ...more });
      return Rows.flatMap(({ Keys }) => Keys);
    };
    expect(await keysOf({})).toEqual([memberId]);
    const others = { key: { dimension: 'account' }, equalsAny: [ACCOUNT, otherId] };
    expect(await keysOf({ Filter: { or: [others, { not: others }] } })).toEqual([memberId]);
    expect(await keysOf({ Filter: others })).toEqual([]);
    const { Requests } = await call<{ Requests: { Principal: string }[] }>('ListRequests', { MaxResults: 100 });
    expect(Requests.map(({ Principal }) => Principal)).toEqual([expect.stringContaining(`:${memberId}:`)]);
    const { Invoices } = await call<{ Invoices: { UsageUsd: string }[] }>('ListInvoices', {});
    expect(Invoices.map(({ UsageUsd }) => UsageUsd)).toEqual(['0.0033']);
    const named = { Principal: `arn:aws:iam::${ACCOUNT}:user/admin` };
    expect(await call('ListRequests', named)).toEqual({ Requests: [] });
  });

  it.each([
    ['GetDiagnosis', {}],
    ['RerateBillingPeriod', { BillingPeriod: PERIOD.Start.slice(0, 7) }],
    ['RerateBillingPeriod', { BillingPeriod: PERIOD.Start.slice(0, 7), Apply: true }],
    ['CreateCharge', { Type: 'Credit', AmountUsd: '1', Description: 'mine' }],
    ['ListCharges', {}],
    ['CloseBillingPeriod', { BillingPeriod: PERIOD.Start.slice(0, 7) }],
    ['GetTagHistory', {}],
    ['GetSplitCharges', { CostCategory: 'Teams', FirstPeriod: PERIOD.Start.slice(0, 7) }],
    ['GetMasterKeyStatus', {}],
    ['VerifyAuditLog', {}],
  ])('has nothing to do with what is the whole installation: %s', async (operation, input) => {
    await expect(call(operation, input)).rejects.toThrow(/only the management account/);
  });

  it('sees itself alone in every answer of Cost Explorer', async () => {
    await withClient(new CostExplorerClient(server.admin), (ce) =>
      ce.send(
        new CreateCostCategoryDefinitionCommand({
          Name: 'Owner',
          RuleVersion: 'CostCategoryExpression.v1',
          Rules: [ACCOUNT, otherId, memberId].map((id) => ({
            Value: `of ${id}`,
            Rule: { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [id] } },
          })),
        }),
      ),
    );
    await asMember(async (ce) => {
      const accounts = new GetDimensionValuesCommand({ TimePeriod: PERIOD, Dimension: 'LINKED_ACCOUNT' });
      const { DimensionValues } = await ce.send(accounts);
      expect(DimensionValues!.map(({ Value }) => Value)).toEqual([memberId]);
      const categories = new GetCostCategoriesCommand({ TimePeriod: PERIOD, CostCategoryName: 'Owner' });
      expect((await ce.send(categories)).CostCategoryValues).toEqual([`of ${memberId}`]);
      const byAccount = {
        ...{ TimePeriod: PERIOD, Granularity: 'DAILY' as const, Metrics: ['UnblendedCost'] },
        GroupBy: [{ Type: 'DIMENSION' as const, Key: 'LINKED_ACCOUNT' }],
      };
      const anybody = { Not: { Dimensions: { Key: 'LINKED_ACCOUNT' as const, Values: ['1'] } } };
      for (const Filter of [undefined, anybody]) {
        const { ResultsByTime } = await ce.send(new GetCostAndUsageCommand({ ...byAccount, Filter }));
        const keys = ResultsByTime!.flatMap(({ Groups }) => Groups!.flatMap(({ Keys }) => Keys!));
        expect(new Set(keys)).toEqual(new Set([memberId]));
      }
      const byResource = new GetCostAndUsageWithResourcesCommand({
        ...{ ...byAccount, Filter: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock Service'] } } },
        GroupBy: [{ Type: 'DIMENSION', Key: 'RESOURCE_ID' }],
      });
      expect(JSON.stringify(await ce.send(byResource))).not.toContain(profileArn);
      const records = new GetApproximateUsageRecordsCommand({
        ...{ Granularity: 'DAILY', ApproximationDimension: 'RESOURCE' },
      });
      expect((await ce.send(records)).TotalRecords).toBeLessThanOrEqual(1);
    });
  });

  it('neither reads nor manages what is the payer’s', async () => {
    const monitor = await withClient(new CostExplorerClient(server.admin), (ce) =>
      ce.send(
        new CreateAnomalyMonitorCommand({
          AnomalyMonitor: { MonitorName: 'all', MonitorType: 'DIMENSIONAL', MonitorDimension: 'SERVICE' },
        }),
      ),
    );
    await asMember(async (ce) => {
      const MonitorArnList = [monitor.MonitorArn!];
      await expect(ce.send(new GetAnomalyMonitorsCommand({ MonitorArnList }))).rejects.toThrow();
      expect((await ce.send(new GetAnomalyMonitorsCommand({}))).AnomalyMonitors).toEqual([]);
      await expect(ce.send(new ListCostAllocationTagsCommand({}))).rejects.toThrow();
      await expect(ce.send(new ListCostCategoryDefinitionsCommand({}))).rejects.toThrow();
    });
    await withClient(new BudgetsClient(member), async (budgets) => {
      const Budget = {
        ...{ BudgetName: 'x', BudgetType: 'COST' as const, TimeUnit: 'MONTHLY' as const },
        BudgetLimit: { Amount: '1', Unit: 'USD' },
      };
      for (const AccountId of [ACCOUNT, otherId]) {
        const create = budgets.send(new CreateBudgetCommand({ AccountId, Budget }));
        await expect(create).rejects.toMatchObject({ name: 'AccessDeniedException' });
        const describeOne = budgets.send(new DescribeBudgetCommand({ AccountId, BudgetName: 'x' }));
        await expect(describeOne).rejects.toMatchObject({ name: 'AccessDeniedException' });
      }
    });
  });

  it('cannot look at, tag or call an inference profile of another account', async () => {
    await withClient(new BedrockClient(member), async (bedrock) => {
      const get = new GetInferenceProfileCommand({ inferenceProfileIdentifier: profileArn });
      await expect(bedrock.send(get)).rejects.toThrow();
    });
    const use = spend(member, [{ modelId: profileArn, inputTokens: 1, outputTokens: 0 }]);
    await expect(use).rejects.toThrow();
  });
});
