/** The engine's process: owns the data folder, serves the endpoint, and lives no longer than its parent. */
import { chmodSync, mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { repairDeduplicationLogs } from './deduplication-log.ts';
import { Engine } from './engine.ts';
import { lockFolder } from './folder-lock.ts';
import { createEndpoint } from './http-endpoint.ts';
import type { ChildMessage, CloseMessage, OpenMessage, StartFailure } from './messages.ts';
import { type ChdbNative, loadChdb } from './native.ts';
import { Spool } from './spool.ts';

/** Below inference on the same machine (nice value): reports use the processor time that is left. */
const NICENESS = 15;
/** Time for running statements to stop; the parent waits longer than this before it kills. */
const GRACE_MS = 3_000;
/** An engine whose server was killed opens the folder and stops its statements before it leaves: seconds on a busy machine. */
const LEAVING_MS = 12_000;

let close = async (): Promise<boolean> => true;

// An interrupt from the terminal reaches the whole process group; the parent decides when the engine ends.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
process.on('disconnect', () => void end());
process.once('message', (message: OpenMessage) => {
  process.on('message', ({ type }: CloseMessage) => {
    if (type === 'close') void end();
  });
  void open(message);
});

async function open(message: OpenMessage): Promise<void> {
  setPriority(NICENESS);
  let native: ChdbNative;
  try {
    native = loadChdb();
  } catch (error) {
    fail('notInstalled', error);
    return;
  }
  try {
    mkdirSync(message.folder, { recursive: true, mode: 0o700 });
    chmodSync(message.folder, 0o700);
    // chDB's own lock comes after the repair of its files, which nobody else may have open then.
    if (await lockFolder(join(message.folder, 'lock'), LEAVING_MS)) serve(native, message);
    else fail('folderInUse', 'another process has the folder');
  } catch (error) {
    fail('unusable', error);
  }
}

function serve(native: ChdbNative, { folder, username, password, limits }: OpenMessage): void {
  repairDeduplicationLogs(join(folder, 'engine'));
  const engine = new Engine(native, join(folder, 'engine'), new Spool(join(folder, 'spool')), limits);
  const endpoint = createEndpoint(engine, username, password);
  close = async () => {
    endpoint.close();
    return engine.close(GRACE_MS);
  };
  endpoint.listen(0, '127.0.0.1', () => say({ type: 'ready', port: (endpoint.address() as AddressInfo).port }));
}

function fail(failure: StartFailure, error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  say({ type: 'failed', failure });
}

function say(message: ChildMessage): void {
  process.send?.(message);
}

/** An exit waits for running statements, for as long as they take; what did not stop is cut off instead. */
async function end(): Promise<void> {
  if (await close()) process.exit(0);
  process.kill(process.pid, 'SIGKILL');
}
