import { describe, expect, it } from 'vitest';
import { parquetRows } from './parquet-footer.ts';

const varint = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >> 7)]);
/** Version, a schema of two elements with a name, children and a list of booleans, then the rows. */
const footer = (rows: number) =>
  Buffer.from([
    ...[0x15, 0x04],
    ...[0x19, 0x2c, 0x48, 2, 0x61, 0x62, 0x15, 0x02, 0, 0x11, 0x17, 1, 2, 3, 4, 5, 6, 7, 8, 0x19, 0x21, 1, 2, 0],
    ...[0x16, ...varint(rows * 2)],
    0,
  ]);
const fileEnd = (content: Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from('data'), content, length, Buffer.from('PAR1')]);
};

describe('rows of a Parquet file', () => {
  it.each([0, 1, 63, 64, 1_000_000])('%i', (rows) => expect(parquetRows(fileEnd(footer(rows)))).toBe(BigInt(rows)));

  it('are not known where the footer is cut, or is none', () => {
    const whole = fileEnd(footer(5));
    expect(parquetRows(whole.subarray(6))).toBeUndefined();
    expect(parquetRows(Buffer.from('a,b\n1,2\n'))).toBeUndefined();
    expect(parquetRows(Buffer.alloc(0))).toBeUndefined();
    for (let bytes = 0; bytes < footer(5).length - 2; bytes += 1) {
      expect(parquetRows(fileEnd(footer(5).subarray(0, bytes)))).toBeUndefined();
    }
  });

  it('are never read from bytes of chance without an end', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const bytes = Buffer.from(Array.from({ length: 64 }, (_, index) => (seed * 2_654_435_761 * (index + 7)) >>> 11));
      expect(() => parquetRows(fileEnd(bytes))).not.toThrow();
    }
  });
});
