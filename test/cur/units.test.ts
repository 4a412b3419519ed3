import { afterAll, beforeAll, expect, test } from 'vitest';
import { heldHours } from '../../src/billing/held-model.ts';
import { billingPeriodStartMs } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import { report } from '../../src/paths/report-path.ts';
import { itemize } from '../../src/rating/itemize.ts';
import { columnsOf, configureTable } from '../../src/reports/export-table.ts';
import { exportTable } from '../../src/reports/export-tables.ts';
import type { ReportQuery } from '../../src/reports/report-query.ts';
import { shippedBook } from '../rating/shipped-prices.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import { definition, Exporter, PAYER, readParquet } from './exporter.ts';
import { focusViolations } from './focus-rules.ts';

const MAY = billingPeriodStartMs('2026-05');
const HOUR = { startMs: MAY, endMs: MAY + 1 };
const HELD = 'arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abcdefghijkl';

let reports: ReportStore;
let exporter: Exporter;

function call(modelId: string, usage: Partial<UsageEvent['usage']>): UsageEvent {
  const resourceArn = `arn:aws:bedrock:us-east-1::foundation-model/${modelId}`;
  const facts = { modelId, resourceArn, region: 'us-east-1', route: 'in_region', accountId: PAYER } as const;
  return usageEvent({ ...facts, admittedAtMs: MAY, usage });
}

beforeAll(async () => {
  reports = await openReportStore();
  exporter = new Exporter(reports.store);
  const book = shippedBook();
  const calls = [
    call('amazon.nova-canvas-v1:0', { units: { image_1024: 3 } }),
    call('stability.stable-image-core-v1:1', { units: { image: 2 } }),
    call('amazon.rerank-v1:0', { units: { query: 4 } }),
    call('cohere.embed-english-v3', { inputTokens: 2_000_000 }),
    call('amazon.nova-lite-v1:0', { inputTokens: 1_000, units: { content_policy_unit: 5 } }),
  ];
  const held = {
    ...{ arn: HELD, modelId: 'amazon.nova-2-lite-v1:0', region: 'us-east-1', accountId: PAYER },
    ...({ meter: 'model_unit_hour', piecesPerHour: 2, fromMs: MAY } as const),
  };
  async function* pages() {
    yield [...itemize(calls, book, []), ...heldHours(held, HOUR, book, [])];
  }
  await reports.store.replacePeriod('2026-05', pages());
});
afterAll(async () => {
  exporter.close();
  await reports.close();
});

async function rowsOf(table: string): Promise<Record<string, unknown>[]> {
  const columns = columnsOf(exportTable(table)!, configureTable(exportTable(table)!, {}));
  const base = definition(
    `units${exporter.newId()}`,
    `SELECT ${columns.map(({ name }) => name).join(', ')} FROM ${table}`,
  );
  const { dataFiles } = await exporter.deliver({ ...base, tableConfigurations: { [table]: {} } });
  return readParquet(exporter.read(dataFiles[0]!));
}

test('CUR 2.0 has the usage type, the unit, the amount and the rate of what is no text token', async () => {
  const rows = await rowsOf('COST_AND_USAGE_REPORT');
  const facts = rows.map((row) => [
    row.line_item_usage_type,
    row.line_item_usage_amount,
    row.pricing_unit,
    row.line_item_unblended_rate,
    row.line_item_unblended_cost,
    row.line_item_operation,
  ]);
  expect(facts.sort()).toEqual(
    [
      ['USE1-NovaCanvas-T2I-1024-Standard', 3, 'image', '0.04', 0.12, 'InvokeModelInference'],
      ['USE1-MP:USE1_created_image-Units', 2, 'Units', '0.04', 0.08, 'InvokeModelInference'],
      ['USE1-AmazonRerank-v1-searchunits', 4, 'Search Units', '0.001', 0.004, 'InvokeModelInference'],
      ['USE1-MP:USE1_InputTokenCount-Units', 2, 'Units', '0.1', 0.2, 'InvokeModelInference'],
      ['USE1-NovaLite-input-tokens', 1, '1K tokens', '0.00006', 0.00006, 'InvokeModelInference'],
      ['USE1-Guardrail-ContentPolicyUnitsConsumed', 5, 'TextUnit', '0.00015', 0.00075, 'ApplyGuardrail'],
      ['USE1-Nova2.0Lite-ProvisionedThroughput-NoCommit-ModelUnits', 2, 'hour', '60.5', 121, ''],
    ].sort(),
  );
});

test('FOCUS names the pieces and keeps its rules', async () => {
  const rows = await rowsOf('FOCUS_1_2_AWS');
  expect(focusViolations('1.2', rows)).toEqual([]);
  const units = rows.map((row) => [row.ConsumedQuantity, row.ConsumedUnit, row.PricingQuantity, row.PricingUnit]);
  expect(units.sort()).toEqual(
    [
      [3, 'Images', 3, 'Images'],
      [2, 'Images', 2, 'Images'],
      [4, 'Queries', 4, 'Queries'],
      [2_000_000, 'Tokens', 2, '1000000 Tokens'],
      [1_000, 'Tokens', 1, '1000 Tokens'],
      [5, 'Units', 5, 'Units'],
      [2, 'Hours', 2, 'Hours'],
    ].sort(),
  );
});

test('reports add up tokens alone', async () => {
  const query: ReportQuery = {
    range: { startMs: MAY, endMs: billingPeriodStartMs('2026-06') },
    granularity: 'TOTAL',
    groupBy: [],
    measures: ['tokens', 'cost'],
  };
  const costCatalog = () => ({ tags: new Map(), categories: new Map(), accountNames: new Map(), models: new Map() });
  expect(await report(query, { store: reports.store, costCatalog })).toMatchObject([{ tokens: 2_001_000n }]);
});
