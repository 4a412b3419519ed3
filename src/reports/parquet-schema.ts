import { Thrift } from './export-delivery/parquet-footer/thrift.ts';

/** A column as a Parquet file has it. */
export interface ParquetColumn {
  readonly name: string;
  /** `map` for any nested column; `text` for byte arrays that are no numbers. */
  readonly type: 'map' | 'text' | 'other';
}

export interface ParquetSchema {
  readonly rows: bigint;
  readonly columns: readonly ParquetColumn[];
}

const MAGIC = 'PAR1';
/** Magic and length of the footer. */
const TRAILER_BYTES = 8;

/** Members of `FileMetaData` and `SchemaElement` (parquet-format, parquet.thrift). */
const SCHEMA = 2;
const NUM_ROWS = 3;
const ELEMENT = { type: 1, name: 4, children: 5, convertedType: 6 } as const;
const BYTE_ARRAY = 6;
const DECIMAL = 5;

/** How many bytes at the end of a file its footer takes. `end`: at least its last eight. Undefined where it is no whole file. */
export function parquetFooterBytes(end: Buffer): number | undefined {
  if (end.length < TRAILER_BYTES || end.subarray(-MAGIC.length).toString('latin1') !== MAGIC) return undefined;
  return end.readUInt32LE(end.length - TRAILER_BYTES) + TRAILER_BYTES;
}

/** What a footer says. Undefined where it cannot be read. `end`: the file's last bytes, from the footer's beginning on or before. */
export function parquetSchema(end: Buffer): ParquetSchema | undefined {
  const footerBytes = parquetFooterBytes(end);
  if (footerBytes === undefined || footerBytes > end.length) return undefined;
  try {
    return read(new Thrift(end.subarray(-footerBytes, -TRAILER_BYTES)));
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

interface Element extends ParquetColumn {
  readonly children: number;
}

function read(footer: Thrift): ParquetSchema | undefined {
  let columns: ParquetColumn[] | undefined;
  for (let id = 0; ; ) {
    const field = footer.field(id);
    if (!field) return undefined;
    id = field.id;
    if (id === SCHEMA) columns = columnsOf(Array.from({ length: footer.size() }, () => element(footer)));
    else if (id === NUM_ROWS) return columns && { rows: footer.integer(), columns };
    else footer.skip(field.type);
  }
}

function element(footer: Thrift): Element {
  let name = '';
  let [type, children, convertedType] = [-1, 0, -1];
  for (let id = 0; ; ) {
    const field = footer.field(id);
    if (!field) break;
    id = field.id;
    if (id === ELEMENT.name) name = footer.text();
    else if (id === ELEMENT.type) type = Number(footer.integer());
    else if (id === ELEMENT.children) children = Number(footer.integer());
    else if (id === ELEMENT.convertedType) convertedType = Number(footer.integer());
    else footer.skip(field.type);
  }
  const isText = type === BYTE_ARRAY && convertedType !== DECIMAL;
  return { name, children, type: children > 0 ? 'map' : isText ? 'text' : 'other' };
}

/** The tree is written depth first; its root is the row. Counts of children may be anything: there are no more than elements. */
function columnsOf([root, ...elements]: readonly Element[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  let at = 0;
  const passOver = () => {
    const { children } = elements[at++] ?? { children: 0 };
    for (let index = 0; index < children && at < elements.length; index += 1) passOver();
  };
  for (let index = 0; index < (root?.children ?? 0) && at < elements.length; index += 1) {
    const { name, type } = elements[at]!;
    columns.push({ name, type });
    passOver();
  }
  return columns;
}
