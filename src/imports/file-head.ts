import { csvRows } from '../kernel/csv-rows.ts';
import { parquetFooterBytes, parquetSchema } from '../reports/parquet-schema.ts';
import type { FileColumn } from './bill-store.ts';
import type { FileType } from './file-type.ts';
import type { SourceFile, SourceFiles, Unpack } from './source-files.ts';

/** What a file says of itself before its rows are read. */
export interface FileHead {
  readonly columns: readonly FileColumn[];
  /** Undefined where only reading all of it tells. */
  readonly rows: bigint | undefined;
}

/** Most footers are shorter: a thousand columns in ten row groups. */
const FIRST_READ_BYTES = 256 * 1024;
/** A longer one is no footer. */
const MAX_FOOTER_BYTES = 64 * 2 ** 20;
/** Longest header of a CSV file: legacy reports have a column for each tag. */
const MAX_HEADER_BYTES = 2 ** 20;

/** Reads a file's footer or header. The answer is a sentence where the file is torn or of another kind. */
export async function readFileHead(
  file: SourceFile,
  type: FileType,
  source: SourceFiles,
  unpack: Unpack,
): Promise<FileHead | string> {
  if (type === 'parquet') return readFooter(file, source);
  if (type === 'zip') return 'ZIP is not read: unpack it, or have the report delivered with GZIP';
  const header = await readHeader(unpack(await source.open(file.path), type));
  if (typeof header === 'string') return header;
  return { columns: header.map((name) => ({ name, type: 'text' })), rows: undefined };
}

async function readFooter(file: SourceFile, source: SourceFiles): Promise<FileHead | string> {
  const torn = 'it is torn: it does not end as a Parquet file does; get it anew';
  let end = await source.readEnd(file, FIRST_READ_BYTES);
  const footerBytes = parquetFooterBytes(end);
  if (footerBytes === undefined || footerBytes > Math.min(MAX_FOOTER_BYTES, file.sizeBytes)) return torn;
  if (footerBytes > end.length) end = await source.readEnd(file, footerBytes);
  return parquetSchema(end) ?? torn;
}

async function readHeader(plain: AsyncIterable<Uint8Array>): Promise<readonly string[] | string> {
  let head = Buffer.alloc(0);
  try {
    for await (const chunk of plain) {
      head = Buffer.concat([head, chunk]);
      const end = lineEnd(head);
      if (end !== undefined) return csvFields(head.toString('utf8', 0, end));
      if (head.length > MAX_HEADER_BYTES) return 'it does not begin with a line of column names';
    }
  } catch (error) {
    return tornArchive(error);
  }
  return head.length === 0 ? 'it is empty' : csvFields(head.toString('utf8'));
}

/** A compressed file that ends too soon, or is none. */
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
