import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHANGE_REASONS, changeReasons, type UsageCell } from './change-reasons.ts';

const DIRECTIONS = ['input', 'output', 'cache read', 'cache write', 'image'];

const count = fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 10n ** 12n }));
const cell: fc.Arbitrary<UsageCell> = fc.record({
  modelId: fc.constantFrom('small', 'large', 'new'),
  direction: fc.constantFrom(...DIRECTIONS),
  requests: count,
  quantity: count,
  costPicoUsd: fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }),
});
const period = fc.array(cell, { maxLength: 15 });

const costOf = (cells: readonly UsageCell[]) => cells.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n);

/** A period of one model: calls, tokens of each class per call, and prices of a token. */
function calls(
  requests: bigint,
  perCall: Readonly<Record<string, bigint>>,
  prices: Readonly<Record<string, bigint>>,
  modelId = 'large',
): UsageCell[] {
  return Object.entries(perCall).map(([direction, tokens], index) => ({
    modelId,
    direction,
    requests: index === 0 ? requests : 0n,
    quantity: requests * tokens,
    costPicoUsd: requests * tokens * prices[direction]!,
  }));
}

const PRICES = { input: 3_000_000n, output: 15_000_000n, 'cache read': 300_000n };
const PER_CALL = { input: 1_000n, output: 200n, 'cache read': 1_000n };

/** The reasons that are not nothing. */
function told(before: readonly UsageCell[], after: readonly UsageCell[]): Record<string, bigint> {
  return Object.fromEntries(Object.entries(changeReasons(before, after)).filter(([, amount]) => amount !== 0n));
}

describe('the reasons of a change', () => {
  it('add up to the difference of the periods, exactly', () => {
    const property = fc.property(period, period, (before, after) => {
      const reasons = changeReasons(before, after);
      const sum = CHANGE_REASONS.reduce((total, reason) => total + reasons[reason], 0n);
      expect(sum).toBe(costOf(after) - costOf(before));
    });
    fc.assert(property, { seed: 20_261_129, numRuns: 500 });
  });

  it('are none between two equal periods, whatever the order of the cells', () => {
    const used = period.filter((cells) => cells.every(({ requests, quantity }) => requests > 0n && quantity > 0n));
    const property = fc.property(used, (before) => {
      expect(told(before, before.toReversed())).toEqual({});
    });
    fc.assert(property, { seed: 20_261_129, numRuns: 200 });
  });

  const before = calls(100n, PER_CALL, PRICES);

  it('tell more calls from longer calls', () => {
    expect(told(before, calls(250n, PER_CALL, PRICES))).toEqual({ volume: (costOf(before) * 3n) / 2n });
    const longer = calls(100n, { input: 2_000n, output: 400n, 'cache read': 2_000n }, PRICES);
    expect(told(before, longer)).toEqual({ tokensPerRequest: costOf(before) });
  });

  it('tell less caching from another price', () => {
    const uncached = calls(100n, { input: 2_000n, output: 200n, 'cache read': 0n }, PRICES);
    expect(told(before, uncached)).toEqual({ cacheShare: 100n * 1_000n * (3_000_000n - 300_000n) });
    const cheaper = calls(100n, PER_CALL, { ...PRICES, output: 10_000_000n });
    expect(told(before, cheaper)).toEqual({ price: -100n * 200n * 5_000_000n });
  });

  it('tell calls that moved to another model', () => {
    const moved = [...calls(50n, PER_CALL, PRICES), ...calls(50n, PER_CALL, { ...PRICES, output: 30_000_000n }, 'new')];
    expect(told(before, moved)).toEqual({ modelMix: 50n * 200n * 15_000_000n });
  });

  it('call everything volume where nothing was used before, or nothing is any more', () => {
    expect(told([], before)).toEqual({ volume: costOf(before) });
    expect(told(before, [])).toEqual({ volume: -costOf(before) });
  });
});
