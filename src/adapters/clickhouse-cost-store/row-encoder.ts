import type { RowBinaryWriter } from './row-binary.ts';

/** How a value of each column type in `reports/cost-schema.ts` is written. `null` stands for a value nobody reported. */
const COLUMN_WRITERS = {
  UInt8: (out: RowBinaryWriter, value: boolean) => out.uint8(value ? 1 : 0),
  UInt64: (out: RowBinaryWriter, value: number | bigint) => out.uint64(value),
  'Nullable(UInt32)': (out: RowBinaryWriter, value: number | undefined) => {
    if (isPresent(out, value)) out.uint32(value);
  },
  'Nullable(UInt64)': (out: RowBinaryWriter, value: number | undefined) => {
    if (isPresent(out, value)) out.uint64(value);
  },
  String: (out: RowBinaryWriter, value: string) => out.string(value),
  /** Written as plain text; the store builds the dictionary. */
  'LowCardinality(String)': (out: RowBinaryWriter, value: string) => out.string(value),
  'Map(LowCardinality(String), String)': (out: RowBinaryWriter, value: readonly (readonly [string, string])[]) =>
    out.stringMap(value),
  UUID: (out: RowBinaryWriter, value: string) => out.uuid(value),
  "DateTime('UTC')": (out: RowBinaryWriter, atMs: number) => out.dateTime(atMs),
  "DateTime64(3, 'UTC')": (out: RowBinaryWriter, atMs: number) => out.dateTime64(atMs),
  'Decimal(38, 12)': (out: RowBinaryWriter, pico: bigint) => out.int128(pico),
} as const;

type ColumnType = keyof typeof COLUMN_WRITERS;
type ColumnValue<Type extends ColumnType> = Parameters<(typeof COLUMN_WRITERS)[Type]>[1];

/** Where each column of a table takes its value from. */
export type ColumnValues<Columns extends Readonly<Record<string, ColumnType>>, Row> = {
  readonly [Name in keyof Columns]: (row: Row) => ColumnValue<Columns[Name]>;
};

/** Writes one row: its columns in the order of `columns`, each as its type asks. */
export function rowEncoder<Columns extends Readonly<Record<string, ColumnType>>, Row>(
  columns: Columns,
  values: ColumnValues<Columns, Row>,
): (row: Row, out: RowBinaryWriter) => void {
  const steps = Object.entries(columns).map(([name, type]) => ({
    valueOf: values[name as keyof Columns] as (row: Row) => never,
    write: COLUMN_WRITERS[type] as (out: RowBinaryWriter, value: never) => void,
  }));
  return (row, out) => {
    for (const { valueOf, write } of steps) write(out, valueOf(row));
  };
}

/** The mark in front of every nullable value: 1 when there is none. */
function isPresent(out: RowBinaryWriter, value: number | undefined): value is number {
  out.uint8(value === undefined ? 1 : 0);
  return value !== undefined;
}
