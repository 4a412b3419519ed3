import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd, formatUsdRounded, parsePicoUsd, shareOut } from './money.ts';

const amounts = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });

describe('money', () => {
  it('reads and writes every amount without loss', () => {
    fc.assert(fc.property(amounts, (amount) => parsePicoUsd(formatUsd(amount)) === amount));
  });

  it('writes no trailing zeros and no exponent', () => {
    expect(formatUsd(0n)).toBe('0');
    expect(formatUsd(1n)).toBe('0.000000000001');
    expect(formatUsd(69_300_000_000n)).toBe('0.0693');
    expect(formatUsd(-12_500_000_000_000n)).toBe('-12.5');
  });

  it('refuses what it cannot hold exactly', () => {
    for (const text of ['', '1e3', '0.0000000000001', '1,5', ' 1', 'NaN', '--1', '.5']) {
      expect(() => parsePicoUsd(text), text).toThrowError(RangeError);
    }
  });

  it('rounds half away from zero', () => {
    expect(formatUsdRounded(parsePicoUsd('0.049992'), 4)).toBe('0.0500');
    expect(formatUsdRounded(parsePicoUsd('0.00005'), 4)).toBe('0.0001');
    expect(formatUsdRounded(parsePicoUsd('-0.00005'), 4)).toBe('-0.0001');
    expect(formatUsdRounded(parsePicoUsd('-0.00004'), 4)).toBe('0.0000');
    expect(formatUsdRounded(parsePicoUsd('1.5'), 0)).toBe('2');
  });

  it('is never more than half a step away when rounded', () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 0, max: 12 }), (amount, digits) => {
        const distance = parsePicoUsd(formatUsdRounded(amount, digits)) - amount;
        return (distance < 0n ? -distance : distance) * 2n <= 10n ** BigInt(12 - digits);
      }),
    );
  });
});

describe('shareOut', () => {
  const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  const weights = fc.array(fc.bigInt({ min: 0n, max: 10n ** 15n }), { minLength: 1, maxLength: 12 });

  it('gives parts that sum to the amount, each less than one unit from its share', () => {
    const property = fc.property(amount, weights, (whole, given) => {
      const sum = given.reduce((before, weight) => before + weight, 0n);
      const parts = shareOut(whole, given);
      if (sum === 0n) return expect(parts).toBeUndefined();
      expect(parts!.reduce((before, part) => before + part, 0n)).toBe(whole);
      for (const [index, part] of parts!.entries()) {
        const difference = part * sum - whole * given[index]!;
        expect(difference < sum && difference > -sum).toBe(true);
      }
    });
    fc.assert(property, { seed: 4, numRuns: 2_000 });
  });

  it('gives what is left over to the largest remainders, then to the first', () => {
    expect(shareOut(10n, [1n, 1n, 1n])).toEqual([4n, 3n, 3n]);
    expect(shareOut(10n, [1n, 2n, 3n])).toEqual([2n, 3n, 5n]);
    expect(shareOut(-1n, [1n, 1n])).toEqual([-1n, 0n]);
  });
});
