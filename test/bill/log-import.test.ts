import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BedrockClient, PutModelInvocationLoggingConfigurationCommand } from '@aws-sdk/client-bedrock';
import {
  BedrockRuntimeClient,
  ConverseCommand,
  ConverseStreamCommand,
  InvokeModelCommand,
} from '@aws-sdk/client-bedrock-runtime';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3Server } from '../s3/s3-server.ts';
import { MAIN, removeFolders, startServer, type TestServer, temporaryFolder } from '../server.ts';
import { ARRIVAL, type LedgerEntry, ledger } from '../wire/ledger.ts';
import { ACCOUNT, allow, assumed, INVOKE, newRole, newUser, trust } from '../wire/principals.ts';
import { run } from '../wire/program.ts';
import { type ImportAnswer, ImportClient } from './import-client.ts';
import { LOG_ACCOUNT, logFile, logPath, logRecord, writeLogFile } from './invocation-log.ts';

const BUCKET = 'logs';
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'a-secret-of-the-bucket-with-logs' };

let server: TestServer;
let imports: ImportClient;
let folder: string;
let s3: S3Server;

beforeAll(async () => {
  folder = temporaryFolder('logs');
  s3 = await S3Server.start(BUCKET);
  const bucket = { endpoint: s3.url, accessKeyIdEnv: 'LOGS_ACCESS_KEY_ID', secretAccessKeyEnv: 'LOGS_SECRET' };
  server = await startServer({
    config: { import: { folders: [folder], buckets: { [BUCKET]: bucket } } },
    environment: { LOGS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId, LOGS_SECRET: CREDENTIALS.secretAccessKey },
  });
  imports = new ImportClient(server.data);
}, 60_000);

afterAll(async () => {
  expect(await server?.stop()).toBe(0);
  await s3?.close();
  removeFolders();
});

const id = (number: number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
const at = (hour: string, minute = 5) => `${hour}:${String(minute).padStart(2, '0')}:00Z`;

async function importedCalls(sourceId: string): Promise<LedgerEntry[]> {
  return (await ledger(server)).filter(({ Upstream }) => Upstream === `invocation-log:${sourceId}`);
}

const notesOf = ({ Import }: ImportAnswer) =>
  Object.fromEntries(
    Import.Log!.Notes.map(({ IsKept, Reason, Records }) => [`${IsKept ? '+' : '-'} ${Reason}`, Records]),
  );

describe('a model invocation log', { timeout: 60_000 }, () => {
  it('becomes calls of the ledger, at the price book’s prices, estimated', async () => {
    const root = join(folder, 'samples');
    const claude = { operation: 'InvokeModel', modelId: 'anthropic.claude-sonnet-4-6', inferenceRegion: undefined };
    writeLogFile(
      root,
      logPath('2026-11-02T09', 'a'),
      logFile([
        logRecord({ requestId: id(1), timestamp: at('2026-11-02T09') }),
        logRecord({
          ...{ requestId: id(2), timestamp: at('2026-11-02T09'), ...claude },
          identity: { arn: `arn:aws:iam::${LOG_ACCOUNT}:user/bob` },
          input: { inputTokenCount: 10, cacheReadInputTokenCount: 400, cacheWriteInputTokenCount: 200 },
        }),
        logRecord({
          requestId: id(3),
          timestamp: at('2026-11-02T09'),
          operation: 'ConverseStream',
          modelId: 'acme.new-v1:0',
        }),
        logRecord({
          ...{ requestId: id(4), timestamp: at('2026-11-02T09'), errorCode: 'ThrottlingException' },
          ...{ input: { inputTokenCount: 0 }, output: {} },
        }),
        logRecord({ requestId: id(5), timestamp: at('2026-11-02T09'), operation: 'Teleport' }),
        '{"schemaType":"ModelInvoc',
      ]),
    );
    const answer = await imports.import(root);
    expect(answer.Import).toMatchObject({ State: 'done', Problems: [], MadePrimary: false });
    expect(answer.Import.Log).toMatchObject({ Files: 1, Records: '6', Calls: '4', RefusedFiles: 0 });
    expect(notesOf(answer)).toEqual({
      '+ the model `acme.new-v1:0` is not known here': '1',
      '- operation `Teleport` is not understood': '1',
      '- no model invocation record': '1',
    });
    const calls = await importedCalls(answer.Import.SourceId);
    const call = (number: number) => calls.find(({ RequestId }) => RequestId === id(number));
    expect(call(1)).toMatchObject({
      ...{ Principal: `arn:aws:sts::${LOG_ACCOUNT}:assumed-role/DocsApp/alice@example.com`, Route: 'geo' },
      ...{ ModelId: 'anthropic.claude-sonnet-4-6', InputTokens: '1000', IsEstimated: true, UpstreamRequestId: id(1) },
      // 1000 x 3.30 + 100 x 16.50 per million.
      CostUsd: '0.00495',
    });
    expect(call(2)).toMatchObject({ CacheReadInputTokens: '400', CacheWrite5mInputTokens: '200', Route: 'in_region' });
    expect(call(3)).toMatchObject({ ModelId: 'acme.new-v1:0', IsUnpriced: true });
    expect(call(4)).toMatchObject({ Status: 'failed', ErrorCode: 'ThrottlingException', CostUsd: '0' });
    const [source] = (await imports.sources()).filter(({ Location }) => Location === root);
    expect(source).toMatchObject({ Holds: 'log', Upstream: `invocation-log:${answer.Import.SourceId}`, Periods: [] });
  });

  it('counts a call once: read again, from another place, and after it was metered here', async () => {
    const records = [10, 11, 11].map((number) => logRecord({ requestId: id(number), timestamp: at('2026-11-03T09') }));
    const [one, two] = [join(folder, 'once'), join(folder, 'copies/elsewhere')];
    for (const root of [one, two]) writeLogFile(root, logPath('2026-11-03T09', 'a'), logFile(records));
    const first = await imports.import(one);
    expect(first.Import.Log).toMatchObject({ Calls: '2' });
    for (const root of [one, two]) {
      const again = await imports.import(root);
      expect(again.Import.Log).toMatchObject({ Records: '3', Calls: '0' });
      expect(notesOf(again)).toEqual({ '- in the ledger already': '3' });
    }
    expect(await importedCalls(first.Import.SourceId)).toHaveLength(2);

    const runtime = new BedrockRuntimeClient(await newUser(server.admin, 'gateway-user', { statements: [INVOKE] }));
    const metered = await runtime.send(new ConverseCommand(converse));
    runtime.destroy();
    const requestId = metered.$metadata.requestId!;
    await expect
      .poll(async () => (await ledger(server)).some((call) => call.RequestId === requestId), ARRIVAL)
      .toBe(true);
    const timestamp = new Date().toISOString();
    const told = (number: number, gatewayId: string) =>
      logRecord({ requestId: id(number), timestamp, requestMetadata: { 'tallyline.request_id': gatewayId } });
    writeLogFile(
      join(folder, 'gateway'),
      logPath(timestamp.slice(0, 13), 'a'),
      logFile([told(12, requestId), told(13, id(99)), logRecord({ requestId, timestamp })]),
    );
    const ofGateway = await imports.import(join(folder, 'gateway'));
    // A request that was never made here proves nothing.
    expect(ofGateway.Import.Log).toMatchObject({ Calls: '1' });
    expect(notesOf(ofGateway)).toEqual({ '- metered here': '2' });
  });

  it('takes nothing of a file that is torn, names it, and reads the others', async () => {
    const root = join(folder, 'torn');
    const file = (number: number) => logFile([logRecord({ requestId: id(number), timestamp: at('2026-11-04T09') })]);
    writeLogFile(root, logPath('2026-11-04T09', 'a'), file(20).subarray(0, 150));
    writeLogFile(root, logPath('2026-11-04T10', 'b'), file(21));
    const { Import } = await imports.import(root);
    expect(Import).toMatchObject({ State: 'done', Log: { Calls: '1', RefusedFiles: 1 } });
    expect(Import.Log!.Refused).toMatchObject([
      { File: logPath('2026-11-04T09', 'a'), Text: expect.stringContaining('torn') },
    ]);
    writeLogFile(root, logPath('2026-11-04T09', 'a'), file(20));
    expect((await imports.import(root)).Import.Log).toMatchObject({ Calls: '1', RefusedFiles: 0 });
  });

  it('is compared with the bill: what agrees is matched, where a count differs the bill replaces it, and a call that it lacks is missing', async () => {
    const root = join(folder, 'billed');
    const identity = { arn: `arn:aws:iam::${LOG_ACCOUNT}:user/dora` };
    const ofHour = (hour: string, number: number) =>
      logRecord({ requestId: id(number), timestamp: at(hour), identity, modelId: 'anthropic.claude-sonnet-4-6' });
    for (const [index, hour] of ['2026-10-02T09', '2026-10-02T10', '2026-10-02T07'].entries()) {
      writeLogFile(root, logPath(hour, 'a'), logFile([ofHour(hour, 30 + index)]));
    }
    await imports.import(root);
    const bill = join(folder, 'dora');
    writeLogFile(bill, 'bill.csv', billOf(identity.arn, ['09', 'input', 1], ['09', 'output', 0.1], ['10', 'input', 2]));
    const { Import } = await imports.import(bill);
    expect(Import).toMatchObject({ State: 'done', Problems: [] });
    const compared = await imports.reconciled(Import.SourceId);
    const found = Object.fromEntries(
      compared.Codes.map(({ Code, BillUsd, LedgerUsd }) => [Code, [BillUsd, LedgerUsd]]),
    );
    expect(found.MATCHED).toEqual(['0.00495', '0.00495']);
    expect(found.ESTIMATE_REPLACED).toEqual(['0.0066', '0.00495']);
    expect(found.MISSING_IN_BILL).toEqual(['0', '0.00495']);
    expect(found.MISSING_IN_LEDGER).toEqual(['0', '0']);
  });

  it('refuses a place with a bill beside the log', async () => {
    const root = join(folder, 'mixed');
    writeLogFile(root, logPath('2026-11-04T09', 'a'), logFile([]));
    writeLogFile(root, 'cur/bill.csv.gz', logFile(['a']));
    const { Import } = await imports.import(root);
    expect(Import).toMatchObject({ State: 'failed', Problems: [{ File: 'cur/bill.csv.gz' }] });
    const check = (Location: string) => imports.call('CheckBillLocation', { Location });
    expect(await check(root)).toMatchObject({ Problems: [{ File: 'cur/bill.csv.gz' }] });
    expect(await check(join(folder, 'samples'))).toMatchObject({
      ...{
        Problems: [],
        Deliveries: [{ Format: 'model invocation log', Files: 1, ExportName: '123456789012 us-east-1' }],
      },
    });
  });

  it('is sent from another machine, and later what is new of it', async () => {
    const root = join(temporaryFolder('sent-logs'), 'prod');
    const record = (hour: string, number: number) => logRecord({ requestId: id(number), timestamp: at(hour) });
    const write = (hour: string, number: number) =>
      writeLogFile(root, logPath(hour, 'a'), logFile([record(hour, number)]));
    const elsewhere = {
      TALLYLINE_ENDPOINT: server.url,
      AWS_ACCESS_KEY_ID: server.admin.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.admin.credentials.secretAccessKey,
    };
    const other = temporaryFolder('elsewhere');
    const verb = (...args: readonly string[]) =>
      run(process.execPath, [...MAIN, 'import', ...args, '--data', other], elsewhere);
    const sent = async (place: string) => {
      const { stdout } = await verb(place, '--json');
      return (JSON.parse(stdout) as ImportAnswer).Import;
    };
    write('2026-11-06T09', 70);
    write('2026-11-06T10', 71);
    writeLogFile(root, `${dirname(logPath('2026-11-06T09', 'a'))}/data/body.json.gz`, logFile(['{}']));

    const account = join(root, 'AWSLogs', LOG_ACCOUNT);
    const shown = await verb('--check', account);
    expect(shown).toMatchObject({ status: 0, stdout: expect.stringContaining('model invocation log') });
    const first = await sent(account);
    expect(first).toMatchObject({ State: 'done', Log: { Files: 2, Calls: '2', Notes: [] } });
    const kept = join(server.data, 'imports', 'uploads', 'prod', logPath('2026-11-06T09', 'a'));
    const { ino } = statSync(kept);

    write('2026-11-07T09', 72);
    const told = await verb(root);
    expect(told).toMatchObject({ status: 0, stdout: expect.stringMatching(/^imported 1 calls .* in 3 files\n/) });
    expect(told.stdout).toMatch(/who: principal .*\n.*\n.*DocsApp\/alice@example\.com\s+0\.00495\n/);
    // It was not sent again.
    expect(statSync(kept).ino).toBe(ino);
    // A day takes the place of the whole; the other's calls stay.
    const day = dirname(dirname(join(root, logPath('2026-11-06T09', 'a'))));
    expect(await sent(day)).toMatchObject({ SourceId: first.SourceId, Log: { Files: 2, Calls: '0' } });
    expect(await importedCalls(first.SourceId)).toHaveLength(3);

    writeLogFile(root, 'bill.csv', Buffer.from('a'));
    const mixed = await verb(root);
    expect(mixed).toMatchObject({ status: 1, stderr: expect.stringContaining('lies beside it') });
    await imports.call('DeleteBillSource', { SourceId: first.SourceId });
    expect(await importedCalls(first.SourceId)).toEqual([]);
    expect(existsSync(join(server.data, 'imports', 'uploads', 'prod'))).toBe(false);
  });

  it('goes on with a sending that was cut off in the midst of a file', async () => {
    const file = logFile([logRecord({ requestId: id(75), timestamp: at('2026-11-08T09') })]);
    const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
    const paths = ['a', 'b'].map((name) => logPath('2026-11-08T09', name));
    const Files = paths.map((Path) => ({ Path, Bytes: `${file.length}`, Sha256: sha256(file) }));
    const begin = () => imports.call<{ UploadId: string }>('StartBillUpload', { Name: 'cut', Files });
    const { UploadId } = await begin();
    const put = (Path: string, from: number, to: number) => {
      const data = file.subarray(from, to);
      const part = { UploadId, Path, Offset: `${from}`, Data: data.toString('base64'), Sha256: sha256(data) };
      return imports.call('PutBillFilePart', part);
    };
    await put(paths[0]!, 0, file.length);
    await put(paths[1]!, 0, 50);
    const received = [`${file.length}`, '50'].map((ReceivedBytes, at) => ({ Path: paths[at], ReceivedBytes }));
    expect(await begin()).toMatchObject({ UploadId, Files: received });
    await put(paths[1]!, 50, file.length);
    await imports.call('CompleteBillUpload', { UploadId });
    const { Import } = await imports.import('upload://cut');
    // The same call is in both.
    expect(Import).toMatchObject({ State: 'done', Log: { Files: 2, Calls: '1' } });
  });

  it('reads from S3, and goes with its source', async () => {
    const client = new S3Client({
      endpoint: s3.url,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: CREDENTIALS,
    });
    const put = (name: string, from: number, count: number) => {
      const numbers = Array.from({ length: count }, (_, index) => from + index);
      const Body = logFile(
        numbers.map((number) => logRecord({ requestId: id(number), timestamp: at('2026-11-05T09') })),
      );
      return client.send(new PutObjectCommand({ Bucket: BUCKET, Key: `eu/${logPath('2026-11-05T09', name)}`, Body }));
    };
    for (let file = 0; file < 20; file += 1) await put(`f${file}`, 1_000 + file * 100, 100);
    const { Import } = await imports.import(`s3://${BUCKET}/eu/`);
    expect(Import).toMatchObject({
      ...{ State: 'done', Problems: [] },
      Log: { Files: 20, Records: '2000', Calls: '2000', Notes: [] },
    });
    client.destroy();
    const total = async () => {
      const question = { Start: '2026-11-05T00:00:00Z', End: '2026-11-06T00:00:00Z', Granularity: 'TOTAL' };
      return (await imports.call<{ Rows: { Requests: string; CostUsd: string }[] }>('GetReport', question)).Rows[0];
    };
    expect(await total()).toMatchObject({ Requests: '2000', CostUsd: '9.9' });
    await imports.call('DeleteBillSource', { SourceId: Import.SourceId });
    expect(await total()).toMatchObject({ Requests: '0', CostUsd: '0' });
    expect((await imports.import(`s3://${BUCKET}/eu/`)).Import.Log).toMatchObject({ Calls: '2000' });
  });
});

/** A bill in CSV by the hour of a day: thousands of tokens of Claude in-region, at the price book's prices. */
function billOf(
  principal: string,
  ...rows: readonly (readonly [hour: string, meter: string, thousands: number])[]
): Buffer {
  const prices: Readonly<Record<string, number>> = { input: 0.0033, output: 0.0165 };
  const lines = rows.map(([hour, meter, thousands]) => {
    const day = '2026-10-02T';
    const cost = Number((thousands * prices[meter]!).toFixed(12));
    return [
      ...['2026-10-01T00:00:00Z', LOG_ACCOUNT, LOG_ACCOUNT, 'Usage', `${day}${hour}:00:00Z`],
      ...[`${day}${String(Number(hour) + 1).padStart(2, '0')}:00:00Z`, 'AmazonBedrock'],
      ...[
        `USE1-Claude4.6Sonnet-${meter}-tokens`,
        `${thousands}`,
        `${cost}`,
        'USD',
        '1K tokens',
        principal,
        'us-east-1',
      ],
    ].join(',');
  });
  const columns = [
    ...['bill_billing_period_start_date', 'bill_payer_account_id', 'line_item_usage_account_id'],
    ...['line_item_line_item_type', 'line_item_usage_start_date', 'line_item_usage_end_date', 'line_item_product_code'],
    ...['line_item_usage_type', 'line_item_usage_amount', 'line_item_unblended_cost', 'line_item_currency_code'],
    ...['pricing_unit', 'line_item_iam_principal', 'product_region_code'],
  ];
  return Buffer.from(`${[columns.join(','), ...lines].join('\n')}\n`);
}

it('is read to its end after the server was killed, and the watch reads what is new', {
  timeout: 180_000,
}, async () => {
  const root = temporaryFolder('watched');
  const files = 60;
  const perFile = 400;
  for (let file = 0; file < files; file += 1) {
    const hour = `2026-11-${String(1 + Math.floor(file / 24)).padStart(2, '0')}T${String(file % 24).padStart(2, '0')}`;
    const records = Array.from({ length: perFile }, (_, index) =>
      logRecord({ requestId: id(10_000 + file * perFile + index), timestamp: at(hour) }),
    );
    writeLogFile(root, logPath(hour, 'a'), logFile(records));
  }
  const config = { import: { folders: [root] } };
  const killed = await startServer({ config });
  const importing = new ImportClient(killed.data);
  const importId = await importing.start(root, { Watch: true });
  await importing.until(importId, ({ Import }) => Number(Import.Log?.Calls ?? 0) > 0 || Import.State === 'done');
  await killed.kill();

  const resumed = await startServer({ config, data: killed.data });
  const again = new ImportClient(resumed.data);
  const { Import } = await again.ended(importId);
  expect(Import).toMatchObject({ State: 'done', Problems: [] });
  const requests = async (client: ImportClient) => {
    const question = { Start: '2026-11-01T00:00:00Z', End: '2026-11-10T00:00:00Z', Granularity: 'TOTAL' };
    return (await client.call<{ Rows: { Requests: string }[] }>('GetReport', question)).Rows[0]!.Requests;
  };
  expect(await requests(again)).toBe(String(files * perFile));
  expect(await resumed.stop()).toBe(0);

  for (const [number, hour, name] of [
    [1, '2026-11-03T12', 'new'],
    [2, '2026-11-03T11', 'b'],
    [3, '2026-11-01T03', 'late'],
  ] as const) {
    writeLogFile(root, logPath(hour, name), logFile([logRecord({ requestId: id(number), timestamp: at(hour) })]));
  }
  const watching = await startServer({ config, data: killed.data });
  const watcher = new ImportClient(watching.data);
  await expect.poll(() => requests(watcher), ARRIVAL).toBe(String(files * perFile + 3));
  const { Imports } = await watcher.call<{ Imports: ImportAnswer['Import'][] }>('ListBillImports', {});
  const watched = await watcher.ended(Imports[0]!.ImportId);
  // The hour that is some time ago is read again as a whole.
  expect(watched.Import).toMatchObject({ Cause: 'watch', Log: { Files: 4, Calls: '3' } });
  expect(notesOf(watched)).toEqual({ '- in the ledger already': `${perFile}` });
  // Nothing else is in the ledger: what is shown ends where the log does.
  const end = '2026-11-03T12:15:00Z';
  expect(await watcher.call('GetConsoleSession', {})).toMatchObject({ UsageEnds: { Ledger: end } });
  expect(await watcher.call('GetOverview', {})).toMatchObject({ MonthToDate: { End: end } });
  expect(await watching.stop()).toBe(0);
});

const converse = {
  modelId: 'us.anthropic.claude-sonnet-4-6',
  messages: [{ role: 'user' as const, content: [{ text: 'hello' }] }],
  additionalModelRequestFields: { simulate: { inputTokens: 11, outputTokens: 7, cacheReadInputTokens: 5 } },
};

it('gives another Tallyline the ledger of the one that wrote the log, and a bill comes before it', async () => {
  const writer = await startServer({ config: { invocationLog: { flushSeconds: 0.05 } } });
  try {
    const control = new BedrockClient(writer.admin);
    const loggingConfig = { s3Config: { bucketName: BUCKET } };
    await control.send(new PutModelInvocationLoggingConfigurationCommand({ loggingConfig }));
    control.destroy();
    const ana = await newUser(writer.admin, 'ana', { statements: [INVOKE, allow('sts:AssumeRole')] });
    const trusted = trust(`arn:aws:iam::${ACCOUNT}:user/ana`);
    const role = await newRole(writer.admin, 'DocsApp', { statements: [INVOKE], trust: [trusted] });
    const session = await assumed(ana, role, 'carol@example.com');
    for (const caller of [ana, session]) {
      const runtime = new BedrockRuntimeClient(caller);
      await runtime.send(new ConverseCommand(converse));
      const streamed = await runtime.send(new ConverseStreamCommand({ ...converse, modelId: 'amazon.nova-lite-v1:0' }));
      for await (const _ of streamed.stream!);
      const body = {
        anthropic_version: 'bedrock-2023-05-31',
        max_tokens: 5,
        messages: [{ role: 'user', content: 'x' }],
      };
      await runtime.send(new InvokeModelCommand({ modelId: converse.modelId, body: JSON.stringify(body) }));
      runtime.destroy();
    }
    await expect.poll(async () => (await ledger(writer)).length, ARRIVAL).toBe(6);
    const written = await ledger(writer);
    const log = join(writer.data, 'exports', BUCKET);
    const bills = temporaryFolder('bills-after-logs');
    writeLogFile(bills, 'bill.csv', billOf(`arn:aws:iam::${LOG_ACCOUNT}:user/dora`, ['09', 'input', 1]));
    expect(await writer.stop()).toBe(0);
    const reader = await startServer({ config: { import: { folders: [log, bills] } } });
    const imports = new ImportClient(reader.data);
    const { Import } = await imports.import(log);
    expect(Import).toMatchObject({ State: 'done', Log: { Calls: '6', Notes: [] } });
    const facts = (calls: readonly LedgerEntry[]) =>
      calls
        .map((call) => ({
          ...{ id: call.RequestId, who: call.Principal, operation: call.Operation, model: call.ModelId },
          ...{ resource: call.ResourceArn, route: call.Route, region: call.Region, status: call.Status },
          ...{ input: call.InputTokens, output: call.OutputTokens, read: call.CacheReadInputTokens ?? '0' },
          cost: call.CostUsd,
        }))
        .sort((a, b) => (a.id < b.id ? -1 : 1));
    const read = await ledger(reader);
    expect(await imports.import(bills)).toMatchObject({ Import: { MadePrimary: true }, PrimaryBook: 'bill' });
    expect(await reader.stop()).toBe(0);
    expect(facts(read)).toEqual(facts(written));
    expect(read.every(({ IsEstimated }) => IsEstimated)).toBe(true);
  } finally {
    await writer.kill();
  }
}, 120_000);
