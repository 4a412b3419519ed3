import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Charge, chargeLineItem } from '../../src/billing/charge.ts';
import { formatUsd } from '../../src/kernel/money.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { columnsOf, configureTable } from '../../src/reports/export-table.ts';
import { exportTable } from '../../src/reports/export-tables.ts';
import { lineItem } from '../reports/line-items.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import { definition, Exporter, MEMBER, PAYER, readParquet } from './exporter.ts';
import {
  type FocusVersion,
  focusSkuViolations,
  focusViolations,
  specifiedColumns,
  tableColumnNames,
} from './focus-rules.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const VERSIONS: readonly FocusVersion[] = ['1.0', '1.2', '1.4'];

const tableOf = (version: FocusVersion) => `FOCUS_${version.replace('.', '_')}_AWS`;

let reports: ReportStore;
let exporter: Exporter;
let duckdb: DuckDb;

beforeAll(async () => {
  [reports, duckdb] = await Promise.all([openReportStore(), openDuckDb()]);
  exporter = new Exporter(reports.store);
});
afterAll(async () => {
  exporter.close();
  duckdb.close();
  await reports.close();
});

async function seed(lineItems: readonly LineItem[], { store } = reports): Promise<void> {
  async function* pages() {
    yield lineItems;
  }
  await store.replacePeriod('2026-05', pages());
}

/** Place of May's rows of all columns of a version. */
async function deliver(version: FocusVersion, properties: Readonly<Record<string, string>> = {}, from = exporter) {
  const table = tableOf(version);
  const columns = columnsOf(exportTable(table)!, configureTable(exportTable(table)!, properties));
  const sql = `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${table}`;
  const base = definition(`focus${from.newId()}`, sql);
  const execution = await from.deliver({ ...base, tableConfigurations: { [table]: properties } });
  expect(execution).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  return execution.dataFiles[0]!;
}

async function rowsOf(version: FocusVersion, properties?: Readonly<Record<string, string>>, from = exporter) {
  return readParquet(from.read(await deliver(version, properties, from)));
}

const USAGE = [
  lineItem(MAY, { accountId: PAYER, quantity: 17_330n, operation: 'ConverseStream', principalTags: [['team', 'ds']] }),
  lineItem(MAY + DAY_MS, {
    ...{ accountId: MEMBER, meter: 'output', usageType: 'USE1-Claude4.6Sonnet-output-tokens', quantity: 1n },
    ...{ pricePicoUsd: 16_500_000n, priceId: 'sonnet-output', principalArn: `arn:aws:iam::${MEMBER}:user/bob` },
  }),
  lineItem(MAY + 30 * DAY_MS + 23 * HOUR_MS, {
    ...{
      accountId: PAYER,
      modelId: 'amazon.nova-lite-v1:0',
      usageType: 'EU-NovaLite-input-tokens',
      region: 'eu-west-1',
    },
    ...{ productCode: 'AmazonBedrock', pricePicoUsd: 60_000n, priceId: 'nova-input', quantity: 123_456_789n },
    resourceArn: `arn:aws:bedrock:eu-west-1:${PAYER}:application-inference-profile/abc123`,
  }),
];

describe.each(VERSIONS)('FOCUS %s', (version) => {
  test('has the columns of the specification and AWS’s own, in order, each with its type', () => {
    const table = exportTable(tableOf(version))!;
    const columns = columnsOf(table, configureTable(table, {}));
    expect(columns.map(({ name }) => name)).toEqual(tableColumnNames(version));
    const types: Readonly<Record<string, RegExp>> = {
      ...{ String: /^string$/, Decimal: /^double$/, 'Date/Time': /^timestamp$/, JSON: /^(map<string,string>|string)$/ },
    };
    for (const { name, type } of specifiedColumns(version)) {
      expect(columns.find((column) => column.name === name)!.type, name).toMatch(types[type]!);
    }
  });

  test('obeys the specification as hyparquet and as DuckDB read it', async () => {
    await seed(USAGE);
    exporter.activate('iamPrincipal/team');
    const uri = await deliver(version, { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' });
    const rows = await readParquet(exporter.read(uri));
    expect(rows).toHaveLength(3);
    expect(focusViolations(version, rows)).toEqual([]);
    expect(focusSkuViolations(rows)).toEqual([]);
    const file = uri.replace('s3:/', exporter.folder);
    const read = await duckdb.query(`FROM read_parquet('${file}', hive_partitioning = false)`);
    expect(focusViolations(version, read)).toEqual([]);
    expect(read).toEqual(rows);
  });
});

test('a row says who pays, what was used, by whom, how much and for how much', async () => {
  await seed(USAGE.slice(0, 1));
  exporter.activate('iamPrincipal/team');
  const [row] = await rowsOf('1.2', { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' });
  const filled = Object.fromEntries(Object.entries(row!).filter(([, value]) => value !== null));
  expect(filled).toEqual({
    BilledCost: 0.057189,
    BillingAccountId: PAYER,
    BillingAccountName: 'Acme',
    BillingAccountType: 'Management account',
    BillingCurrency: 'USD',
    BillingPeriodEnd: new Date('2026-06-01T00:00:00Z'),
    BillingPeriodStart: new Date('2026-05-01T00:00:00Z'),
    ChargeCategory: 'Usage',
    ChargeDescription: '$0.0033 per 1K tokens for USE1-Claude4.6Sonnet-input-tokens in US East (N. Virginia)',
    ChargeFrequency: 'Usage-Based',
    ChargePeriodEnd: new Date('2026-05-01T01:00:00Z'),
    ChargePeriodStart: new Date('2026-05-01T00:00:00Z'),
    ConsumedQuantity: 17_330,
    ConsumedUnit: 'Tokens',
    ContractedCost: 0.057189,
    ContractedUnitPrice: 0.0033,
    EffectiveCost: 0.057189,
    InvoiceIssuerName: 'Amazon Web Services, Inc.',
    ListCost: 0.057189,
    ListUnitPrice: 0.0033,
    PricingCategory: 'Standard',
    PricingCurrency: 'USD',
    PricingCurrencyContractedUnitPrice: 0.0033,
    PricingCurrencyEffectiveCost: 0.057189,
    PricingCurrencyListUnitPrice: 0.0033,
    PricingQuantity: 17.33,
    PricingUnit: '1000 Tokens',
    ProviderName: 'AWS',
    PublisherName: 'AWS',
    RegionId: 'us-east-1',
    RegionName: 'US East (N. Virginia)',
    ResourceId: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
    ResourceType: 'Foundation Model',
    ServiceCategory: 'AI and Machine Learning',
    ServiceName: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
    ServiceSubcategory: 'Generative AI',
    SkuId: expect.stringMatching(/^[0-9A-Z]{16}$/),
    SkuMeter: 'Claude4.6Sonnet-input-tokens',
    SkuPriceDetails: {
      ...{ x_Feature: 'On-demand Inference', x_InferenceType: 'Input tokens' },
      ...{ x_Model: 'Claude Sonnet 4.6', x_Provider: 'Anthropic' },
    },
    SkuPriceId: expect.stringMatching(/^[0-9A-Z]{16}\.JRTCKXETXF\.6YS6EN2CT7$/),
    SubAccountId: PAYER,
    SubAccountName: 'Acme',
    SubAccountType: 'Management account',
    Tags: { 'iamPrincipal/team': 'ds' },
    x_Discounts: {},
    x_IamPrincipal: `arn:aws:iam::${PAYER}:user/alice`,
    x_Operation: 'InvokeModelStreamingInference',
    x_ServiceCode: 'AmazonBedrockService',
  });
});

/** One charge of each type in May, on the payer's account. */
const CHARGES = (['Credit', 'Refund', 'Fee', 'Tax'] as const).map(
  (type): Charge => ({
    ...{ chargeId: `charge-${type}`, type, period: '2026-05', accountId: PAYER, creditId: '', createdAtMs: 0 },
    ...{ bucketStartMs: MAY + 4 * DAY_MS, amountUsd: type === 'Credit' || type === 'Refund' ? '-1.5' : '2.25' },
    ...{ description: `${type} of May`, taxType: type === 'Tax' ? 'VAT' : '' },
    sold: { productCode: 'AmazonBedrock', service: 'Amazon Bedrock', billingEntity: 'AWS' },
  }),
);

/** Shaped like a real row: millions of tokens, an opaque product code. */
const MARKETPLACE: Partial<LineItem> = {
  ...{
    accountId: PAYER,
    billingEntity: 'AWS Marketplace',
    productCode: '4a524th30q694o538qndh9ucht',
    pricingUnit: 'Units',
  },
  ...{ quantity: 26_450n, usageType: 'USE1-MP:USE1_InputTokenCount-Units' },
};
const OWN: Partial<LineItem> = { listPricePicoUsd: 0n, listCostPicoUsd: 0n };
const DISCOUNTED: Partial<LineItem> = {
  ...{ accountId: PAYER, listPricePicoUsd: 4_000_000n, listCostPicoUsd: 4_000_000_000n, netPricePicoUsd: 3_000_000n },
  ...{ netCostPicoUsd: 3_000_000_000n, discountPrices: [['edp_discount', 300_000n]] },
};

test('a row carries the values of its cost categories beside its tags', async () => {
  await seed(USAGE.slice(0, 1));
  exporter.activate('iamPrincipal/team');
  const Rule = { Dimensions: { Key: 'LINKED_ACCOUNT', Values: [PAYER] } };
  const version = { fromMs: 0, rules: [{ Value: 'Core', Rule }], splitChargeRules: [] };
  exporter.categories = new Map([['Cost Center', [version]]]);
  const [row] = await readParquet(exporter.read(await deliver('1.0')));
  exporter.categories = new Map();
  expect(row).toMatchObject({
    Tags: { 'costCategory/Cost Center': 'Core', 'iamPrincipal/team': 'ds' },
    x_CostCategories: { cost_center: 'Core' },
  });
});

describe('credits, refunds, fees, taxes, corrections and discounts', () => {
  let charged: ReportStore;
  let billing: Exporter;
  beforeAll(async () => {
    charged = await openReportStore();
    billing = new Exporter(charged.store);
    for (const charge of CHARGES) billing.charges.set(charge.chargeId, charge);
    const corrected = { isCorrection: true, chargeId: 'correction/2026-04', quantity: 0n, priceId: 'corrected' };
    const items = [
      ...CHARGES.map(chargeLineItem),
      lineItem(MAY, DISCOUNTED),
      lineItem(MAY, { accountId: PAYER, ...corrected, costPicoUsd: -1_000_000_000n }),
      lineItem(MAY, MARKETPLACE),
      // A model of the organization's own: no public list has it.
      lineItem(MAY, { ...OWN, accountId: PAYER, priceId: 'override/own', usageType: 'USE1-own.model-input-tokens' }),
    ];
    await seed(items, charged);
  });
  afterAll(async () => {
    billing.close();
    await charged.close();
  });

  test.each(VERSIONS)('obey FOCUS %s', async (version) => {
    const rows = await rowsOf(version, {}, billing);
    expect(focusViolations(version, rows)).toEqual([]);
    const kinds = rows.map((row) => [row.ChargeCategory, row.ChargeClass, row.ChargeFrequency, row.BilledCost]);
    expect(kinds).toHaveLength(8);
    expect(kinds).toEqual(
      expect.arrayContaining([
        ['Usage', null, 'Usage-Based', 0.003],
        ['Usage', 'Correction', 'Usage-Based', -0.001],
        ['Credit', null, 'One-Time', -1.5],
        ['Adjustment', null, 'One-Time', -1.5],
        ['Purchase', null, 'One-Time', 2.25],
        ['Tax', null, 'One-Time', 2.25],
      ]),
    );
    expect(rows.find((row) => row.PricingUnit === '1000000 Tokens')).toMatchObject({
      ...{ PricingQuantity: 0.02645, ListUnitPrice: 3.3, ConsumedQuantity: 26_450, x_ServiceCode: null },
    });
    const discounted = rows.find((row) => row.BilledCost === 0.003);
    expect(discounted).toMatchObject({ ListCost: 0.004, ListUnitPrice: 0.004, ContractedUnitPrice: 0.003 });
    expect(discounted!.x_Discounts).toEqual({ edp_discount: -0.0003 });
    expect(rows.find((row) => row.ChargeCategory === 'Purchase')).toMatchObject({
      ...{ PricingQuantity: 1, PricingUnit: 'Units', ListUnitPrice: 2.25, ConsumedQuantity: null },
      ChargeDescription: 'Fee of May',
    });
  });
});

test('usage without a price breaks what the specification says of prices, and nothing else: it is not guessed', async () => {
  await seed([lineItem(MAY, { accountId: PAYER, isUnpriced: true, pricePicoUsd: 0n, priceId: '' })]);
  const rows = await rowsOf('1.2');
  expect(rows[0]).toMatchObject({ ConsumedQuantity: 1_000, BilledCost: 0, ListUnitPrice: null, SkuPriceId: null });
  const missing = ['ContractedUnitPrice', 'ListUnitPrice', 'SkuPriceId'];
  expect(focusViolations('1.2', rows)).toEqual(
    missing.map((name) => `${name} is not null for Usage and Purchase that are no corrections`),
  );
});

test('totals and tokens are the ledger’s, whatever the version, the granularity, with principals or without', async () => {
  const usage = fc.record({
    hour: fc.integer({ min: 0, max: 700 }),
    principal: fc.constantFrom('alice', 'bob'),
    resource: fc.constantFrom('one', 'two'),
    quantity: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    pricePicoUsd: fc.constantFrom(3_300_000n, 16_500_000n, 60_000n),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(usage, { minLength: 1, maxLength: 30 }),
      fc.constantFrom(...VERSIONS),
      fc.constantFrom('HOURLY', 'DAILY', 'MONTHLY'),
      fc.constantFrom('TRUE', 'FALSE'),
      async (calls, version, TIME_GRANULARITY, INCLUDE_IAM_PRINCIPAL_DATA) => {
        const items = calls.map(({ hour, principal, resource, ...rest }) =>
          lineItem(MAY + hour * HOUR_MS, {
            ...{ accountId: PAYER, principalArn: `arn:aws:iam::${PAYER}:user/${principal}`, ...rest },
            ...{
              priceId: `at-${rest.pricePicoUsd}`,
              resourceArn: `arn:aws:bedrock:us-east-1::foundation-model/${resource}`,
            },
          }),
        );
        await seed(items);
        const rows = await rowsOf(version, { TIME_GRANULARITY, INCLUDE_IAM_PRINCIPAL_DATA });
        expect(focusViolations(version, rows)).toEqual([]);
        const sum = (name: string) => rows.reduce((all, row) => all + Number(row[name]), 0);
        expect(sum('ConsumedQuantity')).toBe(Number(items.reduce((all, { quantity }) => all + quantity, 0n)));
        const cost = Number(formatUsd(items.reduce((all, { costPicoUsd }) => all + costPicoUsd, 0n)));
        for (const name of ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost']) {
          expect(sum(name)).toBeCloseTo(cost, 9);
        }
      },
    ),
    { seed: 20261129, numRuns: 12 },
  );
});
