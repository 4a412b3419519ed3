import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ActiveIntervals, withStatusFrom } from './active-intervals.ts';

const instant = fc.integer({ min: 0, max: 40 });
const switches = fc.array(fc.tuple(instant, fc.constantFrom('Active' as const, 'Inactive' as const)), {
  maxLength: 12,
});

function isActive(intervals: ActiveIntervals, atMs: number): boolean {
  return intervals.some(({ fromMs, toMs }) => atMs >= fromMs && (toMs === undefined || atMs < toMs));
}

describe('withStatusFrom', () => {
  it('gives every later instant the status and leaves every earlier one', () => {
    const property = fc.property(switches, instant, (steps, atMs) => {
      let intervals: ActiveIntervals = [];
      let expected = false;
      for (const [fromMs, status] of steps) {
        intervals = withStatusFrom(intervals, fromMs, status);
        if (atMs >= fromMs) expected = status === 'Active';
      }
      expect(isActive(intervals, atMs)).toBe(expected);
    });
    fc.assert(property, { seed: 1, numRuns: 2_000 });
  });

  it('keeps intervals in order, apart from each other and never empty', () => {
    const property = fc.property(switches, (steps) => {
      const none: ActiveIntervals = [];
      const intervals = steps.reduce((before, [fromMs, status]) => withStatusFrom(before, fromMs, status), none);
      for (const [index, { fromMs, toMs = Number.POSITIVE_INFINITY }] of intervals.entries()) {
        expect(toMs).toBeGreaterThan(fromMs);
        expect(fromMs).toBeGreaterThan(intervals[index - 1]?.toMs ?? -1);
      }
    });
    fc.assert(property, { seed: 2, numRuns: 2_000 });
  });
});
