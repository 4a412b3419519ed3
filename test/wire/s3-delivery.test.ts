import { gunzipSync } from 'node:zlib';
import {
  BCMDataExportsClient,
  CreateExportCommand,
  type Export,
  GetExecutionCommand,
  GetExportCommand,
  ListExecutionsCommand,
} from '@aws-sdk/client-bcm-data-exports';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { S3_CREDENTIALS } from '../s3/s3-credentials.ts';
import { S3Server } from '../s3/s3-server.ts';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { spend } from './inference-calls.ts';
import { ARRIVAL, billedCalls } from './ledger.ts';
import { INVOKE, newUser } from './principals.ts';

let s3: S3Server;
let server: TestServer;
let exports: BCMDataExportsClient;

beforeAll(async () => {
  s3 = await S3Server.start('bills');
  const destination = {
    ...{ type: 's3', endpoint: s3.url },
    ...{ accessKeyIdEnv: 'EXPORTS_KEY_ID', secretAccessKeyEnv: 'EXPORTS_SECRET' },
  };
  server = await startServer({
    config: { exports: { destination, buckets: { local: { type: 'folder' } }, lineItemsPerFile: 1 } },
    environment: { EXPORTS_KEY_ID: S3_CREDENTIALS.accessKeyId, EXPORTS_SECRET: S3_CREDENTIALS.secretAccessKey },
  });
  exports = new BCMDataExportsClient(server.admin);
  for (const name of ['ann', 'bob']) {
    const calls = [{ modelId: 'anthropic.claude-sonnet-4-6', inputTokens: 10_000, outputTokens: 2_000 }];
    await spend(await newUser(server.admin, name, { statements: [INVOKE] }), calls);
  }
  await vi.waitFor(async () => expect(await billedCalls(server)).toBe(2), ARRIVAL);
});
afterAll(async () => {
  exports?.destroy();
  expect(await server.stop()).toBe(0);
  await s3.close();
  removeFolders();
});
beforeEach(() => {
  s3.reply = () => undefined;
});

function definition(Name: string, S3Bucket = 'bills'): Export {
  return {
    Name,
    DataQuery: {
      QueryStatement: 'SELECT line_item_iam_principal, line_item_usage_type FROM COST_AND_USAGE_REPORT',
      TableConfigurations: { COST_AND_USAGE_REPORT: { INCLUDE_IAM_PRINCIPAL_DATA: 'TRUE' } },
    },
    DestinationConfigurations: {
      S3Destination: {
        ...{ S3Bucket, S3Prefix: 'cur2', S3Region: 'us-east-1' },
        S3OutputConfigurations: {
          ...{ OutputType: 'CUSTOM', Format: 'TEXT_OR_CSV', Compression: 'GZIP', Overwrite: 'OVERWRITE_REPORT' },
        },
      },
    },
    RefreshCadence: { Frequency: 'SYNCHRONOUS' },
  };
}

async function latestExecution(ExportArn: string) {
  const { Executions } = await exports.send(new ListExecutionsCommand({ ExportArn }));
  const { ExecutionId } = Executions![0]!;
  return (await exports.send(new GetExecutionCommand({ ExportArn, ExecutionId }))).ExecutionStatus!;
}

describe('an export to an S3-compatible store', () => {
  it('is delivered in several files, which the manifest names', async () => {
    const { ExportArn } = await exports.send(new CreateExportCommand({ Export: definition('to-s3') }));
    const succeeded = { StatusCode: 'DELIVERY_SUCCESS' };
    await expect.poll(() => latestExecution(ExportArn!), ARRIVAL).toMatchObject(succeeded);
    expect(s3.object('bills', 'aws-programmatic-access-test-object')).toHaveLength(0);
    const manifestKey = s3.keys('bills').find((key) => key.endsWith('/to-s3-Manifest.json'))!;
    expect(manifestKey).toMatch(/^cur2\/to-s3\/metadata\/BILLING_PERIOD=\d{4}-\d\d\/to-s3-Manifest\.json$/);
    const { dataFiles } = JSON.parse(s3.object('bills', manifestKey).toString()) as { dataFiles: string[] };
    expect(dataFiles.length).toBeGreaterThan(1);
    const files = dataFiles.map((uri) => {
      return gunzipSync(s3.object('bills', uri.replace('s3://bills/', ''))).toString();
    });
    for (const file of files) expect(file.split('\n')[0]).toBe('"line_item_iam_principal","line_item_usage_type"');
    expect(files.flatMap((file) => file.trimEnd().split('\n').slice(1))).toHaveLength(4);
    expect(s3.uploads('bills')).toEqual([]);
  });

  it('is unhealthy when the store refuses, and healthy again afterwards', async () => {
    const { ExportArn } = await exports.send(new CreateExportCommand({ Export: definition('refused') }));
    await expect.poll(() => latestExecution(ExportArn!), ARRIVAL).toMatchObject({ StatusCode: 'DELIVERY_SUCCESS' });
    const tallyline = new TallylineClient(readProfile(server.data, {}), () => Date.now());
    const run = () =>
      tallyline.call<{ Status: string; Reason?: string }>('StartExportExecution', { ExportName: 'refused' });
    const status = async () => (await exports.send(new GetExportCommand({ ExportArn }))).ExportStatus;

    s3.reply = ({ method }) => (method === 'POST' ? [403, 'AccessDenied'] : undefined);
    expect(await run()).toMatchObject({
      Status: 'DELIVERY_FAILURE',
      Reason: 'the bucket `bills` cannot be written (AccessDenied)',
    });
    expect(await status()).toMatchObject({ StatusCode: 'UNHEALTHY', StatusReason: 'INSUFFICIENT_PERMISSION' });
    expect(await latestExecution(ExportArn!)).toMatchObject({ StatusReason: 'INSUFFICIENT_PERMISSION' });

    s3.reply = () => undefined;
    expect((await run()).Status).toBe('DELIVERY_SUCCESS');
    expect((await status())!.StatusCode).toBe('HEALTHY');
  });

  it('is refused for a bucket that is not there, and taken for one that is a folder', async () => {
    const missing = exports.send(new CreateExportCommand({ Export: definition('missing', 'no-bills') }));
    await expect(missing).rejects.toMatchObject({ name: 'AccessDeniedException' });
    const { ExportArn } = await exports.send(new CreateExportCommand({ Export: definition('near', 'local') }));
    await expect.poll(() => latestExecution(ExportArn!), ARRIVAL).toMatchObject({ StatusCode: 'DELIVERY_SUCCESS' });
    expect(s3.keys('bills').filter((key) => key.includes('near'))).toEqual([]);
  });
});
