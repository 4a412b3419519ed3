import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ActiveIntervals, withStatus } from './active-intervals.ts';

const instant = fc.integer({ min: 0, max: 40 });
const status = fc.constantFrom('Active' as const, 'Inactive' as const);
/** Where one status holds; without an end, from there on. */
const stretches = fc.array(fc.tuple(instant, status, fc.option(instant, { nil: undefined })), { maxLength: 12 });

function isActive(intervals: ActiveIntervals, atMs: number): boolean {
  return intervals.some(({ fromMs, toMs }) => atMs >= fromMs && (toMs === undefined || atMs < toMs));
}

describe('withStatus', () => {
  it('gives every instant of the stretch the status and leaves every other one', () => {
    const property = fc.property(stretches, instant, (steps, atMs) => {
      let intervals: ActiveIntervals = [];
      let expected = false;
      for (const [fromMs, next, untilMs] of steps) {
        intervals = withStatus(intervals, next, fromMs, untilMs);
        if (atMs >= fromMs && atMs < (untilMs ?? Number.POSITIVE_INFINITY)) expected = next === 'Active';
      }
      expect(isActive(intervals, atMs)).toBe(expected);
    });
    fc.assert(property, { seed: 1, numRuns: 2_000 });
  });

  it('keeps intervals in order, apart from each other and never empty', () => {
    const property = fc.property(stretches, (steps) => {
      const none: ActiveIntervals = [];
      const intervals = steps.reduce((all, [fromMs, next, untilMs]) => withStatus(all, next, fromMs, untilMs), none);
      for (const [index, { fromMs, toMs = Number.POSITIVE_INFINITY }] of intervals.entries()) {
        expect(toMs).toBeGreaterThan(fromMs);
        expect(fromMs).toBeGreaterThan(intervals[index - 1]?.toMs ?? -1);
      }
    });
    fc.assert(property, { seed: 2, numRuns: 2_000 });
  });
});
