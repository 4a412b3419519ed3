import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { engineError } from './engine-error.ts';

/** Rows of one insert. */
const MAX_ROWS_BYTES = 512 * 2 ** 20;

/**
 * Holds the rows of an insert in a file while the engine reads them: the one way in that takes any bytes. The file is
 * gone after a moment, so the system seldom gets to write it to the disk.
 */
export class Spool {
  readonly #folder: string;
  #counter = 0;

  /** Clears away what a process that died has left behind. */
  constructor(folder: string) {
    this.#folder = folder;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { mode: 0o700 });
  }

  async hold<T>(rows: Readable, use: (file: string) => Promise<T>): Promise<T> {
    const file = join(this.#folder, `${++this.#counter}`);
    try {
      await pipeline(rows, limited, createWriteStream(file, { mode: 0o600 }));
      return await use(file);
    } finally {
      await rm(file, { force: true });
    }
  }
}

async function* limited(rows: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  let byteCount = 0;
  for await (const chunk of rows) {
    byteCount += chunk.length;
    if (byteCount > MAX_ROWS_BYTES) throw engineError('TOO_LARGE_STRING_SIZE', 'The rows of one insert are too many');
    yield chunk;
  }
}
