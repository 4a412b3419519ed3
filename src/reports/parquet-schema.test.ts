import { expect, it } from 'vitest';
import { parquetSchema } from './parquet-schema.ts';

/** A file's end with a footer of a version, a schema of one or two elements, and no rows. Numbers are Thrift's zigzag varints. */
function fileEnd(rootChildren: readonly number[], column: readonly number[] = []): Buffer {
  const root = [0x48, 3, ...Buffer.from('row'), 0x15, ...rootChildren, 0];
  const list = [0x19, column.length > 0 ? 0x2c : 0x1c, ...root, ...column];
  const footer = Buffer.from([0x15, 2, ...list, 0x16, 0, 0]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([footer, length, Buffer.from('PAR1')]);
}

/** About 10^15. */
const MANY = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x03];

it('reads no more columns than there are, whatever the footer says', () => {
  expect(parquetSchema(fileEnd(MANY))).toEqual({ rows: 0n, columns: [] });
  const nested = [0x48, 1, ...Buffer.from('m'), 0x15, ...MANY, 0];
  expect(parquetSchema(fileEnd(MANY, nested))).toEqual({ rows: 0n, columns: [{ name: 'm', type: 'map' }] });
});

it('gives up on a number without an end', () => {
  expect(parquetSchema(fileEnd([...Array<number>(2 ** 20).fill(0xff), 1]))).toBeUndefined();
});
