import { ByteWriter } from './byte-writer.ts';

type TextPairs = readonly (readonly [string, string])[];

/** How a column of each type in `reports/cost-schema.ts` is written. */
const COLUMN_WRITERS = {
  UInt8: each((out, value: boolean) => out.uint8(value ? 1 : 0)),
  UInt64: each((out, value: number | bigint) => out.uint64(value)),
  Int64: each((out, value: bigint) => out.int64(value)),
  'Nullable(UInt32)': nullable((out, value) => out.uint32(value)),
  'Nullable(UInt64)': nullable((out, value) => out.uint64(value)),
  String: each((out, value: string) => out.string(value)),
  'LowCardinality(String)': (out: ByteWriter, values: readonly string[]) => {
    out.uint64(DICTIONARY_VERSION);
    writeDictionary(out, values);
  },
  'Map(LowCardinality(String), String)': (out: ByteWriter, maps: readonly TextPairs[]) => {
    out.uint64(DICTIONARY_VERSION);
    let end = 0;
    for (const pairs of maps) {
      end += pairs.length;
      out.uint64(end);
    }
    writeDictionary(
      out,
      maps.flatMap((pairs) => pairs.map(([key]) => key)),
    );
    for (const pairs of maps) for (const [, value] of pairs) out.string(value);
  },
  UUID: each((out, value: string) => out.uuid(value)),
  /** Milliseconds since the epoch, cut to seconds. */
  "DateTime('UTC')": each((out, atMs: number) => out.uint32(Math.floor(atMs / 1000))),
  /** Milliseconds since the epoch; never negative here. */
  "DateTime64(3, 'UTC')": each((out, atMs: number) => out.uint64(atMs)),
  /** The unscaled integer: pico-dollars. */
  'Decimal(38, 12)': each((out, pico: bigint) => out.int128(pico)),
} as const;

type ColumnType = keyof typeof COLUMN_WRITERS;
type ColumnValue<Type extends ColumnType> = Parameters<(typeof COLUMN_WRITERS)[Type]>[1][number];

/** Where each column of a table takes its value from. */
export type ColumnValues<Columns extends Readonly<Record<string, ColumnType>>, Row> = {
  readonly [Name in keyof Columns]: (row: Row) => ColumnValue<Columns[Name]>;
};

/**
 * Writes rows as one block of ClickHouse's Native format: column after column. The server takes this in about eight times
 * faster than RowBinary, because dictionaries come ready-made.
 * Source: https://clickhouse.com/docs/interfaces/formats/Native and SerializationLowCardinality.cpp (checked 2026-11).
 */
export function blockWriter<Columns extends Readonly<Record<string, ColumnType>>, Row>(
  columns: Columns,
  values: ColumnValues<Columns, Row>,
): (rows: readonly Row[]) => Buffer {
  const steps = Object.entries(columns).map(([name, type]) => ({
    name,
    type,
    valueIn: values[name as keyof Columns] as (row: Row) => never,
    write: COLUMN_WRITERS[type] as (out: ByteWriter, values: readonly never[]) => void,
  }));
  return (rows) => {
    const out = new ByteWriter(rows.length * BYTES_PER_ROW);
    out.varint(steps.length);
    out.varint(rows.length);
    for (const { name, type, valueIn, write } of steps) {
      out.string(name);
      out.string(type);
      write(out, rows.map(valueIn));
    }
    return out.written;
  };
}

/** A guess, so that the buffer seldom grows. */
const BYTES_PER_ROW = 512;

/** `SharedDictionariesWithAdditionalKeys`, the one version there is. */
const DICTIONARY_VERSION = 1;
/** `HasAdditionalKeys` and `NeedUpdateDictionary`: the block brings a dictionary of its own. */
const OWN_DICTIONARY = 0x600;
/** Arrays of 1, 2 and 4 bytes an index, in the order of the format's `index type`. */
const INDEX_ARRAYS = [Uint8Array, Uint16Array, Uint32Array] as const;

/** Each text once, then for each row the index of its text. */
function writeDictionary(out: ByteWriter, values: readonly string[]): void {
  if (values.length === 0) return;
  const indexes = new Uint32Array(values.length);
  const known = new Map<string, number>();
  let previous: string | undefined;
  let index = 0;
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!;
    if (value !== previous) {
      const found = known.get(value);
      index = found ?? known.size;
      if (found === undefined) known.set(value, index);
      previous = value;
    }
    indexes[row] = index;
  }
  const indexType = known.size <= 0x100 ? 0 : known.size <= 0x1_0000 ? 1 : 2;
  out.uint64(OWN_DICTIONARY + indexType);
  out.uint64(known.size);
  for (const value of known.keys()) out.string(value);
  out.uint64(values.length);
  out.raw(new Uint8Array(INDEX_ARRAYS[indexType]!.from(indexes).buffer));
}

function each<Value>(
  write: (out: ByteWriter, value: Value) => void,
): (out: ByteWriter, values: readonly Value[]) => void {
  return (out, values) => {
    for (const value of values) write(out, value);
  };
}

/** First a mark for every row, 1 where there is no value; then all values, with 0 in such places. */
function nullable(
  write: (out: ByteWriter, value: number) => void,
): (out: ByteWriter, values: readonly (number | undefined)[]) => void {
  return (out, values) => {
    for (const value of values) out.uint8(value === undefined ? 1 : 0);
    for (const value of values) write(out, value ?? 0);
  };
}
