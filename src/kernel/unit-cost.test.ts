import { expect, it } from 'vitest';
import { parsePicoUsd } from './money.ts';
import { cacheHitShare, costPerMillionTokens } from './unit-cost.ts';

it.each([
  ['3.3', 1_000_000n, '3.3'],
  ['0.0033', 1_000n, '3.3'],
  ['1', 3n, '333333.333333333333'],
  ['2', 3n, '666666.666666666667'],
  ['-1', 3n, '-333333.333333333333'],
  ['0', 5n, '0'],
  ['5', 0n, undefined],
])('%s USD for %s tokens are %s a million', (usd, tokens, expected) => {
  expect(costPerMillionTokens(parsePicoUsd(usd), tokens)).toBe(expected);
});

it.each([
  [100n, 0n, 0n, '0'],
  [0n, 5n, 0n, '1'],
  [1n, 1n, 0n, '0.5'],
  [1n, 1n, 1n, '0.3333'],
  [0n, 2n, 1n, '0.6667'],
  [0n, 0n, 0n, undefined],
])('%s, %s read and %s written make a share of %s', (inputTokens, cacheReadTokens, cacheWriteTokens, expected) => {
  expect(cacheHitShare({ inputTokens, cacheReadTokens, cacheWriteTokens })).toBe(expected);
});
