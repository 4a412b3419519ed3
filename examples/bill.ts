// The bill alone: two months of AWS's bill as it is delivered, imported, and the way to "it was the nightly job of app-7". No
// call is sent through anything. Run with `npm run demo:bill`; `npm run demo:bill -- --exit` ends by itself.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AcmeBill } from './bill/acme-bill.ts';
import { deliverBill } from './bill/delivery.ts';
import { type ServerProcess, startServerProcess, TALLYLINE } from './demo/server-process.ts';

const data = mkdtempSync(join(tmpdir(), 'tallyline-bill-'));
const print = (line = '') => console.log(line);
let server: ServerProcess | undefined;
let isStopping = false;
const LOOK_EVERY_MS = 1_000;
const LOOKS_MAX = 60;
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void stop(0));

try {
  const bill = new AcmeBill(Date.now());
  const delivery = await deliverBill(bill, data);
  const configFile = join(data, 'tallyline.yaml');
  writeFileSync(configFile, '{}\n');
  server = await startServerProcess(data, configFile);
  print(`tallyline serves at ${server.endpoint}, data in ${data}`);
  await run('what was billed', ['import', delivery]);
  await run('who drove it', ['who', '--from', bill.story.from, '--to', bill.story.to, '--top', '6']);
  await run('why did it rise', ['why', '--from', bill.story.from, '--to', bill.story.to]);
  await found(bill.story.from);
  if (process.argv.includes('--exit')) await stop(0);
  print(`The console: ${server.endpoint}/console (keys: ${join(data, 'aws', 'credentials')}). Ctrl-C ends it.`);
} catch (error) {
  console.error(error);
  await stop(1);
}

/** The bill is judged after the import, beside it. */
async function found(day: string): Promise<void> {
  const args = ['anomalies', '--min-severity', 'medium'];
  for (let looks = 0; looks < LOOKS_MAX && !(await answerTo(args)).includes(day); looks += 1)
    await setTimeout(LOOK_EVERY_MS);
  await run('what was out of the ordinary', args);
}

async function answerTo(args: readonly string[]): Promise<string> {
  const env = { ...process.env, TALLYLINE_DATA: data };
  return (await promisify(execFile)(process.execPath, [...TALLYLINE, ...args], { env })).stdout;
}

async function run(question: string, args: readonly string[]): Promise<void> {
  const stdout = await answerTo(args);
  print(`\n${question}?  $ tallyline ${args.join(' ')}\n${stdout}`);
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
  process.exit(code);
}
