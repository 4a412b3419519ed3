/**
 * Port: where deliveries go. Works like an object store: an object appears whole or not at all, and replacing one never
 * shows readers a mixture.
 */
export interface ExportDestination {
  /**
   * Writes or replaces one object; it is complete, durable and visible when this resolves. When the content throws, the
   * object stays what it was and the same error comes out. Throws AccessDeniedException when the destination refuses.
   */
  put(bucket: string, key: string, content: AsyncIterable<Uint8Array>): Promise<void>;
}

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
