import { parquetRows } from './parquet-footer.ts';

/** What is known of a delivered file. */
export interface DeliveredFile {
  readonly uri: string;
  readonly bytes: number;
  /** Absent: the file does not say how many it has, as compressed CSV does not. */
  readonly rows?: number;
}

/** The end of a file that is looked at: footers of the largest files take a tenth of it. */
const END_BYTES = 4 * 1024 * 1024;

/** Counts a file on its way to its destination. */
export class FileMeter {
  bytes = 0;
  readonly #end: Uint8Array[] = [];
  #endBytes = 0;

  async *count(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      this.bytes += chunk.length;
      this.#keep(chunk);
      yield chunk;
    }
  }

  file(uri: string): DeliveredFile {
    const rows = parquetRows(Buffer.concat(this.#end));
    return { uri, bytes: this.bytes, ...(rows !== undefined && { rows: Number(rows) }) };
  }

  #keep(chunk: Uint8Array): void {
    this.#end.push(chunk);
    this.#endBytes += chunk.length;
    while (this.#endBytes - this.#end[0]!.length >= END_BYTES) this.#endBytes -= this.#end.shift()!.length;
  }
}
