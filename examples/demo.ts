// The main job in one go: an organisation with two months of inference calls, and the answer to "who and what is driving our
// spend?". Run with `npm run demo`; `npm run demo -- --exit` ends by itself, `-- --no-live` makes no further calls.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parquetReadObjects } from 'hyparquet';
import { compressors } from 'hyparquet-compressors';
import { importAwsBill } from './demo/bill-import.ts';
import { deliverExport, EXPORT } from './demo/billing.ts';
import { PAYER, SANDBOX_ACCOUNT } from './demo/company.ts';
import { writeConsoleEndpoints } from './demo/console-profiles.ts';
import { foundDemo } from './demo/foundation.ts';
import { furnishDemo } from './demo/furnishing.ts';
import { startIdentityProvider } from './demo/identity-provider.ts';
import { LiveTraffic } from './demo/live-traffic.ts';
import { actOutAnnouncement, announcementArrived } from './demo/sandbox.ts';
import { type ServerProcess, startServerProcess, TALLYLINE } from './demo/server-process.ts';
import { dayText, runawayDays } from './demo/timeline.ts';

const data = mkdtempSync(join(tmpdir(), 'tallyline-demo-'));
const nowMs = Date.now();
/** Exit code of `tallyline reconcile`. */
const HAS_OPEN_DIFFERENCES = 2;
const isToExit = process.argv.includes('--exit');
const print = (line = '') => console.log(line);

const provider = await startIdentityProvider(join(data, 'identity-provider.pem'));
let server: ServerProcess | undefined;
let traffic: LiveTraffic | undefined;
let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

try {
  print('founding an organisation: 40 people, 12 applications, 6 teams, 2 tenants');
  const foundation = await foundDemo({ dataFolder: data, nowMs, caFile: join(data, 'identity-provider.pem') });
  print(`${foundation.events.toLocaleString('en')} calls of the last 60 days are in the journal`);
  server = await startServerProcess(data, foundation.configFile);
  const { admin, endpoint } = server;
  writeConsoleEndpoints(data, admin);
  print(`tallyline serves at ${endpoint}, data in ${data}\n`);
  await actOutAnnouncement(admin, provider, print);
  await furnishDemo(admin, foundation);
  await announcementArrived(admin);
  print('the calls are rated; tags are active since the first month, budgets and anomaly detection are on');
  await deliverExport(admin);
  await Promise.all([importAwsBill(admin, { ...foundation, dataFolder: data }), showAnswers()]);
  await run('and what did AWS bill otherwise', ['reconcile', '--latest'], HAS_OPEN_DIFFERENCES);
  if (isToExit) await stop(0);
  printNextSteps(endpoint);
  if (!process.argv.includes('--no-live')) {
    traffic = new LiveTraffic(admin, foundation, nowMs);
    traffic.start();
  }
} catch (error) {
  console.error(error);
  await stop(1);
}

/** AWS's bill is imported meanwhile. */
async function showAnswers(): Promise<void> {
  await printCurRows(new Date(nowMs).toISOString().slice(0, 7));
  const sandbox = ['--filter', `account=${SANDBOX_ACCOUNT}`];
  await run("who drives the sandbox's spend", ['who', ...sandbox]);
  await run('which team', ['report', '--by', 'tag:team', ...sandbox]);
  await run('what drives it', ['what', ...sandbox]);
  await run('and the whole organisation', ['who', '--filter', `account!=${SANDBOX_ACCOUNT}`, '--top', '10']);
  const monday = runawayDays(nowMs) + 3;
  const lastWeek = ['--from', dayText(nowMs, monday), '--to', dayText(nowMs, monday - 7), '--top', '5'];
  await run("who drove last week's rise", ['report', '--by', 'tag:project,session,model', ...lastWeek]);
  await run('what does a ticket cost', ['unit-cost', 'answered-tickets', '--last', '60d', '--every', 'month']);
}

/** Reads the delivered Parquet file back, as Athena or DuckDB would; shows the rows of the announcement. */
async function printCurRows(period: string): Promise<void> {
  const folder = join(data, 'exports', EXPORT.bucket, EXPORT.prefix, EXPORT.name, 'data', `BILLING_PERIOD=${period}`);
  const path = join(folder, `${EXPORT.name}-00001.snappy.parquet`);
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({ file, compressors });
  const shown = rows.filter(({ line_item_usage_account_id: account }) => account === SANDBOX_ACCOUNT);
  print(`\nCUR 2.0: ${rows.length} rows in ${path}\n`);
  for (const row of shown.sort((a, b) => rowKey(a).localeCompare(rowKey(b)))) {
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

async function run(question: string, args: readonly string[], otherCode = 0): Promise<void> {
  const env = { ...process.env, TALLYLINE_DATA: data };
  const stdout = await promisify(execFile)(process.execPath, [...TALLYLINE, ...args], { env }).then(
    (ended) => ended.stdout,
    (error: { readonly code?: unknown; readonly stdout: string }) => {
      if (error.code !== otherCode) throw error;
      return error.stdout;
    },
  );
  print(`\n${question}?  $ tallyline ${args.join(' ')}\n${stdout}`);
}

function printNextSteps(endpoint: string): void {
  const keys = join(data, 'aws', 'credentials');
  print(`ready after ${Math.round((Date.now() - nowMs) / 1_000)} seconds. The console: ${endpoint}/console

  sign in with an access key: every figure and everything there is to do    grep -A2 '\\[tallyline' ${keys}
                              every figure, no secrets                      grep -A2 '\\[finance' ${keys}
                              bella's figures and her team's                grep -A2 '\\[member' ${keys}

The server goes on until Ctrl-C, with a call now and then; the data folder goes with it. Try, in another terminal:

  export TALLYLINE_DATA=${data}
  export AWS_CONFIG_FILE=${data}/aws/config AWS_SHARED_CREDENTIALS_FILE=${data}/aws/credentials AWS_PROFILE=tallyline
  aws sts get-caller-identity
  aws budgets describe-budgets --account-id ${PAYER}
  npx tallyline requests
  npx tallyline report --by membership:team,model
  npx tallyline why --last 7d
  curl ${endpoint}/healthz
`);
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  provider.close();
  traffic?.stop();
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
  process.exit(code);
}
