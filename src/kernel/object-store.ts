/**
 * Port: where deliveries, batches and logs go. An object appears whole or not at all, and replacing one never
 * shows readers a mixture. Every method throws AccessDeniedException when the destination refuses.
 */
export interface ObjectStore {
  /** Writes or replaces one small object; it is complete, durable and visible when this resolves. */
  put(bucket: Bucket, key: string, content: string): Promise<void>;
  /** Writes an object that readers do not see before it is published. An error of the content comes out as it is. */
  stage(bucket: Bucket, key: string, content: AsyncIterable<Uint8Array>): Promise<StagedObject>;
  /** The text of a small object; undefined when there is none, or one that is longer than any of ours. */
  read(bucket: Bucket, key: string): Promise<string | undefined>;
  /** The bytes of an object of any size; undefined when there is none. */
  open(bucket: Bucket, key: string): Promise<AsyncIterable<Uint8Array> | undefined>;
  /** When an object was written last, by the store's clock; undefined when there is none. */
  modifiedAtMs(bucket: Bucket, key: string): Promise<number | undefined>;
  /** Keys of the visible objects below a folder (`a/b/`), in no order. */
  list(bucket: Bucket, folder: string): Promise<readonly string[]>;
  /** Removes an object; nothing when there is none. */
  remove(bucket: Bucket, key: string): Promise<void>;
  /** Gives up what runs that were killed have staged below a folder and never published. */
  discardStaged(bucket: Bucket, folder: string): Promise<void>;
}

/** Where a bucket is. */
export type ObjectStoreOf = (bucketName: string) => ObjectStore;

/** An object that is complete and that nobody sees yet. One of the two is called, once. */
export interface StagedObject {
  /** Makes it visible in one step, in the place of what is there under its key. */
  publish(): Promise<void>;
  discard(): Promise<void>;
}

export interface Bucket {
  readonly name: string;
  readonly region: string;
  /** The account that must own the bucket. Absent: whoever does. */
  readonly ownerAccountId?: string;
}

/** Longest object that `read` answers, in bytes: manifests of some 50,000 files. */
export const MAX_READ_BYTES = 16 * 1024 * 1024;

/** Object that is written to the bucket's root when an export is created or moved, to prove that it can be (AWS's name). */
export const PROBE_KEY = 'aws-programmatic-access-test-object';

/** S3's limit for a key, in UTF-8 bytes. */
const MAX_KEY_BYTES = 1024;
/** Limit of one path segment on common file systems (255 bytes), less room for a temporary name. */
const MAX_SEGMENT_BYTES = 200;

/** S3's rules for bucket names. They leave nothing that a file system could read as a path. */
export function isBucketName(bucket: string): boolean {
  const isAddress = /^\d+\.\d+\.\d+\.\d+$/.test(bucket);
  return /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(bucket) && !isAddress && !bucket.includes('..');
}

/** An object key whose segments are all plain names, so that a key is never a way out of its bucket. */
export function isObjectKey(key: string): boolean {
  return Buffer.byteLength(key) <= MAX_KEY_BYTES && key.split('/').every(isPlainSegment);
}

function isPlainSegment(segment: string): boolean {
  if (segment === '' || segment === '.' || segment === '..' || Buffer.byteLength(segment) > MAX_SEGMENT_BYTES)
    return false;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  return !/[\u0000-\u001f\u007f\\]/.test(segment);
}
