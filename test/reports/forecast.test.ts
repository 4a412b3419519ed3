import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backTest, LEVEL, mean } from '../../bench/forecast/back-test.ts';
import { GENERATED, randomOf } from '../../bench/forecast/generated-series.ts';
import { DAY_MS, HOUR_MS } from '../../src/kernel/time.ts';
import { forecastOf, forecastRanges } from '../../src/reports/forecast.ts';

const SEED = 20_260_501;
const START_MS = Date.UTC(2026, 0, 1);

const anySeries = fc.record({
  shape: fc.constantFrom(...Object.values(GENERATED)),
  seed: fc.nat(),
  days: fc.integer({ min: 60, max: 200 }),
});

function endOf(values: readonly number[]): number {
  return START_MS + values.length * DAY_MS;
}

describe('a forecast', () => {
  it('of a sum of days is the sum of their forecasts, and of hours their share of the day', () => {
    const property = fc.property(anySeries, fc.integer({ min: 1, max: 40 }), ({ shape, seed, days }, ahead) => {
      const values = shape(randomOf(seed), days);
      const forecast = forecastOf({ startMs: START_MS, values })!;
      const at = (day: number) => endOf(values) + day * DAY_MS;
      const foreseen = (from: number, to: number) => forecast(at(from), at(to), LEVEL).mean;
      const parts = Array.from({ length: ahead }, (_, day) => foreseen(day, day + 1)).reduce((a, b) => a + b, 0);
      expect(foreseen(0, ahead)).toBeCloseTo(parts, 6);
      const noon = at(0) + 12 * HOUR_MS;
      const halves = forecast(at(0), noon, LEVEL).mean + forecast(noon, at(ahead), LEVEL).mean;
      expect(halves).toBeCloseTo(parts, 6);
    });
    fc.assert(property, { seed: SEED, numRuns: 30 });
  });

  it('lies between its bounds, which widen with the level and never pass below zero', () => {
    const property = fc.property(anySeries, fc.integer({ min: 1, max: 60 }), ({ shape, seed, days }, ahead) => {
      const values = shape(randomOf(seed), days);
      const forecast = forecastOf({ startMs: START_MS, values })!;
      const levels = [0.51, 0.8, 0.99].map((level) => forecast(endOf(values), endOf(values) + ahead * DAY_MS, level));
      const order = [
        0,
        ...levels.map(({ lower }) => lower).reverse(),
        levels[0]!.mean,
        ...levels.map(({ upper }) => upper),
      ];
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    });
    fc.assert(property, { seed: SEED + 1, numRuns: 30 });
  });

  it('knows a steady level and a steady week exactly', () => {
    const week = [10, 10, 10, 10, 10, 2, 4];
    const values = Array.from({ length: 70 }, (_, day) => week[day % 7]!);
    const range = { startMs: endOf(values), endMs: endOf(values) + 10 * DAY_MS };
    const next = forecastRanges({ startMs: START_MS, values }, [range], LEVEL)![0]!;
    for (const amount of [next.lower, next.mean, next.upper]) expect(amount).toBeCloseTo(56 + 30, 6);
  });

  it('needs 28 days since the first with usage', () => {
    const values = [0, 0, ...Array<number>(27).fill(5)];
    const ask = (values: readonly number[]) => {
      const tomorrow = { startMs: endOf(values), endMs: endOf(values) + DAY_MS };
      return forecastRanges({ startMs: START_MS, values }, [tomorrow], LEVEL)?.[0];
    };
    expect(ask(values)).toBeUndefined();
    expect(ask([...values, 5])).toMatchObject({ mean: 5 });
    expect(ask(Array<number>(100).fill(0))).toBeUndefined();
  });

  /** What `docs/FORECAST.md` promises. */
  it('beats both naive forecasts on average, and its intervals hold what they say', () => {
    const tests = Object.values(GENERATED).flatMap((shape) =>
      Array.from({ length: 12 }, (_, seed) => backTest(shape(randomOf(seed), 150), 30)),
    );
    const error = (method: 'forecast' | 'naive' | 'seasonal naive') =>
      mean(tests.map(({ outcomes }) => outcomes[method].mase));
    expect(error('forecast')).toBeLessThan(0.9 * error('seasonal naive'));
    expect(error('forecast')).toBeLessThan(0.6 * error('naive'));
    const days = mean(tests.map(({ dayCoverage }) => dayCoverage));
    const sums = mean(tests.map(({ sumIsCovered }) => Number(sumIsCovered)));
    for (const covered of [days, sums]) {
      expect(covered).toBeGreaterThan(0.74);
      expect(covered).toBeLessThan(0.9);
    }
  });
});
