import { appendFileSync, copyFileSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatUsd } from '../../src/kernel/money.ts';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { S3Server } from '../s3/s3-server.ts';
import { removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { BEDROCK_KINDS, OTHER_KINDS, UNHEARD_OF } from './bill-kinds.ts';
import { COMMON_COLUMNS, type DeliveryOptions, writeDelivery } from './delivery.ts';
import { picoUsdOf } from './double-usd.ts';
import { ImportClient } from './import-client.ts';

const ALL = { Type: 'DIMENSION', Key: 'all' };
const BUCKET = 'bills';
/** The only key that the server knows; it compares no signatures. */
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'a-secret-of-the-bucket-with-bills' };

let duck: DuckDb;
let server: TestServer;
let imports: ImportClient;
let bills: string;
let s3: S3Server;

beforeAll(async () => {
  duck = await openDuckDb();
  bills = temporaryFolder('bills');
  s3 = await S3Server.start(BUCKET);
  server = await startServer(options());
  imports = new ImportClient(server.data);
});

afterAll(async () => {
  await server?.stop();
  await s3?.close();
  duck?.close();
  removeFolders();
});

function options() {
  const bucket = { endpoint: s3.url, accessKeyIdEnv: 'BILLS_ACCESS_KEY_ID', secretAccessKeyEnv: 'BILLS_SECRET' };
  return {
    config: { import: { folders: [bills], buckets: { [BUCKET]: bucket } } },
    environment: { BILLS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, BILLS_SECRET: CREDENTIALS.secretAccessKey },
  };
}

/** A delivery in a folder of its own. */
function deliver(name: string, delivery: Omit<DeliveryOptions, 'folder'>) {
  return writeDelivery(duck, { folder: join(bills, name), ...delivery });
}

/** Sums of the bill's doubles by what an expression is on a row. */
async function doubleSums(sql: string, where = 'is_bedrock'): Promise<Record<string, string>> {
  const rows = await duck.query(`SELECT ${sql} AS key, line_item_unblended_cost AS cost FROM bill_rows WHERE ${where}`);
  const sums = new Map<string, bigint>();
  for (const { key, cost } of rows) {
    const name = `${key ?? ''}`;
    sums.set(name, (sums.get(name) ?? 0n) + picoUsdOf(cost as number));
  }
  return Object.fromEntries([...sums].map(([key, sum]) => [key, formatUsd(sum)]));
}

describe('an import of CUR 2.0', () => {
  it('keeps every cent of every dimension, exactly as the doubles say', async () => {
    const kinds = [...BEDROCK_KINDS, ...OTHER_KINDS, UNHEARD_OF];
    const { path } = await deliver('whole', { period: '2026-05', rows: 4_000, files: 3, kinds });
    const answer = await imports.import(path);
    expect(answer.Import).toMatchObject({ State: 'done', Problems: [], MadePrimary: true });
    expect(answer.PrimaryBook).toBe('bill');
    for (const [sql, Type, Key] of [
      ["''", 'DIMENSION', 'all'],
      ['line_item_iam_principal', 'DIMENSION', 'principal'],
      ['line_item_usage_type', 'DIMENSION', 'usageType'],
      ['line_item_usage_account_id', 'DIMENSION', 'account'],
      ['line_item_usage_account_name', 'DIMENSION', 'accountName'],
      ['product_region_code', 'DIMENSION', 'region'],
      ['line_item_resource_id', 'DIMENSION', 'resource'],
      ["tags['iamPrincipal/team']", 'TAG', 'iamPrincipal/team'],
      ["tags['accountTag/environment']", 'TAG', 'accountTag/environment'],
    ] as const) {
      expect(await imports.costs('2026-05', { Type, Key }), Key).toEqual(await doubleSums(sql));
    }
    const [period] = answer.Periods;
    const [skipped] = await duck.query('SELECT count(*) AS rows FROM bill_rows WHERE NOT is_bedrock');
    expect(period).toMatchObject({ BillingPeriod: '2026-05', Format: 'CUR 2.0', PayerAccountId: '111122223333' });
    expect(period!.NotImported.reduce((sum, { Rows }) => sum + Number(Rows), 0)).toBe(skipped!.rows);
    expect(period!.Unrecognised).toMatchObject([{ UsageType: UNHEARD_OF.usageType }]);
  });

  it('keeps rows of all services when it is asked to', async () => {
    const { path } = await deliver('whole', { period: '2026-05', rows: 1_000 });
    const { Periods } = await imports.import(path, { AllServices: true });
    expect(Periods[0]).toMatchObject({ Rows: '1000', NotImported: [], Unrecognised: [] });
    expect(await imports.costs('2026-05', ALL)).toEqual(await doubleSums("''", 'true'));
  });

  it('reads compressed CSV of some columns, by day, from executions side by side', async () => {
    const columns = COMMON_COLUMNS.filter((name) => !/^(line_item_iam_principal|tags|bill_billing_period)/.test(name));
    const place = { period: '2025-11', format: 'csv.gz', layout: 'create-new', grain: 'day', rows: 800 } as const;
    await deliver('days', { ...place, seed: 2, startedAt: '2025-11-20T01:00:00.000Z' });
    const { path } = await deliver('days', {
      ...place,
      seed: 3,
      columns,
      files: 2,
      startedAt: '2025-11-21T01:00:00.000Z',
    });
    const answer = await imports.import(path);
    expect(answer.Import).toMatchObject({ State: 'done', Problems: [], MadePrimary: false });
    expect(answer.Import.Ignored).toHaveLength(2);
    expect(answer.Periods[0]!.Findings.map(({ Code }) => Code)).toEqual(
      expect.arrayContaining(['no_principal_column', 'normalised_tags', 'coarse_grain']),
    );
    expect(await imports.costs('2025-11', ALL)).toEqual(await doubleSums("''"));
    const byProject = { Type: 'TAG', Key: 'resourceTags/project' };
    expect(await imports.costs('2025-11', byProject)).toEqual(await doubleSums("resource_tags['user_project']"));
  });

  it('reads from S3', async () => {
    const written = await deliver('bucket', { period: '2025-10', rows: 500, files: 2 });
    const client = new S3Client({
      endpoint: s3.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: CREDENTIALS,
    });
    for (const file of [...written.files, written.manifestFile]) {
      const Key = file.slice(join(bills, 'bucket').length + 1);
      await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: readFileSync(file) }));
    }
    client.destroy();
    const answer = await imports.import(`s3://${BUCKET}/bedrock-cur2/`);
    expect(answer.Import).toMatchObject({ State: 'done', Problems: [] });
    expect(await imports.costs('2025-10', ALL)).toEqual(await doubleSums("''"));
    await expect(imports.start('s3://somebody-elses/')).rejects.toThrow('import.buckets');
  });

  it('puts a later execution in the place of the earlier one, and leaves other periods as they are', async () => {
    await deliver('again', { period: '2026-03', rows: 300, seed: 7 });
    await deliver('again', { period: '2026-04', rows: 300, seed: 8 });
    await imports.import(join(bills, 'again', 'bedrock-cur2'));
    const march = await imports.costs('2026-03', ALL);
    const { path } = await deliver('again', { period: '2026-04', rows: 100, seed: 9 });
    await imports.import(path);
    expect(await imports.costs('2026-04', ALL)).toEqual(await doubleSums("''"));
    expect(await imports.costs('2026-03', ALL)).toEqual(march);
  });

  it('refuses what cannot be a bill, every file by name, and changes nothing', async () => {
    const { path, files } = await deliver('broken', { period: '2026-02', rows: 900, files: 6, seed: 4 });
    await imports.import(path);
    const before = await imports.costs('2026-02', ALL);
    const [, torn, empty, missing, other, mixed] = files as [string, string, string, string, string, string];
    truncateSync(torn, 5_000);
    writeFileSync(empty, '');
    rmSync(missing);
    await duck.run(`COPY (SELECT 1 AS a) TO '${other}' (FORMAT PARQUET)`);
    await duck.run(
      `COPY (SELECT 1 AS BilledCost, now()::TIMESTAMP AS ChargePeriodStart, 's' AS ServiceName) TO '${mixed}' (FORMAT PARQUET)`,
    );
    const { Import } = await imports.import(path);
    expect(Import.State).toBe('failed');
    const named = Object.fromEntries(Import.Problems.map(({ File, Text }) => [File?.slice(-21, -15), Text]));
    expect(Import.Problems).toHaveLength(5);
    expect(Object.values(named).join('\n')).toMatch(/torn.*\n.*torn|is not there/s);
    expect(await imports.costs('2026-02', ALL)).toEqual(before);
  });

  it('refuses a period that another source has, rows of another payer, and the same file twice', async () => {
    const stray = { period: '2025-12', rows: 60, files: 2, seed: 5 } as const;
    const { path, files } = await deliver('stray', stray);
    await imports.import(path);
    const before = await imports.costs('2025-12', ALL);
    const { path: again } = await deliver('stray-again', { period: '2025-12', rows: 20 });
    expect((await imports.import(again)).Import.Problems[0]!.Text).toContain('would count twice');
    copyFileSync(files[0]!, files[1]!);
    expect((await imports.import(path)).Import.Problems[0]!.Text).toContain('give each part of the bill once');
    await deliver('stray', { ...stray, payer: '999988887777' });
    expect((await imports.import(path)).Import.Problems[0]!.Text).toContain('999988887777');
    expect(await imports.costs('2025-12', ALL)).toEqual(before);
  });

  it('refuses rows of another period than their folder is of', async () => {
    const { files: strays } = await deliver('elsewhere', { period: '2025-08', rows: 50 });
    const { path } = await deliver('elsewhere', { period: '2025-09', rows: 50 });
    copyFileSync(strays[0]!, strays[0]!.replace('2025-08', '2025-09'));
    const { Import } = await imports.import(path);
    expect(Import.Problems.map(({ Text }) => Text).join()).toContain('are of billing period `2025-08`');
  });

  it('refuses a compressed file that ends too soon', async () => {
    const { path, files } = await deliver('cut', { period: '2025-07', rows: 2_000, format: 'csv.gz' });
    truncateSync(files[0]!, Math.floor(readFileSync(files[0]!).length / 2));
    const { Import } = await imports.import(path);
    expect(Import).toMatchObject({ State: 'failed', Problems: [{ Text: expect.stringContaining('torn') }] });
    appendFileSync(files[0]!, 'x');
  });

  it('takes imports one after another, and goes on after a kill with the file that it was at', async () => {
    const { path } = await deliver('long', { period: '2026-01', rows: 1_000, files: 5, seed: 11 });
    const expected = await doubleSums("''");
    const { path: next } = await deliver('short', { period: '2025-06', rows: 100, seed: 12, payer: '222233334444' });
    const [first, second] = [await imports.start(path), await imports.start(next)];
    await imports.until(first, ({ Progress, Import }) => (Progress?.FilesDone ?? 0) > 1 || Import.State === 'done');
    expect((await imports.look(second)).Import.State).toBe('queued');
    await server.kill();
    server = await startServer({ ...options(), data: server.data });
    imports = new ImportClient(server.data);
    expect((await imports.ended(first)).Import).toMatchObject({ State: 'done', Problems: [] });
    expect((await imports.ended(second)).Import).toMatchObject({ State: 'done', Problems: [] });
    expect(await imports.costs('2026-01', ALL)).toEqual(expected);
    const { SourceId } = (await imports.sources()).find(({ Location }) => Location === path)!;
    await imports.call('DeleteBillSource', { SourceId });
    expect(await imports.costs('2026-01', ALL)).toEqual({});
  });

  it('imports what is new at a source that is watched', async () => {
    const place = { rows: 50, payer: '333344445555' };
    const { path } = await deliver('watched', { ...place, period: '2025-05', seed: 13 });
    await imports.import(path, { Watch: true });
    await deliver('watched', { ...place, period: '2025-04', seed: 14 });
    await server.stop();
    server = await startServer({ ...options(), data: server.data });
    imports = new ImportClient(server.data);
    const periods = async () => (await imports.sources()).find(({ Location }) => Location === path)!.Periods;
    while ((await periods()).length < 2) await new Promise((settle) => setTimeout(settle, 50));
    expect(await imports.costs('2025-04', ALL)).toEqual(await doubleSums("''"));
  });

  it('reads nothing of the machine that nobody has opened to imports', async () => {
    for (const place of ['/etc', join(server.data, 'master.key'), `${bills}/../..`, 'bills', '/nowhere']) {
      await expect(imports.start(place)).rejects.toThrow(/not open to imports|no absolute path/);
    }
  });
});
