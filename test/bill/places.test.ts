import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DuckDb, openDuckDb } from '../cur/duckdb.ts';
import { MAIN, removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { run } from '../wire/program.ts';
import { BEDROCK_KINDS } from './bill-kinds.ts';
import { COMMON_COLUMNS, type DeliveryOptions, writeDelivery } from './delivery.ts';
import { type ImportAnswer, ImportClient } from './import-client.ts';
import { zipFile } from './zip-file.ts';

interface Check {
  readonly Deliveries: readonly {
    readonly BillingPeriod?: string;
    readonly Remedy?: { readonly Commands: readonly string[] };
    readonly Findings: readonly {
      readonly Code: string;
      readonly Text: string;
      readonly Commands?: readonly string[];
    }[];
  }[];
  readonly Problems: readonly { readonly File?: string; readonly Text: string }[];
}

let duck: DuckDb;
let server: TestServer;
let imports: ImportClient;
let bills: string;

beforeAll(async () => {
  duck = await openDuckDb();
  bills = temporaryFolder('places');
  server = await startServer({ config: { import: { folders: [bills], uploadGib: 1 } } });
  imports = new ImportClient(server.data);
});

afterAll(async () => {
  await server?.stop();
  duck?.close();
  removeFolders();
});

function deliver(name: string, delivery: Omit<DeliveryOptions, 'folder'>) {
  return writeDelivery(duck, { folder: join(bills, name), ...delivery });
}

function check(Location: string): Promise<Check> {
  return imports.call('CheckBillLocation', { Location });
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

const codesOf = ({ Deliveries }: Pick<ImportAnswer, 'Deliveries'>) =>
  Deliveries.map(({ Findings }) => Findings.map(({ Code }) => Code));

describe('what a bill cannot answer, before it is imported', () => {
  it('is said of columns that are missing and of columns that are empty, and nothing is imported', async () => {
    const nobody = BEDROCK_KINDS.map((kind) => ({ ...kind, hasPrincipal: false, resource: '' }));
    await deliver('parquet', { period: '2026-05', rows: 200, files: 2, grain: 'day', kinds: nobody });
    const without = COMMON_COLUMNS.filter((name) => !/^(line_item_iam_principal|tags|product)$|_net_/.test(name));
    const { path } = await deliver('parquet', { period: '2026-06', rows: 200, columns: without });
    const found = await check(path);
    expect(found).toMatchObject({
      Problems: [],
      Deliveries: [
        { BillingPeriod: '2026-05', Format: 'CUR 2.0', Files: 2, Rows: '200', IsImported: false },
        { BillingPeriod: '2026-06', Files: 1, Rows: '200', Layout: 'overwrite' },
      ],
    });
    expect(codesOf(found)).toEqual([
      ['no_principals', 'no_resources', 'coarse_grain'],
      ['no_principal_column', 'normalised_tags', 'no_net_cost', 'no_product_map'],
    ]);
    expect(found.Deliveries[1]!.Findings[0]!.Commands!.join()).toContain('INCLUDE_IAM_PRINCIPAL_DATA = "TRUE"');
    const change = found.Deliveries[1]!.Remedy!.Commands.join('\n');
    expect(change).toMatch(/INCLUDE_IAM_PRINCIPAL_DATA = "TRUE".* line_item_iam_principal, tags, .*update-export/s);
    const shown = await run(process.execPath, [...MAIN, 'import', '--check', path, '--data', server.data], {});
    expect(shown).toMatchObject({ status: 0, stdout: expect.stringContaining('in one change:\n') });
    expect(shown.stdout.split('in one change:')[1]).toContain(change.split('\n').at(-1));
    expect(await imports.sources()).toEqual([]);
  });

  it('is what the import says when it has read the rows, and what it says before', async () => {
    const place = { period: '2025-11', format: 'csv.gz', grain: 'day', rows: 300 } as const;
    const columns = COMMON_COLUMNS.filter((name) => !/^(line_item_iam_principal|tags)$/.test(name));
    const { path } = await deliver('csv', { ...place, columns });
    const [before] = codesOf(await check(path));
    expect(before).toEqual(['no_principal_column', 'normalised_tags', 'coarse_grain']);
    const answer = await imports.import(path);
    expect(answer.Import.State).toBe('done');
    expect(codesOf(answer)).toEqual([before]);
    expect(answer.Periods[0]!.Findings.map(({ Code }) => Code)).toEqual(before);
    expect(await check(path)).toMatchObject({ Deliveries: [{ IsImported: true }] });
  });

  it('comes with what would be refused', async () => {
    const { path, files } = await deliver('torn', { period: '2025-10', rows: 20, files: 2 });
    appendFileSync(files[1]!, 'torn');
    expect((await check(path)).Problems).toMatchObject([{ Text: expect.stringContaining('torn') }]);
    await expect(check('/etc')).rejects.toThrow('not open to imports');
    mkdirSync(join(bills, 'log', 'AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1'), { recursive: true });
    // A log without a call so far.
    expect(await check(join(bills, 'log'))).toMatchObject({ Deliveries: [], Problems: [] });
    const shown = await run(process.execPath, [...MAIN, 'import', '--check', path, '--data', server.data], {});
    expect(shown).toMatchObject({ status: 1, stdout: expect.stringMatching(/would be refused:\n.*00002.*torn/) });
  });
});

describe('a bill that is sent to the server', () => {
  const elsewhere = () => ({
    TALLYLINE_ENDPOINT: server.url,
    AWS_ACCESS_KEY_ID: server.admin.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: server.admin.credentials.secretAccessKey,
  });
  const verb = (...args: readonly string[]) => run(process.execPath, [...MAIN, ...args], elsewhere());

  it('is looked at, imported, and replaced by a later one, from another machine', async () => {
    const folder = temporaryFolder('sent');
    const march = { period: '2026-03', payer: '333344445555' } as const;
    const { path } = await writeDelivery(duck, { folder, ...march, rows: 80, files: 2 });
    const other = temporaryFolder('elsewhere');
    const shown = await verb('import', '--check', path, '--data', other);
    expect(shown).toMatchObject({ status: 0, stdout: expect.stringMatching(/2026-03 .* 80\n/) });
    expect(await verb('import', path, '--data', other)).toMatchObject({ status: 0 });
    const source = async () => (await imports.sources()).find(({ Location }) => Location === 'upload://bedrock-cur2');
    expect(await source()).toMatchObject({ Periods: [{ BillingPeriod: '2026-03' }] });
    await writeDelivery(duck, { folder, ...march, rows: 10, seed: 2 });
    const [sum] = await duck.query('SELECT count(*)::INT AS rows FROM bill_rows WHERE is_bedrock');
    expect(await verb('import', path, '--json', '--data', other)).toMatchObject({ status: 0 });
    expect(await source()).toMatchObject({ Periods: [{ Rows: `${sum!.rows}` }] });
    const uploads = join(server.data, 'imports', 'uploads');
    expect(readdirSync(uploads)).toEqual(['bedrock-cur2']);
    await imports.call('DeleteBillSource', { SourceId: (await source())!.SourceId });
    expect(readdirSync(uploads)).toEqual([]);
    expect(existsSync(join(other, 'imports'))).toBe(false);
  });

  it('goes on where it was cut off, and is refused where it is not what was announced', async () => {
    const data = Buffer.from('identity/LineItemId,lineItem/UnblendedCost\n');
    const file = { Path: 'a/b.csv', Bytes: `${data.length * 2}`, Sha256: sha256(Buffer.concat([data, data])) };
    const begin = () =>
      imports.call<{ UploadId: string; Files: unknown }>('StartBillUpload', { Name: 'x', Files: [file] });
    const { UploadId } = await begin();
    const part = { UploadId, Path: file.Path, Offset: '0', Data: data.toString('base64'), Sha256: sha256(data) };
    const put = (change: object) => imports.call('PutBillFilePart', { ...part, ...change });
    await expect(put({ Sha256: sha256(Buffer.from('other')) })).rejects.toThrow('is not what was sent');
    await expect(put({ Offset: '5' })).rejects.toThrow('begins at 0');
    expect([await put({}), await put({})]).toEqual([{ ReceivedBytes: '43' }, { ReceivedBytes: '43' }]);
    expect(await begin()).toMatchObject({ UploadId, Files: [{ Path: file.Path, ReceivedBytes: '43' }] });
    await expect(imports.call('CompleteBillUpload', { UploadId })).rejects.toThrow('parts are missing of `a/b.csv`');
    const other = Buffer.from(data.map((byte) => byte + 1));
    const changed = { Offset: '43', Data: other.toString('base64'), Sha256: sha256(other) };
    await expect(put(changed)).rejects.toThrow('changed while it was sent');
    expect(await begin()).toMatchObject({ Files: [{ ReceivedBytes: '0' }] });
    await put({});
    await put({ Offset: '43' });
    expect(await imports.call('CompleteBillUpload', { UploadId })).toMatchObject({ Location: 'upload://x' });
  });

  it('lies nowhere but where uploads lie, and is no larger than they may be', async () => {
    const sum = sha256(Buffer.from(''));
    const begin = (Name: string, Path: string, Bytes = '1') =>
      imports.call('StartBillUpload', { Name, Files: [{ Path, Bytes, Sha256: sum }] });
    const hour = 'AWSLogs/123456789012/BedrockModelInvocationLogs/us-east-1/2026/11/02/09';
    const ofLog = ['notes.json', `${hour}/data/a.json.gz`, `../${hour}/a.json.gz`, `.a/${hour}/a.json`];
    for (const path of ['../a.csv', '/etc/a.csv', 'a//b.csv', '.a.csv', 'a/..\\b.csv', 'notes.txt', ...ofLog]) {
      await expect(begin('y', path)).rejects.toThrow('is no path of a file of a bill');
    }
    for (const name of ['..', '.y', 'a/b'])
      await expect(begin(name, 'a.csv')).rejects.toThrow('is no name of an upload');
    await expect(begin('y', 'a.csv', `${2 ** 31}`)).rejects.toThrow('uploads may have 1073741824 together');
    await expect(imports.start('upload://../../master.key')).rejects.toThrow('is no absolute path');
  });
});

describe('a legacy report', () => {
  const columns = ['identity/LineItemId', 'bill/PayerAccountId', 'bill/BillingPeriodStartDate', 'lineItem/ProductCode'];
  columns.push('lineItem/UsageStartDate', 'lineItem/UsageEndDate', 'lineItem/UsageType', 'lineItem/UnblendedCost');
  columns.push('lineItem/CurrencyCode');

  function csv(rows: number, filler = ''): string {
    const [start, end] = ['2025-09-01T00:00:00Z', '2025-09-01T01:00:00Z'];
    const row = (line: number) =>
      ['', '222233334444', start, 'AmazonBedrock', start, end, `USE1-Nova2.0Lite-output-tokens${filler}`, '0.25', 'USD']
        .with(0, `line-${line}`)
        .join();
    return `${columns.join()}\n${Array.from({ length: rows }, (_, line) => row(line)).join('\n')}\n`;
  }

  function place(name: string, files: Readonly<Record<string, Buffer>>): string {
    const folder = join(bills, name, '20250901-20251001');
    mkdirSync(folder, { recursive: true });
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, file), bytes);
    const reportKeys = Object.keys(files).map((file) => `reports/20250901-20251001/${file}`);
    writeFileSync(join(folder, 'cur-Manifest.json'), JSON.stringify({ assemblyId: 'a', reportKeys }));
    return join(bills, name);
  }

  it('is read from ZIP', async () => {
    const path = place('zip', { 'cur-00001.csv.zip': zipFile({ text: csv(40) }) });
    expect(codesOf(await check(path))).toEqual([['legacy_report', 'no_resources']]);
    const { Import, Periods } = await imports.import(path);
    expect(Import).toMatchObject({ State: 'done', Problems: [] });
    expect(Periods).toMatchObject([{ BillingPeriod: '2025-09', Format: 'legacy CUR', Rows: '40', CostUsd: '10' }]);
  });

  it('is refused where it is encrypted, or would fill the disk', async () => {
    const encrypted = place('encrypted', { 'cur-00001.csv.zip': zipFile({ text: csv(1), flags: 9 }) });
    expect((await check(encrypted)).Problems).toMatchObject([{ Text: expect.stringContaining('it is encrypted') }]);
    const bomb = place('bomb', { 'cur-00001.csv.gz': gzipSync(csv(2_000, 'x'.repeat(40_000))) });
    const { Import } = await imports.import(bomb);
    expect(Import).toMatchObject({ State: 'failed', Problems: [{ File: expect.stringContaining('cur-00001') }] });
    expect(Import.Problems[0]!.Text).toContain('it unpacks to more than 200 times its size');
  });
});
