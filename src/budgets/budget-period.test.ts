import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../kernel/time.ts';
import type { TimeUnit } from './budget.ts';
import { calendarStartMs, NO_END_MS, type Period, periodAt, periodsBefore, shiftedStartMs } from './budget-period.ts';

const RUNS = { seed: 20261129, numRuns: 500 };
const UNITS = ['DAILY', 'MONTHLY', 'QUARTERLY', 'ANNUALLY'] as const;
const unit = fc.constantFrom(...UNITS);
const instant = fc.integer({ min: Date.UTC(2020, 0, 1), max: Date.UTC(2060, 0, 1) });

const day = (text: string) => Date.parse(`${text}T00:00:00Z`);
const always = (timeUnit: TimeUnit) => ({ timeUnit, startMs: day('1900-01-01'), endMs: NO_END_MS });

describe('periodAt', () => {
  it.each([
    ['DAILY', '2028-02-29', '2028-03-01'],
    ['MONTHLY', '2028-02-01', '2028-03-01'],
    ['QUARTERLY', '2028-01-01', '2028-04-01'],
    ['ANNUALLY', '2028-01-01', '2029-01-01'],
  ] as const)('of %s budgets on 29 February is %s to %s', (timeUnit, start, end) => {
    expect(periodAt(always(timeUnit), day('2028-02-29') + 1)).toEqual({ startMs: day(start), endMs: day(end) });
  });

  it('is the whole of a custom budget, and nothing outside of it', () => {
    const budget = { timeUnit: 'CUSTOM', startMs: day('2026-11-05'), endMs: day('2027-02-17') } as const;
    const { startMs, endMs } = budget;
    expect(periodAt(budget, startMs)).toEqual({ startMs, endMs });
    expect(periodAt(budget, endMs - 1)).toEqual({ startMs, endMs });
    expect(periodAt(budget, startMs - 1)).toBeUndefined();
    expect(periodAt(budget, endMs)).toBeUndefined();
  });

  it('splits a budget into periods without gaps and overlaps, each cut by start and end', () => {
    const budgets = fc.tuple(unit, instant, fc.integer({ min: 1, max: 400 * DAY_MS }));
    fc.assert(
      fc.property(budgets, ([timeUnit, startMs, lengthMs]) => {
        const budget = { timeUnit, startMs, endMs: startMs + lengthMs };
        let atMs = startMs;
        for (let count = 0; atMs < budget.endMs; count += 1) {
          const period = periodAt(budget, atMs) as Period;
          expect(period.startMs).toBe(atMs);
          expect(period.endMs).toBeGreaterThan(atMs);
          expect(periodAt(budget, period.endMs - 1)).toEqual(period);
          expect(count).toBeLessThanOrEqual(401);
          atMs = period.endMs;
        }
        expect(atMs).toBe(budget.endMs);
      }),
      { ...RUNS, numRuns: 100 },
    );
  });
});

describe('periodsBefore', () => {
  it('are whole, follow each other, and end where the current one begins', () => {
    fc.assert(
      fc.property(unit, instant, fc.integer({ min: 1, max: 60 }), (timeUnit, atMs, count) => {
        const periods = periodsBefore(timeUnit, atMs, count);
        expect(periods).toHaveLength(count);
        expect(periods.at(-1)!.endMs).toBe(calendarStartMs(timeUnit, atMs));
        for (const [index, { startMs, endMs }] of periods.entries()) {
          expect(periodAt(always(timeUnit), startMs)).toEqual({ startMs, endMs });
          if (index > 0) expect(startMs).toBe(periods[index - 1]!.endMs);
        }
      }),
      RUNS,
    );
  });

  it('is what shifting a start back and forth comes to', () => {
    fc.assert(
      fc.property(unit, instant, fc.integer({ min: -48, max: 48 }), (timeUnit, atMs, count) => {
        const startMs = calendarStartMs(timeUnit, atMs);
        expect(shiftedStartMs(timeUnit, shiftedStartMs(timeUnit, startMs, count), -count)).toBe(startMs);
      }),
      RUNS,
    );
  });
});
