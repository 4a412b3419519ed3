import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, mkdirSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Fault } from '../../kernel/fault.ts';
import type { WorkloadCredentials } from './workload-credentials.ts';

interface Entry {
  readonly key: string;
  readonly credentials: WorkloadCredentials;
}

const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * The entry in a cache file; undefined when there is none under this key. Throws when others than the owner can read or
 * write the file: what they put there would be used.
 */
export function readCache(path: string, key: string): WorkloadCredentials | undefined {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unusable(path, (error as Error).message);
  }
  try {
    const { mode, uid } = fstatSync(file);
    if (uid !== (process.getuid?.() ?? uid)) throw unusable(path, 'it belongs to somebody else');
    if ((mode & OTHERS) !== 0) throw unusable(path, 'others can read it: chmod 600');
    const entry = JSON.parse(readFileSync(file, 'utf8')) as Entry;
    return entry.key === key ? entry.credentials : undefined;
  } catch (error) {
    // What was cut off or written by something else is no entry.
    if (error instanceof SyntaxError) return undefined;
    throw error;
  } finally {
    closeSync(file);
  }
}

/** In place at once or not at all, for its owner alone. */
export function writeCache(path: string, key: string, credentials: WorkloadCredentials): void {
  const entry: Entry = { key, credentials };
  // Containers that share a folder have the same process ids.
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeFileSync(draft, JSON.stringify(entry), { mode: OWNER_ONLY, flag: 'wx' });
    renameSync(draft, path);
  } catch (error) {
    throw unusable(path, (error as Error).message);
  }
}

function unusable(path: string, why: string): Fault {
  return new Fault('ConfigInvalid', `--cache \`${path}\` cannot be used: ${why}`);
}
