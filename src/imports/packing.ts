/** How the plain bytes of a file are packed. */
export type Packing = { readonly kind: 'none' | 'gzip' } | { readonly kind: 'zip'; readonly entry: ZipEntry };

/** The one entry of a ZIP file, as its directory says. */
export interface ZipEntry {
  /** Of the entry's own header, from the file's beginning. */
  readonly offset: number;
  readonly isDeflated: boolean;
  readonly packedBytes: number;
  readonly plainBytes: number;
  /** CRC-32 of the plain bytes. */
  readonly checksum: number;
}

/**
 * How many times its size a file may become. Rows of bills repeat themselves: CSV of CUR 2.0 becomes 10 to 40 times as large, and
 * deflate can do no more than 1032 (zlib.net, "Maximum Compression Factor"). What is beyond was made to fill a disk.
 */
const MAX_RATIO = 200;
/** So much does no harm, whatever it was packed into: small files of few rows. */
const HARMLESS_BYTES = 64 * 2 ** 20;

export function isBomb(packedBytes: number, plainBytes: number): boolean {
  return plainBytes > HARMLESS_BYTES && plainBytes > packedBytes * MAX_RATIO;
}

export const BOMB = `it unpacks to more than ${MAX_RATIO} times its size, which no bill does; get it anew from where AWS delivered it`;
