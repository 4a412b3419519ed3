import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../test/store/sample-usage.ts';
import { drawnAnew, drawnFor, inOrder } from './routing-rule.ts';

const nameOf = ({ name }: { readonly name: string }) => name;
const WEIGHTED = [
  { name: 'a', weight: 90 },
  { name: 'b', weight: 9 },
  { name: 'c', weight: 1 },
];

describe('the order of targets', () => {
  it('begins with each as often as its weight says', () => {
    const draw = drawnAnew(seededRandom(7));
    const firsts = Array.from({ length: 20_000 }, () => inOrder(WEIGHTED, nameOf, draw)[0]!.name);
    const share = (name: string) => firsts.filter((first) => first === name).length / firsts.length;
    expect(share('a')).toBeCloseTo(0.9, 2);
    expect(share('b')).toBeCloseTo(0.09, 2);
    expect(share('c')).toBeCloseTo(0.01, 2);
  });

  it('has every target once, fallbacks last and as they stand', () => {
    const target = fc.record({
      name: fc.uuid(),
      weight: fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
    });
    const property = fc.property(fc.array(target, { maxLength: 8 }), fc.integer(), (drawn, seed) => {
      const targets = drawn.map(({ name, weight }) => (weight === undefined ? { name } : { name, weight }));
      const ordered = inOrder(targets, nameOf, drawnAnew(seededRandom(seed)));
      expect([...ordered].sort((a, b) => (a.name < b.name ? -1 : 1))).toEqual(
        [...targets].sort((a, b) => (a.name < b.name ? -1 : 1)),
      );
      const fallbacks = targets.filter((one) => !('weight' in one));
      expect(fallbacks.length === 0 ? [] : ordered.slice(-fallbacks.length)).toEqual(fallbacks);
    });
    fc.assert(property, { seed: 11 });
  });

  it('is the same for the same caller, and moves only callers of a target that goes', () => {
    const callers = Array.from({ length: 2_000 }, (_, index) => `arn:aws:iam::123456789012:user/u${index}`);
    const firstOf = (targets: typeof WEIGHTED, caller: string) => inOrder(targets, nameOf, drawnFor(caller))[0]!.name;
    const before = callers.map((caller) => firstOf(WEIGHTED, caller));
    expect(callers.map((caller) => firstOf(WEIGHTED, caller))).toEqual(before);
    expect(before.filter((name) => name === 'a').length / callers.length).toBeCloseTo(0.9, 1);
    const without = WEIGHTED.filter(({ name }) => name !== 'b');
    for (const [index, caller] of callers.entries()) {
      if (before[index] !== 'b') expect(firstOf(without, caller)).toBe(before[index]);
    }
  });
});
