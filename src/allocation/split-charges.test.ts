import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkSplitChargeRules, type SplitChargeRule } from './split-charge-rule.ts';
import { splitCharges } from './split-charges.ts';

const VALUES = ['', 'a', 'b', 'c', 'd', 'e'];

/** Also what credits make negative, and amounts of a few units, where rounding is all there is. */
const cost = fc.oneof(fc.bigInt({ min: -20n, max: 20n }), fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }));
const costs = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...VALUES), cost), { selector: ([value]) => value })
  .map((pairs) => new Map(pairs));

/** Percentages with two digits after the point. */
function percentages(count: number): fc.Arbitrary<string[]> {
  return fc
    .uniqueArray(fc.integer({ min: 1, max: 9_999 }), { minLength: count - 1, maxLength: count - 1 })
    .map((cuts) => {
      const ends = [...cuts.sort((a, b) => a - b), 10_000];
      return ends.map((end, index) => ((end - (ends[index - 1] ?? 0)) / 100).toFixed(2));
    });
}

function rule(Source: string, targets: readonly string[]): fc.Arbitrary<SplitChargeRule> {
  return fc.shuffledSubarray([...targets], { minLength: 1 }).chain((Targets) =>
    fc.oneof(
      fc.constantFrom('PROPORTIONAL' as const, 'EVEN' as const).map((Method) => ({ Source, Targets, Method })),
      percentages(Targets.length).map((Values) => {
        return {
          Source,
          Targets,
          Method: 'FIXED' as const,
          Parameters: [{ Type: 'ALLOCATION_PERCENTAGES' as const, Values }],
        };
      }),
    ),
  );
}

/** Some values are shared out among the rest. */
const rules = fc.shuffledSubarray(VALUES, { minLength: 1, maxLength: VALUES.length - 1 }).chain((sources) =>
  fc.tuple(
    ...sources.map((source) =>
      rule(
        source,
        VALUES.filter((value) => !sources.includes(value)),
      ),
    ),
  ),
);

const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((before, amount) => before + amount, 0n);

describe('splitCharges', () => {
  it('moves costs between values and changes no sum', () => {
    const property = fc.property(costs, rules, (before, given) => {
      checkSplitChargeRules(given);
      const after = [...splitCharges(before, given)];
      expect(sum(after.map(([, { costPicoUsd }]) => costPicoUsd))).toBe(sum(before.values()));
      expect(sum(after.map(([, { allocatedInPicoUsd }]) => allocatedInPicoUsd))).toBe(
        sum(after.map(([, { allocatedOutPicoUsd }]) => allocatedOutPicoUsd)),
      );
    });
    fc.assert(property, { seed: 1, numRuns: 2_000 });
  });

  it('empties each source that can be shared out, and only those', () => {
    const property = fc.property(costs, rules, (before, given) => {
      const after = splitCharges(before, given);
      for (const [value, { costPicoUsd, allocatedOutPicoUsd }] of after) {
        const own = given.find(({ Source }) => Source === value);
        const hasWeight = own?.Targets.some((target) => (before.get(target) ?? 0n) > 0n);
        const isShared = own && (own.Method !== 'PROPORTIONAL' || hasWeight);
        expect(allocatedOutPicoUsd).toBe(isShared ? costPicoUsd : 0n);
      }
    });
    fc.assert(property, { seed: 2, numRuns: 1_000 });
  });

  it('gives each target its share to less than a unit', () => {
    const property = fc.property(costs, rules, (before, given) => {
      const after = splitCharges(before, given);
      for (const target of VALUES) {
        const exact = given.reduce((before_, one) => before_ + exactShare(one, target, before), 0);
        const got = Number(after.get(target)?.allocatedInPicoUsd ?? 0n);
        expect(Math.abs(got - exact)).toBeLessThanOrEqual(given.length + Math.abs(exact) * 1e-12);
      }
    });
    fc.assert(property, { seed: 3, numRuns: 1_000 });
  });

  it('shares out by percentages, by costs and evenly', () => {
    const before = new Map([
      ['shared', 100n],
      ['idle', 10n],
      ['a', 30n],
      ['b', 10n],
    ]);
    const fixed = { Type: 'ALLOCATION_PERCENTAGES' as const, Values: ['33.3', '66.7'] };
    const after = splitCharges(before, [
      { Source: 'shared', Targets: ['a', 'b'], Method: 'PROPORTIONAL' },
      { Source: 'idle', Targets: ['c', 'a', 'b'], Method: 'EVEN' },
      { Source: 'nothing', Targets: ['a', 'b'], Method: 'FIXED', Parameters: [fixed] },
    ]);
    expect(Object.fromEntries(after)).toEqual({
      shared: { costPicoUsd: 100n, allocatedInPicoUsd: 0n, allocatedOutPicoUsd: 100n },
      idle: { costPicoUsd: 10n, allocatedInPicoUsd: 0n, allocatedOutPicoUsd: 10n },
      a: { costPicoUsd: 30n, allocatedInPicoUsd: 78n, allocatedOutPicoUsd: 0n },
      b: { costPicoUsd: 10n, allocatedInPicoUsd: 28n, allocatedOutPicoUsd: 0n },
      // What is left over goes to the first.
      c: { costPicoUsd: 0n, allocatedInPicoUsd: 4n, allocatedOutPicoUsd: 0n },
    });
  });
});

function exactShare(one: SplitChargeRule, target: string, costs: ReadonlyMap<string, bigint>): number {
  const index = one.Targets.indexOf(target);
  if (index === -1) return 0;
  const source = Number(costs.get(one.Source) ?? 0n);
  if (one.Method === 'EVEN') return source / one.Targets.length;
  if (one.Method === 'FIXED') return (source * Number(one.Parameters![0]!.Values[index])) / 100;
  const weight = (value: string) => Math.max(0, Number(costs.get(value) ?? 0n));
  const all = one.Targets.reduce((before, value) => before + weight(value), 0);
  return all === 0 ? 0 : (source * weight(target)) / all;
}
