import { copyFileSync, globSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import type { LineItem } from '../../src/rating/line-item.ts';
import type { ExportDefinition, ExportTarget } from '../../src/reports/export-definition.ts';
import { lineItem } from '../reports/line-items.ts';
import { openReportStore, type ReportStore } from '../reports/report-store.ts';
import columns from '../vectors/cur/columns.json' with { type: 'json' };
import { type ChDb, openChDb } from './chdb.ts';
import { type DuckDb, openDuckDb } from './duckdb.ts';
import { CSV, definition, Exporter, PAYER } from './exporter.ts';

const MAY = Date.parse('2026-05-01T00:00:00Z');
const JUNE = Date.parse('2026-06-01T00:00:00Z');
const EVERYTHING = { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE', INCLUDE_RESOURCES: 'TRUE' };
const NAMES = columns.columns
  .filter(({ config }) => !config?.startsWith('INCLUDE_SPLIT') && !config?.startsWith('INCLUDE_CAPACITY'))
  .map(({ name }) => name);
const SESSION = `arn:aws:sts::${PAYER}:assumed-role/Analyst/ann@acme.org`;

let reports: ReportStore;
let exporter: Exporter;

beforeAll(async () => {
  reports = await openReportStore();
  exporter = new Exporter(reports.store);
  exporter.nowMs = Date.parse('2026-06-20T00:00:00Z');
  exporter.activate('iamPrincipal/team');
  await seed('2026-05', [
    item(MAY + HOUR_MS, { quantity: 17_330n, principalArn: SESSION, principalTags: [['team', 'ds']] }),
    item(MAY + 2 * HOUR_MS, { quantity: 670n, principalArn: SESSION, principalTags: [['team', 'ds']] }),
    item(MAY + DAY_MS, { meter: 'cache_read', usageType: 'USE1-Claude4.6Sonnet-cache-read-input-token-count' }),
  ]);
  await seed('2026-06', [item(JUNE, { meter: 'output', usageType: 'USE1-Claude4.6Sonnet-output-tokens' })]);
});
afterAll(async () => {
  exporter.close();
  await reports.close();
});

async function seed(period: string, lineItems: readonly LineItem[]): Promise<void> {
  async function* pages() {
    yield lineItems;
  }
  await reports.store.replacePeriod(period, pages());
}

function item(bucketStartMs: number, fields: Partial<LineItem>): LineItem {
  return lineItem(bucketStartMs, { accountId: PAYER, ...fields });
}

/** Delivers twice, so that an earlier refresh is there; answers the export's folder. */
async function deliver(export_: ExportDefinition): Promise<string> {
  const arn = await exporter.create(export_);
  await exporter.runner.run(arn);
  exporter.nowMs += HOUR_MS;
  expect(await exporter.runner.run(arn)).toMatchObject({ status: 'DELIVERY_SUCCESS' });
  const { bucket, prefix } = export_.destination;
  return join(exporter.folder, bucket, prefix, export_.name);
}

type Rows = Record<string, unknown>[];

/** Both engines, with the view files that lie in a folder. */
class Engines {
  readonly #duckdb: DuckDb;
  readonly #chdb: ChDb;

  private constructor(duckdb: DuckDb, chdb: ChDb) {
    this.#duckdb = duckdb;
    this.#chdb = chdb;
  }

  /** Runs the files as they were delivered, in the export's folder. */
  static async over(folder: string): Promise<Engines> {
    const read = (name: string) => readFileSync(join(folder, 'views', `${name}.sql`), 'utf8');
    const duckdb = await openDuckDb();
    await duckdb.run("SET TimeZone = 'America/New_York'");
    await duckdb.run(`SET file_search_path = '${folder.replaceAll("'", "''")}'`);
    await duckdb.run(read('duckdb'));
    const chdb = openChDb(folder);
    await chdb.run(read('clickhouse'));
    return new Engines(duckdb, chdb);
  }

  /** The same question to both. Dates come out as text. */
  async ask(question: string): Promise<{ duckdb: Rows; clickhouse: Rows }> {
    const plain = (rows: Rows): Rows => JSON.parse(JSON.stringify(rows));
    return { duckdb: plain(await this.#duckdb.query(question)), clickhouse: await this.#chdb.query(question) };
  }

  close(): void {
    this.#duckdb.close();
    this.#chdb.close();
  }
}

function both(rows: readonly object[]) {
  return { duckdb: rows, clickhouse: rows };
}

const FORMATS: Readonly<Record<string, Partial<ExportTarget>>> = {
  'Parquet that is overwritten': {},
  'Parquet with a folder for each refresh': { overwrite: 'CREATE_NEW_REPORT' },
  'CSV with a folder for each refresh': { ...CSV, overwrite: 'CREATE_NEW_REPORT', prefix: "it's/a b" },
};

describe.each(Object.entries(FORMATS))('views over %s', (_, target) => {
  let folder: string;
  let engines: Engines;
  beforeAll(async () => {
    const sql = `SELECT ${NAMES.join(', ')} FROM COST_AND_USAGE_REPORT`;
    folder = await deliver(definition(`llm-${exporter.newId().slice(-3)}`, sql, EVERYTHING, target));
    engines = await Engines.over(folder);
  });
  afterAll(() => engines.close());
  const view = (name: string) => `${folder.split('/').at(-1)!.replaceAll('-', '_')}.${name}`;

  test('read each period once, with its period', async () => {
    const question = `SELECT billing_period, count(*) AS line_count, round(sum(line_item_usage_amount), 6) AS amount,
      max(tags['iamPrincipal/team']) AS team FROM ${view('cur')} GROUP BY billing_period ORDER BY billing_period`;
    expect(await engines.ask(question)).toMatchObject(
      both([
        { billing_period: '2026-05', line_count: 3, amount: 19, team: 'ds' },
        { billing_period: '2026-06', line_count: 1, amount: 1 },
      ]),
    );
  });

  test('read no file that the manifest does not name, such as one that a killed refresh has left', async () => {
    const [file] = globSync(join(folder, 'data/**/*-00001.*'));
    const leftover = file!.replace('-00001.', '-00002.');
    copyFileSync(file!, leftover);
    const question = `SELECT count(*) AS line_count FROM ${view('cur')}`;
    expect(await engines.ask(question)).toEqual(both([{ line_count: 4 }]));
    rmSync(leftover);
  });

  test('say what a day cost, whose it was and for which tokens', async () => {
    const question = `SELECT day, account_id, role_name, session_name, model, token_kind, tokens, round(cost, 9) AS usd
      FROM ${view('bedrock_daily')} WHERE billing_period = '2026-05' ORDER BY day`;
    const answers = await engines.ask(question);
    const rows = [
      { role_name: 'Analyst', session_name: 'ann@acme.org', token_kind: 'input', tokens: 18_000, usd: 0.0594 },
      { role_name: '', session_name: '', token_kind: 'cache read', tokens: 1_000, usd: 0.0033 },
    ].map((row) => ({ account_id: PAYER, model: 'Claude Sonnet 4.6', ...row }));
    expect(answers).toMatchObject(both(rows));
    for (const found of Object.values(answers)) expect(String(found[0]!.day)).toMatch(/^2026-05-01/);
  });

  test('have the shape of the legacy report', async () => {
    const question = `SELECT line_item_usage_type, product_region, product_model, year, month, line_item_unblended_cost
      FROM ${view('cur1')} WHERE month = '6'`;
    expect(await engines.ask(question)).toEqual(
      both([
        {
          ...{ line_item_usage_type: 'USE1-Claude4.6Sonnet-output-tokens', product_region: 'us-east-1' },
          ...{ product_model: 'Claude Sonnet 4.6', year: '2026', month: '6', line_item_unblended_cost: 0.0033 },
        },
      ]),
    );
    const headed = `SELECT "lineItem/UsageType" AS usage, "product/ProductName" AS title, "pricing/publicOnDemandCost" AS list,
      "product/productFamily" AS family FROM ${view('cur1_csv')} WHERE "lineItem/UsageType" LIKE '%output%'`;
    expect(await engines.ask(headed)).toEqual(
      both([
        {
          ...{ usage: 'USE1-Claude4.6Sonnet-output-tokens', title: 'Claude Sonnet 4.6 (Amazon Bedrock Edition)' },
          ...{ list: 0.0033, family: 'Amazon Bedrock' },
        },
      ]),
    );
  });
});

test('FOCUS exports have a view of their rows', async () => {
  const sql = 'SELECT ChargePeriodStart, ConsumedQuantity, Tags FROM FOCUS_1_2_AWS';
  const base = definition('focus', sql);
  const engines = await Engines.over(await deliver({ ...base, tableConfigurations: {} }));
  const question = `SELECT billing_period, sum(ConsumedQuantity) AS tokens FROM focus.focus
    WHERE Tags['iamPrincipal/team'] = 'ds' GROUP BY 1`;
  expect(await engines.ask(question)).toEqual(both([{ billing_period: '2026-05', tokens: 18_000 }]));
  engines.close();
});

test('views stand names of columns that are their own or SQL’s', async () => {
  const columns = [
    ...['line_item_usage_start_date', 'line_item_unblended_cost', 'bill_billing_period_start_date AS billing_period'],
    ...[
      'line_item_usage_type AS filename',
      'pricing_unit AS order',
      'line_item_operation AS 2026_from',
      'tags AS product',
    ],
  ];
  const folder = await deliver(definition('names', `SELECT ${columns.join(', ')} FROM COST_AND_USAGE_REPORT`, {}));
  const engines = await Engines.over(folder);
  const same = { op: 'InvokeModelInference', unit: '1K tokens' };
  const question = `SELECT delivered_billing_period AS period, count(*) AS lines, min("2026_from") AS op, min("order") AS unit,
    max(filename) AS usage_type FROM names.cur GROUP BY 1 ORDER BY 1`;
  expect(await engines.ask(question)).toEqual(
    both([
      { period: '2026-05', lines: 3, usage_type: 'USE1-Claude4.6Sonnet-input-tokens', ...same },
      { period: '2026-06', lines: 1, usage_type: 'USE1-Claude4.6Sonnet-output-tokens', ...same },
    ]),
  );
  const daily = 'SELECT billing_period, sum(cost) AS usd FROM names.bedrock_daily GROUP BY 1 ORDER BY 1 DESC LIMIT 1';
  expect(await engines.ask(daily)).toEqual(both([{ billing_period: '2026-06', usd: 0.0033 }]));
  expect(await engines.ask("SELECT year, month FROM names.cur1 WHERE month = '6'")).toEqual(
    both([{ year: '2026', month: '6' }]),
  );
  engines.close();
});

describe('what is delivered beside the data', () => {
  const COLUMNS = 'line_item_usage_start_date, line_item_unblended_cost AS usd, tags';

  /** Content by path, of an export that selects three columns. */
  async function filesOf(target: Partial<ExportTarget>, tags: readonly string[] = []): Promise<Map<string, string>> {
    exporter.activate('iamPrincipal/team', ...tags);
    const sql = `SELECT ${COLUMNS} FROM COST_AND_USAGE_REPORT`;
    const folder = await deliver(definition(`some-${exporter.newId().slice(-3)}`, sql, {}, target));
    const name = folder.split('/').at(-1)!;
    const manifest = readFileSync(join(folder, 'metadata/BILLING_PERIOD=2026-06', `${name}-Manifest.json`), 'utf8');
    const { additionalOutputFiles } = JSON.parse(manifest) as { additionalOutputFiles: string[] };
    return new Map(
      additionalOutputFiles.map((uri) => [
        uri.split(`${name}/`)[1]!.replace(name, '<name>'),
        String(exporter.read(uri)),
      ]),
    );
  }

  test('is in the manifest: views always, and what the output type asks for', async () => {
    const views = ['views/duckdb.sql', 'views/clickhouse.sql'];
    expect([...(await filesOf({})).keys()]).toEqual(views);
    expect([...(await filesOf({ outputType: 'REDSHIFT' })).keys()]).toEqual(['<name>-RedshiftCommands.sql', ...views]);
    const athena = await filesOf({ outputType: 'ATHENA' });
    expect([...athena.keys()]).toEqual(['<name>-create-table.sql', 'crawler-cfn.yml', ...views]);
    expect(athena.get('<name>-create-table.sql')).toMatch(
      /^CREATE EXTERNAL TABLE `some_\d+` \(\n {2}`line_item_usage_start_date` timestamp,\n {2}`usd` double,\n {2}`tags` map<string,string>\n\)\nPARTITIONED BY \(`billing_period` string\)\nSTORED AS PARQUET/,
    );
    const { Resources } = parse(athena.get('crawler-cfn.yml')!);
    const { S3Targets } = Resources.Crawler.Properties.Targets;
    expect(S3Targets[0].Path).toMatch(/^s3:\/\/bills\/cur2\/some-\d+\/data\/$/);
  });

  test('stays text, whatever the prefix of the export is made of', async () => {
    const prefix = `it's*/\${Role}/"; DROP TABLE x; --`;
    const athena = await filesOf({ outputType: 'ATHENA', prefix });
    const { Policies } = parse(athena.get('crawler-cfn.yml')!).Resources.CrawlerRole.Properties;
    expect(Policies[0].PolicyDocument.Statement[0].Resource['Fn::Sub']).toMatch(
      /^arn:\$\{AWS::Partition\}:s3:::bills\/it's\$\{!\*\}\/\$\{!\$\}\{Role\}\/"; DROP TABLE x; --\/some-\d+\/data\/\*$/,
    );
    expect(athena.get('<name>-create-table.sql')).toContain(`LOCATION 's3://bills/it\\'s*/`);
    for (const name of ['views/duckdb.sql', 'views/clickhouse.sql']) {
      expect(athena.get(name)).toContain(`'s3://bills/it''s*/\${Role}/"; DROP TABLE x; --/`);
    }
    const redshift = await filesOf({ outputType: 'REDSHIFT', prefix });
    expect(redshift.get('<name>-RedshiftCommands.sql')).toContain(`FROM 's3://bills/it''s*/`);
  });

  test('has no view whose columns are not exported, and a column for each resource tag in the legacy shape', async () => {
    const tags = [
      'resourceTags/CostCenter',
      'resourceTags/cost center',
      'resourceTags/aws:createdBy',
      'costCategory/Unit',
    ];
    const view = (await filesOf({}, tags)).get('views/duckdb.sql')!;
    expect(view).not.toContain('bedrock_daily');
    const legacy = view.slice(view.indexOf('."cur1" AS'), view.indexOf('."cur1_csv" AS'));
    expect([...legacy.matchAll(/AS "?(\w+)"?/g)].map(([, name]) => name)).toEqual([
      ...['line_item_usage_start_date', 'usd', 'cost_category_unit', 'resource_tags_aws_created_by'],
      ...['resource_tags_user_cost_center', 'year', 'month'],
    ]);
    expect(view).toContain(`tags['resourceTags/CostCenter'] AS "resourceTags/user:CostCenter"`);
  });
});
