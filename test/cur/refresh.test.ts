import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { lineItem } from '../reports/line-items.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import { definition, Exporter, PAYER } from './exporter.ts';
import { pieces, ScriptedStore } from './scripted-store.ts';

const SQL = 'SELECT line_item_unblended_cost, tags FROM COST_AND_USAGE_REPORT';
const APRIL = Date.parse('2026-04-10T00:00:00Z');
const MAY = Date.parse('2026-05-10T00:00:00Z');

let reports: ReportStore;
let exporter: Exporter;
let arn: string;
let batches = 0;

beforeAll(async () => {
  reports = await openReportStore();
});
afterAll(() => reports.close());

async function seed(period: string, ...lineItems: readonly LineItem[]): Promise<void> {
  async function* pages() {
    yield lineItems;
  }
  await reports.store.replacePeriod(period, pages());
}

function item(atMs: number, fields: Partial<LineItem> = {}): LineItem {
  return lineItem(atMs, { accountId: PAYER, principalTags: [['team', 'ds']], ...fields });
}

/** Periods that a refresh has delivered anew. */
async function refreshed(): Promise<string[]> {
  exporter.nowMs += 8 * HOUR_MS;
  const before = exporter.registry.executions(arn).length;
  await exporter.runner.refresh(arn);
  const [latest, ...past] = exporter.registry.executions(arn);
  if (past.length + 1 === before) return [];
  expect(latest).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  return ['2026-04', '2026-05'].filter((period) => {
    const manifest = exporter.read(`s3://bills/cur2/x/metadata/BILLING_PERIOD=${period}/x-Manifest.json`);
    return JSON.parse(manifest.toString()).executionId === latest!.executionId;
  });
}

describe('a refresh', () => {
  beforeEach(async () => {
    await seed('2026-04', item(APRIL));
    await seed('2026-05', item(MAY, { quantity: 5n }), item(MAY, { quantity: 7n, principalArn: 'arn:other' }));
    exporter = new Exporter(reports.store);
    arn = await exporter.create(definition('x', SQL));
    expect(await refreshed()).toEqual(['2026-04', '2026-05']);
  });
  afterEach(() => exporter.close());

  test('delivers nothing when nothing has changed, also after the store has merged what it had in parts', async () => {
    expect(await refreshed()).toEqual([]);
    const usage = { usageEvents: [], lineItems: [item(MAY, { quantity: 3n, costPicoUsd: 3_000_000n })] };
    await reports.store.insert({ token: `batch-${batches++}`, ...usage });
    expect(await refreshed()).toEqual(['2026-05']);
    await reports.merge();
    expect(await refreshed()).toEqual([]);
  });

  test('delivers a period whose amounts moved between line items with the same total', async () => {
    await seed('2026-05', item(MAY, { quantity: 7n }), item(MAY, { quantity: 5n, principalArn: 'arn:other' }));
    expect(await refreshed()).toEqual(['2026-05']);
  });

  test('delivers the periods that a tag says something about', async () => {
    const tag = { key: 'iamPrincipal/team', status: 'Active', lastUsedAtMs: 0, discoveredAtMs: 0 } as const;
    exporter.tags = new Map([[tag.key, { ...tag, activeIntervals: [{ fromMs: MAY - DAY_MS }] }]]);
    expect(await refreshed()).toEqual(['2026-05']);
    exporter.tags = new Map([[tag.key, { ...tag, activeIntervals: [{ fromMs: APRIL - DAY_MS }] }]]);
    expect(await refreshed()).toEqual(['2026-04', '2026-05']);
    expect(await refreshed()).toEqual([]);
  });

  test('delivers a period for the last time when it closes, unless it is corrected', async () => {
    exporter.accountNames = new Map([[PAYER, 'Acme Inc']]);
    expect(await refreshed()).toEqual(['2026-04', '2026-05']);
    exporter.finalPeriods.add('2026-04');
    expect(await refreshed()).toEqual(['2026-04']);
    exporter.accountNames = new Map([[PAYER, 'Acme Corporation']]);
    expect(await refreshed()).toEqual(['2026-05']);
    await seed('2026-04', item(APRIL), item(APRIL, { isCorrection: true, quantity: 0n, costPicoUsd: -5n }));
    expect(await refreshed()).toEqual(['2026-04']);
  });

  test('delivers a period of which nothing is left without rows, once', async () => {
    await seed('2026-04');
    expect(await refreshed()).toEqual(['2026-04']);
    const [file] = exporter.registry.delivered(arn).get('2026-04')!.files!;
    expect(file).toMatchObject({ rows: 0 });
    expect(await refreshed()).toEqual([]);
  });

  test('delivers everything after the definition has changed', async () => {
    const change = { description: 'another' };
    await exporter.registry.change(PAYER, arn, (record) => ({ definition: { ...record.definition, ...change } }));
    expect(await refreshed()).toEqual(['2026-04', '2026-05']);
  });

  test('that is asked for delivers the present period, and a past one that is gone; it names all files', async () => {
    const past = 's3://bills/cur2/x/data/BILLING_PERIOD=2026-04/x-00001.snappy.parquet';
    const present = past.replace('2026-04', '2026-05');
    const asked = await exporter.runner.run(arn);
    expect(asked.dataFiles).toEqual([past, present]);
    const manifest = 's3://bills/cur2/x/metadata/BILLING_PERIOD=2026-04/x-Manifest.json';
    expect(JSON.parse(exporter.read(manifest).toString()).executionId).not.toBe(asked.executionId);
    await exporter.destination.remove({ name: 'bills', region: 'us-east-1' }, manifest.replace('s3://bills/', ''));
    const again = await exporter.runner.run(arn);
    expect(JSON.parse(exporter.read(manifest).toString()).executionId).toBe(again.executionId);
  });
});

describe('refreshes', () => {
  let store: ScriptedStore;
  beforeEach(() => {
    store = new ScriptedStore();
    exporter = new Exporter(store);
  });
  afterEach(() => exporter.close());

  test('are looked for every hour once eight hours have gone by', async () => {
    arn = await exporter.create(definition('x', SQL));
    await exporter.runner.refresh(arn);
    const from = exporter.nowMs;
    const due = (hours: number) => exporter.runner.dueExports(from + hours * HOUR_MS);
    expect(due(7.9)).toEqual([]);
    expect(due(8)).toEqual([arn]);
    exporter.nowMs = from + 8 * HOUR_MS;
    await exporter.runner.refresh(arn);
    expect(exporter.registry.executions(arn)).toHaveLength(1);
    expect(due(8.9)).toEqual([]);
    expect(due(9)).toEqual([arn]);
  });

  test('come again after a failure, changed or not', async () => {
    arn = await exporter.create(definition('x', SQL));
    await exporter.runner.refresh(arn);
    store.pieces = async function* () {
      yield* pieces('some');
      throw new Error('no');
    };
    await exporter.runner.run(arn);
    store.pieces = () => pieces('header\n');
    await exporter.runner.refresh(arn);
    const statuses = exporter.registry.executions(arn).map(({ status }) => status);
    expect(statuses).toEqual(['DELIVERY_SUCCESS', 'QUERY_FAILURE', 'DELIVERY_SUCCESS']);
  });

  test('begin a day after the creation where AWS’s delays are wanted', async () => {
    const delayed = new Exporter(store, undefined, undefined, DAY_MS);
    arn = await delayed.create(definition('x', SQL));
    delayed.runner.start(arn);
    expect(delayed.runner.dueExports(delayed.nowMs + DAY_MS - 1)).toEqual([]);
    expect(delayed.runner.dueExports(delayed.nowMs + DAY_MS)).toEqual([arn]);
    expect(delayed.registry.executions(arn)).toEqual([]);
    delayed.close();
  });

  test('never interleave with what is asked for, with changes and with the end of an export', async () => {
    arn = await exporter.create(definition('x', SQL));
    let open = 0;
    let most = 0;
    store.pieces = async function* () {
      open += 1;
      most = Math.max(most, open);
      yield* pieces('header\n');
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
    };
    const change = (queryStatement: string) =>
      exporter.registry.change(PAYER, arn, (record) => ({ definition: { ...record.definition, queryStatement } }));
    const runs = [exporter.runner.run(arn), exporter.runner.refresh(arn)];
    await change('SELECT bill_bill_type FROM COST_AND_USAGE_REPORT');
    exporter.runner.start(arn);
    runs.push(exporter.runner.run(arn), exporter.runner.refresh(arn));
    await change(SQL);
    runs.push(exporter.runner.run(arn));
    await Promise.all(runs);
    expect(most).toBe(1);
    expect(exporter.registry.executions(arn).every(({ status }) => status === 'DELIVERY_SUCCESS')).toBe(true);
    const last = exporter.runner.refresh(arn);
    await exporter.registry.delete(PAYER, arn);
    exporter.runner.cancel(arn);
    await last;
    expect(exporter.registry.executions(arn)).toEqual([]);
    expect([...exporter.registry.delivered(arn)]).toEqual([]);
    expect(open).toBe(0);
  });
});
