import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ComparedCharge, type CostDriver, costDrivers } from './cost-drivers.ts';

const amount = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
const month = fc.record({
  costPicoUsd: amount,
  netCostPicoUsd: amount,
  quantity: fc.oneof(fc.constant(0n), fc.bigInt({ min: 0n, max: 10n ** 12n })),
});
const charge: fc.Arbitrary<ComparedCharge> = fc.record({
  usageType: fc.constantFrom('', 'USE1-A-input-tokens', 'USE1-A-output-tokens'),
  recordType: fc.constantFrom('Usage', 'Credit', 'Refund', 'Tax', 'Fee', 'Discount'),
  baseline: month,
  comparison: month,
});

const difference = ({ baselinePicoUsd, comparisonPicoUsd }: CostDriver) => comparisonPicoUsd - baselinePicoUsd;

describe('cost drivers', () => {
  it('add up to the difference of the months, exactly', () => {
    const property = fc.property(fc.array(charge, { maxLength: 12 }), fc.boolean(), (charges, isNet) => {
      const of = ({ costPicoUsd, netCostPicoUsd }: ComparedCharge['baseline']) =>
        isNet ? netCostPicoUsd : costPicoUsd;
      const months = charges.reduce((sum, { baseline, comparison }) => sum + of(comparison) - of(baseline), 0n);
      expect(costDrivers(charges, isNet).reduce((sum, driver) => sum + difference(driver), 0n)).toBe(months);
    });
    fc.assert(property, { seed: 20_260_501, numRuns: 300 });
  });

  it('tell more usage from another price and from discounts, the largest first', () => {
    const usage: ComparedCharge = {
      ...{ usageType: 'USE1-A-input-tokens', recordType: 'Usage' },
      baseline: { quantity: 1_000n, costPicoUsd: 3_000n, netCostPicoUsd: 2_700n },
      comparison: { quantity: 1_500n, costPicoUsd: 6_000n, netCostPicoUsd: 5_400n },
    };
    const none = { quantity: 0n, costPicoUsd: 0n, netCostPicoUsd: 0n };
    const credit: ComparedCharge = {
      ...{ usageType: '', recordType: 'Credit', baseline: none },
      comparison: { quantity: 0n, costPicoUsd: -10_000n, netCostPicoUsd: -10_000n },
    };
    const told = (isNet: boolean) =>
      costDrivers([usage, credit], isNet).map((driver) => `${driver.type} ${driver.name} ${difference(driver)}`);
    expect(told(false)).toEqual([
      'CREDIT Credit -10000',
      'RATE_CHANGE USE1-A-input-tokens 1500',
      'USAGE_CHANGE USE1-A-input-tokens 1500',
    ]);
    expect(told(true)).toContain('BUNDLED_DISCOUNT USE1-A-input-tokens -300');
  });

  it('know usage that is new and usage that ended', () => {
    const none = { quantity: 0n, costPicoUsd: 0n, netCostPicoUsd: 0n };
    const some = { quantity: 10n, costPicoUsd: 7n, netCostPicoUsd: 7n };
    const usage = { usageType: 'x', recordType: 'Usage' } as const;
    expect(costDrivers([{ ...usage, baseline: none, comparison: some }], false)).toEqual([
      { type: 'USAGE_CHANGE', name: 'x', baselinePicoUsd: 0n, comparisonPicoUsd: 7n },
    ]);
    expect(costDrivers([{ ...usage, baseline: some, comparison: none }], false)).toEqual([
      { type: 'USAGE_CHANGE', name: 'x', baselinePicoUsd: 7n, comparisonPicoUsd: 0n },
    ]);
  });
});
