import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BUCKET_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import { columnsOf, configureTable } from '../../src/reports/export-table.ts';
import { EXPORT_TABLES } from '../../src/reports/export-tables.ts';
import { lineItem } from '../reports/line-items.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import { CSV, definition, Exporter, PAYER, readCsv, readParquet } from './exporter.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const LINE_ITEMS_PER_FILE = 16;
/** Line items of some hours of May: the first is too much for one file. */
const HOURS = [30, 6, 6, 12, 6];

let reports: ReportStore;
/** Delivers a period in one file, and in many. */
let whole: Exporter;
let split: Exporter;

beforeAll(async () => {
  reports = await openReportStore();
  async function* pages(): AsyncGenerator<LineItem[]> {
    yield HOURS.flatMap((count, hour) => {
      return Array.from({ length: count }, (_, index) => {
        const startMs = MAY + hour * 17 * HOUR_MS + (index % 4) * BUCKET_MS;
        const principalArn = `arn:aws:iam::${PAYER}:user/u${index % 9}`;
        const principalTags = [['team', `t${index % 3}`]] as const;
        return lineItem(startMs, { accountId: PAYER, principalArn, principalTags, quantity: BigInt(index + 1) });
      });
    });
  }
  await reports.store.replacePeriod('2026-05', pages());
  whole = new Exporter(reports.store);
  split = new Exporter(reports.store, undefined, LINE_ITEMS_PER_FILE);
  for (const exporter of [whole, split]) exporter.activate('iamPrincipal/team');
});
afterAll(async () => {
  whole.close();
  split.close();
  await reports.close();
});

type Row = Record<string, unknown>;

async function filesOf(exporter: Exporter, sql: string, properties: Readonly<Record<string, string>>, table: string) {
  const { tableConfigurations: _, ...rest } = definition(`e${exporter.newId()}`, sql);
  const execution = await exporter.deliver({ ...rest, tableConfigurations: { [table]: properties } });
  expect(execution).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  return Promise.all(execution.dataFiles.map((uri) => readParquet(exporter.read(uri))));
}

function text(row: Row): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? `${value}` : value));
}

/** The FOCUS tables are made from CUR 2.0's rows. */
const GRANULARITIES: Readonly<Record<string, readonly string[]>> = { COST_AND_USAGE_REPORT: ['HOURLY', 'MONTHLY'] };

describe.each(EXPORT_TABLES.map((table) => [table.name, table] as const))('%s', (name, table) => {
  test.each(GRANULARITIES[name] ?? ['MONTHLY'])(
    'has the same rows in many files as in one: %s',
    async (TIME_GRANULARITY) => {
      const has = (property: string) => table.properties.some((one) => one.name === property);
      const properties = {
        TIME_GRANULARITY,
        ...(has('INCLUDE_IAM_PRINCIPAL_DATA') && { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' }),
      };
      const names = columnsOf(table, configureTable(table, properties)).map((column) => column.name);
      const sql = `SELECT ${names.join(', ')} FROM ${name}`;
      const [oneFile, ...noFiles] = await filesOf(whole, sql, properties, name);
      expect(noFiles).toEqual([]);
      const files = await filesOf(split, sql, properties, name);
      expect(files.length).toBeGreaterThan(3);
      expect(Math.max(...files.map((rows) => rows.length))).toBeLessThan(20);
      const rows = files.flat().map(text);
      // Where rows of one hour, day or month are in several files, these are not in the order of the one.
      expect(rows.toSorted()).toEqual(oneFile!.map(text).toSorted());
    },
  );
});

describe('a statement', () => {
  const HOURLY = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' };
  const TABLE = 'COST_AND_USAGE_REPORT';
  const COLUMNS = 'identity_line_item_id, line_item_usage_amount, line_item_iam_principal';
  const deliver = async (sql: string) => {
    const files = await filesOf(split, sql, HOURLY, TABLE);
    const [expected] = await filesOf(whole, sql, HOURLY, TABLE);
    expect(files.flat().map(text).toSorted()).toEqual(expected!.map(text).toSorted());
    return files;
  };

  test('with WHERE makes as many files as its rows need', async () => {
    const where = `WHERE line_item_iam_principal = 'arn:aws:iam::${PAYER}:user/u1'`;
    expect((await deliver(`SELECT ${COLUMNS} FROM ${TABLE} ${where}`)).length).toBeLessThan(4);
    expect(await deliver(`SELECT ${COLUMNS} FROM ${TABLE} WHERE line_item_iam_principal = 'none'`)).toEqual([[]]);
  });

  test('gives the same rows in the same order again', async () => {
    const order = async () => (await filesOf(split, `SELECT ${COLUMNS} FROM ${TABLE}`, HOURLY, TABLE)).flat().map(text);
    expect(await order()).toEqual(await order());
  });

  test.each([0, 11])('with LIMIT %i counts over all files', async (limit) => {
    const all = (await filesOf(whole, `SELECT ${COLUMNS} FROM ${TABLE}`, HOURLY, TABLE)).flat();
    const files = await filesOf(split, `SELECT ${COLUMNS} FROM ${TABLE} LIMIT ${limit}`, HOURLY, TABLE);
    expect(files.flat()).toHaveLength(Math.min(limit, all.length));
    const known = new Set(all.map(text));
    expect(files.flat().every((row) => known.has(text(row)))).toBe(true);
  });

  test('has its header in every CSV file', async () => {
    const execution = await split.deliver(definition('csv', `SELECT ${COLUMNS} FROM ${TABLE}`, HOURLY, CSV));
    const files = execution.dataFiles.map((uri) => readCsv(split.read(uri)));
    expect(files.length).toBeGreaterThan(3);
    for (const [header] of files) expect(header).toEqual(COLUMNS.split(', '));
  });
});
