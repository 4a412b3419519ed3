import {
  type CostDriver,
  CostExplorerClient,
  type Expression,
  GetApproximateUsageRecordsCommand,
  GetCostAndUsageCommand,
  type GetCostAndUsageCommandInput,
  type GetCostAndUsageCommandOutput,
  GetCostAndUsageComparisonsCommand,
  GetCostAndUsageWithResourcesCommand,
  GetCostComparisonDriversCommand,
  GetCostForecastCommand,
  GetDimensionValuesCommand,
  GetTagsCommand,
  GetUsageForecastCommand,
  type Granularity,
  ListCostAllocationTagBackfillHistoryCommand,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { DAY_MS, HOUR_MS, isoSeconds } from '../../src/kernel/time.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT, allow, INVOKE, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const NOVA = 'amazon.nova-lite-v1:0';

let server: TestServer;
let ce: CostExplorerClient;

beforeAll(async () => {
  server = await startServer({ config: { costExplorer: { extensions: true } } });
  ce = new CostExplorerClient(server.admin);
});
afterAll(async () => {
  ce?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

/** Yesterday and today, UTC: usage of this test, also around midnight. */
function recentDays(): { Start: string; End: string } {
  const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
  const date = (atMs: number) => isoSeconds(atMs).slice(0, 10);
  return { Start: date(today - DAY_MS), End: date(today + DAY_MS) };
}

function recentHours(): { Start: string; End: string } {
  const hour = Math.floor(Date.now() / HOUR_MS) * HOUR_MS;
  return { Start: isoSeconds(hour - HOUR_MS), End: isoSeconds(hour + HOUR_MS) };
}

function costs(input: Partial<GetCostAndUsageCommandInput> = {}): Promise<GetCostAndUsageCommandOutput> {
  const defaults = { TimePeriod: recentDays(), Granularity: 'MONTHLY' as const, Metrics: ['UnblendedCost'] };
  return ce.send(new GetCostAndUsageCommand({ ...defaults, ...input }));
}

/** Sums over all periods by group: `key | key`; the empty text where nothing is grouped. */
async function totals(input: Partial<GetCostAndUsageCommandInput> = {}, metric = 'UnblendedCost') {
  const sums = new Map<string, bigint>();
  for (const { Groups = [], Total } of (await costs(input)).ResultsByTime!) {
    const rows = Object.keys(Total ?? {}).length > 0 ? [{ Keys: [], Metrics: Total }] : Groups;
    for (const { Keys, Metrics } of rows) {
      const key = Keys!.join(' | ');
      sums.set(key, (sums.get(key) ?? 0n) + parsePicoUsd(Metrics![metric]!.Amount!));
    }
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, formatUsd(sum)]));
}

const by = (...Keys: string[]) => ({ GroupBy: Keys.map((Key) => ({ Type: 'DIMENSION' as const, Key })) });
const TEAM = 'iamPrincipal/team';
const BY_TEAM = { GroupBy: [{ Type: 'TAG' as const, Key: TEAM }] };

async function tagStatus(key: string): Promise<string | undefined> {
  const { CostAllocationTags } = await ce.send(new ListCostAllocationTagsCommand({ TagKeys: [key] }));
  return CostAllocationTags![0]?.Status;
}

describe('Cost Explorer', () => {
  it('says what calls cost by route, model and operation within moments', async () => {
    await spend(server.admin, [
      { modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 },
      { modelId: `us.${SONNET}`, inputTokens: 1_000_000, outputTokens: 0 },
      { modelId: `global.${SONNET}`, inputTokens: 1_000_000, outputTokens: 0 },
      { modelId: NOVA, inputTokens: 0, outputTokens: 1_000_000, isStreamed: true },
      { modelId: NOVA, inputTokens: 500, outputTokens: 0, region: 'eu-west-1' },
    ]);
    // The global profile is billed at the global price, the geographic one at the regional.
    await expect
      .poll(() => totals(by('USAGE_TYPE')), ARRIVAL)
      .toEqual({
        'USE1-Claude4.6Sonnet-input-tokens': '6.6',
        'USE1-Claude4.6Sonnet-input-tokens-cross-region-global': '3',
        'USE1-NovaLite-output-tokens': '0.24',
        'EU-NovaLite-input-tokens': '0.0000345',
      });
    expect(await totals(by('REGION'))).toEqual({ 'us-east-1': '9.84', 'eu-west-1': '0.0000345' });
    expect(await totals()).toEqual({ '': '9.8400345' });
    expect(await totals(by('SERVICE', 'OPERATION'))).toEqual({
      'Amazon Bedrock | InvokeModelInference': '0.0000345',
      'Amazon Bedrock | InvokeModelStreamingInference': '0.24',
      'Amazon Bedrock Service | InvokeModelInference': '9.6',
    });
    expect(await totals({ Metrics: ['UsageQuantity'], ...by('REGION') }, 'UsageQuantity')).toEqual({
      'us-east-1': '4000',
      'eu-west-1': '0.5',
    });
  });

  it('adds up alike by hour, day and month', async () => {
    const all = (await totals())['']!;
    const shapes: readonly (readonly [Granularity, { Start: string; End: string }, RegExp, number])[] = [
      ['HOURLY', recentHours(), /^\d{4}-\d\d-\d\dT\d\d:00:00Z$/, 2],
      ['DAILY', recentDays(), /^\d{4}-\d\d-\d\d$/, 2],
    ];
    for (const [Granularity, TimePeriod, form, buckets] of shapes) {
      const { ResultsByTime } = await costs({ Granularity, TimePeriod });
      expect(ResultsByTime).toHaveLength(buckets);
      expect(ResultsByTime).toMatchObject(
        ResultsByTime!.map(() => ({
          TimePeriod: { Start: expect.stringMatching(form), End: expect.stringMatching(form) },
          Total: { UnblendedCost: { Unit: 'USD' } },
          ...{ Groups: [], Estimated: true },
        })),
      );
      expect(await totals({ Granularity, TimePeriod })).toEqual({ '': all });
    }
  });

  it('filters', async () => {
    const dimension = (Key: 'REGION' | 'SERVICE', ...Values: string[]): Expression => ({ Dimensions: { Key, Values } });
    const american = dimension('REGION', 'us-east-1');
    const claude = dimension('SERVICE', 'Amazon Bedrock Service');
    expect(await totals({ Filter: { And: [american, { Not: claude }] } })).toEqual({ '': '0.24' });
    expect(await totals({ Filter: { Or: [claude, american] } })).toEqual({ '': '9.84' });
    await expect(costs({ Filter: { And: [american] } })).rejects.toMatchObject({
      name: 'ValidationException',
      $metadata: { httpStatusCode: 400 },
    });
    await expect(costs({ Filter: { ...american, Not: claude } })).rejects.toThrow(
      'Expression has more than one roots. Only one root operator is allowed for each expression: And, Or, Not, Dimensions, Tags, CostCategories',
    );
  });

  it('lists the values of a dimension', async () => {
    const command = new GetDimensionValuesCommand({ TimePeriod: recentDays(), Dimension: 'SERVICE' });
    const { DimensionValues, ReturnSize, TotalSize } = await ce.send(command);
    expect(DimensionValues!.map(({ Value }) => Value).sort()).toEqual(['Amazon Bedrock', 'Amazon Bedrock Service']);
    expect([ReturnSize, TotalSize]).toEqual([2, 2]);
  });

  it('tells resources apart, and compares months by what drove them', async () => {
    const bedrock: Expression = { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock'] } };
    const resources = await ce.send(
      new GetCostAndUsageWithResourcesCommand({
        ...{ TimePeriod: recentDays(), Granularity: 'MONTHLY', Metrics: ['UnblendedCost'] },
        ...{ Filter: bedrock, GroupBy: [{ Type: 'DIMENSION', Key: 'RESOURCE_ID' }] },
      }),
    );
    const arns = resources.ResultsByTime!.flatMap(({ Groups }) => Groups!.map(({ Keys }) => Keys![0]!));
    expect(new Set(arns)).toEqual(
      new Set(['us-east-1', 'eu-west-1'].map((region) => `arn:aws:bedrock:${region}::foundation-model/${NOVA}`)),
    );

    const now = new Date();
    const month = (offset: number) => {
      const start = (more: number) => Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset + more, 1);
      return { Start: isoSeconds(start(0)).slice(0, 10), End: isoSeconds(start(1)).slice(0, 10) };
    };
    // The test may run around the first of a month: three months hold all usage, and two comparisons of them all of it.
    const months = {
      BaselineTimePeriod: month(-2),
      ComparisonTimePeriod: month(0),
      MetricForComparison: 'UnblendedCost',
    };
    const GroupBy = [{ Type: 'DIMENSION' as const, Key: 'REGION' }];
    const { CostAndUsageComparisons, TotalCostAndUsage } = await ce.send(
      new GetCostAndUsageComparisonsCommand({ ...months, GroupBy }),
    );
    const { CostComparisonDrivers } = await ce.send(new GetCostComparisonDriversCommand({ ...months, GroupBy }));
    const sum = (values: readonly (string | undefined)[]) =>
      values.reduce((total, text) => total + parsePicoUsd(text!), 0n);
    const difference = ({ Metrics }: Pick<CostDriver, 'Metrics'>) => Metrics!.UnblendedCost!.Difference;
    const total = parsePicoUsd(TotalCostAndUsage!.UnblendedCost!.Difference!);
    expect(sum(CostAndUsageComparisons!.map(difference))).toBe(total);
    expect(sum(CostComparisonDrivers!.flatMap(({ CostDrivers }) => CostDrivers!.map(difference)))).toBe(total);
    const records = { Granularity: 'HOURLY' as const, ApproximationDimension: 'SERVICE' as const };
    expect(await ce.send(new GetApproximateUsageRecordsCommand(records))).toMatchObject({
      TotalRecords: expect.any(Number),
    });
  });

  it('forecasts nothing from a day of history', async () => {
    const TimePeriod = { Start: recentDays().Start, End: recentDays().End };
    const input = { TimePeriod, Granularity: 'DAILY' as const };
    for (const command of [
      new GetCostForecastCommand({ ...input, Metric: 'UNBLENDED_COST', PredictionIntervalLevel: 80 }),
      new GetUsageForecastCommand({ ...input, Metric: 'USAGE_QUANTITY' }),
    ]) {
      await expect(ce.send(command as GetCostForecastCommand)).rejects.toMatchObject({
        name: 'DataUnavailableException',
        message: 'Insufficient amount of historical data',
        $metadata: { httpStatusCode: 400 },
      });
    }
  });

  it('offers extensions to those who ask', async () => {
    const client = new CostExplorerClient(server.admin);
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['x-tallyline-extensions'] = 'on';
        return next(args);
      },
      { step: 'build' },
    );
    const { ResultsByTime } = await client.send(
      new GetCostAndUsageCommand({
        ...{ TimePeriod: recentHours(), Granularity: 'QUARTER_HOURLY' as Granularity, Metrics: ['UnblendedCost'] },
        ...by('IAM_PRINCIPAL', 'MODEL', 'REGION', 'OPERATION'),
      }),
    );
    client.destroy();
    const groups = ResultsByTime!.flatMap(({ Groups }) => Groups!);
    expect(groups.map(({ Keys }) => Keys!.join(' | '))).toContain(
      `arn:aws:iam::${ACCOUNT}:user/admin | ${NOVA} | us-east-1 | InvokeModelStreamingInference`,
    );
  });

  it('refuses what AWS refuses, in its words', async () => {
    const period = { Start: '2020-01-01', End: '2020-02-01' };
    await expect(costs({ TimePeriod: period })).rejects.toThrow(
      "You haven't enabled historical data beyond 14 months.",
    );
    await expect(costs({ TimePeriod: { Start: period.End, End: period.Start } })).rejects.toThrow(
      'Start date (and hour) should be before end date (and hour)',
    );
    await expect(costs(by('SERVICE', 'REGION', 'OPERATION'))).rejects.toMatchObject({ name: 'ValidationException' });
    const user = new CostExplorerClient(await newUser(server.admin, 'curious', { statements: [allow('bedrock:*')] }));
    const command = new GetCostAndUsageCommand({
      TimePeriod: recentDays(),
      Granularity: 'DAILY',
      Metrics: ['UnblendedCost'],
    });
    await expect(user.send(command)).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:iam::${ACCOUNT}:user/curious is not authorized to perform: ce:GetCostAndUsage on resource: arn:aws:ce:us-east-1:${ACCOUNT}:/GetCostAndUsage because no identity-based policy allows the ce:GetCostAndUsage action`,
    });
    user.destroy();
  });
});

describe('cost allocation tags', () => {
  it('colour later usage only, until a backfill reaches back', async () => {
    const ds = await newUser(server.admin, 'ds-1', { statements: [INVOKE], tags: { team: 'ds', 'cost-center': '1' } });
    const eng = await newUser(server.admin, 'eng-1', { statements: [INVOKE], tags: { team: 'eng' } });
    const million = { modelId: SONNET, inputTokens: 1_000_000, outputTokens: 0 };
    const before = parsePicoUsd((await totals())['']!);
    const withoutTag = (extra: string) => formatUsd(before + parsePicoUsd(extra));

    expect(await tagStatus(TEAM)).toBeUndefined();
    await spend(ds, [million]);
    await expect.poll(() => tagStatus(TEAM), ARRIVAL).toBe('Inactive');
    await expect.poll(() => totals(BY_TEAM), ARRIVAL).toEqual({ [`${TEAM}$`]: withoutTag('3.3') });

    const CostAllocationTagsStatus = [
      { TagKey: TEAM, Status: 'Active' as const },
      { TagKey: 'iamPrincipal/unknown', Status: 'Active' as const },
    ];
    const { Errors } = await ce.send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }));
    expect(Errors).toEqual([
      {
        TagKey: 'iamPrincipal/unknown',
        Code: 'TagKeysNotFoundException',
        Message: 'Failed to update Cost Allocation Tag: iamPrincipal/unknown',
      },
    ]);
    expect(await tagStatus(TEAM)).toBe('Active');
    await spend(ds, [million, million]);
    await spend(eng, [million]);
    const later = { [`${TEAM}$`]: withoutTag('3.3'), [`${TEAM}$ds`]: '6.6', [`${TEAM}$eng`]: '3.3' };
    await expect.poll(() => totals(BY_TEAM), ARRIVAL).toEqual(later);
    const both = { GroupBy: [...BY_TEAM.GroupBy, { Type: 'DIMENSION' as const, Key: 'OPERATION' }] };
    const tagged = { Filter: { Tags: { Key: TEAM, Values: ['ds', 'eng'] } } };
    expect(await totals({ ...both, ...tagged })).toEqual({
      [`${TEAM}$ds | InvokeModelInference`]: '6.6',
      [`${TEAM}$eng | InvokeModelInference`]: '3.3',
    });
    const absent: Expression = { Tags: { Key: TEAM, MatchOptions: ['ABSENT'] } };
    expect(await totals({ Filter: absent })).toEqual({ '': withoutTag('3.3') });
    const { Tags } = await ce.send(new GetTagsCommand({ TimePeriod: recentDays(), TagKey: TEAM }));
    expect(Tags!.sort()).toEqual(['', 'ds', 'eng']);

    // The first of the month before: a test around midnight has usage in both.
    const now = new Date();
    const BackfillFrom = isoSeconds(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - 1, 1));
    const start = () => ce.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom }));
    expect((await start()).BackfillRequest).toMatchObject({ BackfillFrom, BackfillStatus: 'SUCCEEDED' });
    const all = { [`${TEAM}$`]: withoutTag('0'), [`${TEAM}$ds`]: '9.9', [`${TEAM}$eng`]: '3.3' };
    expect(await totals(BY_TEAM)).toEqual(all);
    await expect(start()).rejects.toMatchObject({ name: 'BackfillLimitExceededException' });
    const { BackfillRequests } = await ce.send(new ListCostAllocationTagBackfillHistoryCommand({}));
    expect(BackfillRequests).toMatchObject([{ BackfillFrom, BackfillStatus: 'SUCCEEDED' }]);
  });

  it('are listed with what is known of them', async () => {
    const { CostAllocationTags } = await ce.send(new ListCostAllocationTagsCommand({ Type: 'UserDefined' }));
    expect(CostAllocationTags).toEqual([
      {
        ...{ TagKey: 'iamPrincipal/cost-center', Type: 'UserDefined', Status: 'Inactive' },
        LastUsedDate: expect.stringMatching(/^\d{4}-\d\d-01T00:00:00Z$/),
      },
      {
        ...{ TagKey: TEAM, Type: 'UserDefined', Status: 'Active' },
        LastUpdatedDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
        LastUsedDate: expect.stringMatching(/^\d{4}-\d\d-01T00:00:00Z$/),
      },
    ]);
    const inactive = await ce.send(new ListCostAllocationTagsCommand({ Status: 'Inactive', MaxResults: 1 }));
    expect(inactive.CostAllocationTags!.map(({ TagKey }) => TagKey)).toEqual(['iamPrincipal/cost-center']);
    const generated = await ce.send(new ListCostAllocationTagsCommand({ Type: 'AWSGenerated' }));
    expect(generated.CostAllocationTags).toEqual([]);
  });
});
