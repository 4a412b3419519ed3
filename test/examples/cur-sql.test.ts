import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  BCMDataExportsClient,
  CreateExportCommand,
  type Export,
  GetExportCommand,
  type S3OutputConfigurations,
} from '@aws-sdk/client-bcm-data-exports';
import { BedrockRuntimeClient, ConverseCommand } from '@aws-sdk/client-bedrock-runtime';
import { createClient } from '@clickhouse/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activateTags } from '../../examples/demo/billing.ts';
import { runAnnouncement } from '../../examples/demo/organisation.ts';
import { CUR_TABLE } from '../../src/reports/cur-query.ts';
import { columnsOf, configureTable, type ExportTable } from '../../src/reports/export-table.ts';
import { exportTable } from '../../src/reports/export-tables.ts';
import { type ChDb, openChDb } from '../cur/chdb.ts';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { readParquet } from '../cur/exporter.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { type EmbeddedEngine, embeddedEngine, eventually } from '../store/embedded-engine.ts';
import { billedCalls } from '../wire/ledger.ts';
import { fencedBlocks, ROOT } from './guide.ts';
import { athenaFunctions, type EngineName, inDialect, PUBLIC_QUERIES } from './public-sql.ts';

/** A model without a price, served by the simulated model as every other. */
const UNPRICED = 'acme.support-7b';
const FOCUS = exportTable('FOCUS_1_2_AWS')!;
const PERSON = 'arn:aws:iam::123456789012:user/';
const SESSION = 'arn:aws:sts::123456789012:assumed-role/';

let server: TestServer;
let engine: EmbeddedEngine;
let duckdb: DuckDb;
let chdb: ChDb;
/** Folders of the exports with all columns. */
let folders: { cur2: string; focus: string };
/** Answers of examples/cur.sql by the first word of the comment above each statement. */
let answers: Map<string, Record<string, unknown>[]>;

beforeAll(async () => {
  server = await startServer({ config: { models: [{ modelId: UNPRICED }] } });
  await runAnnouncement(server.admin, () => undefined);
  await callUnpricedModel();
  await eventually('all nine calls are billed', async () => (await billedCalls(server)) === 9);
  const now = new Date();
  await activateTags(server.admin, new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1)));
  engine = await embeddedEngine();
  const [definition] = fencedBlocks('FINOPS.md', 'json')
    .map((text) => JSON.parse(text) as Export)
    .filter(({ DataQuery }) => DataQuery !== undefined);
  answers = await ask(join(await deliver(definition!), 'data/*/*.parquet'));
  folders = { cur2: await deliver(wholeTable('cur2', CUR_TABLE)), focus: await deliver(wholeTable('focus', FOCUS)) };
  duckdb = await openDuckDb();
  chdb = openChDb(server.data);
  for (const folder of Object.values(folders)) {
    await duckdb.run(views(folder, 'duckdb'));
    await chdb.run(views(folder, 'clickhouse'));
  }
  for (const statement of athenaFunctions('duckdb')) await duckdb.run(statement);
  for (const statement of athenaFunctions('clickhouse')) await chdb.run(statement);
});
afterAll(async () => {
  duckdb?.close();
  chdb?.close();
  await engine?.[Symbol.asyncDispose]();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

async function callUnpricedModel(): Promise<void> {
  const bedrock = new BedrockRuntimeClient(server.admin);
  await bedrock.send(
    new ConverseCommand({
      modelId: UNPRICED,
      messages: [{ role: 'user', content: [{ text: 'Hello.' }] }],
      additionalModelRequestFields: { simulate: { inputTokens: 1_500, outputTokens: 250 } },
    }),
  );
  bedrock.destroy();
}

/** Creates an export; answers the folder it was delivered to. */
async function deliver(definition: Export): Promise<string> {
  const client = new BCMDataExportsClient(server.admin);
  const { ExportArn } = await client.send(new CreateExportCommand({ Export: definition }));
  await eventually('the export is delivered', async () => {
    const { ExportStatus: status } = await client.send(new GetExportCommand({ ExportArn }));
    return status?.LastRefreshedAt !== undefined;
  });
  client.destroy();
  const { S3Bucket: bucket, S3Prefix: prefix } = definition.DestinationConfigurations!.S3Destination!;
  return join(server.data, 'exports', bucket!, prefix!, definition.Name!);
}

/** An export of every column that a table has for inference, a folder for each refresh. */
function wholeTable(name: string, table: ExportTable): Export {
  const properties = { TIME_GRANULARITY: 'DAILY', INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' };
  const given = { ...properties, ...(table === CUR_TABLE && { INCLUDE_RESOURCES: 'TRUE' }) };
  const columns = columnsOf(table, configureTable(table, given)).map((column) => column.name);
  const output = { OutputType: 'CUSTOM', Format: 'PARQUET', Compression: 'PARQUET', Overwrite: 'CREATE_NEW_REPORT' };
  return {
    Name: name,
    DataQuery: {
      QueryStatement: `SELECT ${columns.join(', ')} FROM ${table.name}`,
      TableConfigurations: { [table.name]: given },
    },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket: 'finops', S3Prefix: 'all', S3Region: 'us-east-1' },
        S3OutputConfigurations: output as S3OutputConfigurations,
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
}

/** A delivered view file, for another folder than its own. */
function views(folder: string, engine: EngineName): string {
  const text = readFileSync(join(folder, 'views', `${engine}.sql`), 'utf8');
  return text.replaceAll(/'(data|metadata)\//g, `'${folder}/$1/`);
}

async function ask(files: string): Promise<typeof answers> {
  const client = createClient({ ...(await engine.engine.connection()) });
  await client.command({ query: `CREATE VIEW cur AS SELECT * FROM file('${files}', Parquet)` });
  const found: typeof answers = new Map();
  for (const statement of readFileSync(join(ROOT, 'examples/cur.sql'), 'utf8').split(';')) {
    const [, title] = /^-- ([a-z ]+):/m.exec(statement) ?? [];
    if (!title) continue;
    const result = await client.query({ query: statement, format: 'JSONEachRow' });
    found.set(title, await result.json<Record<string, unknown>>());
  }
  await client.close();
  return found;
}

/** Quantities of AWS's announcement at list prices, as in test/wire/announcement.test.ts. */
describe('examples/cur.sql over the export of docs/FINOPS.md', () => {
  it('says who', () => {
    expect(answers.get('who')).toEqual([
      { principal: `${PERSON}user-2`, usd: 1.188 },
      { principal: `${PERSON}user-1`, usd: 0.2838 },
      { principal: `${SESSION}Role-1/session-123`, usd: 0.198 },
      { principal: `${SESSION}Role-2/session-456`, usd: 0.130992 },
      { principal: `${PERSON}admin`, usd: 0 },
    ]);
  });

  it('says which team and which role', () => {
    expect(answers.get('which team')).toEqual([
      { team: 'BedrockDataScience', usd: 1.4718 },
      { team: '(untagged)', usd: 0.328992 },
    ]);
    expect(answers.get('which role')).toEqual([
      { role_name: '', principals: 3, usd: 1.4718 },
      { role_name: 'Role-1', principals: 1, usd: 0.198 },
      { role_name: 'Role-2', principals: 1, usd: 0.130992 },
    ]);
  });

  it('says what and when', () => {
    expect(answers.get('what')?.[0]).toEqual({
      model: 'Claude Opus 4.6',
      kind: 'Output tokens',
      thousand_tokens: 42,
      usd: 1.155,
    });
    const days = answers.get('when')!;
    expect(days.reduce((sum, { usd }) => sum + Number(usd), 0)).toBeCloseTo(1.800792, 6);
  });

  it('finds what is unpriced', () => {
    expect(answers.get('unpriced')).toEqual([
      { usage_type: 'USE1-acme.support-7b-input-tokens', thousand_tokens: 1.5 },
      { usage_type: 'USE1-acme.support-7b-output-tokens', thousand_tokens: 0.25 },
    ]);
  });
});

describe('queries that people run on CUR 2.0 and FOCUS', () => {
  const spend: Readonly<Record<string, number>> = { all: 1.800792, team: 1.4718 };
  const runs = PUBLIC_QUERIES.flatMap((query) => query.engines.map((name) => [query.name, name, query] as const));

  it.each(runs)('%s adds up in %s', async (_, name, { sql, total }) => {
    const rows = await { duckdb, clickhouse: chdb }[name].query(
      inDialect(sql, name).replaceAll('$FOCUS', folders.focus),
    );
    expect(rows.reduce((sum, row) => sum + Number(row[total.column]), 0)).toBeCloseTo(spend[total.of]!, 6);
  });
});

describe('columns', () => {
  it.each(['cur2', 'focus'] as const)('of %s have the manifest’s names and types in every reader', async (name) => {
    const [manifest] = globSync(join(folders[name], 'metadata/*', `${name}-Manifest.json`));
    const { columns } = JSON.parse(readFileSync(manifest!, 'utf8')) as { columns: { name: string; type: string }[] };
    const [file] = globSync(join(folders[name], 'data/*/*/*.parquet'));
    const [row] = await readParquet(readFileSync(file!));
    expect(Object.keys(row!)).toEqual(columns.map((column) => column.name));
    const asDuckDb: Record<string, string> = {
      ...{ string: 'VARCHAR', double: 'DOUBLE', timestamp: 'TIMESTAMP WITH TIME ZONE' },
      ...{ 'map<string,string>': 'MAP(VARCHAR, VARCHAR)', 'map<string,double>': 'MAP(VARCHAR, DOUBLE)' },
    };
    const described = await duckdb.query(`DESCRIBE SELECT * FROM read_parquet('${file}', hive_partitioning = false)`);
    expect(described.map((column) => [column.column_name, column.column_type])).toEqual(
      columns.map((column) => [column.name, asDuckDb[column.type]]),
    );
    const asClickHouse: Record<string, string> = {
      ...{ string: 'Nullable(String)', double: 'Nullable(Float64)', timestamp: "Nullable(DateTime64(3, 'UTC'))" },
      ...{
        'map<string,string>': 'Map(String, String)',
        'map<string,double>': 'Map(String, Float64)',
      },
    };
    const found = await chdb.query(`DESCRIBE TABLE file('${file}', Parquet) SETTINGS use_hive_partitioning = 0`);
    expect(found.map((column) => [column.name, column.type])).toEqual(
      columns.map((column) => [column.name, asClickHouse[column.type]]),
    );
  });
});
