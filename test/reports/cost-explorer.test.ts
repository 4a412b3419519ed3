import { readFileSync } from 'node:fs';
import type {
  GetCostAndUsageRequest,
  GetCostAndUsageResponse,
  GetDimensionValuesResponse,
  GetTagsResponse,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS } from '../../src/kernel/time.ts';
import { costExplorerOperations } from '../../src/services/cost-explorer.ts';
import { type CostExplorerBench, costExplorerBench, operationCall } from './cost-explorer-bench.ts';
import { ACCOUNT, ADMIN, lineItem, MEMBER_ACCOUNT } from './line-items.ts';

const NOW_MS = Date.UTC(2026, 4, 20, 10, 20, 30);
const MAY_7 = Date.UTC(2026, 4, 7);
const MAY_8 = Date.UTC(2026, 4, 8);
const NOVA = {
  productCode: 'AmazonBedrock',
  usageType: 'USE1-NovaLite-output-tokens',
  modelId: 'amazon.nova-lite-v1:0',
  meter: 'output',
  pricePicoUsd: 240_001n,
} as const;

/** Two accounts, two services, two days; `ds` costs 0.06930000024, `eng` 0.000792, the untagged member 0.0033. */
const ITEMS = [
  lineItem(MAY_7 + 9 * HOUR_MS, { quantity: 21_000n, principalTags: [['team', 'ds']] }),
  lineItem(MAY_8 + 1 * HOUR_MS, {
    ...NOVA,
    quantity: 1n,
    operation: 'ConverseStream',
    principalTags: [['team', 'ds']],
  }),
  lineItem(MAY_8 + 2 * HOUR_MS, { quantity: 240n, region: 'eu-west-1', principalTags: [['team', 'eng']] }),
  lineItem(MAY_8 + 3 * HOUR_MS, { accountId: MEMBER_ACCOUNT, requests: 2n, principalTags: [['app', 'x']] }),
  lineItem(MAY_8 + 3 * HOUR_MS, { ...NOVA, isUnpriced: true, quantity: 5n, usageType: 'USE1-New-output-tokens' }),
];

let bench: CostExplorerBench;

beforeAll(async () => {
  bench = await costExplorerBench(NOW_MS, ITEMS, {
    groupsPerPage: 3,
  });
  await bench.tags.setStatuses([{ key: 'iamPrincipal/team', status: 'Active' }], ADMIN);
  await bench.tags.startBackfill(Date.UTC(2026, 3, 1), ADMIN);
});

afterAll(() => bench?.close());

const DAYS: GetCostAndUsageRequest = {
  TimePeriod: { Start: '2026-05-07', End: '2026-05-09' },
  Granularity: 'DAILY',
  Metrics: ['UnblendedCost'],
};
const MONTH: GetCostAndUsageRequest = {
  ...DAYS,
  TimePeriod: { Start: '2026-05-01', End: '2026-06-01' },
  Granularity: 'MONTHLY',
};

function costAndUsage(input: object, accountId?: string): Promise<GetCostAndUsageResponse> {
  return bench.ask('GetCostAndUsage', input, accountId);
}

/** `[key, ...]: amount` of every group of the first period. */
async function groups(input: object, accountId?: string): Promise<Record<string, string>> {
  const { ResultsByTime: [first] = [] } = await costAndUsage(input, accountId);
  return Object.fromEntries(
    first!.Groups!.map(({ Keys, Metrics }) => [Keys!.join(' | '), Object.values(Metrics!)[0]!.Amount!]),
  );
}

const by = (...keys: string[]) => ({ GroupBy: keys.map((Key) => ({ Type: 'DIMENSION', Key })) });
const byTag = { GroupBy: [{ Type: 'TAG', Key: 'iamPrincipal/team' }] };

describe('GetCostAndUsage', () => {
  it('answers totals by day, also for days without usage', async () => {
    const period = { Start: '2026-05-06', End: '2026-05-09' };
    expect(await costAndUsage({ ...DAYS, TimePeriod: period, Metrics: ['UnblendedCost', 'UsageQuantity'] })).toEqual({
      ResultsByTime: [
        {
          TimePeriod: { Start: '2026-05-06', End: '2026-05-07' },
          Total: { UnblendedCost: { Amount: '0', Unit: 'USD' }, UsageQuantity: { Amount: '0', Unit: 'N/A' } },
          Groups: [],
          Estimated: true,
        },
        {
          TimePeriod: { Start: '2026-05-07', End: '2026-05-08' },
          Total: {
            UnblendedCost: { Amount: '0.0693', Unit: 'USD' },
            UsageQuantity: { Amount: '21', Unit: '1K tokens' },
          },
          Groups: [],
          Estimated: true,
        },
        {
          TimePeriod: { Start: '2026-05-08', End: '2026-05-09' },
          // 0.004092240001 at ten digits.
          Total: {
            UnblendedCost: { Amount: '0.00409224', Unit: 'USD' },
            UsageQuantity: { Amount: '1.246', Unit: '1K tokens' },
          },
          Groups: [],
          Estimated: true,
        },
      ],
      DimensionValueAttributes: [],
    });
  });

  it('groups by an active tag, with the empty group for usage without it', async () => {
    const answer = await costAndUsage({ ...MONTH, ...byTag });
    expect(answer).toMatchObject({ GroupDefinitions: byTag.GroupBy, ResultsByTime: [{ Total: {} }] });
    expect(await groups({ ...MONTH, ...byTag })).toEqual({
      'iamPrincipal/team$': '0.0033',
      'iamPrincipal/team$ds': '0.06930024',
      'iamPrincipal/team$eng': '0.000792',
    });
  });

  it('groups everything as empty by a tag that is not active or has no prefix', async () => {
    for (const Key of ['iamPrincipal/app', 'team', 'iamPrincipal/none']) {
      expect(await groups({ ...MONTH, GroupBy: [{ Type: 'TAG', Key }] })).toEqual({ [`${Key}$`]: '0.07339224' });
    }
  });

  it("names services, operations and regions as AWS's bills do", async () => {
    expect(await groups({ ...MONTH, ...by('SERVICE', 'OPERATION') })).toEqual({
      'Amazon Bedrock | InvokeModelInference': '0',
      'Amazon Bedrock | InvokeModelStreamingInference': '0.00000024',
      'Amazon Bedrock Service | InvokeModelInference': '0.073392',
    });
    expect(await groups({ ...MONTH, ...by('REGION') })).toEqual({ 'eu-west-1': '0.000792', 'us-east-1': '0.07260024' });
    expect(await groups({ ...MONTH, ...by('RECORD_TYPE', 'BILLING_ENTITY') })).toEqual({ 'Usage | AWS': '0.07339224' });
  });

  it('has no group in a period without usage, whatever it is grouped by', async () => {
    const empty = { ...DAYS, TimePeriod: { Start: '2026-05-01', End: '2026-05-02' } };
    for (const grouping of [byTag, by('SERVICE'), by('AZ'), by('RECORD_TYPE')]) {
      expect((await costAndUsage({ ...empty, ...grouping })).ResultsByTime).toMatchObject([{ Groups: [], Total: {} }]);
    }
  });

  it('describes the accounts that it groups by', async () => {
    const { DimensionValueAttributes } = await costAndUsage({ ...MONTH, ...by('SERVICE', 'LINKED_ACCOUNT') });
    expect(DimensionValueAttributes).toEqual([
      { Value: ACCOUNT, Attributes: { description: 'payer' } },
      { Value: MEMBER_ACCOUNT, Attributes: { description: '' } },
    ]);
  });

  it('shows a member account its own usage alone, whatever it filters by', async () => {
    expect(await groups({ ...MONTH, ...by('LINKED_ACCOUNT') }, MEMBER_ACCOUNT)).toEqual({ [MEMBER_ACCOUNT]: '0.0033' });
    const Filter = { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [ACCOUNT] } };
    expect(await groups({ ...MONTH, ...by('LINKED_ACCOUNT'), Filter }, MEMBER_ACCOUNT)).toEqual({});
  });

  it.each<[string, object, string]>([
    ['a dimension', { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock'] } }, '0.00000024'],
    ['any of its values', { Dimensions: { Key: 'REGION', Values: ['eu-west-1', 'us-east-1'] } }, '0.07339224'],
    ['a value that all usage has', { Dimensions: { Key: 'AZ', Values: ['NoAZ'] } }, '0.07339224'],
    ['a value that no usage has', { Dimensions: { Key: 'AZ', Values: ['us-east-1a'] } }, '0'],
    ['a tag', { Tags: { Key: 'iamPrincipal/team', Values: ['ds'], MatchOptions: ['EQUALS'] } }, '0.06930024'],
    ['a tag in its letter case', { Tags: { Key: 'iamPrincipal/team', Values: ['DS'] } }, '0'],
    ['no such tag', { Tags: { Key: 'iamPrincipal/team', MatchOptions: ['ABSENT'] } }, '0.0033'],
    ['no tag at all', { Tags: { MatchOptions: ['ABSENT'] } }, '0.0033'],
    ['no cost category', { CostCategories: { Key: 'team', MatchOptions: ['ABSENT'] } }, '0.07339224'],
    ['a cost category', { CostCategories: { Key: 'team', Values: ['ds'] } }, '0'],
    ['not', { Not: { Tags: { Key: 'iamPrincipal/team', Values: ['ds'] } } }, '0.004092'],
    [
      'and, or',
      {
        And: [
          { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [ACCOUNT] } },
          {
            Or: [
              { Tags: { Key: 'iamPrincipal/team', Values: ['eng'] } },
              { Dimensions: { Key: 'OPERATION', Values: ['InvokeModelStreamingInference'] } },
            ],
          },
        ],
      },
      '0.00079224',
    ],
  ])('filters by %s', async (_, Filter, Amount) => {
    const { ResultsByTime } = await costAndUsage({ ...MONTH, Filter });
    expect(ResultsByTime).toMatchObject([{ Total: { UnblendedCost: { Amount } } }]);
  });

  it('has the same amount under every cost metric, by either spelling', async () => {
    const Metrics = ['AMORTIZED_COST', 'BlendedCost', 'NetAmortizedCost', 'NetUnblendedCost', 'UnblendedCost'];
    const { ResultsByTime } = await costAndUsage({ ...MONTH, Metrics: [...Metrics, 'NormalizedUsageAmount'] });
    const cost = { Amount: '0.07339224', Unit: 'USD' };
    expect(ResultsByTime![0]!.Total).toEqual({
      AmortizedCost: cost,
      BlendedCost: cost,
      NetAmortizedCost: cost,
      NetUnblendedCost: cost,
      UnblendedCost: cost,
      NormalizedUsageAmount: { Amount: '0', Unit: 'N/A' },
    });
  });

  it('cuts months to the range and calls them estimated until they are final', async () => {
    const TimePeriod = { Start: '2026-04-15', End: '2026-05-08' };
    const { ResultsByTime } = await costAndUsage({ ...MONTH, TimePeriod });
    expect(ResultsByTime).toMatchObject([
      { TimePeriod: { Start: '2026-04-15', End: '2026-05-01' }, Estimated: false },
      {
        TimePeriod: { Start: '2026-05-01', End: '2026-05-08' },
        Estimated: true,
        Total: { UnblendedCost: { Amount: '0.0693' } },
      },
    ]);
  });

  it('answers hours with their times', async () => {
    const TimePeriod = { Start: '2026-05-08T01:00:00Z', End: '2026-05-08T03:00:00Z' };
    const { ResultsByTime } = await costAndUsage({ ...DAYS, TimePeriod, Granularity: 'HOURLY' });
    expect(ResultsByTime).toMatchObject([
      { TimePeriod: { Start: '2026-05-08T01:00:00Z', End: '2026-05-08T02:00:00Z' } },
      { TimePeriod: { End: '2026-05-08T03:00:00Z' }, Total: { UnblendedCost: { Amount: '0.000792' } } },
    ]);
  });

  const { cases } = JSON.parse(readFileSync('test/vectors/cost-explorer/messages.json', 'utf8')) as {
    cases: { name: string; input: object; message: string }[];
  };
  it.each(cases)('refuses $name in its own words', async ({ input, message }) => {
    await expect(costAndUsage({ ...DAYS, ...input })).rejects.toMatchObject({ code: 'ValidationException', message });
  });

  it('refuses a filter that is too large, and a view that does not exist', async () => {
    const region = { Dimensions: { Key: 'REGION', Values: ['us-east-1'] } };
    const many = { ...DAYS, Filter: { Or: Array(101).fill(region) } };
    await expect(costAndUsage(many)).rejects.toMatchObject({ code: 'ValidationException' });
    let deep: object = region;
    for (let depth = 0; depth < 100; depth += 1) deep = { Not: deep };
    await expect(costAndUsage({ ...DAYS, Filter: deep })).rejects.toMatchObject({ code: 'ValidationException' });
    const long = { ...DAYS, Filter: { Tags: { Key: 'iamPrincipal/team', Values: Array(50).fill('x'.repeat(1_000)) } } };
    await expect(costAndUsage(long)).rejects.toMatchObject({ code: 'ValidationException' });
    const view = { ...DAYS, BillingViewArn: `arn:aws:billing::${ACCOUNT}:billingview/custom-1` };
    await expect(costAndUsage(view)).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
    await costAndUsage({ ...DAYS, BillingViewArn: `arn:aws:billing::${ACCOUNT}:billingview/primary` });
  });
});

describe('pages of GetCostAndUsage', () => {
  const request = { ...DAYS, TimePeriod: { Start: '2026-05-06', End: '2026-05-11' }, ...by('USAGE_TYPE', 'REGION') };

  it('together hold every group and every day once', async () => {
    const pages: GetCostAndUsageResponse[] = [];
    let token: string | undefined;
    do {
      pages.push(await costAndUsage({ ...request, ...(token && { NextPageToken: token }) }));
      token = pages.at(-1)!.NextPageToken;
    } while (token);
    expect(pages.map(({ ResultsByTime }) => ResultsByTime!.flatMap(({ Groups }) => Groups!).length)).toEqual([3, 2]);
    const days = pages.map(({ ResultsByTime }) => ResultsByTime!.map(({ TimePeriod }) => TimePeriod!.Start!.slice(-2)));
    expect(days).toEqual([
      ['06', '07', '08'],
      ['08', '09', '10'],
    ]);
    const keys = pages.flatMap(({ ResultsByTime }) =>
      ResultsByTime!.flatMap(({ TimePeriod, Groups }) =>
        Groups!.map(({ Keys }) => [TimePeriod!.Start, ...Keys!].join()),
      ),
    );
    expect(new Set(keys).size).toBe(5);
  });

  it('end when the request changes, but not when its members only change places', async () => {
    const { NextPageToken } = await costAndUsage(request);
    const reordered = Object.fromEntries(Object.entries(request).reverse());
    await costAndUsage({ NextPageToken, ...reordered });
    const changed = { ...request, Metrics: ['BlendedCost'], NextPageToken };
    await expect(costAndUsage(changed)).rejects.toMatchObject({ code: 'RequestChangedException' });
    await expect(costAndUsage({ ...request, NextPageToken }, MEMBER_ACCOUNT)).rejects.toMatchObject({
      code: 'RequestChangedException',
    });
  });

  it.each(['', 'x', '!!!', Buffer.from('null').toString('base64url'), Buffer.from('["a",null]').toString('base64url')])(
    'refuse the token `%s`',
    async (NextPageToken) => {
      await expect(costAndUsage({ ...request, NextPageToken })).rejects.toMatchObject({
        code: 'InvalidNextTokenException',
      });
    },
  );
});

describe('GetDimensionValues', () => {
  const values = async (input: object, accountId?: string): Promise<GetDimensionValuesResponse> =>
    bench.ask('GetDimensionValues', { TimePeriod: MONTH.TimePeriod, ...input }, accountId);

  it('lists what the usage of the period has', async () => {
    expect(await values({ Dimension: 'SERVICE' })).toEqual({
      DimensionValues: [
        { Value: 'Amazon Bedrock', Attributes: {} },
        { Value: 'Amazon Bedrock Service', Attributes: {} },
      ],
      ReturnSize: 2,
      TotalSize: 2,
    });
    expect(await values({ Dimension: 'LINKED_ACCOUNT' }, MEMBER_ACCOUNT)).toMatchObject({
      DimensionValues: [{ Value: MEMBER_ACCOUNT, Attributes: { description: '' } }],
    });
    expect(await values({ Dimension: 'LINKED_ACCOUNT', Context: 'RESERVATIONS' })).toMatchObject({ TotalSize: 0 });
  });

  it('searches in any letter case and filters', async () => {
    const Filter = { Dimensions: { Key: 'REGION', Values: ['us-east-1'] } };
    const { DimensionValues } = await values({ Dimension: 'USAGE_TYPE', SearchString: 'nova', Filter });
    expect(DimensionValues).toEqual([{ Value: 'USE1-NovaLite-output-tokens', Attributes: { unit: '1K tokens' } }]);
  });

  it('sorts by a metric, the highest first, and keeps as many as were asked for', async () => {
    const sorted = { Dimension: 'USAGE_TYPE', SortBy: [{ Key: 'UnblendedCost' }], MaxResults: 2 };
    const { DimensionValues, ...sizes } = await values(sorted);
    expect(DimensionValues!.map(({ Value }) => Value)).toEqual([
      'USE1-Claude4.6Sonnet-input-tokens',
      'USE1-NovaLite-output-tokens',
    ]);
    expect(sizes).toEqual({ ReturnSize: 2, TotalSize: 3 });
    await expect(values({ ...sorted, SearchString: 'x' })).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('GetTags', () => {
  const tags = async (input: object): Promise<GetTagsResponse> =>
    bench.ask('GetTags', { TimePeriod: MONTH.TimePeriod, ...input });

  it('lists the active keys that the period has, and the values of one', async () => {
    expect(await tags({})).toEqual({ Tags: ['iamPrincipal/team'], ReturnSize: 1, TotalSize: 1 });
    expect(await tags({ TagKey: 'iamPrincipal/team' })).toMatchObject({ Tags: ['', 'ds', 'eng'] });
    expect(await tags({ TagKey: 'iamPrincipal/team', SearchString: 'E' })).toMatchObject({ Tags: ['eng'] });
    expect(await tags({ TimePeriod: { Start: '2026-04-01', End: '2026-05-01' } })).toMatchObject({ Tags: [] });
  });

  it('comes in pages of MaxResults', async () => {
    const request = { TagKey: 'iamPrincipal/team', MaxResults: 2 };
    const first = await tags(request);
    expect(first).toMatchObject({ Tags: ['', 'ds'], ReturnSize: 2, TotalSize: 3 });
    const rest = await tags({ ...request, NextPageToken: first.NextPageToken });
    expect(rest).toEqual({ Tags: ['eng'], ReturnSize: 1, TotalSize: 3 });
  });
});

describe('access', () => {
  it("is needed to every operation, by AWS's ARN for it", () => {
    const none = undefined!;
    const operations = costExplorerOperations({
      ...{ store: none, tags: none, costCatalog: none, forecast: none, managementAccountId: ACCOUNT },
      ...{ hasExtensions: false, isFinalPeriod: none },
    });
    for (const [name, { access }] of Object.entries(operations)) {
      if (typeof access !== 'function') throw new Error(`${name} asks for nothing`);
      expect(access(operationCall({}, ACCOUNT, NOW_MS))).toEqual([
        { action: `ce:${name}`, resource: `arn:aws:ce:us-east-1:${ACCOUNT}:/${name}` },
      ]);
    }
  });
});
