import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type HeldHour, splitHours } from './held-split.ts';

const use = fc.record({
  principalArn: fc.constantFrom('arn:aws:iam::1:user/alice', 'arn:aws:iam::1:user/bob', 'arn:aws:iam::1:user/carol'),
  weight: fc.bigInt({ min: 0n, max: 10n ** 15n }),
  requests: fc.bigInt({ min: 0n, max: 1_000n }),
});
const hour = fc.record({ costPicoUsd: fc.bigInt({ min: 0n, max: 10n ** 15n }), uses: fc.array(use, { maxLength: 6 }) });

describe('hours split by use', () => {
  it('sum to what they cost, whatever the rule', () => {
    fc.assert(
      fc.property(
        fc.array(hour, { maxLength: 20 }),
        fc.constantFrom('tokens' as const, 'requests' as const),
        (hours, rule) => {
          const sum = [...splitHours(hours, rule).values()].reduce((before, amount) => before + amount, 0n);
          expect(sum).toBe(hours.reduce((before, { costPicoUsd }) => before + costPicoUsd, 0n));
        },
      ),
      { seed: 20261129 },
    );
  });

  it('are idle when nobody called, and by nobody else than who called in the hour', () => {
    const used = (principalArn: string, weight: bigint) => ({ principalArn, weight, requests: 1n });
    const hours: HeldHour[] = [
      { costPicoUsd: 100n, uses: [used('a', 1n), used('b', 3n)] },
      { costPicoUsd: 100n, uses: [used('a', 5n)] },
      { costPicoUsd: 100n, uses: [] },
    ];
    expect(splitHours(hours, 'tokens')).toEqual(
      new Map([
        ['a', 125n],
        ['b', 75n],
        ['', 100n],
      ]),
    );
    expect(splitHours(hours, 'requests')).toEqual(
      new Map([
        ['a', 150n],
        ['b', 50n],
        ['', 100n],
      ]),
    );
  });
});
