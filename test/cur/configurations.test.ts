import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chargeLineItem } from '../../src/billing/charge.ts';
import { formatUsd, parsePicoUsd } from '../../src/kernel/money.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { CUR_TABLE } from '../../src/reports/cur-query.ts';
import { columnsOf, configureTable } from '../../src/reports/export-table.ts';
import { lineItem } from '../reports/line-items.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import { definition, Exporter, MEMBER, PAYER, readParquet } from './exporter.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const SWITCHES = [
  'INCLUDE_RESOURCES',
  'INCLUDE_IAM_PRINCIPAL_DATA',
  'INCLUDE_SPLIT_COST_ALLOCATION_DATA',
  'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY',
  'INCLUDE_CAPACITY_RESERVATION_DATA',
] as const;
const TAGS = ['iamPrincipal/team', 'resourceTags/project', 'accountTag/unit'];

type Configuration = Readonly<Record<string, string>>;
type Row = Readonly<Record<string, unknown>>;

const configurations = fc
  .tuple(
    fc.constantFrom('HOURLY', 'DAILY', 'MONTHLY'),
    fc.tuple(...SWITCHES.map(() => fc.constantFrom('TRUE', 'FALSE'))),
  )
  .map(([TIME_GRANULARITY, values]): Configuration => {
    return { TIME_GRANULARITY, ...Object.fromEntries(SWITCHES.map((name, index) => [name, values[index]!])) };
  });

const usage = fc
  .record({
    bucket: fc
      .integer({ min: 0, max: 40 })
      .map((index) => MAY + (index % 5) * DAY_MS + (index % 3) * HOUR_MS + (index % 4) * BUCKET_MS),
    accountId: fc.constantFrom(PAYER, MEMBER),
    caller: fc.constantFrom('alice', 'bob'),
    team: fc.constantFrom('', 'a', 'b'),
    project: fc.constantFrom('', 'p'),
    unit: fc.constantFrom('u', 'v'),
    resourceArn: fc.constantFrom(
      'arn:aws:bedrock:us-east-1::foundation-model/one',
      'arn:aws:bedrock:us-east-1::foundation-model/two',
    ),
    operation: fc.constantFrom('Converse' as const, 'ConverseStream' as const),
    meter: fc.constantFrom('input' as const, 'output' as const),
    quantity: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    discount: fc.constantFrom(0n, 300_000n),
  })
  .map(({ bucket, caller, team, project, unit, discount, meter, quantity, accountId, ...fields }): LineItem => {
    const pricePicoUsd = meter === 'input' ? 3_300_000n : 16_500_000n;
    const netPricePicoUsd = pricePicoUsd - discount;
    return lineItem(bucket, {
      ...{ ...fields, accountId, meter, quantity, pricePicoUsd, netPricePicoUsd, priceId: meter },
      ...{
        usageType: `USE1-Claude4.6Sonnet-${meter}-tokens`,
        principalArn: `arn:aws:iam::${accountId}:user/${caller}`,
      },
      ...{ principalTags: [['team', team]], resourceTags: [['project', project]], accountTags: [['unit', unit]] },
      ...{
        discountPrices: discount > 0n ? [['edp_discount', discount]] : [],
        netCostPicoUsd: quantity * netPricePicoUsd,
      },
    });
  });

let reports: ReportStore;
let exporter: Exporter;
beforeAll(async () => {
  reports = await openReportStore();
  exporter = new Exporter(reports.store);
  exporter.activate(...TAGS);
});
afterAll(async () => {
  exporter.close();
  await reports.close();
});

async function seed(items: readonly LineItem[]): Promise<void> {
  async function* pages() {
    yield items;
  }
  await reports.store.replacePeriod('2026-05', pages());
}

/** Every column that the configuration has. */
async function rowsOf(configuration: Configuration): Promise<Row[]> {
  const names = columnsOf(CUR_TABLE, configureTable(CUR_TABLE, configuration)).map(({ name }) => name);
  const sql = `SELECT ${names.join(', ')} FROM COST_AND_USAGE_REPORT`;
  const execution = await exporter.deliver(definition(`e${exporter.newId()}`, sql, configuration));
  expect(execution).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  return readParquet(exporter.read(execution.dataFiles[0]!));
}

const START_MS: Readonly<Record<string, (atMs: number) => number>> = {
  HOURLY: (atMs) => atMs - (atMs % HOUR_MS),
  DAILY: (atMs) => atMs - (atMs % DAY_MS),
  MONTHLY: () => MAY,
};

interface Expected {
  readonly quantity: bigint;
  readonly cost: bigint;
  readonly netCost: bigint;
}

/** What AWS documents a row to be: usage of one time bucket that agrees in all that the configuration's columns show. */
function documentedRows(items: readonly LineItem[], configuration: Configuration): Map<string, Expected> {
  const rows = new Map<string, Expected>();
  for (const item of items) {
    const tags = [
      ...item.principalTags.map(([key, value]) => [`iamPrincipal/${key}`, value]),
      ...item.resourceTags.map(([key, value]) => [`resourceTags/${key}`, value]),
      ...item.accountTags.map(([key, value]) => [`accountTag/${key}`, value]),
    ].filter(([, value]) => value !== '');
    const key = rowKey(
      new Date(START_MS[configuration.TIME_GRANULARITY!]!(item.bucketStartMs)),
      item.accountId,
      item.usageType,
      item.operation === 'Converse' ? 'InvokeModelInference' : 'InvokeModelStreamingInference',
      Object.fromEntries(tags),
      item.netPricePicoUsd === undefined ? '' : formatUsd(item.netPricePicoUsd * 1_000n),
      configuration.INCLUDE_RESOURCES === 'TRUE' ? item.resourceArn : undefined,
      configuration.INCLUDE_IAM_PRINCIPAL_DATA === 'TRUE' ? item.principalArn : undefined,
    );
    const { quantity, cost, netCost } = rows.get(key) ?? { quantity: 0n, cost: 0n, netCost: 0n };
    rows.set(key, {
      quantity: quantity + item.quantity,
      cost: cost + item.costPicoUsd,
      netCost: netCost + item.netCostPicoUsd,
    });
  }
  return rows;
}

function rowKey(...parts: readonly unknown[]): string {
  return JSON.stringify(parts, (_, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : (value ?? null),
  );
}

/** The exact amount behind a double that was rounded once from at most 15 digits of an exact decimal. */
const exact = (value: unknown) => parsePicoUsd(Number(value).toFixed(9));

test('rows are those that the configuration’s columns tell apart, each with the sum of what it stands for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(usage, { minLength: 1, maxLength: 30 }), configurations, async (items, configuration) => {
      await seed(items);
      const rows = await rowsOf(configuration);
      const expected = documentedRows(items, configuration);
      const hasDiscount = new Set(items.filter((item) => item.discountPrices.length > 0).map((item) => item.accountId));
      const found = new Map(
        rows.map((row) => {
          const isDiscounted = hasDiscount.has(String(row.line_item_usage_account_id));
          const rate = isDiscounted ? row.line_item_net_unblended_rate : row.line_item_unblended_rate;
          const key = rowKey(
            row.line_item_usage_start_date,
            row.line_item_usage_account_id,
            row.line_item_usage_type,
            row.line_item_operation,
            row.tags,
            rate,
            row.line_item_resource_id,
            row.line_item_iam_principal,
          );
          return [key, row] as const;
        }),
      );
      expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
      expect(rows).toHaveLength(expected.size);
      expect(new Set(rows.map((row) => row.identity_line_item_id)).size).toBe(rows.length);
      for (const [key, { quantity, cost, netCost }] of expected) {
        const row = found.get(key)!;
        expect(row.line_item_usage_amount).toBe(Number(quantity) / 1_000);
        expect(row.line_item_unblended_cost).toBe(Number(formatUsd(cost)));
        const isDiscounted = hasDiscount.has(String(row.line_item_usage_account_id));
        expect(row.line_item_net_unblended_cost).toBe(isDiscounted ? Number(formatUsd(netCost)) : null);
        if (configuration.INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY === 'TRUE') expect(row).not.toHaveProperty('discount');
        else if (isDiscounted) {
          const amounts = Object.values(row.discount as Record<string, number>);
          expect(exact(amounts.reduce((sum, amount) => sum + amount, 0))).toBe(
            exact(Number(formatUsd(netCost - cost))),
          );
          expect(row.discount_total_discount).toBe(Number(formatUsd(netCost - cost)));
        }
      }
    }),
    { seed: 20261129, numRuns: 10 },
  );
});

test('a row keeps its id while usage is added to it and beside it', async () => {
  const configuration = { TIME_GRANULARITY: 'DAILY', INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' };
  const ids = async () => (await rowsOf(configuration)).map((row) => row.identity_line_item_id);
  const first = lineItem(MAY, { accountId: PAYER });
  await seed([first]);
  const before = await ids();
  const bob = `arn:aws:iam::${PAYER}:user/bob`;
  await seed([
    first,
    lineItem(MAY + HOUR_MS, { accountId: PAYER }),
    lineItem(MAY, { accountId: PAYER, principalArn: bob }),
  ]);
  const after = await ids();
  expect(before).toHaveLength(1);
  expect(after).toHaveLength(2);
  expect(after).toContain(before[0]);
});

test('no switch touches a charge that is no usage: each is one row in every configuration', async () => {
  const charge = { period: '2026-05', accountId: PAYER, bucketStartMs: MAY + DAY_MS, creditId: '', createdAtMs: 0 };
  const sold = { productCode: 'AmazonBedrock', service: 'Amazon Bedrock', billingEntity: 'AWS' } as const;
  const charges = [
    { ...charge, sold, chargeId: 'charge-1', type: 'Tax', amountUsd: '1.25', description: 'VAT 20%', taxType: 'VAT' },
    { ...charge, sold, chargeId: 'charge-2', type: 'Credit', amountUsd: '-0.5', description: 'Thanks', taxType: '' },
  ] as const;
  for (const one of charges) exporter.charges.set(one.chargeId, one);
  await seed(charges.map((one) => chargeLineItem(one)));
  await fc.assert(
    fc.asyncProperty(configurations, async (configuration) => {
      const rows = (await rowsOf(configuration)).filter((row) => row.line_item_line_item_type !== 'Usage');
      const read = rows.map((row) => [
        row.line_item_line_item_type,
        row.line_item_unblended_cost,
        row.line_item_tax_type,
        row.line_item_usage_amount,
        row.line_item_unblended_rate,
        row.line_item_line_item_description,
      ]);
      expect(read.sort()).toEqual([
        ['Credit', -0.5, null, null, '', 'Thanks'],
        ['Tax', 1.25, 'VAT', null, '', 'VAT 20%'],
      ]);
    }),
    { seed: 20261129, numRuns: 4 },
  );
});

test('each of the 96 configurations has its columns and no others', () => {
  const count = (configuration: Configuration) => columnsOf(CUR_TABLE, configureTable(CUR_TABLE, configuration)).length;
  fc.assert(
    fc.property(configurations, (configuration) => {
      const isOn = (name: (typeof SWITCHES)[number]) => configuration[name] === 'TRUE';
      const added =
        (isOn('INCLUDE_RESOURCES') ? 1 : 0) +
        (isOn('INCLUDE_IAM_PRINCIPAL_DATA') ? 1 : 0) +
        (isOn('INCLUDE_SPLIT_COST_ALLOCATION_DATA') ? 11 : 0) +
        (isOn('INCLUDE_CAPACITY_RESERVATION_DATA') ? 3 : 0) -
        (isOn('INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY') ? 2 : 0);
      expect(count(configuration)).toBe(115 + added);
    }),
    { seed: 20261129, numRuns: 300 },
  );
});
