import { describe, expect, it } from 'vitest';
import type { CellSums } from './change-reasons/change-cell.ts';
import { explainCells } from './change-reasons.ts';
import { toldReasons } from './change-words.ts';

const DAY = { before: 96n, after: 96n };
const USD = 10n ** 12n;

/** The words of one principal's changed price of `meter`. */
function priceWords(meter: string, before: Omit<CellSums, 'requests'>, after: Omit<CellSums, 'requests'>) {
  const sides = { before: { requests: 0n, ...before }, after: { requests: 0n, ...after } };
  const way = { modelId: 'pixels', region: 'us-east-1', route: 'in_region', tier: 'standard', context: 'default' };
  const cells = explainCells([{ keys: [], labels: '', subject: 'alice', line: 'Usage', meter, ...way, ...sides }], DAY);
  return toldReasons(cells, DAY).find(({ reason }) => reason === 'price');
}

describe('the words of a changed price', () => {
  it.each([
    ['output', 1_000_000n, 2n, 3n, 'output $2.00 → $3.00 per 1M tokens on average'],
    ['image', 100n, 4n, 6n, 'image $0.04 → $0.06 per image on average'],
    ['content_policy_unit', 1_000n, 1n, 2n, 'content policy unit $1.00 → $2.00 per 1K text units on average'],
  ])('quote %s by the amount that its price list quotes', (meter, quantity, before, after, text) => {
    const told = priceWords(meter, { quantity, costPicoUsd: before * USD }, { quantity, costPicoUsd: after * USD });
    expect(told).toMatchObject({ text, modelId: 'pixels' });
  });

  it('name no price where the bill counted nothing, or something unknown', () => {
    const charge = (quantity: bigint, usd: bigint) => ({ quantity, costPicoUsd: usd * USD });
    expect(priceWords('', charge(0n, 4n), charge(0n, 6n))?.text).toBe('other prices');
    expect(priceWords('image', charge(0n, 4n), charge(0n, 6n))?.text).toBe('other prices');
    expect(priceWords('moonbeam', charge(10n, 4n), charge(10n, 6n))?.text).toBe('other prices');
  });
});
