import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetNotification } from './budget.ts';
import { amountOfNumber, amountText, parseAmount } from './budget-amount.ts';
import { historicalLimit } from './budget-limit.ts';
import { isCrossed, type NotificationState, nextState, type Standing } from './budget-threshold.ts';

const RUNS = { seed: 20261129, numRuns: 500 };
const amount = fc.bigInt({ min: 0n, max: 10n ** 24n });

function notification(type: BudgetNotification['type'], value: number): BudgetNotification {
  return { type, operator: 'GREATER_THAN', threshold: { value, type: 'PERCENTAGE' }, subscribers: [] };
}

/** What subscribers are told while a budget goes through these standings. */
function tellings(one: BudgetNotification, standings: readonly Standing[]): boolean[] {
  let state: NotificationState | undefined;
  return standings.map((standing) => {
    const next = nextState(one, state, standing);
    state = next.state;
    return next.isTold;
  });
}

describe('amounts', () => {
  it.each([
    ['10', '10.0'],
    ['10.50', '10.5'],
    ['.5', '0.5'],
    ['0.000000000001', '0.000000000001'],
    ['0.1000000000000000', '0.1'],
  ])('%s is %s', (text, shown) => {
    expect(amountText(parseAmount(text)!)).toBe(shown);
  });

  it.each(['', '.', '1.', '-1', '1e3', '0.0000000000001', '9'.repeat(41)])('takes no `%s`', (text) => {
    expect(parseAmount(text)).toBeUndefined();
  });

  it('come back as they were written', () => {
    fc.assert(
      fc.property(amount, (value) => {
        expect(parseAmount(amountText(value))).toBe(value);
      }),
      RUNS,
    );
  });

  it.each([
    [80.1, '80.1'],
    [0.1, '0.1'],
    [1e-7, '0.0000001'],
    [15_000_000_000_000, '15000000000000.0'],
    [1 / 81, '0.012345679012'],
  ])('reads the threshold %s as people write it', (value, text) => {
    expect(amountText(amountOfNumber(value))).toBe(text);
  });
});

describe('isCrossed', () => {
  it('says of every amount one of over, under and at', () => {
    const thresholds = fc.record({
      value: fc.double({ min: 0, max: 1e6, noNaN: true }),
      type: fc.constantFrom('PERCENTAGE' as const, 'ABSOLUTE_VALUE' as const),
    });
    fc.assert(
      fc.property(thresholds, amount, amount, (threshold, spent, limit) => {
        const said = (['GREATER_THAN', 'LESS_THAN', 'EQUAL_TO'] as const).filter((operator) =>
          isCrossed(threshold, operator, spent, limit),
        );
        expect(said).toHaveLength(1);
      }),
      RUNS,
    );
  });

  it('compares exactly: one part in 1e12 over 80.1 percent is over', () => {
    const limit = parseAmount('10')!;
    const at = parseAmount('8.01')!;
    const over = (spent: bigint) => isCrossed({ value: 80.1, type: 'PERCENTAGE' }, 'GREATER_THAN', spent, limit);
    expect([over(at - 1n), over(at), over(at + 1n)]).toEqual([false, false, true]);
  });
});

describe('nextState', () => {
  const standing = (periodStartMs: number, actual: number, forecast?: number): Standing => ({
    periodStartMs,
    actual: BigInt(actual),
    ...(forecast !== undefined && { forecast: BigInt(forecast) }),
    limit: 100n,
  });

  it('tells of actual amounts once a period, also when they fall and rise again', () => {
    const course = [70, 81, 90, 70, 85].map((spent) => standing(1, spent));
    const next = [standing(2, 5), standing(2, 81), standing(2, 82)];
    expect(tellings(notification('ACTUAL', 80), [...course, ...next])).toEqual([
      ...[false, true, false, false, false],
      ...[false, true, false],
    ]);
  });

  it('tells of forecasts each time they go over, and is silent without one', () => {
    const course = [110, 120, 90, undefined, 105].map((forecast) => standing(1, 0, forecast));
    const next = standing(2, 0, 105);
    expect(tellings(notification('FORECASTED', 100), [...course, next])).toEqual([
      true,
      false,
      false,
      false,
      true,
      true,
    ]);
  });

  it('never tells of actual amounts twice in one period, whatever they do', () => {
    const courses = fc.array(fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 200 })));
    fc.assert(
      fc.property(courses, (course) => {
        const standings = course.toSorted(([a], [b]) => a - b).map(([period, spent]) => standing(period, spent));
        const told = tellings(notification('ACTUAL', 80), standings);
        for (const period of new Set(standings.map(({ periodStartMs }) => periodStartMs))) {
          const inPeriod = standings.map((one, index) => one.periodStartMs === period && told[index]);
          const crossed = standings.some((one) => one.periodStartMs === period && one.actual > 80n);
          expect(inPeriod.filter(Boolean)).toHaveLength(crossed ? 1 : 0);
        }
      }),
      RUNS,
    );
  });
});

describe('historicalLimit', () => {
  it.each([
    [[0n, 0n, 6n, 0n, 9n], 5n, 3],
    [[1n, 2n], 2n, 2],
    [[0n, 0n], 0n, 2],
    [[-5n, 1n], 0n, 2],
  ])('of %s is %s over %s periods', (amounts, limit, lookBackAvailable) => {
    expect(historicalLimit(amounts)).toEqual({ amount: limit, lookBackAvailable });
  });

  it('lies between the least and the most of what counts', () => {
    fc.assert(
      fc.property(fc.array(amount, { minLength: 1, maxLength: 60 }), (amounts) => {
        const { amount: limit, lookBackAvailable } = historicalLimit(amounts);
        const counted = amounts.slice(-lookBackAvailable);
        expect(counted.some((one) => one >= limit) && counted.some((one) => one <= limit)).toBe(true);
        const sum = counted.reduce((total, one) => total + one, 0n);
        const error = limit * BigInt(counted.length) - sum;
        expect(2n * (error < 0n ? -error : error)).toBeLessThanOrEqual(BigInt(counted.length));
      }),
      RUNS,
    );
  });
});
