import type { Packing } from './packing.ts';

/** One file below a source's root. */
export interface SourceFile {
  /** Path below the root, with `/`. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly modifiedAtMs: number;
  /** Changes when the content does: the entity tag of S3, else size and time. */
  readonly version: string;
}

/** What lies in a folder, without what lies in the folders of it; both by name. */
export interface FolderContents {
  readonly folders: readonly string[];
  readonly files: readonly SourceFile[];
}

/** Port: where bills and logs lie, a folder or a prefix of a bucket. Every method throws ValidationException with what is in the way. */
export interface SourceFiles {
  /** Everything below the root, or the one file that the source is. At most `MAX_SOURCE_FILES`. */
  list(): Promise<readonly SourceFile[]>;
  /** A folder below the root; empty: the root. Of a source that is one file, that file. */
  look(folder: string): Promise<FolderContents>;
  /** A small text file, such as a manifest. */
  readText(path: string): Promise<string>;
  /** The last bytes of a file, fewer where it has fewer. */
  readEnd(file: SourceFile, byteCount: number): Promise<Buffer>;
  open(path: string): Promise<AsyncIterable<Uint8Array>>;
}

/**
 * Port: the plain bytes of a file. What is torn fails with a `code` of zlib, or with ValidationException, as does what unpacks to
 * far more than any bill does.
 */
export type Unpack = (bytes: AsyncIterable<Uint8Array>, packing: Packing) => AsyncIterable<Uint8Array>;

/** Where listing ends: a prefix with more is not one export. */
export const MAX_SOURCE_FILES = 200_000;
