import type {
  GetApproximateUsageRecordsResponse,
  GetCostAndUsageResponse,
  GetDimensionValuesResponse,
} from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { type CostExplorerBench, costExplorerBench } from './cost-explorer-bench.ts';
import { lineItem } from './line-items.ts';

const NOW_MS = Date.UTC(2026, 8, 20, 10);
const YESTERDAY = Date.UTC(2026, 8, 19);
const PROFILE = 'arn:aws:bedrock:us-east-1:111111111111:application-inference-profile/abc';
const CLAUDE_3_5 = 'Claude 3.5 Sonnet (Amazon Bedrock Edition)';

/** A thousand tokens of Claude, sold by AWS, through a profile; a million of a model of the marketplace; a tax. */
const ITEMS = [
  lineItem(YESTERDAY, { resourceArn: PROFILE }),
  lineItem(YESTERDAY + HOUR_MS, {
    ...{ quantity: 1_500_000n, pricingUnit: 'Units', billingEntity: 'AWS Marketplace', service: CLAUDE_3_5 },
    ...{ usageType: 'USE1-MP:USE1_InputTokenCount-Units', modelId: 'anthropic.claude-3-5-sonnet-20240620-v1:0' },
  }),
  lineItem(YESTERDAY, {
    ...{ recordType: 'Tax', chargeId: 'tax-1', quantity: 0n, requests: 0n, region: '', usageType: '', resourceArn: '' },
    ...{ pricingUnit: '', costPicoUsd: 1_000_000_000_000n },
  }),
  lineItem(YESTERDAY - 20 * DAY_MS, {}),
];

let bench: CostExplorerBench;
beforeAll(async () => {
  bench = await costExplorerBench(NOW_MS, ITEMS);
});
afterAll(() => bench?.close());

const PERIOD = { Start: '2026-09-19', End: '2026-09-20' };
const DAY = { TimePeriod: PERIOD, Granularity: 'DAILY', Metrics: ['UnblendedCost'] };
const by = (...keys: string[]) => ({ GroupBy: keys.map((Key) => ({ Type: 'DIMENSION', Key })) });
const attribute = (Key: string) => ({ GroupBy: [{ Type: 'PRODUCT_ATTRIBUTE', Key }] });
const service = (...Values: string[]) => ({ Dimensions: { Key: 'SERVICE', Values } });
const ALL = { Not: { Dimensions: { Key: 'RECORD_TYPE', Values: ['Credit'] } } };

/** `key | key: amount unit` of the first period. */
async function groups(input: object, operation = 'GetCostAndUsage'): Promise<string[]> {
  const answer: GetCostAndUsageResponse = await bench.ask(operation, { ...DAY, ...input });
  return answer.ResultsByTime![0]!.Groups!.map(({ Keys, Metrics }) => {
    const [value] = Object.values(Metrics!);
    return `${Keys!.join(' | ')}: ${value!.Amount} ${value!.Unit}`;
  });
}

async function values(input: object): Promise<string[]> {
  const answer: GetDimensionValuesResponse = await bench.ask('GetDimensionValues', { TimePeriod: PERIOD, ...input });
  return answer.DimensionValues!.map(({ Value }) => Value!);
}

describe('UsageQuantity', () => {
  const USAGE = { Metrics: ['UsageQuantity'] };

  it('counts in the unit of each line, and has none where units are mixed', async () => {
    expect(await groups({ ...USAGE, ...by('SERVICE', 'RECORD_TYPE') })).toEqual([
      'Amazon Bedrock Service | Tax: 0 N/A',
      'Amazon Bedrock Service | Usage: 1 1K tokens',
      `${CLAUDE_3_5} | Usage: 1.5 Units`,
    ]);
    expect(await groups({ ...USAGE, ...by('LINKED_ACCOUNT') })).toEqual(['111111111111: 2.5 N/A']);
  });
});

describe('dimensions', () => {
  it('tell who sells, and name what has no value', async () => {
    expect(await groups(by('BILLING_ENTITY'))).toEqual(['AWS: 1.0033 USD', 'AWS Marketplace: 4.95 USD']);
    expect(await groups(by('REGION', 'RECORD_TYPE'))).toEqual([
      'NoRegion | Tax: 1 USD',
      'us-east-1 | Usage: 4.9533 USD',
    ]);
    const Filter = { Dimensions: { Key: 'USAGE_TYPE', Values: ['NoUsageType'] } };
    expect(await groups({ ...by('RECORD_TYPE'), Filter })).toEqual(['Tax: 1 USD']);
    expect(await values({ Dimension: 'REGION' })).toEqual(['NoRegion', 'us-east-1']);
  });

  it('of reservations and savings plans have no values, and others are refused', async () => {
    expect(await values({ Dimension: 'SCOPE', Context: 'RESERVATIONS' })).toEqual([]);
    expect(await values({ Dimension: 'PAYMENT_OPTION', Context: 'SAVINGS_PLANS' })).toEqual([]);
    await expect(values({ Dimension: 'SERVICE', Context: 'SAVINGS_PLANS' })).rejects.toThrow(
      'Dimension SERVICE is not allowed. Allowed dimension(s): SAVINGS_PLANS_TYPE, PAYMENT_OPTION, REGION, INSTANCE_TYPE_FAMILY, LINKED_ACCOUNT, SAVINGS_PLAN_ARN',
    );
    await expect(values({ Dimension: 'SCOPE' })).rejects.toMatchObject({ code: 'ValidationException' });
  });
});

describe('product attributes', () => {
  it('group by vendor, model and kind of tokens', async () => {
    expect(await groups(attribute('provider'))).toEqual([
      'provider$: 1 USD',
      'provider$Anthropic: 0.0033 USD',
      'provider$anthropic: 4.95 USD',
    ]);
    expect(await groups({ GroupBy: [...attribute('model').GroupBy, ...attribute('inferenceType').GroupBy] })).toEqual([
      'model$ | inferenceType$: 1 USD',
      'model$Claude Sonnet 4.6 | inferenceType$Input tokens: 0.0033 USD',
      'model$anthropic.claude-3-5-sonnet-20240620-v1:0 | inferenceType$Input tokens: 4.95 USD',
    ]);
    expect(await groups(attribute('colour'))).toEqual(['colour$: 5.9533 USD']);
  });

  it('filter, with services that hold for the whole request', async () => {
    const model = { ProductAttributes: { Key: 'model', Values: ['Claude Sonnet 4.6'] } };
    expect(await groups({ Filter: model, ...by('SERVICE') })).toEqual(['Amazon Bedrock Service: 0.0033 USD']);
    const absent = { ProductAttributes: { Key: 'model', MatchOptions: ['ABSENT'] } };
    expect(await groups({ Filter: absent, ...by('RECORD_TYPE') })).toEqual(['Tax: 1 USD']);
    const both = { And: [model, service('Amazon Bedrock Service')] };
    expect(await groups({ Filter: both, ...by('SERVICE') })).toEqual(['Amazon Bedrock Service: 0.0033 USD']);
    for (const Filter of [
      { And: [model, { Not: service('Amazon Bedrock Service') }] },
      { Or: [model, service('Amazon Bedrock Service')] },
      { And: [model, service('Amazon Elastic Compute Cloud - Compute')] },
    ]) {
      await expect(groups({ Filter, ...by('SERVICE') })).rejects.toMatchObject({ code: 'ValidationException' });
    }
    await expect(values({ Dimension: 'REGION', Filter: model })).rejects.toMatchObject({ code: 'ValidationException' });
    expect(await values({ Dimension: 'REGION', Filter: both })).toEqual(['us-east-1']);
    expect(await values({ Dimension: 'PRODUCT_ATTRIBUTE', DimensionKey: 'inferenceType' })).toEqual(['Input tokens']);
  });
});

describe('GetCostAndUsageWithResources', () => {
  const OPERATION = 'GetCostAndUsageWithResources';
  const foundation = 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6';

  it('tells resources apart, and filters by them', async () => {
    expect(await groups({ ...by('RESOURCE_ID'), Filter: ALL }, OPERATION)).toEqual([
      'NoResourceId: 1 USD',
      `${PROFILE}: 0.0033 USD`,
      `${foundation}: 4.95 USD`,
    ]);
    const Filter = { Dimensions: { Key: 'RESOURCE_ID', Values: [PROFILE] } };
    expect(await groups({ Filter, ...by('USAGE_TYPE') }, OPERATION)).toEqual([
      'USE1-Claude4.6Sonnet-input-tokens: 0.0033 USD',
    ]);
    expect(await values({ Dimension: 'RESOURCE_ID' })).toEqual(['NoResourceId', PROFILE, foundation]);
  });

  it('needs a filter, no metric, and days of the last two weeks', async () => {
    const { Metrics: _, ...bare } = DAY;
    const answer: GetCostAndUsageResponse = await bench.ask(OPERATION, { ...bare, Filter: ALL });
    expect(answer.ResultsByTime).toMatchObject([{ Total: { UnblendedCost: { Amount: '5.9533' } } }]);
    await expect(bench.ask(OPERATION, DAY)).rejects.toThrow(/Value null at 'filter'/);
    const TimePeriod = { Start: '2026-09-05', End: '2026-09-20' };
    await expect(bench.ask(OPERATION, { ...DAY, Filter: ALL, TimePeriod })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    await expect(groups(by('RESOURCE_ID'))).rejects.toThrow(/^Group Definition dimension is invalid/);
  });
});

describe('GetApproximateUsageRecords', () => {
  it('estimates the records of the two weeks behind by service', async () => {
    const ask = (input: object): Promise<GetApproximateUsageRecordsResponse> =>
      bench.ask('GetApproximateUsageRecords', { Granularity: 'HOURLY', ApproximationDimension: 'SERVICE', ...input });
    expect(await ask({})).toEqual({
      Services: { 'Amazon Bedrock Service': 2, [CLAUDE_3_5]: 1 },
      TotalRecords: 3,
      LookbackPeriod: { Start: '2026-09-06', End: '2026-09-20' },
    });
    expect(await ask({ Services: [CLAUDE_3_5] })).toMatchObject({ TotalRecords: 1 });
    expect(await ask({ Granularity: 'MONTHLY' })).toMatchObject({ TotalRecords: 4 });
  });
});
