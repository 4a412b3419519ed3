import { csvRows } from '../kernel/csv-rows.ts';
import { Fault } from '../kernel/fault.ts';
import { parquetFooterBytes, parquetSchema } from '../reports/parquet-schema.ts';
import { type ColumnStatistics, parquetStatistics } from '../reports/parquet-statistics.ts';
import type { FileColumn } from './bill-store.ts';
import { shortestInterval, shortestSpan } from './file-head/row-time.ts';
import type { FileType } from './file-type.ts';
import type { Packing } from './packing.ts';
import type { SourceFile, SourceFiles, Unpack } from './source-files.ts';
import { readZipDirectory, ZIP_END_BYTES } from './zip-directory.ts';

/** What a file says of itself before its rows are read. */
export interface FileHead {
  readonly columns: readonly FileColumn[];
  readonly packing: Packing;
  /** Undefined where only reading all of it tells. */
  readonly rows: bigint | undefined;
  /** Columns in which no row has a value, as far as the head tells. */
  readonly emptyColumns: readonly string[];
  /** The shortest time that a row stands for, of those that the head shows. Undefined: it shows none. */
  readonly grainMs: number | undefined;
}

/** Most footers are shorter: a thousand columns in ten row groups. */
const FIRST_READ_BYTES = 256 * 1024;
/** A longer one is no footer. */
const MAX_FOOTER_BYTES = 64 * 2 ** 20;
/** Longest header of a CSV file: legacy reports have a column for each tag. */
const MAX_HEADER_BYTES = 2 ** 20;
/** Of the rows after it: about a hundred. */
const FIRST_ROWS_BYTES = 64 * 1024;

/** Reads a file's footer or header. The answer is a sentence where the file is torn or of another kind. */
export async function readFileHead(
  file: SourceFile,
  type: FileType,
  source: SourceFiles,
  unpack: Unpack,
): Promise<FileHead | string> {
  if (type === 'parquet') return readFooter(file, source);
  const packing = await packingOf(file, type, source);
  if (typeof packing === 'string') return packing;
  const head = await readCsvHead(unpack(await source.open(file.path), packing));
  return typeof head === 'string' ? head : { ...head, packing };
}

async function packingOf(file: SourceFile, type: FileType, source: SourceFiles): Promise<Packing | string> {
  if (type !== 'zip') return { kind: type === 'csv.gz' ? 'gzip' : 'none' };
  const entry = readZipDirectory(await source.readEnd(file, ZIP_END_BYTES), file.sizeBytes);
  return typeof entry === 'string' ? entry : { kind: 'zip', entry };
}

async function readFooter(file: SourceFile, source: SourceFiles): Promise<FileHead | string> {
  const torn = 'it is torn: it does not end as a Parquet file does; get it anew';
  let end = await source.readEnd(file, FIRST_READ_BYTES);
  const footerBytes = parquetFooterBytes(end);
  if (footerBytes === undefined || footerBytes > Math.min(MAX_FOOTER_BYTES, file.sizeBytes)) return torn;
  if (footerBytes > end.length) end = await source.readEnd(file, footerBytes);
  const schema = parquetSchema(end);
  if (!schema) return torn;
  const statistics = parquetStatistics(end);
  const grainMs = shortestInterval((name) => statistics.get(name)?.greatest.map((text) => text.toString('utf8')) ?? []);
  return { ...schema, packing: { kind: 'none' }, emptyColumns: schema.rows === 0n ? [] : emptyOf(statistics), grainMs };
}

function emptyOf(statistics: ReadonlyMap<string, ColumnStatistics>): string[] {
  return [...statistics].flatMap(([name, { isEmpty }]) => (isEmpty ? [name] : []));
}

async function readCsvHead(plain: AsyncIterable<Uint8Array>): Promise<Omit<FileHead, 'packing'> | string> {
  let head = Buffer.alloc(0);
  let headerBytes: number | undefined;
  try {
    for await (const chunk of plain) {
      head = Buffer.concat([head, chunk]);
      headerBytes ??= lineEnd(head);
      if (headerBytes === undefined && head.length > MAX_HEADER_BYTES) {
        return 'it does not begin with a line of column names';
      }
      if (headerBytes !== undefined && head.length > headerBytes + FIRST_ROWS_BYTES) break;
    }
  } catch (error) {
    return unreadable(error);
  }
  if (head.length === 0) return 'it is empty';
  const header = csvFields(head.toString('utf8', 0, headerBytes));
  const columns = header.map((name) => ({ name, type: 'text' as const }));
  const rows = headerBytes === undefined ? [] : firstRows(head.subarray(headerBytes + 1));
  return { columns, rows: undefined, emptyColumns: [], grainMs: shortestSpan(header, rows) };
}

function firstRows(bytes: Buffer): (readonly string[])[] {
  const rows = csvRows(bytes.toString('utf8', 0, FIRST_ROWS_BYTES)).map(({ cells }) => cells);
  // The last one is cut off where there are more.
  return bytes.length >= FIRST_ROWS_BYTES ? rows.slice(0, -1) : rows;
}

/** What an error of unpacking says of a file: that it ends too soon, is none, or becomes too large. Others are thrown on. */
function unreadable(error: unknown): string {
  if (error instanceof Fault && error.code === 'ValidationException') return error.message;
  if (!isTornArchive(error)) throw error;
  return tornArchive(error);
}

/** A compressed file that ends too soon, or is none. */
export function isTornArchive(error: unknown): boolean {
  return /^Z_/.test((error as { code?: string } | undefined)?.code ?? '');
}

export function tornArchive(error: unknown): string {
  return `it is torn, or not compressed as its name says (${(error as { code?: string }).code ?? 'unknown'}); get it anew`;
}

/** Where the first line ends that is not inside quotes. */
function lineEnd(bytes: Buffer): number | undefined {
  let isQuoted = false;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at];
    if (byte === 0x22) isQuoted = !isQuoted;
    else if (byte === 0x0a && !isQuoted) return at;
  }
  return undefined;
}

function csvFields(line: string): readonly string[] {
  // Of an empty line there is one field, without a name.
  return csvRows(line.replace(/\r$/, ''))[0]?.cells ?? [''];
}
