import type { GetCostAndUsageResponse, GetDimensionValuesResponse } from '@aws-sdk/client-cost-explorer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HOUR_MS, MINUTE_MS } from '../../src/kernel/time.ts';
import { type CostExplorerBench, costExplorerBench } from './cost-explorer-bench.ts';
import { ACCOUNT, lineItem } from './line-items.ts';

const NOW_MS = Date.UTC(2026, 9, 27, 12);
/** In Berlin the hour from two comes twice: 00:00Z and 01:00Z. */
const NIGHT = Date.UTC(2026, 9, 25);
const ANA = 'arn:aws:iam::111111111111:user/ana';
const SESSION = 'arn:aws:sts::111111111111:assumed-role/App/bob';
/** Each costs 0.0033. */
const ITEMS = [
  lineItem(NIGHT - 2 * HOUR_MS - 15 * MINUTE_MS, { principalArn: ANA }),
  lineItem(NIGHT, { principalArn: ANA }),
  lineItem(NIGHT + HOUR_MS + 15 * MINUTE_MS, { principalArn: SESSION }),
  lineItem(NIGHT + 23 * HOUR_MS, { principalArn: SESSION }),
];

const ON = { 'x-tallyline-extensions': 'on' };
const BERLIN = { ...ON, 'x-tallyline-time-zone': 'Europe/Berlin' };
const DAYS = {
  TimePeriod: { Start: '2026-10-25', End: '2026-10-26' },
  Granularity: 'DAILY',
  Metrics: ['UnblendedCost'],
};
const by = (...keys: string[]) => ({ GroupBy: keys.map((Key) => ({ Type: 'DIMENSION', Key })) });

let bench: CostExplorerBench;
let strict: CostExplorerBench;

beforeAll(async () => {
  [bench, strict] = await Promise.all([
    costExplorerBench(NOW_MS, ITEMS, { hasExtensions: true }),
    costExplorerBench(NOW_MS, []),
  ]);
});
afterAll(() => Promise.all([bench?.close(), strict?.close()]));

function costs(input: object, headers?: Readonly<Record<string, string>>): Promise<GetCostAndUsageResponse> {
  return bench.ask('GetCostAndUsage', { ...DAYS, ...input }, ACCOUNT, headers);
}

/** `start key | key: amount`. */
async function groups(input: object, headers?: Readonly<Record<string, string>>): Promise<string[]> {
  const { ResultsByTime } = await costs(input, headers);
  return ResultsByTime!.flatMap(({ TimePeriod, Groups, Total }) => {
    const rows = Total!.UnblendedCost ? [{ Keys: [], Metrics: Total }] : Groups!;
    return rows.map(
      ({ Keys, Metrics }) => `${TimePeriod!.Start} ${Keys!.join(' | ')}: ${Metrics!.UnblendedCost!.Amount}`,
    );
  });
}

describe('extensions of Cost Explorer', () => {
  it('are unknown to a client that does not ask for them', async () => {
    await expect(costs({ Granularity: 'QUARTER_HOURLY' })).rejects.toMatchObject({
      code: 'ValidationException',
      message:
        "1 validation error detected: Value 'QUARTER_HOURLY' at 'granularity' failed to satisfy constraint: Member must satisfy enum value set: [DAILY, MONTHLY, HOURLY]",
    });
    await expect(costs(by('IAM_PRINCIPAL'))).rejects.toThrow(
      /^Group Definition dimension is invalid\. Valid values are AZ, /,
    );
    await expect(costs(by('SERVICE', 'REGION', 'OPERATION'))).rejects.toThrow(
      'Group Definition list must have at most 2 entries.',
    );
    await expect(costs({ Filter: { Dimensions: { Key: 'IAM_PRINCIPAL', Values: [ANA] } } })).rejects.toMatchObject({
      code: 'ValidationException',
    });
    expect(await groups({}, { 'x-tallyline-time-zone': 'Europe/Berlin' })).toEqual(['2026-10-25 : 0.0099']);
  });

  it('are refused where the installation does not offer them', async () => {
    await expect(strict.ask('GetCostAndUsage', DAYS, ACCOUNT, ON)).rejects.toMatchObject({
      code: 'ValidationException',
      message: 'Extensions of Cost Explorer are switched off. Set costExplorer.extensions in the configuration.',
    });
  });

  it('group and filter by principal, role, session and model, by up to four keys', async () => {
    expect(await groups(by('IAM_PRINCIPAL'), ON)).toEqual([
      `2026-10-25 ${ANA}: 0.0033`,
      `2026-10-25 ${SESSION}: 0.0066`,
    ]);
    expect(await groups(by('LINKED_ACCOUNT_NAME', 'SERVICE_CODE'), ON)).toEqual([
      '2026-10-25 payer | AmazonBedrockService: 0.0099',
    ]);
    const four = by('IAM_ROLE', 'IAM_SESSION', 'MODEL', 'REGION');
    const Filter = { Dimensions: { Key: 'IAM_ROLE', Values: ['App'] } };
    expect(await groups({ ...four, Filter }, ON)).toEqual([
      '2026-10-25 App | bob | anthropic.claude-sonnet-4-6 | us-east-1: 0.0066',
    ]);
    const { DimensionValues }: GetDimensionValuesResponse = await bench.ask(
      'GetDimensionValues',
      { TimePeriod: DAYS.TimePeriod, Dimension: 'IAM_PRINCIPAL', SearchString: 'ana' },
      ACCOUNT,
      ON,
    );
    expect(DimensionValues).toEqual([{ Value: ANA, Attributes: {} }]);
  });

  it('can be asked for through the application id of AWS clients', async () => {
    const app = { 'user-agent': 'aws-cli/2.31.0 md/awscrt#0.27.6 app/tallyline-extensions' };
    expect(await groups(by('IAM_ROLE'), app)).toEqual(['2026-10-25 : 0.0033', '2026-10-25 App: 0.0066']);
  });

  it('cut the time by the days and hours of a zone', async () => {
    expect(await groups({}, BERLIN)).toEqual(['2026-10-25 : 0.0066']);
    const hours = await groups({ Granularity: 'HOURLY' }, BERLIN);
    expect(hours).toHaveLength(25);
    expect(hours.filter((text) => !text.endsWith(': 0'))).toEqual([
      '2026-10-25T02:00:00+02:00 : 0.0033',
      '2026-10-25T02:00:00+01:00 : 0.0033',
    ]);
    const months = { Granularity: 'MONTHLY', TimePeriod: { Start: '2026-10-01', End: '2026-11-01' } };
    expect(await groups(months, BERLIN)).toEqual(['2026-10-01 : 0.0132']);
    await expect(costs({}, { ...ON, 'x-tallyline-time-zone': 'Mars/Olympus' })).rejects.toThrow(
      'Time zone Mars/Olympus is invalid. Valid values are IANA names such as Europe/Berlin',
    );
  });

  it('cut the time by quarter hours', async () => {
    const TimePeriod = { Start: '2026-10-25T01:15:00Z', End: '2026-10-25T01:45:00Z' };
    const quarters = { Granularity: 'QUARTER_HOURLY', TimePeriod };
    expect(await groups(quarters, ON)).toEqual(['2026-10-25T01:15:00Z : 0.0033', '2026-10-25T01:30:00Z : 0']);
    await expect(costs({ ...quarters, Granularity: 'HOURLY' }, ON)).rejects.toMatchObject({
      code: 'ValidationException',
    });
  });
});
