import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import type { ExportTarget } from '../../src/reports/export-definition.ts';
import { CSV, definition, Exporter } from '../cur/exporter.ts';
import { type EmbeddedEngine, embeddedEngine } from '../store/embedded-engine.ts';
import { nextBatch, sampleUsage } from '../store/sample-usage.ts';
import { importFolder } from './folder-import.ts';

const COLUMNS = [
  ...['bill_billing_entity', 'bill_billing_period_start_date', 'bill_payer_account_id', 'identity_line_item_id'],
  ...['line_item_iam_principal', 'line_item_line_item_description', 'line_item_line_item_type', 'line_item_operation'],
  ...['line_item_product_code', 'line_item_resource_id', 'line_item_unblended_cost', 'line_item_unblended_rate'],
  ...['line_item_net_unblended_cost', 'line_item_usage_account_id', 'line_item_usage_amount', 'line_item_usage_type'],
  ...['line_item_usage_end_date', 'line_item_usage_start_date', 'pricing_public_on_demand_cost', 'pricing_unit'],
  ...['product', 'product_product_family', 'product_region_code', 'tags'],
];

let own: EmbeddedEngine;
let store: ClickHouseCostStore;
let exporter: Exporter;

beforeAll(async () => {
  own = await embeddedEngine();
  store = own.store();
  await store.prepare();
  const usage = sampleUsage({ seed: 3, startMs: Date.parse('2026-05-03T00:00:00Z'), stepMs: 240_000, principals: 40 });
  await store.insert(nextBatch(usage, 'batch', 3_000));
  exporter = new Exporter(store, undefined, 1_500);
  exporter.activate('iamPrincipal/team', 'iamPrincipal/app');
});

afterAll(async () => {
  exporter?.close();
  await store?.close();
  await own?.[Symbol.asyncDispose]();
});

/** Imports an export from where it was delivered. */
async function importBack(name: string, target: Partial<ExportTarget>): Promise<readonly object[]> {
  const sql = `SELECT ${COLUMNS.join(', ')} FROM COST_AND_USAGE_REPORT`;
  const properties = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE', INCLUDE_RESOURCES: 'TRUE' };
  const execution = await exporter.deliver(definition(name, sql, properties, target));
  expect(execution).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  return importFolder(name, join(exporter.folder, 'bills', 'cur2', name), store);
}

/** Everything that both say of usage, and the sums. */
function sumsOf(from: string): Promise<Record<string, string>[]> {
  const keys = ['toStartOfHour(bucket_start) AS hour', 'account_id', 'principal_arn', "principal_tags['team'] AS team"];
  keys.push('model_id', 'resource_arn', 'region', 'tier', 'context', 'is_batch', 'meter', 'usage_type', 'product_code');
  return store.query({
    sql: `SELECT ${[...keys, 'service', 'billing_entity', 'pricing_unit'].join(', ')}, toString(sum(quantity)) AS pieces,
      toString(sum(cost)) AS usd, toString(sum(list_cost)) AS list, toString(sum(net_cost)) AS net
      FROM ${from} GROUP BY ALL ORDER BY ALL`,
    params: {},
  });
}

describe('an export of the ledger that is imported again', () => {
  it.each([
    ['parquet', {}],
    ['csv', CSV],
  ])('says what the ledger says, to the last piece and digit: %s', async (name, target) => {
    const periods = await importBack(name, target);
    expect(periods).toMatchObject([{ period: '2026-05', unrecognised: [], notImported: [] }]);
    const [lines, ledger] = [await sumsOf(`bill_line WHERE source_id = 'src${name}'`), await sumsOf('line_item')];
    expect(ledger.length).toBeGreaterThan(500);
    expect(lines).toEqual(ledger);
    const byDay = (from: string) =>
      store.query({
        sql: `SELECT toDate(bucket_start) AS day, toString(sum(cost)) AS usd FROM ${from} GROUP BY day ORDER BY day`,
        params: {},
      });
    expect(await byDay(`bill_line_day WHERE source_id = 'src${name}'`)).toEqual(await byDay('line_item_day'));
  });
});
