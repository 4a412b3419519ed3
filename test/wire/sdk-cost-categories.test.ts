import { BudgetsClient, CreateBudgetCommand, DescribeBudgetCommand } from '@aws-sdk/client-budgets';
import {
  type CostCategory,
  CostExplorerClient,
  CreateCostCategoryDefinitionCommand,
  DeleteCostCategoryDefinitionCommand,
  DescribeCostCategoryDefinitionCommand,
  type Expression,
  GetCostAndUsageCommand,
  GetCostCategoriesCommand,
  ListCostCategoryDefinitionsCommand,
  ListCostCategoryResourceAssociationsCommand,
  ListTagsForResourceCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateCostCategoryDefinitionCommand,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { billingPeriodOf, billingPeriodStartMs, DAY_MS, isoSeconds } from '../../src/kernel/time.ts';
import { MAIN, removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT, allow, INVOKE, newUser } from './principals.ts';
import { run } from './program.ts';

const RuleVersion = 'CostCategoryExpression.v1' as const;
const MONTH_START = isoSeconds(billingPeriodStartMs(billingPeriodOf(Date.now())));
const SONNET = 'anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';

let server: TestServer;
let ce: CostExplorerClient;

beforeAll(async () => {
  server = await startServer();
  ce = new CostExplorerClient(server.admin);
});
afterAll(async () => {
  ce?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const region = (...Values: string[]): Expression => ({ Dimensions: { Key: 'REGION', Values } });

async function category(CostCategoryArn: string): Promise<CostCategory> {
  return (await ce.send(new DescribeCostCategoryDefinitionCommand({ CostCategoryArn }))).CostCategory!;
}

/** What a command of this program prints, as the administrator. */
async function tallyline(...args: readonly string[]): Promise<string> {
  const { status, stdout, stderr } = await run(process.execPath, [...MAIN, ...args, '--data', server.data], {});
  if (status !== 0) throw new Error(stderr);
  return stdout;
}

describe('a cost category by Terraform', () => {
  /** As its AWS provider asks: definition, then tags; every attribute is compared with what was applied. */
  async function read(arn: string) {
    const { CostCategoryArn, ProcessingStatus, ...definition } = await category(arn);
    expect(ProcessingStatus).toEqual([{ Component: 'COST_EXPLORER', Status: 'APPLIED' }]);
    const { ResourceTags } = await ce.send(new ListTagsForResourceCommand({ ResourceArn: CostCategoryArn! }));
    return { ...definition, ResourceTags };
  }

  it('is created, read, updated, read, deleted and gone', async () => {
    const definition = {
      Name: 'Cost Center - 1',
      RuleVersion,
      Rules: [
        {
          Type: 'REGULAR' as const,
          Value: 'Production',
          Rule: { Or: [region('us-east-1'), { Not: region('eu-west-1') }] },
        },
        {
          Type: 'REGULAR' as const,
          Value: 'Staging',
          Rule: { Tags: { Key: 'iamPrincipal/stage', MatchOptions: ['ABSENT' as const] } },
        },
        {
          Type: 'INHERITED_VALUE' as const,
          InheritedValue: { DimensionName: 'TAG' as const, DimensionKey: 'iamPrincipal/x' },
        },
      ],
      DefaultValue: 'other',
      SplitChargeRules: [
        {
          Source: 'Staging',
          Targets: ['Production', 'other'],
          Method: 'FIXED' as const,
          Parameters: [{ Type: 'ALLOCATION_PERCENTAGES' as const, Values: ['33.33', '66.67'] }],
        },
      ],
    };
    const ResourceTags = [{ Key: 'team', Value: 'finops' }];
    const created = await ce.send(new CreateCostCategoryDefinitionCommand({ ...definition, ResourceTags }));
    const arn = created.CostCategoryArn!;
    expect(arn).toMatch(new RegExp(`^arn:aws:ce::${ACCOUNT}:costcategory/[0-9a-f-]{36}$`));
    expect(created.EffectiveStart).toBe(MONTH_START);
    expect(await read(arn)).toEqual({ ...definition, EffectiveStart: MONTH_START, ResourceTags });

    const { Name, SplitChargeRules: _, ...rest } = definition;
    const changed = { ...rest, Rules: definition.Rules.slice(0, 1), DefaultValue: 'rest' };
    await ce.send(new UpdateCostCategoryDefinitionCommand({ CostCategoryArn: arn, ...changed }));
    await ce.send(new TagResourceCommand({ ResourceArn: arn, ResourceTags: [{ Key: 'stage', Value: 'live' }] }));
    await ce.send(new UntagResourceCommand({ ResourceArn: arn, ResourceTagKeys: ['team'] }));
    const tagged = { ResourceTags: [{ Key: 'stage', Value: 'live' }] };
    expect(await read(arn)).toEqual({ ...changed, Name, EffectiveStart: MONTH_START, ...tagged });
    const { CostCategoryReferences } = await ce.send(new ListCostCategoryDefinitionsCommand({}));
    expect(CostCategoryReferences).toMatchObject([
      { CostCategoryArn: arn, Name, NumberOfRules: 1, Values: ['Production'] },
    ]);
    const associations = await ce.send(new ListCostCategoryResourceAssociationsCommand({ CostCategoryArn: arn }));
    expect(associations.CostCategoryResourceAssociations).toEqual([]);

    await ce.send(new DeleteCostCategoryDefinitionCommand({ CostCategoryArn: arn }));
    await expect(category(arn)).rejects.toMatchObject({
      ...{ name: 'ResourceNotFoundException', message: `No Cost Categories found with ID ${arn.slice(-36)}` },
      $metadata: { httpStatusCode: 404 },
    });
    await expect(ce.send(new DeleteCostCategoryDefinitionCommand({ CostCategoryArn: arn }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('needs permission for the category itself, and can go by its tags', async () => {
    const Rules = [{ Value: 'a', Rule: region('us-east-1') }];
    const create = (Name: string, stage: string) => {
      return new CreateCostCategoryDefinitionCommand({
        Name,
        RuleVersion,
        Rules,
        ResourceTags: [{ Key: 'stage', Value: stage }],
      });
    };
    const live = (await ce.send(create('live', 'live'))).CostCategoryArn!;
    const statements = [
      {
        ...allow('ce:DescribeCostCategoryDefinition'),
        Condition: { StringEquals: { 'aws:ResourceTag/stage': 'live' } },
      },
      { ...allow('ce:CreateCostCategoryDefinition'), Condition: { StringEquals: { 'aws:RequestTag/stage': 'test' } } },
    ];
    const user = new CostExplorerClient(await newUser(server.admin, 'reader', { statements }));
    const describeLive = new DescribeCostCategoryDefinitionCommand({ CostCategoryArn: live });
    expect((await user.send(describeLive)).CostCategory!.Name).toBe('live');
    const test = (await user.send(create('test', 'test'))).CostCategoryArn!;
    await expect(user.send(new DescribeCostCategoryDefinitionCommand({ CostCategoryArn: test }))).rejects.toMatchObject(
      {
        name: 'AccessDeniedException',
        message: expect.stringContaining(`perform: ce:DescribeCostCategoryDefinition on resource: ${test}`),
      },
    );
    await expect(user.send(create('live 2', 'live'))).rejects.toMatchObject({ name: 'AccessDeniedException' });
    user.destroy();
    for (const CostCategoryArn of [live, test])
      await ce.send(new DeleteCostCategoryDefinitionCommand({ CostCategoryArn }));
  });
});

describe('spend by cost category', () => {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const date = (atMs: number) => isoSeconds(atMs).slice(0, 10);
  /** Around midnight usage may be of yesterday, which may be of another month: the category reaches back to it. */
  const TimePeriod = { Start: date(today - DAY_MS), End: date(today + DAY_MS) };
  const EffectiveStart = isoSeconds(billingPeriodStartMs(billingPeriodOf(today - DAY_MS)));

  /** USD by group. */
  async function totals(Filter?: Expression): Promise<Record<string, string>> {
    const { ResultsByTime } = await ce.send(
      new GetCostAndUsageCommand({
        ...{ TimePeriod, Granularity: 'DAILY', Metrics: ['UnblendedCost'] },
        GroupBy: [{ Type: 'COST_CATEGORY', Key: 'Group' }],
        ...(Filter && { Filter }),
      }),
    );
    const sums = new Map<string, bigint>();
    for (const { Keys, Metrics } of ResultsByTime!.flatMap(({ Groups }) => Groups!)) {
      sums.set(Keys![0]!, (sums.get(Keys![0]!) ?? 0n) + parsePicoUsd(Metrics!.UnblendedCost!.Amount!));
    }
    return Object.fromEntries([...sums].map(([key, sum]) => [key, formatUsd(sum)]));
  }

  it('is shown as soon as the category is there, and split among its values', async () => {
    const caller = await newUser(server.admin, 'spender', { statements: [INVOKE] });
    await spend(caller, [
      { modelId: NOVA, inputTokens: 0, outputTokens: 1_000 },
      { modelId: NOVA, inputTokens: 500, outputTokens: 0, region: 'eu-west-1' },
      { modelId: SONNET, inputTokens: 1_000, outputTokens: 0 },
    ]);
    await expect.poll(() => totals(), ARRIVAL).toEqual({ Group$: '0.0035745' });

    const starting = (Value: string, Key: 'REGION' | 'SERVICE', text: string) => {
      return { Value, Rule: { Dimensions: { Key, Values: [text], MatchOptions: ['STARTS_WITH' as const] } } };
    };
    await ce.send(
      new CreateCostCategoryDefinitionCommand({
        ...{ Name: 'Group', RuleVersion, EffectiveStart },
        Rules: [starting('Claude', 'SERVICE', 'Amazon Bedrock S'), starting('America', 'REGION', 'us-')],
        SplitChargeRules: [{ Source: '', Targets: ['Claude', 'America'], Method: 'EVEN' }],
      }),
    );
    expect(await totals()).toEqual({ Group$: '0.0000345', Group$America: '0.00024', Group$Claude: '0.0033' });
    const claude: Expression = { CostCategories: { Key: 'Group', Values: ['Claude'] } };
    expect(await totals({ Not: claude })).toEqual({ Group$: '0.0000345', Group$America: '0.00024' });
    const names = await ce.send(new GetCostCategoriesCommand({ TimePeriod }));
    expect(names.CostCategoryNames).toEqual(['Group']);
    const values = await ce.send(new GetCostCategoriesCommand({ TimePeriod, CostCategoryName: 'Group' }));
    expect(values.CostCategoryValues).toEqual(['America', 'Claude']);

    const budgets = new BudgetsClient(server.admin);
    const Budget = {
      ...{ BudgetName: 'claude', BudgetType: 'COST' as const, TimeUnit: 'ANNUALLY' as const },
      ...{ BudgetLimit: { Amount: '10', Unit: 'USD' }, Metrics: ['UnblendedCost' as const] },
      FilterExpression: { CostCategories: { Key: 'Group', Values: ['Claude'] } },
    };
    await budgets.send(new CreateBudgetCommand({ AccountId: ACCOUNT, Budget }));
    const watched = new DescribeBudgetCommand({ AccountId: ACCOUNT, BudgetName: 'claude' });
    const spent = async () => (await budgets.send(watched)).Budget!.CalculatedSpend!.ActualSpend!.Amount;
    await expect.poll(spent, ARRIVAL).toBe('0.0033');
    budgets.destroy();

    expect(await tallyline('report', '--by', 'category:Group', '--last', '2d', '--csv')).toContain('Claude,0.0033,');
    const months = ['--from', EffectiveStart.slice(0, 7), '--to', MONTH_START.slice(0, 7)];
    const split = JSON.parse(await tallyline('split-charges', 'Group', ...months, '--json'));
    const total = split.rows.map(({ Value, TotalUsd }: Record<string, string>) => [Value, TotalUsd]);
    expect(Object.fromEntries(total)).toEqual({ '': '0', America: '0.00025725', Claude: '0.00331725' });
  });
});
