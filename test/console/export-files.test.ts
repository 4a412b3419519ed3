import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from '../wire/inference-calls.ts';
import { ARRIVAL, billedCalls } from '../wire/ledger.ts';
import { allow, INVOKE, newUser } from '../wire/principals.ts';
import { type BrowserSession, signIn } from './browser-session.ts';

interface Period {
  readonly ManifestUri: string;
  readonly Files: readonly { readonly Uri: string; readonly Bytes: number }[];
}

let server: TestServer;
let admin: BrowserSession;
let exportArn: string;
let period: Period;

beforeAll(async () => {
  server = await startServer();
  admin = await signIn(server.url, server.admin.credentials);
  const ann = await newUser(server.admin, 'ann', { statements: [INVOKE] });
  await spend(ann, [{ modelId: 'anthropic.claude-sonnet-4-6', inputTokens: 1_000, outputTokens: 0 }]);
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(1), ARRIVAL);
  const S3OutputConfigurations = {
    ...{ OutputType: 'CUSTOM', Format: 'PARQUET', Compression: 'PARQUET', Overwrite: 'OVERWRITE_REPORT' },
  };
  const { ExportArn } = await admin.call('bcm-data-exports', 'CreateExport', {
    Export: {
      Name: 'bill',
      DataQuery: { QueryStatement: 'SELECT line_item_unblended_cost FROM COST_AND_USAGE_REPORT' },
      DestinationConfigurations: {
        S3Destination: { S3Bucket: 'bills', S3Prefix: 'cur', S3Region: 'us-east-1', S3OutputConfigurations },
      },
      RefreshCadence: { Frequency: 'SYNCHRONOUS' },
    },
  });
  exportArn = ExportArn as string;
  await admin.call('tallyline', 'StartExportExecution', { ExportName: 'bill' });
  const { Periods } = await admin.call('tallyline', 'GetExportDelivery', { ExportArn });
  [period] = Periods as [Period];
});
afterAll(async () => {
  expect(await server.stop()).toBe(0);
  removeFolders();
});

const get = (file: string, { cookie }: Pick<BrowserSession, 'cookie'>) =>
  fetch(`${server.url}/api/v1/export-files?${new URLSearchParams({ exportArn, file })}`, { headers: { cookie } });

it('a delivered file comes as it is, to be kept under its name', async () => {
  const { Uri, Bytes } = period.Files[0]!;
  const answer = await get(Uri, admin);
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="bill-00001.snappy.parquet"');
  expect(answer.headers.get('content-type')).toBe('application/vnd.apache.parquet');
  expect(bytes.length).toBe(Bytes);
  expect(bytes.equals(readFileSync(join(server.data, 'exports', Uri.replace('s3://', ''))))).toBe(true);
});

it('so does the manifest', async () => {
  const answer = await get(period.ManifestUri, admin);
  expect(await answer.json()).toMatchObject({ exportArn, dataFiles: period.Files.map(({ Uri }) => Uri) });
});

it('and so do the views for query engines', async () => {
  const { SetUpFiles } = await admin.call('tallyline', 'GetExportDelivery', { ExportArn: exportArn });
  expect(SetUpFiles).toEqual(['s3://bills/cur/bill/views/duckdb.sql', 's3://bills/cur/bill/views/clickhouse.sql']);
  const answer = await get((SetUpFiles as [string])[0], admin);
  expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  expect(await answer.text()).toContain('CREATE OR REPLACE VIEW "bill"."cur"');
});

it.each([
  ['another object of the bucket', 's3://bills/aws-programmatic-access-test-object'],
  ['a way out of the bucket', 's3://bills/../../directory.sqlite'],
  ['another bucket', 's3://other/cur/bill/data/BILLING_PERIOD=2026-11/bill-00001.snappy.parquet'],
])('%s is no file of the export', async (_, file) => {
  const answer = await get(file, admin);
  expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'ResourceNotFoundException' }]);
});

it('takes who may, and somebody who is signed in', async () => {
  const { Uri } = period.Files[0]!;
  expect((await get(Uri, { cookie: '' })).status).toBeGreaterThanOrEqual(401);
  const reader = await newUser(server.admin, 'reader', { statements: [allow('tallyline:GetReport')] });
  const answer = await get(Uri, await signIn(server.url, reader.credentials));
  expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'AccessDeniedException' }]);
});
