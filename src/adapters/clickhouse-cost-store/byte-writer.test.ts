import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter } from './byte-writer.ts';

function written(write: (out: ByteWriter) => void, initialBytes = 64): string {
  const out = new ByteWriter(initialBytes);
  write(out);
  return out.written.toString('hex');
}

describe('ByteWriter', () => {
  it('writes numbers little endian', () => {
    expect(written((out) => out.uint8(255))).toBe('ff');
    expect(written((out) => out.uint32(0x01020304))).toBe('04030201');
    expect(written((out) => out.uint64(2 ** 53 - 1))).toBe('ffffffffffff1f00');
    expect(written((out) => out.uint64(2n ** 64n - 1n))).toBe('ffffffffffffffff');
    expect(written((out) => out.varint(300))).toBe('ac02');
  });

  it('writes 128-bit integers in two’s complement', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n }), (value) => {
        const bytes = Buffer.from(
          written((out) => out.int128(value)),
          'hex',
        ).toReversed();
        const read = BigInt.asIntN(128, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
        expect(read).toBe(value);
      }),
    );
  });

  it('writes UUIDs as two little-endian halves', () => {
    const expected = '7766554433221100ffeeddccbbaa9988';
    expect(written((out) => out.uuid('00112233-4455-6677-8899-aabbccddeeff'))).toBe(expected);
  });

  it('writes texts as UTF-8 with their length in front', () => {
    const texts = fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary', maxLength: 200 }));
    fc.assert(
      fc.property(texts, (text) => {
        const bytes = Buffer.from(text, 'utf8');
        const length = written((out) => out.varint(bytes.length));
        expect(written((out) => out.string(text))).toBe(length + bytes.toString('hex'));
      }),
    );
  });

  it('writes the same whether or not the buffer has to grow', () => {
    const all = (out: ByteWriter) => {
      for (let time = 0; time < 3; time++) {
        out.uint8(1);
        out.uint32(2);
        out.uint64(3);
        out.uint64(4n);
        out.int128(-5n);
        out.uuid('00112233-4455-6677-8899-aabbccddeeff');
        out.raw(Buffer.from('raw'));
        out.varint(1_000_000);
        out.string('text that is longer than the loop copies');
      }
    };
    const large = written(all, 10_000);
    for (let initialBytes = 1; initialBytes < 400; initialBytes++) expect(written(all, initialBytes)).toBe(large);
  });

  it.each([-1, 0.5, Number.NaN, 2 ** 53, -1n, 2n ** 64n])('refuses %s as a 64-bit integer', (value) => {
    expect(() => written((out) => out.uint64(value))).toThrow(RangeError);
  });

  it.each(['', 'x', '00112233-4455-6677-8899-aabbccddeef', '00112233-4455-6677-8899-aabbccddeefg'])(
    'refuses `%s` as a UUID',
    (text) => {
      expect(() => written((out) => out.uuid(text))).toThrow(RangeError);
    },
  );
});
