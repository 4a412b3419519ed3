// The bill alone: two months of AWS's bill as it is delivered, imported, and the way to "it was the nightly job of app-7". No
// call is sent through anything. Run with `npm run demo:bill`; `npm run demo:bill -- --exit` ends by itself.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { AcmeBill } from './bill/acme-bill.ts';
import { deliverBill } from './bill/delivery.ts';
import { type ServerProcess, startServerProcess, TALLYLINE } from './demo/server-process.ts';

const data = mkdtempSync(join(tmpdir(), 'tallyline-bill-'));
const print = (line = '') => console.log(line);
let server: ServerProcess | undefined;
let isStopping = false;
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
  if (process.argv.includes('--exit')) await stop(0);
  print(`The console: ${server.endpoint}/console (keys: ${join(data, 'aws', 'credentials')}). Ctrl-C ends it.`);
} catch (error) {
  console.error(error);
  await stop(1);
}

async function run(question: string, args: readonly string[]): Promise<void> {
  const env = { ...process.env, TALLYLINE_DATA: data };
  const { stdout } = await promisify(execFile)(process.execPath, [...TALLYLINE, ...args], { env });
  print(`\n${question}?  $ tallyline ${args.join(' ')}\n${stdout}`);
}

async function stop(code: number): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  await server?.stop();
  rmSync(data, { recursive: true, force: true });
  process.exit(code);
}
