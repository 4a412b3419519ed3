import { createHmac, type KeyObject } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { ChainEnd } from './chain.ts';

/** How far the log goes, kept beside it: without it, records that were cut off at the end would leave no trace. */
export interface Head {
  /** The last record that retention deleted; sequence 0 when none was. */
  readonly before: ChainEnd;
  readonly last: ChainEnd;
}

/** One sector: written at once or not at all. */
const HEAD_BYTES = 512;

/** `head.json`, authenticated with the key of the chain. Written after the records, so it may be behind them, never ahead. */
export class HeadFile {
  readonly #key: KeyObject;
  readonly #descriptor: number;

  constructor(folder: string, key: KeyObject) {
    this.#key = key;
    const path = headPath(folder);
    // Not truncated: until the next write the old content is the best there is.
    this.#descriptor = openSync(path, statSync(path, { throwIfNoEntry: false }) ? 'r+' : 'wx', 0o600);
  }

  write(head: Head, isDurable = false): void {
    const text = JSON.stringify({ ...head, mac: macOf(this.#key, head) }).padEnd(HEAD_BYTES - 1);
    writeSync(this.#descriptor, `${text}\n`, 0);
    if (isDurable) fsyncSync(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Undefined when there is none or it was not written with this key. */
export function readHead(folder: string, key: KeyObject): Head | undefined {
  try {
    const { before, last, mac } = JSON.parse(readFileSync(headPath(folder), 'utf8')) as Head & { readonly mac: string };
    const head = { before, last };
    return mac === macOf(key, head) ? head : undefined;
  } catch {
    return undefined;
  }
}

function headPath(folder: string): string {
  return join(folder, 'head.json');
}

function macOf(key: KeyObject, { before, last }: Head): string {
  const text = `head\n${before.sequence}\n${before.chain}\n${last.sequence}\n${last.chain}`;
  return createHmac('sha256', key).update(text).digest('base64url');
}
