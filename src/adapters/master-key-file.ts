import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { Fault } from '../kernel/fault.ts';

const MASTER_KEY_BYTES = 32;

export interface PreviousKey {
  readonly bytes: Buffer;
  /** When another key took its place. */
  readonly retiredAtMs: number;
}

/**
 * A master key in a file of 32 bytes, and the keys that were in its place before in `<file>.previous/`. A change is two
 * steps, each of which is done or not: the key is put among the previous ones, then the new one takes its place. Between
 * them the same key is in both places, which harms nothing.
 */
export class MasterKeyFile {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  /** Made on first use, for its owner alone. Throws ConfigInvalid when it is no key or open to everybody. */
  current(): Buffer {
    if (!statSync(this.#file, { throwIfNoEntry: false })) createKey(this.#file);
    return readKeyFile(this.#file);
  }

  /** Newest first. */
  previous(): PreviousKey[] {
    return this.#previousFiles()
      .map((file) => ({ bytes: readKeyFile(file), retiredAtMs: statSync(file).mtimeMs }))
      .sort((a, b) => b.retiredAtMs - a.retiredAtMs);
  }

  /** First step. `name` tells it from other keys. */
  keepCurrent(name: string): void {
    mkdirSync(this.#previousFolder, { recursive: true, mode: 0o700 });
    writeKey(join(this.#previousFolder, `${name}.key`), this.current());
    syncFolder(dirname(this.#file));
  }

  /** Second step: a new key in place of the current one. */
  replace(): Buffer {
    const key = randomBytes(MASTER_KEY_BYTES);
    writeKey(this.#file, key);
    return key;
  }

  dropPrevious(): void {
    for (const file of this.#previousFiles()) unlinkSync(file);
  }

  get #previousFolder(): string {
    return `${this.#file}.previous`;
  }

  #previousFiles(): string[] {
    if (!statSync(this.#previousFolder, { throwIfNoEntry: false })) return [];
    // A draft that a crash left behind is no key.
    const names = readdirSync(this.#previousFolder).filter((name) => name.endsWith('.key'));
    return names.map((name) => join(this.#previousFolder, name));
  }
}

/** Reads a file of 32 bytes that must be there. Throws ConfigInvalid with its name. */
export function readKeyFile(file: string): Buffer {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode;
  if (mode === undefined) throw new Fault('ConfigInvalid', `there is no master key file \`${file}\``);
  // Group access is left alone: container platforms mount secrets that way.
  if (mode & 0o007) {
    throw new Fault('ConfigInvalid', `the master key file \`${file}\` is open to everybody; run \`chmod 600 ${file}\``);
  }
  const key = readFileSync(file);
  if (key.length !== MASTER_KEY_BYTES) {
    throw new Fault(
      'ConfigInvalid',
      `the master key file \`${file}\` does not have 32 bytes; restore it from a backup`,
    );
  }
  return key;
}

/** Another process may be first: then its key is the key. */
function createKey(file: string): void {
  const draft = writeDraft(file, randomBytes(MASTER_KEY_BYTES));
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(draft);
  }
  syncFolder(dirname(file));
}

function writeKey(file: string, key: Buffer): void {
  renameSync(writeDraft(file, key), file);
  syncFolder(dirname(file));
}

/** Complete or not there at all: a key that is lost half-written would lose everything that was sealed with it. */
function writeDraft(file: string, key: Buffer): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const descriptor = openSync(draft, 'wx', 0o600);
  try {
    writeSync(descriptor, key);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  return draft;
}

function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}
