import { createHash } from 'node:crypto';

/** Bytes of each id's digest: enough that nobody finds two ids with the same. */
const ID_BYTES = 16;

/** The ids of a batch's records, each as often as it came, without regard to their order. */
export class RecordIds {
  readonly #digests: Buffer[] = [];

  add(recordId: string): void {
    this.#digests.push(createHash('sha256').update(recordId).digest().subarray(0, ID_BYTES));
  }

  /** The same for the same ids. */
  digest(): string {
    const sorted = this.#digests.toSorted((a, b) => Buffer.compare(a, b));
    return createHash('sha256').update(Buffer.concat(sorted)).digest('hex');
  }
}
