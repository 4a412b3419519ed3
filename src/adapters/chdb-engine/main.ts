/** The engine's process: owns the data folder, serves the endpoint, and lives no longer than its parent. */
import { chmodSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { repairDeduplicationLogs } from './deduplication-log.ts';
import { Engine } from './engine.ts';
import { createEndpoint } from './http-endpoint.ts';
import type { ChildMessage, CloseMessage, OpenMessage } from './messages.ts';
import { type ChdbNative, loadChdb } from './native.ts';
import { Spool } from './spool.ts';

/** Below inference on the same machine (nice value): reports use the processor time that is left. */
const NICENESS = 10;
/** Time for running statements to stop; the parent waits longer than this before it kills. */
const GRACE_MS = 3_000;

let close = async (): Promise<boolean> => true;

// An interrupt from the terminal reaches the whole process group; the parent decides when the engine ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => void end());
process.once('message', (message: OpenMessage) => {
  process.on('message', ({ type }: CloseMessage) => {
    if (type === 'close') void end();
  });
  open(message);
});

function open(message: OpenMessage): void {
  setPriority(NICENESS);
  let native: ChdbNative;
  try {
    native = loadChdb();
  } catch (error) {
    fail(false, error);
    return;
  }
  try {
    serve(native, message);
  } catch (error) {
    fail(true, error);
  }
}

function serve(native: ChdbNative, { folder, username, password, limits }: OpenMessage): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  repairDeduplicationLogs(join(folder, 'engine'));
  const engine = new Engine(native, join(folder, 'engine'), new Spool(join(folder, 'spool')), limits);
  const endpoint = createEndpoint(engine, username, password);
  close = async () => {
    endpoint.close();
    return engine.close(GRACE_MS);
  };
  endpoint.listen(0, '127.0.0.1', () => say({ type: 'ready', port: (endpoint.address() as AddressInfo).port }));
}

function fail(isInstalled: boolean, error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  say({ type: 'failed', isInstalled });
}

function say(message: ChildMessage): void {
  process.send?.(message);
}

/** An exit waits for running statements, for as long as they take; what did not stop is cut off instead. */
async function end(): Promise<void> {
  if (await close()) process.exit(0);
  process.kill(process.pid, 'SIGKILL');
}
