import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUsd, formatUsdRounded, parsePicoUsd } from './money.ts';

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
