import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { engineError } from './engine-error.ts';

/** Rows of one insert: the largest are files of bills. */
const MAX_ROWS_BYTES = 8 * 2 ** 30;

/**
 * Files for bytes on their way into and out of the engine, which takes and gives any bytes only so. They live as long as
 * a request, so the system seldom gets to write them to the disk.
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

  /** Lends the name of a file that does not exist yet and removes it when `use` is done. */
  async lend<T>(use: (file: string) => Promise<T>): Promise<T> {
    const file = join(this.#folder, `${++this.#counter}`);
    try {
      return await use(file);
    } finally {
      await rm(file, { force: true });
    }
  }

  /** Lends a file that holds the rows. */
  hold<T>(rows: Readable, use: (file: string) => Promise<T>): Promise<T> {
    return this.lend(async (file) => {
      await pipeline(rows, limited, createWriteStream(file, { mode: 0o600 }));
      return use(file);
    });
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
