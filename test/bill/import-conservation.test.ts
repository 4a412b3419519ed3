import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ImportedPeriod } from '../../src/imports/import-records.ts';
import { formatUsd } from '../../src/kernel/money.ts';
import { billingPeriodEndMs, billingPeriodStartMs, HOUR_MS } from '../../src/kernel/time.ts';
import { report } from '../../src/paths/report-path.ts';
import type { GroupKey } from '../../src/reports/report-query.ts';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from '../reports/report-store.ts';
import { removeFolders, temporaryFolder } from '../server.ts';
import { writeDelivery } from './delivery.ts';
import { picoUsdOf, roundedTo } from './double-usd.ts';
import { sumsOf, type UsdSums } from './file-sums.ts';
import { importFolder } from './folder-import.ts';

const SEED = 20_261_130;
/** Each delivery of an import has a period of its own: what an import costs beside its rows is paid once. */
const PERIODS = ['2026-02', '2026-03', '2026-04', '2026-05'];
const IMPORTS = 2;

let duck: DuckDb;
let reports: ReportStore;
let folder: string;

beforeAll(async () => {
  duck = await openDuckDb();
  reports = await openReportStore();
  folder = temporaryFolder('deliveries');
});
afterAll(async () => {
  duck?.close();
  await reports?.close();
  removeFolders();
});

/** Doubles as bills have them and as they might: signed, tiny, huge, halves of the last digit that is kept, and cents. */
const usd = fc.oneof(
  { weight: 4, arbitrary: fc.double({ min: -1e4, max: 1e4, noNaN: true }) },
  fc.integer({ min: -400, max: 400 }).map((half) => half / 2e12),
  fc.integer({ min: -99, max: 99 }).map((tenths) => tenths * 1e-13),
  fc.integer({ min: -1e9, max: 1e9 }).map((many) => many * 1e-22),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.constantFrom(0, -0, 0.1 + 0.2, 1e11, 1e-9, 9.999999999999e-10, 100_000_000_000.01),
  fc.integer({ min: -1e6, max: 1e6 }).map((cents) => cents / 100),
);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { freq: 4, nil: null });

const row = fc.record({
  line_item_iam_principal: maybe(
    fc.constantFrom(
      'arn:aws:iam::111122223333:user/ann',
      'arn:aws:sts::111122223333:assumed-role/App/bob@example.com',
      'arn:aws:sts::444455556666:assumed-role/App/bob@example.com',
      "arn:aws:sts::444455556666:assumed-role/It's/é",
    ),
  ),
  line_item_usage_account_id: fc.constantFrom('111122223333', '444455556666', ''),
  line_item_usage_type: maybe(
    fc.oneof(
      fc.constantFrom('USE1-NovaLite-input-tokens', 'USW2-MP:USW2_InputTokenCount-Units', 'USE1-Quasar9-crystals'),
      fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
    ),
  ),
  line_item_line_item_type: maybe(fc.constantFrom('Usage', 'Usage', 'Tax', 'Credit', 'EdpDiscount', 'Refund', 'Whim')),
  line_item_product_code: fc.constantFrom(
    'AmazonBedrock',
    'AmazonBedrockService',
    'AmazonBedrockAgentCore',
    'AmazonEC2',
  ),
  pricing_unit: maybe(fc.constantFrom('1K tokens', 'Units', 'Hrs')),
  line_item_usage_amount: maybe(fc.double({ min: 0, max: 1e9, noNaN: true })),
  line_item_unblended_cost: maybe(usd),
  line_item_net_unblended_cost: maybe(usd),
  pricing_public_on_demand_cost: maybe(usd),
  hour: fc.nat({ max: 28 * 24 - 1 }),
  team: maybe(fc.constantFrom('ds', 'R + D: é', '')),
});
type Row = typeof row extends fc.Arbitrary<infer Value> ? Value : never;

/** What an export need not have. */
const OPTIONAL = [
  ...['line_item_iam_principal', 'line_item_usage_account_id', 'line_item_usage_type', 'line_item_line_item_type'],
  ...[
    'pricing_unit',
    'line_item_usage_amount',
    'line_item_net_unblended_cost',
    'pricing_public_on_demand_cost',
    'tags',
  ],
  ...['bill_billing_period_start_date', 'bill_payer_account_id', 'identity_line_item_id', 'line_item_usage_end_date'],
] as const;
const REQUIRED = ['line_item_unblended_cost', 'line_item_usage_start_date', 'line_item_product_code'];

const delivery = fc.record({
  rows: fc.array(row, { minLength: 1, maxLength: 300, size: 'max' }),
  left: fc.subarray([...OPTIONAL], { minLength: 0, maxLength: 4 }),
  layout: fc.constantFrom('overwrite' as const, 'create-new' as const),
  format: fc.constantFrom('parquet' as const, 'csv.gz' as const),
  files: fc.integer({ min: 1, max: 2 }),
});
type Delivery = typeof delivery extends fc.Arbitrary<infer Value> ? Value : never;

/** Literals of DuckDB; a double is read back as the same double. */
function sqlOf(rows: readonly Row[], period: string): string {
  const text = (value: string | null) => (value === null ? 'NULL::VARCHAR' : `'${value.replaceAll("'", "''")}'`);
  const double = (value: number | null) =>
    value === null ? 'NULL::DOUBLE' : `'${Object.is(value, -0) ? '-0.0' : value}'::DOUBLE`;
  return rows
    .map(({ hour, team, ...cells }, i) => {
      const start = `TIMESTAMP '${period}-01 00:00:00' + INTERVAL ${hour} HOUR`;
      const columns = Object.entries(cells).map(([name, value]) => {
        return `${/cost$|amount$/.test(name) ? double(value as number | null) : text(value as string | null)} AS ${name}`;
      });
      return `SELECT ${i} AS i, ${columns.join(', ')}, ${start} AS line_item_usage_start_date,
        ${start} + INTERVAL 1 HOUR AS line_item_usage_end_date, '${period}-${i}' AS identity_line_item_id,
        TIMESTAMP '${period}-01 00:00:00' AS bill_billing_period_start_date, '111122223333' AS bill_payer_account_id,
        ${team === null ? 'MAP {}::MAP(VARCHAR, VARCHAR)' : `MAP {'iamPrincipal/team': ${text(team)}}`} AS tags`;
    })
    .join('\nUNION ALL\n');
}

const MEASURES = {
  cost: ({ line_item_unblended_cost: cost }: Row) => cost ?? 0,
  netCost: ({ line_item_net_unblended_cost: net, line_item_unblended_cost: cost }: Row) => net ?? cost ?? 0,
  listCost: ({ pricing_public_on_demand_cost: list }: Row) => list ?? 0,
} as const;

/** Exact sums of shortest decimals, each rounded by itself. */
function expected(rows: readonly Row[], keyOf: (one: Row) => string, usdOf: (one: Row) => number): UsdSums {
  const sums = new Map<string, bigint>();
  for (const one of rows) sums.set(keyOf(one), (sums.get(keyOf(one)) ?? 0n) + picoUsdOf(usdOf(one)));
  return sumsOf([...sums].map(([key, pico]) => [key, formatUsd(pico)]));
}

const KEYS: readonly (readonly [GroupKey, (one: Row) => string])[] = [
  [{ dimension: 'all' }, () => ''],
  [{ dimension: 'principal' }, (one) => one.line_item_iam_principal ?? ''],
  [{ dimension: 'usageType' }, (one) => one.line_item_usage_type ?? ''],
  [{ dimension: 'account' }, (one) => one.line_item_usage_account_id],
  [{ dimension: 'productCode' }, (one) => one.line_item_product_code],
  [{ tag: 'iamPrincipal/team' }, (one) => one.team ?? ''],
];

/** Rows of Bedrock as a reader of the delivered columns sees them, and the others. */
function readOf({ rows, left }: Delivery) {
  const absent = Object.fromEntries(left.map((name) => [name, name === 'line_item_usage_account_id' ? '' : null]));
  const read = rows.map((one): Row => ({ ...one, ...absent, ...(left.includes('tags') && { team: null }) }));
  return Object.groupBy(read, ({ line_item_product_code: code }) => (code === 'AmazonEC2' ? 'others' : 'kept'));
}

/** What rounding took off is kept with so many digits. */
const RESIDUE_DIGITS = 40;

function roundedOff(usd: string): bigint {
  const [, sign, whole, fraction = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(usd)!;
  return BigInt(`${sign}${whole}${fraction.padEnd(RESIDUE_DIGITS, '0')}`);
}

const picoOf = (one: Row) => picoUsdOf(MEASURES.cost(one)) * 10n ** BigInt(RESIDUE_DIGITS - 12);

let imports = 0;

it('keeps any doubles of any columns to the last digit, in every dimension, by hour and by day', async () => {
  const deliveries = fc.array(delivery, { minLength: PERIODS.length, maxLength: PERIODS.length });
  const property = fc.asyncProperty(deliveries, async (generated) => {
    const name = `${++imports}`;
    let location = '';
    for (const [index, { rows, left, ...options }] of generated.entries()) {
      const period = PERIODS[index]!;
      const columns = [...REQUIRED, ...OPTIONAL.filter((column) => !left.includes(column))];
      const written = { folder: join(folder, name), period, columns, rows: { sql: sqlOf(rows, period) }, ...options };
      location = (await writeDelivery(duck, written)).path;
    }
    const periods = await importFolder(name, location, reports.store);
    expect(periods.map(({ period }) => period)).toEqual(PERIODS);
    for (const [index, period] of periods.entries()) await expectKept(generated[index]!, period);
  });
  // A smaller example would take as many imports as there are steps to it.
  await fc.assert(property, { seed: SEED, numRuns: IMPORTS, endOnFailure: true });
}, 120_000);

async function expectKept(generated: Delivery, imported: ImportedPeriod): Promise<void> {
  const { kept = [], others = [] } = readOf(generated);
  const { sourceId, period } = imported;
  expect([imported.usd, imported.rows]).toEqual([expected(kept, () => '', MEASURES.cost)[''] ?? '0', kept.length]);
  const residue = kept.reduce((sum, one) => sum + roundedTo(RESIDUE_DIGITS, MEASURES.cost(one)) - picoOf(one), 0n);
  // The store cuts the last digit that it keeps, row by row.
  const away = Number(roundedOff(imported.residueUsd) - residue);
  expect(Math.abs(away)).toBeLessThanOrEqual(kept.length);
  expect(sumsOf(imported.notImported.map(({ product, usd: left }) => [product, left]))).toEqual(
    expected(others, (one) => one.line_item_product_code, MEASURES.cost),
  );
  const books = { primary: 'bill', billSources: [sourceId], billTagKeys: ['iamPrincipal/team'] } as const;
  const deps = { store: reports.store, costCatalog: () => ({ ...NO_CATALOG, books }) };
  const range = { startMs: billingPeriodStartMs(period), endMs: billingPeriodEndMs(period) };
  for (const [key, keyOf] of KEYS) {
    const found = await report({ range, granularity: 'TOTAL', groupBy: [key] }, deps);
    for (const [measure, usdOf] of Object.entries(MEASURES)) {
      const sums = sumsOf(found.map((one) => [one.keys[0]!, formatUsd(one[`${measure as 'cost'}PicoUsd`])]));
      expect(sums, `${measure} by ${JSON.stringify(key)}`).toEqual(expected(kept, keyOf, usdOf));
    }
  }
  for (const [granularity, hours] of [
    ['HOURLY', 1],
    ['DAILY', 24],
  ] as const) {
    const found = await report({ range, granularity, groupBy: [] }, deps);
    const hourOf = (atMs: number) => `${(atMs - range.startMs) / HOUR_MS}`;
    const sums = sumsOf(found.map((one) => [hourOf(one.bucketStartMs), formatUsd(one.costPicoUsd)]));
    expect(sums).toEqual(expected(kept, ({ hour }) => `${hour - (hour % hours)}`, MEASURES.cost));
  }
  const types = await reports.store.query<{ type: string; usd: string }>({
    sql: `SELECT line_type AS type, toString(sum(cost)) AS usd FROM bill_line
      WHERE source_id = '${sourceId}' AND period = ${period.replace('-', '')} GROUP BY type`,
    params: {},
  });
  expect(sumsOf(types.map(({ type, usd: sum }) => [type, sum]))).toEqual(
    expected(kept, ({ line_item_line_item_type: type }) => type ?? '', MEASURES.cost),
  );
}

it.each([
  ['parquet', 'nan'],
  ['csv.gz', '-infinity'],
  ['parquet', '1e40'],
] as const)('refuses a %s file in which a cost is %s', async (format, cost) => {
  const sql = `SELECT 0 AS i, '${cost}'::DOUBLE AS line_item_unblended_cost, 'AmazonBedrock' AS line_item_product_code,
    TIMESTAMP '2026-05-02 00:00:00' AS line_item_usage_start_date`;
  const name = `no-amount-${++imports}`;
  const written = { folder: join(folder, name), period: '2026-05', columns: REQUIRED, rows: { sql }, format };
  const { path } = await writeDelivery(duck, written);
  await expect(importFolder(`${imports}`, path, reports.store)).rejects.toMatchObject({
    problems: [
      {
        file: expect.stringContaining('bedrock-cur2-00001'),
        text: expect.stringContaining('line_item_unblended_cost'),
      },
    ],
  });
});
