import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';

/** SQLite's error when another process has the lock. */
const SQLITE_BUSY = 5;
const LOOK_AGAIN_MS = 20;

/** Kept from the garbage collector, which would give the locks back. */
const held: DatabaseSync[] = [];

/**
 * Takes the right to a folder until this process ends: SQLite's lock on a file there that stays empty. The system gives it
 * back however the process ends. Waits for another process that has it; false when that one still runs after `patienceMs`. It
 * looks again and again, since SQLite's own wait would keep this process from noticing that its parent has gone.
 */
export async function lockFolder(file: string, patienceMs: number): Promise<boolean> {
  const untilMs = performance.now() + patienceMs;
  const database = new DatabaseSync(file);
  while (!isLocked(database)) {
    if (performance.now() > untilMs) return false;
    await delay(LOOK_AGAIN_MS);
  }
  held.push(database);
  return true;
}

function isLocked(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === SQLITE_BUSY) return false;
    throw error;
  }
}
