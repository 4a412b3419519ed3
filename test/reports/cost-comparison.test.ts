import type {
  Expression,
  GetCostAndUsageComparisonsResponse,
  GetCostAndUsageResponse,
  GetCostComparisonDriversResponse,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { type CostExplorerBench, costExplorerBench } from './cost-explorer-bench.ts';
import { lineItem } from './line-items.ts';

const NOW_MS = Date.UTC(2026, 4, 20);
const APRIL = Date.UTC(2026, 3, 10);
const MAY = Date.UTC(2026, 4, 10);
const TEAM = 'iamPrincipal/team';
const NOVA = { productCode: 'AmazonBedrock', usageType: 'USE1-NovaLite-output-tokens', quantity: 1_000_000n } as const;
const ds = { principalTags: [['team', 'ds']] } as const;

/** Claude: 3.30 USD in April, in May twice the tokens at twice the price. Nova: 0.24 USD in April alone. A credit in May. */
const ITEMS = [
  lineItem(APRIL, { quantity: 1_000_000n, ...ds }),
  lineItem(MAY, { quantity: 2_000_000n, pricePicoUsd: 6_600_000n, ...ds }),
  lineItem(APRIL, { ...NOVA, pricePicoUsd: 240_000n }),
  lineItem(MAY, {
    ...{ recordType: 'Credit', chargeId: 'c-1', quantity: 0n, requests: 0n, usageType: '', region: '' },
    costPicoUsd: -1_000_000_000_000n,
  }),
];

let bench: CostExplorerBench;
beforeAll(async () => {
  bench = await costExplorerBench(NOW_MS, ITEMS);
  await bench.tags.setStatuses([{ key: TEAM, status: 'Active' }], 'admin');
  await bench.tags.startBackfill(Date.UTC(2026, 2, 1), 'admin');
});
afterAll(() => bench?.close());

const BASELINE = { Start: '2026-04-01', End: '2026-05-01' };
const MONTHS = {
  BaselineTimePeriod: BASELINE,
  ComparisonTimePeriod: { Start: '2026-05-01', End: '2026-06-01' },
  MetricForComparison: 'UnblendedCost',
};
const by = (Type: string, ...keys: string[]) => ({ GroupBy: keys.map((Key) => ({ Type, Key })) });

function comparisons(input: object): Promise<GetCostAndUsageComparisonsResponse> {
  return bench.ask('GetCostAndUsageComparisons', { ...MONTHS, ...input });
}

function drivers(input: object): Promise<GetCostComparisonDriversResponse> {
  return bench.ask('GetCostComparisonDrivers', { ...MONTHS, ...input });
}

const value = (before: string, after: string, Difference: string, Unit = 'USD') => {
  return { BaselineTimePeriodAmount: before, ComparisonTimePeriodAmount: after, Difference, Unit };
};

describe('GetCostAndUsageComparisons', () => {
  it('compares two months by groups, the largest difference first, with the total', async () => {
    expect(await comparisons(by('DIMENSION', 'SERVICE'))).toEqual({
      CostAndUsageComparisons: [
        {
          CostAndUsageSelector: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock Service'] } },
          Metrics: { UnblendedCost: value('3.3', '12.2', '8.9') },
        },
        {
          CostAndUsageSelector: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock'] } },
          Metrics: { UnblendedCost: value('0.24', '0', '-0.24') },
        },
      ],
      TotalCostAndUsage: { UnblendedCost: value('3.54', '12.2', '8.66') },
    });
    expect(await comparisons({})).toMatchObject({ CostAndUsageComparisons: [] });
    expect(await comparisons({ MetricForComparison: 'USAGE_QUANTITY' })).toMatchObject({
      TotalCostAndUsage: { UsageQuantity: value('2000', '2000', '0', '1K tokens') },
    });
  });

  it('selects each group by a filter that lets through just that', async () => {
    const groupings = [
      ...[by('DIMENSION', 'REGION', 'USAGE_TYPE'), by('TAG', TEAM), by('DIMENSION', 'RECORD_TYPE', 'AZ')],
      ...[by('COST_CATEGORY', 'Team'), by('PRODUCT_ATTRIBUTE', 'model', 'feature')],
    ];
    for (const grouping of groupings) {
      const { CostAndUsageComparisons } = await comparisons(grouping);
      for (const { CostAndUsageSelector, Metrics } of CostAndUsageComparisons!) {
        const Filter = CostAndUsageSelector as Expression;
        const question = { TimePeriod: BASELINE, Granularity: 'MONTHLY', Metrics: ['UnblendedCost'], Filter };
        const { ResultsByTime }: GetCostAndUsageResponse = await bench.ask('GetCostAndUsage', question);
        expect(ResultsByTime![0]!.Total!.UnblendedCost!.Amount).toBe(Metrics!.UnblendedCost!.BaselineTimePeriodAmount);
      }
    }
  });

  it('comes in pages', async () => {
    const request = { ...by('DIMENSION', 'SERVICE', 'RECORD_TYPE'), MaxResults: 2 };
    const first = await comparisons(request);
    const second = await comparisons({ ...request, NextPageToken: first.NextPageToken });
    const differences = [first, second].map(({ CostAndUsageComparisons }) =>
      CostAndUsageComparisons!.map(({ Metrics }) => Metrics!.UnblendedCost!.Difference),
    );
    expect(differences).toEqual([['9.9', '-1'], ['-0.24']]);
    expect(second.NextPageToken).toBeUndefined();
    const changed = { ...request, MetricForComparison: 'BlendedCost', NextPageToken: first.NextPageToken };
    await expect(comparisons(changed)).rejects.toMatchObject({ code: 'RequestChangedException' });
    for (const NextPageToken of ['x', Buffer.from('["a",["1"]]').toString('base64url')]) {
      await expect(comparisons({ ...request, NextPageToken })).rejects.toMatchObject({
        code: 'InvalidNextTokenException',
      });
    }
  });

  it.each<[string, object, string]>([
    [
      'two months',
      { BaselineTimePeriod: { Start: '2026-03-01', End: '2026-05-01' } },
      'BaselineTimePeriod must start and end on the first day of a month, with a duration of exactly one month.',
    ],
    [
      'part of a month',
      { ComparisonTimePeriod: { Start: '2026-05-02', End: '2026-06-01' } },
      'ComparisonTimePeriod must start and end on the first day of a month, with a duration of exactly one month.',
    ],
    [
      'a month too long ago',
      { BaselineTimePeriod: { Start: '2025-03-01', End: '2025-04-01' } },
      "You haven't enabled historical data beyond 14 months.",
    ],
    [
      'a month to come',
      { ComparisonTimePeriod: { Start: '2026-06-01', End: '2026-07-01' } },
      'end date past the beginning of next month',
    ],
    ['three groups', by('DIMENSION', 'SERVICE', 'REGION', 'AZ'), 'Group Definition list must have at most 2 entries.'],
  ])('refuses %s', async (_, input, message) => {
    await expect(comparisons(input)).rejects.toMatchObject({ code: 'ValidationException', message });
  });
});

describe('GetCostComparisonDrivers', () => {
  it('tells usage from price and from other charges', async () => {
    const { CostComparisonDrivers } = await drivers({ MaxResults: 1 });
    expect(CostComparisonDrivers).toEqual([
      {
        CostSelector: { Dimensions: { Key: 'SERVICE', Values: ['Amazon Bedrock Service'] } },
        Metrics: { UnblendedCost: value('3.3', '12.2', '8.9') },
        CostDrivers: [
          {
            Type: 'RATE_CHANGE',
            Name: 'USE1-Claude4.6Sonnet-input-tokens',
            Metrics: { UnblendedCost: value('6.6', '13.2', '6.6') },
          },
          {
            Type: 'USAGE_CHANGE',
            Name: 'USE1-Claude4.6Sonnet-input-tokens',
            Metrics: {
              UnblendedCost: value('3.3', '6.6', '3.3'),
              UsageQuantity: value('1000', '2000', '1000', '1K tokens'),
            },
          },
          { Type: 'CREDIT', Name: 'Credit', Metrics: { UnblendedCost: value('0', '-1', '-1') } },
        ],
      },
    ]);
  });

  it('adds up in every group, for every cost metric', async () => {
    const groupings = [
      {},
      by('TAG', TEAM),
      by('DIMENSION', 'REGION', 'RECORD_TYPE'),
      by('DIMENSION', 'LINKED_ACCOUNT'),
    ];
    for (const MetricForComparison of ['UnblendedCost', 'NetAmortizedCost']) {
      for (const grouping of groupings) {
        const { CostComparisonDrivers } = await drivers({ ...grouping, MetricForComparison });
        expect(CostComparisonDrivers!.length).toBeGreaterThan(0);
        for (const { Metrics, CostDrivers } of CostComparisonDrivers!) {
          const differences = CostDrivers!.map((driver) =>
            parsePicoUsd(driver.Metrics![MetricForComparison]!.Difference!),
          );
          const sum = differences.reduce((a, b) => a + b, 0n);
          expect(sum).toBe(parsePicoUsd(Metrics![MetricForComparison]!.Difference!));
        }
      }
    }
  });

  it('knows of usage that there is more or less of it', async () => {
    const { CostComparisonDrivers } = await drivers({ MetricForComparison: 'UsageQuantity' });
    expect(CostComparisonDrivers!.flatMap(({ CostDrivers }) => CostDrivers)).toEqual([
      {
        Type: 'USAGE_CHANGE',
        Name: 'USE1-Claude4.6Sonnet-input-tokens',
        Metrics: { UsageQuantity: value('1000', '2000', '1000', '1K tokens') },
      },
      {
        Type: 'USAGE_CHANGE',
        Name: 'USE1-NovaLite-output-tokens',
        Metrics: { UsageQuantity: value('1000', '0', '-1000', '1K tokens') },
      },
    ]);
  });
});
