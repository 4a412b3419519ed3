import { Thrift } from './export-delivery/parquet-footer/thrift.ts';
import { parquetFooterBytes } from './parquet-schema.ts';

/** What a footer's statistics say of a column, of all its row groups. */
export interface ColumnStatistics {
  /** True: no row has a value, or text that is not empty. False also where statistics do not say. */
  readonly isEmpty: boolean;
  /** The greatest value of each row group that says it, as bytes: of texts, UTF-8. None of nested columns. */
  readonly greatest: readonly Buffer[];
}

/** Members of `FileMetaData`, `RowGroup`, `ColumnChunk`, `ColumnMetaData` and `Statistics` (parquet-format, parquet.thrift). */
const ROW_GROUPS = 4;
const COLUMN_CHUNKS = 1;
const META_DATA = 3;
const META = { path: 3, values: 5, statistics: 12 } as const;
const STATISTICS = { nulls: 3, greatest: 5 } as const;

/** By the name of the top-level column. Empty where the footer cannot be read. `end`: as of `parquetSchema`. */
export function parquetStatistics(end: Buffer): ReadonlyMap<string, ColumnStatistics> {
  const footerBytes = parquetFooterBytes(end);
  if (footerBytes === undefined || footerBytes > end.length) return new Map();
  const found = new Map<string, { isEmpty: boolean; greatest: Buffer[] }>();
  try {
    for (const chunk of chunksOf(new Thrift(end.subarray(-footerBytes, -8)))) {
      const [name = '', ...nested] = chunk.path;
      const column = found.get(name) ?? { isEmpty: true, greatest: [] };
      column.isEmpty &&= chunk.nulls === chunk.values || chunk.greatest?.length === 0;
      if (nested.length === 0 && chunk.greatest) column.greatest.push(chunk.greatest);
      found.set(name, column);
    }
  } catch (error) {
    if (error instanceof RangeError) return new Map();
    throw error;
  }
  return found;
}

/** One leaf of a column in one row group. */
interface Chunk {
  readonly path: readonly string[];
  readonly values: bigint;
  /** Undefined, as the next: there are no statistics of it. */
  readonly nulls: bigint | undefined;
  readonly greatest: Buffer | undefined;
}

function chunksOf(footer: Thrift): Chunk[] {
  const chunks: Chunk[] = [];
  const group = { [COLUMN_CHUNKS]: () => elements(footer, () => chunks.push(columnChunk(footer))) };
  members(footer, { [ROW_GROUPS]: () => elements(footer, () => members(footer, group)) });
  return chunks;
}

function columnChunk(footer: Thrift): Chunk {
  const path: string[] = [];
  let values = 0n;
  let nulls: bigint | undefined;
  let greatest: Buffer | undefined;
  const statistics = {
    [STATISTICS.nulls]: () => {
      nulls = footer.integer();
    },
    [STATISTICS.greatest]: () => {
      greatest = footer.bytes();
    },
  };
  const meta = {
    [META.path]: () => elements(footer, () => path.push(footer.text())),
    [META.values]: () => {
      values = footer.integer();
    },
    [META.statistics]: () => members(footer, statistics),
  };
  members(footer, { [META_DATA]: () => members(footer, meta) });
  return { path, values, nulls, greatest };
}

/** Reads a structure: the members that are asked for, and steps over the others. */
function members(footer: Thrift, read: Readonly<Record<number, () => void>>): void {
  for (let id = 0; ; ) {
    const field = footer.field(id);
    if (!field) return;
    id = field.id;
    const member = read[id];
    if (member) member();
    else footer.skip(field.type);
  }
}

function elements(footer: Thrift, read: () => void): void {
  for (let left = footer.size(); left > 0; left -= 1) read();
}
