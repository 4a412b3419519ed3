import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAuthenticationFault } from './authentication-fault.ts';
import { isGatewayKey, newGatewaySecret, readGatewayKey, writeGatewayKey } from './gateway-key.ts';

const id = fc.stringMatching(/^[A-Z2-7]{16}$/).map((letters) => `TLYK${letters}`);
const secret = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => newGatewaySecret((size) => Buffer.from(bytes.subarray(0, size))));
const key = fc.record({ id, secret });
const SEED = { seed: 20261129 };

function refusal(token: string): string {
  try {
    return `taken: ${readGatewayKey(token).id}`;
  } catch (error) {
    expect(isAuthenticationFault(error as never)).toBe(true);
    return (error as Error).message;
  }
}

const MISTYPED = 'Authentication failed: The gateway key is incomplete or mistyped.';

describe('a gateway key', () => {
  it('is read as it was written, and has one length', () => {
    fc.assert(
      fc.property(key, (one) => {
        const text = writeGatewayKey(one);
        expect(text).toMatch(/^tly-[A-Z2-7]{16}-[0-9A-Za-z]{49}$/);
        expect(isGatewayKey(text)).toBe(true);
        expect(readGatewayKey(text)).toEqual(one);
      }),
      SEED,
    );
  });

  it('keeps all 256 bits of its secret apart', () => {
    const secrets = [0n, 1n, 61n, 62n, 2n ** 255n, 2n ** 256n - 1n].map((value) =>
      newGatewaySecret(() => Buffer.from(value.toString(16).padStart(64, '0'), 'hex')),
    );
    expect(new Set(secrets).size).toBe(secrets.length);
    expect(secrets.every((one) => one.length === 43)).toBe(true);
  });

  it('is told from one with another letter anywhere, two swapped ones, and one cut short', () => {
    const letter = fc.constantFrom(...'ABCXYZ234567abcxyz');
    fc.assert(
      fc.property(key, fc.nat(69), letter, (one, at, other) => {
        const text = writeGatewayKey(one);
        const changed = text.slice(0, at) + other + text.slice(at + 1);
        if (changed !== text) expect(refusal(changed)).toBe(MISTYPED);
        const swapped =
          text.slice(0, at) +
          text
            .slice(at, at + 2)
            .split('')
            .reverse()
            .join('') +
          text.slice(at + 2);
        if (swapped !== text) expect(refusal(swapped)).toBe(MISTYPED);
        expect(refusal(text.slice(0, at))).toBe(MISTYPED);
      }),
      SEED,
    );
  });

  it('is refused for any other text, which is not repeated', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        expect(refusal(`tly-${text}`)).toBe(MISTYPED);
      }),
      SEED,
    );
  });
});
