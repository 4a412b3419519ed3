import type { GetCostForecastResponse } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { type CostExplorerBench, costExplorerBench } from './cost-explorer-bench.ts';
import { lineItem, MEMBER_ACCOUNT } from './line-items.ts';

const TODAY = Date.UTC(2026, 4, 20);
const NOW_MS = TODAY + 12 * HOUR_MS - 1;
const TEAM = 'iamPrincipal/team';

/** 3.30 USD, a million tokens, on each of sixty days before today, and half of it today; 20 days of another account. */
const ITEMS = [
  ...Array.from({ length: 60 }, (_, day) =>
    lineItem(TODAY - (day + 1) * DAY_MS + HOUR_MS, { quantity: 1_000_000n, principalTags: [['team', 'ds']] }),
  ),
  lineItem(TODAY + HOUR_MS, { quantity: 500_000n, principalTags: [['team', 'ds']] }),
  ...Array.from({ length: 20 }, (_, day) =>
    lineItem(TODAY - (day + 1) * DAY_MS, {
      ...{ accountId: MEMBER_ACCOUNT, quantity: 1_000_000n, pricingUnit: 'Units', region: 'eu-west-1' },
    }),
  ),
];

let bench: CostExplorerBench;
beforeAll(async () => {
  bench = await costExplorerBench(NOW_MS, ITEMS);
  await bench.tags.setStatuses([{ key: TEAM, status: 'Active' }], 'x');
  await bench.tags.startBackfill(Date.UTC(2026, 2, 1), 'x');
});
afterAll(() => bench?.close());

const TEAM_DS = { Tags: { Key: TEAM, Values: ['ds'] } };
const REST_OF_MAY = {
  TimePeriod: { Start: '2026-05-20', End: '2026-06-01' },
  Metric: 'UNBLENDED_COST',
  Granularity: 'MONTHLY',
  Filter: TEAM_DS,
};

function forecast(input: object, operation = 'GetCostForecast'): Promise<GetCostForecastResponse> {
  return bench.ask(operation, { ...REST_OF_MAY, ...input });
}

describe('GetCostForecast', () => {
  it('adds what is expected for the rest of the month to what today has cost', async () => {
    expect(await forecast({})).toEqual({
      Total: { Amount: '39.6', Unit: 'USD' },
      ForecastResultsByTime: [{ TimePeriod: REST_OF_MAY.TimePeriod, MeanValue: '39.6' }],
    });
  });

  it('answers by the day and by the month, with bounds where a level is asked for', async () => {
    const days = await forecast({ Granularity: 'DAILY', PredictionIntervalLevel: 80 });
    expect(days.ForecastResultsByTime).toHaveLength(12);
    expect(days.ForecastResultsByTime![0]).toEqual({
      TimePeriod: { Start: '2026-05-20', End: '2026-05-21' },
      MeanValue: '3.3',
      PredictionIntervalLowerBound: '3.3',
      PredictionIntervalUpperBound: '3.3',
    });
    const months = await forecast({ TimePeriod: { Start: '2026-05-20', End: '2026-08-01' } });
    expect(months.ForecastResultsByTime!.map(({ TimePeriod, MeanValue }) => [TimePeriod!.Start, MeanValue])).toEqual([
      ['2026-05-20', '39.6'],
      ['2026-06-01', '99'],
      ['2026-07-01', '102.3'],
    ]);
  });

  it('begins yesterday at the earliest, which is what it cost', async () => {
    const TimePeriod = { Start: '2026-05-19', End: '2026-05-21' };
    const { ForecastResultsByTime } = await forecast({ TimePeriod, Granularity: 'DAILY' });
    expect(ForecastResultsByTime!.map(({ MeanValue }) => MeanValue)).toEqual(['3.3', '3.3']);
  });

  it.each<[string, object, string, string]>([
    [
      'a past period',
      { TimePeriod: { Start: '2026-05-18', End: '2026-06-01' } },
      'ValidationException',
      'Earliest supported Start is 2026-05-19',
    ],
    [
      'an empty period',
      { TimePeriod: { Start: '2026-06-01', End: '2026-05-31' } },
      'ValidationException',
      'Requested Start: 2026-06-01 must be before requested End: 2026-05-31',
    ],
    [
      'days beyond three months',
      { TimePeriod: { Start: '2026-05-20', End: '2026-08-22' }, Granularity: 'DAILY' },
      'ValidationException',
      'Latest supported End is 2026-08-21',
    ],
    [
      'months beyond 18',
      { TimePeriod: { Start: '2026-05-20', End: '2028-01-01' } },
      'ValidationException',
      'Latest supported End is 2027-11-21',
    ],
    [
      'hours',
      { Granularity: 'HOURLY' },
      'ValidationException',
      'Granularity HOURLY is invalid. Valid values are DAILY, MONTHLY',
    ],
    [
      'a metric of usage',
      { Metric: 'USAGE_QUANTITY' },
      'ValidationException',
      'Metric USAGE_QUANTITY is invalid. Valid values are AMORTIZED_COST, BLENDED_COST, NET_AMORTIZED_COST, NET_UNBLENDED_COST, UNBLENDED_COST',
    ],
    [
      'less history than a billing cycle',
      { Filter: { Dimensions: { Key: 'REGION', Values: ['eu-west-1'] } } },
      'DataUnavailableException',
      'Insufficient amount of historical data',
    ],
  ])('refuses %s', async (_, input, code, message) => {
    await expect(forecast(input)).rejects.toMatchObject({ code, message, status: 400 });
  });

  it('is filtered by what forecasts know', async () => {
    const by = (Key: string, ...Values: string[]) => ({ Filter: { Dimensions: { Key, Values } } });
    expect(await forecast(by('LINKED_ACCOUNT_NAME', 'payer'))).toMatchObject({ Total: { Amount: '39.6' } });
    await expect(forecast(by('INVOICING_ENTITY', 'x'))).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('GetUsageForecast', () => {
  it('forecasts in the unit of the usage', async () => {
    expect(await forecast({ Metric: 'USAGE_QUANTITY' }, 'GetUsageForecast')).toMatchObject({
      Total: { Amount: '12000', Unit: '1K tokens' },
    });
  });

  it('refuses usage of several units', async () => {
    const all = { Metric: 'USAGE_QUANTITY', Filter: undefined };
    await expect(forecast(all, 'GetUsageForecast')).rejects.toMatchObject({ code: 'UnresolvableUsageUnitException' });
  });
});
