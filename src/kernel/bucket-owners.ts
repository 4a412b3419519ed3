import { Fault } from './fault.ts';
import type { RecordChange, RecordStore } from './record-store.ts';

/** The first account that used a bucket. Stays after what used it, as the files in it do. */
const BUCKET = 'exportBucket';

/**
 * Which account a bucket of the object store is for: those that the operator named, or else the first that used it. Amazon
 * S3 would ask the bucket's owner; behind one set of the operator's credentials nobody else keeps accounts apart.
 */
export class BucketOwners {
  readonly #records: RecordStore;
  readonly #accountsOf: ReadonlyMap<string, readonly string[]>;
  readonly #isFree: (accountId: string, bucket: string) => boolean;

  /**
   * `accountsOf`: accounts by bucket, where the operator named them. `isFree`: an account may take a bucket that nobody has
   * and that the operator has not named; absent: any.
   */
  constructor(
    records: RecordStore,
    accountsOf: ReadonlyMap<string, readonly string[]> = new Map(),
    isFree: (accountId: string, bucket: string) => boolean = () => true,
  ) {
    this.#records = records;
    this.#accountsOf = accountsOf;
    this.#isFree = isFree;
  }

  /** What makes a bucket the account's own; nothing when it may use it. Throws ValidationException when it is another's. */
  claim(accountId: string, bucket: string): RecordChange[] {
    const named = this.#accountsOf.get(bucket);
    if (named) {
      if (named.includes(accountId)) return [];
      throw anothers(bucket);
    }
    const owner = this.#records.get<{ accountId: string }>(BUCKET, bucket)?.body.accountId;
    if (owner === accountId) return [];
    if (owner !== undefined) throw anothers(bucket);
    if (!this.#isFree(accountId, bucket)) throw notOpen(bucket);
    return [{ kind: BUCKET, key: bucket, body: { accountId }, expectedVersion: 0 }];
  }

  /** True when the operator named the account for the bucket; that it was the first to use it is not enough. */
  isNamed(accountId: string, bucket: string): boolean {
    return this.#accountsOf.get(bucket)?.includes(accountId) ?? false;
  }
}

function anothers(bucket: string): Fault {
  return new Fault('ValidationException', `The S3 bucket ${bucket} belongs to another account`);
}

export function notOpen(bucket: string): Fault {
  const text = `The S3 bucket ${bucket} is not open to this account. The operator lists it with its accounts.`;
  return new Fault('ValidationException', text);
}
