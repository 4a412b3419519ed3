// The main job in one go: an organisation, its inference calls through the AWS SDK, and the answer to "who and what is
// driving our spend?". Run with `npm run demo`; `npm run demo -- --exit` ends by itself.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { activateTags, billed, deliverExport, EXPORT } from './demo/billing.ts';
import { startIdentityProvider } from './demo/identity-provider.ts';
import { type ClientConfig, runAnnouncement, runFederation } from './demo/organisation.ts';

const data = mkdtempSync(join(tmpdir(), 'tallyline-demo-'));
const tallyline = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '..', 'src', 'main.ts')];
const print = (line = '') => console.log(line);

const caFile = join(data, 'identity-provider.pem');
const provider = await startIdentityProvider(caFile);
const config = join(data, 'tallyline.yaml');
writeFileSync(config, `federation: { caFile: ${JSON.stringify(caFile)} }\n`);
const server = spawn(process.execPath, [...tallyline, 'serve', '--port', '0', '--data', data, '--config', config], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const exited = new Promise<number>((resolve) => server.once('exit', (code) => resolve(code ?? 1)));
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

try {
  const endpoint = await listening();
  print(`tallyline serves at ${endpoint}, data in ${data}\n`);
  const admin = administrator(endpoint);
  await runAnnouncement(admin, print);
  await runFederation(admin, provider, print);
  const now = new Date();
  const monthStart = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  await billed(admin, monthStart);
  await activateTags(admin, monthStart);
  print('cost allocation tags activated, with a backfill to the start of the month');
  await deliverExport(admin);
  await printCurRows(now.toISOString().slice(0, 7));
  await run('who drives the spend', ['who']);
  await run('which team', ['report', '--by', 'tag:team']);
  await run('what drives it', ['what']);
  if (process.argv.includes('--exit')) await stop(0);
  printNextSteps(endpoint);
} catch (error) {
  console.error(error);
  await stop(1);
}

function listening(): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: server.stdout }).on('line', (line) => {
      const [, url] = /^tallyline listening on (\S+)/.exec(line) ?? [];
      if (url) resolve(url);
    });
    void exited.then((code) => reject(new Error(`the server ended with ${code} before it listened`)));
  });
}

function administrator(endpoint: string): ClientConfig {
  const text = readFileSync(join(data, 'aws', 'credentials'), 'utf8');
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? '';
  const credentials = { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') };
  return { endpoint, region: 'us-east-1', credentials };
}

/** Reads the delivered Parquet file back, as Athena or DuckDB would. */
async function printCurRows(period: string): Promise<void> {
  const folder = join(data, 'exports', EXPORT.bucket, EXPORT.prefix, EXPORT.name, 'data', `BILLING_PERIOD=${period}`);
  const path = join(folder, `${EXPORT.name}-00001.snappy.parquet`);
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file, compressors });
  print(`\nCUR 2.0, delivered to ${path}\n`);
  for (const row of rows.sort((a, b) => rowKey(a).localeCompare(rowKey(b)))) {
    print(`line_item_iam_principal   ${row.line_item_iam_principal}`);
    print(`  line_item_usage_type    ${row.line_item_usage_type}`);
    print(`  line_item_usage_amount  ${row.line_item_usage_amount} (${row.pricing_unit})`);
    print(`  line_item_unblended_cost ${Number(row.line_item_unblended_cost).toFixed(4)}`);
    print(`  tags                    ${JSON.stringify(row.tags)}`);
  }
}

function rowKey(row: Record<string, unknown>): string {
  return `${row.line_item_iam_principal} ${row.line_item_usage_type}`;
}

async function run(question: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, TALLYLINE_DATA: data };
  const { stdout } = await promisify(execFile)(process.execPath, [...tallyline, ...args], { env });
  print(`\n${question}?  $ tallyline ${args.join(' ')}\n${stdout}`);
}

function printNextSteps(endpoint: string): void {
  print(`The server goes on until Ctrl-C; the data folder goes with it. Try, in another terminal:

  export TALLYLINE_DATA=${data}
  export AWS_CONFIG_FILE=${data}/aws/config AWS_SHARED_CREDENTIALS_FILE=${data}/aws/credentials AWS_PROFILE=tallyline
  aws sts get-caller-identity
  aws ce list-cost-allocation-tags
  npx tallyline requests
  npx tallyline report --by tag:project,model
  curl ${endpoint}/healthz
`);
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  provider.close();
  server.kill('SIGTERM');
  await exited;
  rmSync(data, { recursive: true, force: true });
  process.exit(code);
}
