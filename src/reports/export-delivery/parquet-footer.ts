import { Thrift } from './parquet-footer/thrift.ts';

/** `FileMetaData.num_rows` (parquet-format, parquet.thrift). */
const NUM_ROWS = 3;
const MAGIC = 'PAR1';
/** Magic and length of the footer. */
const TRAILER_BYTES = 8;

/**
 * Rows of a Parquet file, as its footer says. `end`: the file's last bytes, as many as there are. Undefined when they do not
 * reach back to the footer's beginning, or are no end of such a file.
 */
export function parquetRows(end: Buffer): bigint | undefined {
  if (end.length < TRAILER_BYTES || end.subarray(-MAGIC.length).toString('latin1') !== MAGIC) return undefined;
  const footerBytes = end.readUInt32LE(end.length - TRAILER_BYTES);
  const start = end.length - TRAILER_BYTES - footerBytes;
  if (start < 0) return undefined;
  try {
    return rowsOf(new Thrift(end.subarray(start, -TRAILER_BYTES)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function rowsOf(footer: Thrift): bigint | undefined {
  for (let id = 0; ; ) {
    const field = footer.field(id);
    if (!field) return undefined;
    id = field.id;
    if (id === NUM_ROWS) return footer.integer();
    footer.skip(field.type);
  }
}
