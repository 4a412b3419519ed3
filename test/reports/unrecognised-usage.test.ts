import { afterAll, beforeAll, expect, it } from 'vitest';
import { parsePicoUsd } from '../../src/kernel/money.ts';
import { ModelNames } from '../../src/rating/billed-usage.ts';
import { billedRows, billedUnitCosts } from '../../src/reports/billed-unit-costs.ts';
import { unrecognisedUsage } from '../../src/reports/unrecognised-usage.ts';
import { shippedBook } from '../rating/shipped-prices.ts';
import { NO_CATALOG, openReportStore, type ReportStore } from './report-store.ts';

const ALICE = 'arn:aws:iam::123456789012:user/alice';
const range = { startMs: Date.UTC(2026, 4, 1), endMs: Date.UTC(2026, 5, 1) };
const models = new ModelNames(shippedBook().models.values());
const costCatalog = () => ({
  ...NO_CATALOG,
  books: { primary: 'ledger', billSources: ['acme'], billTagKeys: [] } as const,
});

let reports: ReportStore;

beforeAll(async () => {
  reports = await openReportStore();
  const row = (source: string, usageType: string, cost: number, isRecognised: number, account = '123456789012') =>
    `('${source}', 202605, '2026-05-02 03:00:00', '2026-05-02 03:00:00', '${account}', '${ALICE}', 'Usage', 'Usage', '${usageType}',
      'AmazonBedrock', 'Amazon Bedrock', 'AWS', '1K tokens', 'us-east-1', '$1 per 1K tokens for ${usageType}', ${cost}, ${isRecognised})`;
  const rows = [
    row('acme', 'USE1-Orbit9-input-tokens', 2, 0),
    row('acme', 'USE1-Orbit9-input-tokens', 1.5, 0),
    row('acme', 'USE1-NovaLite-warp-tokens', 7, 0),
    row('acme', 'USE1-NovaLite-input-tokens', 10, 1),
    row('acme', 'USE1-Orbit9-input-tokens', 100, 0, '210987654321'),
    row('not counted', 'USE1-Orbit9-input-tokens', 50, 0),
  ];
  await reports.command(`INSERT INTO bill_line (source_id, period, bucket_start, slice_start, account_id, principal_arn, record_type,
    line_type, usage_type, product_code, service, billing_entity, pricing_unit, region, description, cost, is_recognised)
    VALUES ${rows.join(', ')}`);
});

afterAll(() => reports.close());

it('lists what was not understood, the costliest first, with rows, examples and what is strange about it', async () => {
  const asked = { range, visible: { accountId: '123456789012' }, signal: AbortSignal.timeout(30_000) };
  const found = await unrecognisedUsage(asked, { store: reports.store, costCatalog, models });
  expect(found).toMatchObject({
    ...{ rows: 3, costPicoUsd: parsePicoUsd('10.5'), allRows: 4, allPicoUsd: parsePicoUsd('20.5') },
    kinds: [
      { usageType: 'USE1-NovaLite-warp-tokens', rows: 1, unread: [{ part: 'meter' }, { part: 'model' }] },
      {
        ...{ usageType: 'USE1-Orbit9-input-tokens', rows: 2, costPicoUsd: parsePicoUsd('3.5'), principals: [ALICE] },
        unread: [{ part: 'model', text: 'Orbit9' }],
        descriptions: ['$1 per 1K tokens for USE1-Orbit9-input-tokens'],
      },
    ],
  });
});

it('reads what units cost from lines and from sums of days alike', async () => {
  await reports.command(`INSERT INTO bill_line (source_id, period, bucket_start, slice_start, account_id, record_type, model_id, meter,
    route, tier, context, region, is_batch, quantity, cost, net_cost, is_recognised)
    VALUES ('acme', 202606, '2026-06-02 03:00:00', '2026-06-02 03:00:00', '1', 'Usage', 'amazon.nova-lite-v1:0', 'input',
      'in_region', 'standard', 'default', 'us-east-1', 0, 1000000, 0.06, 0.05, 1)`);
  const columns =
    'source_id, period, bucket_start, slice_start, account_id, record_type, model_id, meter, route, tier, context, region, is_batch, quantity, cost, net_cost';
  await reports.command(`INSERT INTO bill_line_day (${columns})
    SELECT ${columns.replace('bucket_start, slice_start', 'toStartOfDay(bucket_start), toStartOfDay(slice_start)')} FROM bill_line WHERE period = 202606`);
  const costsFrom = async (startMs: number) => {
    const question = {
      range: { startMs, endMs: Date.UTC(2026, 6, 1) },
      visible: {},
      signal: AbortSignal.timeout(30_000),
    };
    return billedUnitCosts(await billedRows(question, { store: reports.store, costCatalog }), shippedBook());
  };
  const expected = [{ unitCostUsd: '0.06', netUnitCostUsd: '0.05', listUnitCostUsd: '0.06', verdict: 'as listed' }];
  expect(await costsFrom(Date.UTC(2026, 5, 1))).toMatchObject(expected);
  expect(await costsFrom(Date.UTC(2026, 5, 2, 3))).toMatchObject(expected);
});
