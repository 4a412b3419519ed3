import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { formatUsd, formatUsdRounded, parsePicoUsd } from '../../src/kernel/money.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { lineItem } from '../reports/line-items.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import vector from '../vectors/cur/attribution-rows.json' with { type: 'json' };
import columns from '../vectors/cur/columns.json' with { type: 'json' };
import { arrayBuffer, CSV, definition, Exporter, MEMBER, PAYER, readCsv, readParquet } from './exporter.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const ALL_TAGS = ['team', 'cost-center', 'project', 'tenant'].map((key) => `iamPrincipal/${key}`);
const EVERYTHING = {
  INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE',
  INCLUDE_RESOURCES: 'TRUE',
  INCLUDE_CAPACITY_RESERVATION_DATA: 'TRUE',
  INCLUDE_SPLIT_COST_ALLOCATION_DATA: 'TRUE',
};

let reports: ReportStore;
let exporter: Exporter;

beforeAll(async () => {
  reports = await openReportStore();
  exporter = new Exporter(reports.store);
});
afterAll(async () => {
  exporter.close();
  await reports.close();
});

/** Replaces everything that is stored by these line items of May. */
async function seed(lineItems: readonly LineItem[]): Promise<void> {
  async function* pages() {
    yield lineItems;
  }
  await reports.store.replacePeriod('2026-05', pages());
}

function payerItem(bucketStartMs: number, fields: Partial<LineItem> = {}): LineItem {
  return lineItem(bucketStartMs, { accountId: PAYER, ...fields });
}

/** Rows of May, as delivered. */
async function rowsOf(sql: string, properties?: Readonly<Record<string, string>>): Promise<Record<string, unknown>[]> {
  const execution = await exporter.deliver(definition(`e${exporter.newId()}`, sql, properties));
  expect(execution).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  return readParquet(exporter.read(execution.dataFiles[0]!));
}

function select(...names: readonly string[]): string {
  return `SELECT ${names.join(', ')} FROM COST_AND_USAGE_REPORT`;
}

const TOTALS = select('line_item_unblended_cost', 'line_item_usage_amount');

/** Sum in which the order of addends does not matter. */
function total(rows: readonly Record<string, unknown>[], name: string): string {
  const exact = (value: number) => parsePicoUsd(value < 1e-6 ? value.toFixed(12) : String(value));
  return formatUsd(rows.reduce((sum, row) => sum + exact(row[name] as number), 0n));
}

describe('the tables of the announcement', () => {
  const seeded = vector.rows.map((row, index) => ({ ...row, atMs: MAY + index * HOUR_MS }));
  const ITEMS = seeded.map(({ atMs, principal, modelId, usageType, meter, tokens, usdPerThousand, tags }) => {
    return payerItem(atMs, {
      ...{ principalArn: principal, modelId, usageType, meter: meter as LineItem['meter'], quantity: BigInt(tokens) },
      ...{ pricePicoUsd: parsePicoUsd(usdPerThousand) / 1_000n, principalTags: Object.entries(tags) },
    });
  });
  const NAMES = [
    'line_item_iam_principal',
    'line_item_usage_type',
    'line_item_usage_amount',
    'line_item_unblended_cost',
  ];
  const expected = seeded.map(({ principal, usageType, tokens, usdPerThousand, tags }) => [
    ...[
      principal,
      usageType,
      tokens / 1_000,
      Number(formatUsd((BigInt(tokens) * parsePicoUsd(usdPerThousand)) / 1_000n)),
    ],
    Object.fromEntries(Object.entries(tags).map(([key, value]) => [`iamPrincipal/${key}`, value])),
  ]);

  beforeAll(async () => {
    await seed(ITEMS);
    exporter.activate(...ALL_TAGS);
  });

  test('come out of Parquet with exact costs and the exact tag keys', async () => {
    const rows = await rowsOf(select(...NAMES, 'tags'));
    expect(rows.map((row) => Object.values(row))).toEqual(expected);
    const shown = rows.map((row, index) => {
      const digits = vector.rows[index]!.shownUsd.split('.')[1]!.length;
      return formatUsdRounded(parsePicoUsd(String(row.line_item_unblended_cost)), digits);
    });
    expect(shown).toEqual(vector.rows.map(({ shownUsd }) => shownUsd));
  });

  test('come out of CSV, maps as JSON and instants to the second', async () => {
    const sql = select(...NAMES, 'tags', 'line_item_usage_start_date', 'line_item_tax_type', 'product.model');
    const execution = await exporter.deliver(definition('csv', sql, undefined, CSV));
    const [header, ...records] = readCsv(exporter.read(execution.dataFiles[0]!));
    expect(header).toEqual([...NAMES, 'tags', 'line_item_usage_start_date', 'line_item_tax_type', 'model']);
    const read = records.map(([principal, usageType, amount, cost, tags]) => {
      return [principal, usageType, Number(amount), Number(cost), JSON.parse(tags!)];
    });
    expect(read).toEqual(expected);
    expect(records[0]!.slice(4)).toEqual([
      '{"iamPrincipal/team":"ds"}',
      '2026-05-01T00:00:00Z',
      null,
      'Claude Sonnet 4.6',
    ]);
  });

  test('are in one manifest of five members per billing period, the present one included', async () => {
    exporter.nowMs = Date.parse('2026-06-02T03:04:05.006Z');
    const execution = await exporter.deliver(definition('manifest', select('tags', 'line_item_unblended_cost')));
    expect(execution.dataFiles).toEqual([
      's3://bills/cur2/manifest/data/BILLING_PERIOD=2026-05/manifest-00001.snappy.parquet',
      's3://bills/cur2/manifest/data/BILLING_PERIOD=2026-06/manifest-00001.snappy.parquet',
    ]);
    const read = (period: string) =>
      JSON.parse(
        readFileSync(
          join(exporter.folder, `bills/cur2/manifest/metadata/BILLING_PERIOD=${period}/manifest-Manifest.json`),
          'utf8',
        ),
      );
    expect(read('2026-05')).toEqual({
      executionId: execution.executionId,
      exportArn: execution.exportArn,
      columns: [
        { name: 'tags', type: 'map<string,string>' },
        { name: 'line_item_unblended_cost', type: 'double' },
      ],
      dataFiles: [execution.dataFiles[0]],
      additionalOutputFiles: ['duckdb', 'clickhouse'].map((name) => `s3://bills/cur2/manifest/views/${name}.sql`),
    });
    expect(await readParquet(exporter.read(execution.dataFiles[1]!))).toEqual([]);
    expect(read('2026-06').dataFiles).toEqual([execution.dataFiles[1]]);
  });

  test('get a folder per refresh with CREATE_NEW_REPORT', async () => {
    const target = { overwrite: 'CREATE_NEW_REPORT', prefix: 'a/b/' } as const;
    const arn = await exporter.create(definition('anew', select('tags'), undefined, target));
    const first = await exporter.runner.run(arn);
    exporter.nowMs += DAY_MS;
    const second = await exporter.runner.run(arn);
    const [firstFile, secondFile] = [first.dataFiles[0]!, second.dataFiles[0]!];
    expect(firstFile).toBe(
      `s3://bills/a/b/anew/data/BILLING_PERIOD=2026-05/2026-06-02T03:04:05.006Z-${first.executionId}/anew-00001.snappy.parquet`,
    );
    expect(exporter.read(firstFile).equals(exporter.read(secondFile))).toBe(true);
    const latest = 's3://bills/a/b/anew/metadata/BILLING_PERIOD=2026-05/anew-Manifest.json';
    expect(JSON.parse(exporter.read(latest).toString()).dataFiles).toEqual([secondFile]);
    const own = `s3://bills/a/b/anew/metadata/BILLING_PERIOD=2026-05/2026-06-02T03:04:05.006Z-${first.executionId}`;
    expect(JSON.parse(exporter.read(`${own}/anew-Manifest.json`).toString()).dataFiles).toEqual([firstFile]);
  });
});

/** One row of 17,330 tokens at 3.30 USD per million; every column that is not here is null. */
const FILLED = {
  bill_bill_type: 'Anniversary',
  bill_billing_entity: 'AWS',
  bill_billing_period_end_date: new Date('2026-06-01T00:00:00Z'),
  bill_billing_period_start_date: new Date('2026-05-01T00:00:00Z'),
  bill_invoice_id: '',
  bill_invoicing_entity: 'Amazon Web Services, Inc.',
  bill_payer_account_id: '123456789012',
  bill_payer_account_name: 'Acme',
  cost_category: {},
  discount: {},
  identity_time_interval: '2026-05-02T12:00:00Z/2026-05-02T13:00:00Z',
  line_item_blended_cost: 0.057189,
  line_item_blended_rate: '0.0033',
  line_item_currency_code: 'USD',
  line_item_iam_principal: 'arn:aws:iam::123456789012:user/alice',
  line_item_legal_entity: 'Amazon Web Services, Inc.',
  line_item_line_item_description:
    '$0.0033 per 1K tokens for USE1-Claude4.6Sonnet-input-tokens in US East (N. Virginia)',
  line_item_line_item_type: 'Usage',
  line_item_operation: 'InvokeModelStreamingInference',
  line_item_product_code: 'AmazonBedrockService',
  line_item_resource_id: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-6',
  line_item_unblended_cost: 0.057189,
  line_item_unblended_rate: '0.0033',
  line_item_usage_account_id: '123456789012',
  line_item_usage_account_name: 'Acme',
  line_item_usage_amount: 17.33,
  line_item_usage_end_date: new Date('2026-05-02T13:00:00Z'),
  line_item_usage_start_date: new Date('2026-05-02T12:00:00Z'),
  line_item_usage_type: 'USE1-Claude4.6Sonnet-input-tokens',
  pricing_currency: 'USD',
  pricing_public_on_demand_cost: 0.057189,
  pricing_public_on_demand_rate: '0.0033',
  pricing_rate_code: expect.stringMatching(/^[0-9A-Z]{16}\.JRTCKXETXF\.6YS6EN2CT7$/),
  pricing_rate_id: 'sonnet-input',
  pricing_term: 'OnDemand',
  pricing_unit: '1K tokens',
  product: {
    feature: 'On-demand Inference',
    inference_type: 'Input tokens',
    model: 'Claude Sonnet 4.6',
    product_name: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
    provider: 'Anthropic',
    region: 'us-east-1',
    servicename: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)',
  },
  product_location: 'US East (N. Virginia)',
  product_location_type: 'AWS Region',
  product_operation: 'InvokeModelStreamingInference',
  product_product_family: 'Amazon Bedrock',
  product_region_code: 'us-east-1',
  product_servicecode: 'AmazonBedrockService',
  product_sku: expect.stringMatching(/^[0-9A-Z]{16}$/),
  product_usagetype: 'USE1-Claude4.6Sonnet-input-tokens',
  resource_tags: {},
  tags: { 'iamPrincipal/team': 'ds' },
};

describe('rows', () => {
  const AT = MAY + 36 * HOUR_MS + 3 * BUCKET_MS;

  test('carry every column of inference billing, each of its type', async () => {
    await seed([payerItem(AT, { quantity: 17_330n, operation: 'ConverseStream', principalTags: [['team', 'ds']] })]);
    exporter.activate('iamPrincipal/team');
    const [row] = await rowsOf(select(...columns.columns.map(({ name }) => name)), EVERYTHING);
    const filled = Object.fromEntries(Object.entries(row!).filter(([, value]) => value !== null));
    expect(Object.keys(row!)).toHaveLength(131);
    expect(filled.identity_line_item_id).toMatch(/^[0-9a-f]{32}$/);
    expect(filled).toEqual({ ...FILLED, identity_line_item_id: filled.identity_line_item_id });
  });

  test('have the manifest’s types in the file', async () => {
    const execution = await exporter.deliver(
      definition('types', select(...columns.columns.map(({ name }) => name)), EVERYTHING),
    );
    const { schema } = parquetMetadata(arrayBuffer(exporter.read(execution.dataFiles[0]!)));
    const top = schema.filter(({ name }) => columns.columns.some((column) => column.name === name));
    const typeOf = ({ type, logical_type }: (typeof top)[number]) => {
      if (logical_type?.type === 'MAP') return 'map';
      if (logical_type?.type === 'TIMESTAMP') return 'timestamp';
      return logical_type?.type === 'STRING' ? 'string' : type?.toLowerCase();
    };
    expect(top.map(typeOf)).toEqual(columns.columns.map(({ type }) => type.replace(/<.*/, '')));
  });

  test('without a price are kept: no rate, no cost, all the tokens', async () => {
    const unpriced = { isUnpriced: true, pricePicoUsd: 0n, priceId: '' };
    const usageType = 'USE1-own.model-input-tokens';
    await seed([payerItem(AT, { ...unpriced, modelId: 'own.model', usageType, quantity: 4_200n })]);
    const rows = await rowsOf(
      select(
        'line_item_usage_amount',
        'line_item_unblended_cost',
        'line_item_unblended_rate',
        'pricing_rate_id',
        'product.model',
      ),
    );
    expect(rows).toEqual([
      {
        ...{ line_item_usage_amount: 4.2, line_item_unblended_cost: 0, line_item_unblended_rate: '' },
        ...{ pricing_rate_id: '', model: 'own.model' },
      },
    ]);
  });

  test.each([
    ['HOURLY', 3, '2026-05-02T12:00:00Z/2026-05-02T13:00:00Z'],
    ['DAILY', 2, '2026-05-02T00:00:00Z/2026-05-03T00:00:00Z'],
    ['MONTHLY', 1, '2026-05-01T00:00:00Z/2026-06-01T00:00:00Z'],
  ])('are summed %s', async (granularity, count, interval) => {
    await seed([AT - BUCKET_MS, AT, AT + HOUR_MS, AT + DAY_MS].map((atMs) => payerItem(atMs)));
    const rows = await rowsOf(select('line_item_usage_amount', 'identity_time_interval'), {
      TIME_GRANULARITY: granularity,
    });
    expect(rows).toHaveLength(count);
    expect(rows[0]!.identity_time_interval).toBe(interval);
    expect(total(rows, 'line_item_usage_amount')).toBe('4');
  });

  test('split by resource only with INCLUDE_RESOURCES, and never by what no column shows', async () => {
    await seed([
      payerItem(AT, { resourceArn: 'arn:one', route: 'geo', upstream: 'a' }),
      payerItem(AT, { resourceArn: 'arn:two', upstream: 'b', isEstimated: true, operation: 'InvokeModel' }),
    ]);
    expect(await rowsOf(TOTALS)).toHaveLength(1);
    const rows = await rowsOf(select('line_item_resource_id'), { INCLUDE_RESOURCES: 'TRUE' });
    expect(rows.map((row) => row.line_item_resource_id).sort()).toEqual(['arn:one', 'arn:two']);
  });

  test('carry a tag from its activation on, exact to the slice, and only with a value', async () => {
    const switchedMs = AT + 60_000;
    const principalTags = [
      ['other', 'x'],
      ['team', 'ds'],
    ] as const;
    await seed([
      payerItem(AT, { principalTags }),
      payerItem(AT, { principalTags, sliceStartMs: switchedMs }),
      payerItem(AT, { principalTags: [['team', '']], sliceStartMs: switchedMs }),
    ]);
    const tag = { key: 'iamPrincipal/team', status: 'Active', lastUsedAtMs: 0, discoveredAtMs: 0 } as const;
    exporter.tags = new Map([[tag.key, { ...tag, activeIntervals: [{ fromMs: switchedMs }] }]]);
    const rows = await rowsOf(select('tags', 'line_item_usage_amount'));
    expect(rows).toHaveLength(2);
    expect(rows).toContainEqual({ tags: { 'iamPrincipal/team': 'ds' }, line_item_usage_amount: 1 });
    expect(rows).toContainEqual({ tags: {}, line_item_usage_amount: 2 });
    exporter.tags = new Map();
    expect(await rowsOf(select('tags'))).toEqual([{ tags: {} }]);
  });

  test('carry the values of cost categories of the month, and rows do not mix them', async () => {
    const principalTags = [['team', 'ds']] as const;
    await seed([payerItem(AT, { principalTags }), payerItem(AT, { region: 'eu-west-1' }), payerItem(AT)]);
    exporter.activate('iamPrincipal/team');
    const region = (Value: string, text: string) => ({
      Value,
      Rule: { Dimensions: { Key: 'REGION', Values: [text] } },
    });
    const Rule = { Tags: { Key: 'iamPrincipal/team', MatchOptions: ['ABSENT'] } };
    const version = { fromMs: 0, splitChargeRules: [] };
    exporter.categories = new Map([
      ['Cost Center', [{ ...version, rules: [region('Europe', 'eu-west-1')] }]],
      ['costCenter', [{ ...version, rules: [{ Value: 'nobody', Rule }], defaultValue: 'team' }]],
      ['Later', [{ ...version, fromMs: Date.UTC(2027, 0), rules: [region('a', 'us-east-1')] }]],
    ]);
    const rows = await rowsOf(select('cost_category', 'tags', 'line_item_usage_amount'));
    const amount = { line_item_usage_amount: 1 };
    expect(rows).toHaveLength(3);
    expect(rows).toContainEqual({
      ...{ cost_category: { cost_center: 'team' }, ...amount },
      tags: { 'costCategory/costCenter': 'team', 'iamPrincipal/team': 'ds' },
    });
    expect(rows).toContainEqual({
      ...{ cost_category: { cost_center: 'Europe' }, ...amount },
      tags: { 'costCategory/Cost Center': 'Europe', 'costCategory/costCenter': 'nobody' },
    });
    expect(rows).toContainEqual({
      ...{ cost_category: { cost_center: 'nobody' }, ...amount },
      tags: { 'costCategory/costCenter': 'nobody' },
    });
    exporter.categories = new Map();
    exporter.tags = new Map();
  });

  test('of other accounts are the payer’s alone to see', async () => {
    await seed([payerItem(AT), lineItem(AT, { accountId: MEMBER })]);
    const sql = select('line_item_usage_account_id', 'line_item_usage_account_name', 'bill_payer_account_name');
    expect(await rowsOf(sql)).toHaveLength(2);
    const target = { bucket: 'member-bills' };
    const execution = await exporter.deliver(definition('own', sql, undefined, target), MEMBER);
    expect(await readParquet(exporter.read(execution.dataFiles[0]!))).toEqual([
      { line_item_usage_account_id: MEMBER, line_item_usage_account_name: '', bill_payer_account_name: 'Acme' },
    ]);
  });

  test('keep their ids from refresh to refresh, one id per row', async () => {
    await seed([
      payerItem(AT),
      payerItem(AT, { principalArn: 'arn:aws:iam::123456789012:user/bob' }),
      payerItem(AT, { meter: 'output', usageType: 'x' }),
    ]);
    const before = await rowsOf(select('identity_line_item_id'));
    expect(new Set(before.map((row) => row.identity_line_item_id)).size).toBe(3);
    expect(await rowsOf(select('identity_line_item_id'))).toEqual(before);
  });

  test('of more products than one parameter holds keep their descriptions', async () => {
    const models = Array.from({ length: 250 }, (_, index) => `vendor.model-${index}`);
    await seed(models.map((modelId) => payerItem(AT, { modelId, usageType: `USE1-${modelId}-input-tokens` })));
    const rows = await rowsOf(select('product.model', 'line_item_usage_type', 'line_item_line_item_description'));
    expect(rows).toHaveLength(250);
    for (const row of rows) {
      expect(row.line_item_usage_type).toBe(`USE1-${row.model}-input-tokens`);
      expect(row.line_item_line_item_description).toBe(
        `$0.0033 per 1K tokens for USE1-${row.model}-input-tokens in US East (N. Virginia)`,
      );
    }
  });

  test('that are more than the store gives at once are one readable file', async () => {
    const count = 70_000;
    await seed(
      Array.from({ length: count }, (_, index) => {
        return payerItem(MAY + (index % 500) * BUCKET_MS, { principalArn: `arn:aws:iam::123456789012:user/u${index}` });
      }),
    );
    const sql = select('line_item_iam_principal', 'line_item_usage_start_date');
    const rows = await rowsOf(sql);
    expect(rows).toHaveLength(count);
    const starts = rows.map((row) => (row.line_item_usage_start_date as Date).getTime());
    expect(starts.every((start, index) => index === 0 || starts[index - 1]! <= start)).toBe(true);
    expect(new Set(rows.map((row) => row.line_item_iam_principal)).size).toBe(count);
    const execution = await exporter.deliver(definition('large-csv', sql, undefined, CSV));
    expect(readCsv(exporter.read(execution.dataFiles[0]!))).toHaveLength(count + 1);
  });
});

describe('queries', () => {
  beforeAll(async () => {
    await seed([
      payerItem(MAY, {
        principalArn: 'arn:aws:iam::123456789012:user/alice',
        quantity: 1_000n,
        principalTags: [['team', "it's"]],
      }),
      payerItem(MAY + HOUR_MS, { principalArn: "x') OR 1=1 --", quantity: 2_000n, usageType: 'USE1-b' }),
      payerItem(MAY + DAY_MS, { principalArn: 'back\\slash{p0:String}', quantity: 3_000n, usageType: 'USE1-`c`' }),
    ]);
    exporter.activate('iamPrincipal/team');
  });

  test.each([
    ['line_item_usage_amount > 1 AND line_item_usage_amount < 3.5', [2, 3]],
    ["line_item_usage_amount = 1 OR line_item_usage_start_date >= '2026-05-02'", [1, 3]],
    ["NOT line_item_usage_type IN ('USE1-b', 'USE1-`c`')", [1]],
    ["line_item_usage_type NOT IN ('USE1-b')", [1, 3]],
    ["line_item_usage_start_date IN ('2026-05-01T01:00:00Z')", [2]],
    ["product.region = 'us-east-1' AND product.none = 'x'", []],
    ['line_item_usage_amount IN (1, 3)', [1, 3]],
    ["line_item_tax_type <> 'x'", []],
    ["line_item_iam_principal = 'x'') OR 1=1 --'", [2]],
    ["line_item_iam_principal = 'back\\slash{p0:String}'", [3]],
    ["line_item_usage_type = '`; DROP TABLE line_item; --'", []],
    ["line_item_usage_type = ''' OR ''1''=''1'", []],
  ])('keep the rows where %s', async (where, amounts) => {
    const rows = await rowsOf(`${select('line_item_usage_amount')} WHERE ${where}`);
    expect(rows.map((row) => row.line_item_usage_amount)).toEqual(amounts);
  });

  test('may name a column like another one, or like something inside', async () => {
    const sql = select(
      'line_item_usage_type AS line_item_operation',
      'line_item_operation AS line_item_usage_type',
      'line_item_usage_amount AS tags',
      'bill_bill_type AS identity_line_item_id',
      'line_item_currency_code AS bucket_start',
    );
    expect((await rowsOf(sql))[0]).toEqual({
      line_item_operation: 'USE1-Claude4.6Sonnet-input-tokens',
      line_item_usage_type: 'InvokeModelInference',
      ...{ tags: 1, identity_line_item_id: 'Anniversary', bucket_start: 'USD' },
    });
  });

  test('may be as long as AWS allows', async () => {
    const either = Array.from({ length: 990 }, (_, index) => `product.m='${index}' OR `).join('');
    const among = Array.from({ length: 1_500 }, (_, index) => index + 2).join();
    const sql = `${select('line_item_usage_amount')} WHERE ${either} line_item_usage_amount IN (${among})`;
    expect(sql.length).toBeGreaterThan(25_000);
    expect((await rowsOf(sql)).map((row) => row.line_item_usage_amount)).toEqual([2, 3]);
  });

  test('stop at their limit', async () => {
    expect(await rowsOf(`${select('line_item_usage_amount')} LIMIT 2`)).toHaveLength(2);
    expect(await rowsOf(`${select('line_item_usage_amount')} LIMIT 0`)).toEqual([]);
  });

  test('give back whatever text they compare with, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 40 }), async (text) => {
        const literal = `'${text.replaceAll("'", "''")}'`;
        const rows = await rowsOf(`${select('line_item_usage_amount')} WHERE line_item_iam_principal = ${literal}`);
        expect(rows).toEqual([]);
      }),
      { seed: 20261122, numRuns: 12 },
    );
  });
});

test('totals are the same at every grain, with principals and resources or without', async () => {
  const sum = fc.record({
    hour: fc.integer({ min: 0, max: 700 }),
    slice: fc.constantFrom(0, 60_000),
    principal: fc.constantFrom('alice', 'bob', 'carol'),
    team: fc.constantFrom('a', 'b', ''),
    resource: fc.constantFrom('arn:one', 'arn:two'),
    tokens: fc.bigInt({ min: 1n, max: 10n ** 9n }),
    pricePicoUsd: fc.constantFrom(3_300_000n, 16_500_000n, 60_000n, 0n),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(sum, { minLength: 1, maxLength: 40 }), async (usage) => {
      const items = usage.map(({ hour, slice, principal, team, resource, tokens, pricePicoUsd }) =>
        payerItem(MAY + hour * HOUR_MS, {
          ...{
            sliceStartMs: MAY + hour * HOUR_MS + slice,
            principalArn: `arn:aws:iam::123456789012:user/${principal}`,
          },
          ...{ principalTags: [['team', team]], resourceArn: resource, quantity: tokens },
          ...{ pricePicoUsd, isUnpriced: pricePicoUsd === 0n },
        }),
      );
      await seed(items);
      exporter.activate('iamPrincipal/team');
      const cost = formatUsd(items.reduce((all, item) => all + item.costPicoUsd, 0n));
      const thousands = formatUsd(items.reduce((all, item) => all + item.quantity * 10n ** 9n, 0n));
      for (const properties of [
        {},
        { TIME_GRANULARITY: 'DAILY', INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' },
        { TIME_GRANULARITY: 'MONTHLY', INCLUDE_RESOURCES: 'TRUE' },
        EVERYTHING,
      ]) {
        const rows = await rowsOf(TOTALS, properties);
        expect(total(rows, 'line_item_unblended_cost')).toBe(cost);
        expect(total(rows, 'line_item_usage_amount')).toBe(thousands);
      }
    }),
    { seed: 20261122, numRuns: 6 },
  );
});
