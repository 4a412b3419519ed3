import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS } from '../kernel/time.ts';
import { timeBuckets } from './time-bucket.ts';
import { ALL_KEYS, marginal, perUnit, type UnitCost, unitCostChange, unitCosts } from './unit-economics.ts';

const START_MS = Date.UTC(2026, 0, 20);
const DAYS = 30;
const PICO = 10n ** 12n;

const range = { startMs: START_MS, endMs: START_MS + DAYS * DAY_MS };
const days = timeBuckets({ range, granularity: 'DAILY' }).map(({ startMs }) => startMs);
const inside = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
  days.filter((atMs) => atMs >= startMs && atMs < endMs);

const cell = <Amount>(amount: fc.Arbitrary<Amount>) =>
  fc.uniqueArray(
    fc.record({ day: fc.integer({ min: 0, max: DAYS - 1 }), key: fc.constantFrom('', 'a', 'b'), amount }),
    {
      maxLength: 60,
      selector: ({ day, key }) => `${day} ${key}`,
    },
  );
const costs = cell(fc.bigInt({ min: -5n, max: 10n ** 18n })).map((all) =>
  all.map(({ day, key, amount }) => ({ startMs: days[day]!, key, costPicoUsd: amount })),
);
const units = cell(fc.bigInt({ min: 0n, max: 10n ** 16n })).map((all) =>
  all.map(({ day, key, amount }) => ({ startMs: days[day]!, key, picoUnits: amount })),
);

const unit = (more: Partial<UnitCost>): UnitCost => ({
  ...{ startMs: 0, endMs: 1, key: 'a', costPicoUsd: 0n, coveredPicoUsd: 0n, periods: 1, coveredPeriods: 1 },
  ...more,
});

describe('cost per unit', () => {
  it('leaves out no cost, and divides the cost of those days alone that have a count', () => {
    const property = fc.property(
      costs,
      units,
      fc.constantFrom('DAILY', 'MONTHLY', 'TOTAL'),
      (cost, count, granularity) => {
        const rows = unitCosts(timeBuckets({ range, granularity: granularity as 'DAILY' }), inside, cost, count);
        const counted = new Set(count.map(({ startMs, key }) => `${startMs} ${key}`));
        const sum = (all: readonly bigint[]) => all.reduce((total, one) => total + one, 0n);
        for (const ofAll of [true, false]) {
          const of = rows.filter(({ key }) => (key === ALL_KEYS) === ofAll);
          expect(sum(of.map(({ costPicoUsd }) => costPicoUsd))).toBe(sum(cost.map(({ costPicoUsd }) => costPicoUsd)));
          expect(sum(of.map(({ coveredPicoUsd }) => coveredPicoUsd))).toBe(
            sum(
              cost.filter(({ startMs, key }) => counted.has(`${startMs} ${key}`)).map(({ costPicoUsd }) => costPicoUsd),
            ),
          );
          expect(sum(of.map(({ picoUnits = 0n }) => picoUnits))).toBe(sum(count.map(({ picoUnits }) => picoUnits)));
        }
        for (const row of rows) expect(row.picoUnits === undefined).toBe(row.coveredPeriods === 0);
      },
    );
    fc.assert(property, { seed: 5, numRuns: 200 });
  });

  it('changes by parts that sum to the change exactly, whichever came first', () => {
    const amount = fc.bigInt({ min: 0n, max: 10n ** 18n });
    const count = fc.bigInt({ min: 1n, max: 10n ** 18n });
    const property = fc.property(amount, count, amount, count, (costBefore, unitsBefore, costAfter, unitsAfter) => {
      const before = unit({ coveredPicoUsd: costBefore, picoUnits: unitsBefore });
      const after = unit({ coveredPicoUsd: costAfter, picoUnits: unitsAfter });
      const change = unitCostChange(before, after)!;
      expect(change.byCostPicoUsd + change.byUnitsPicoUsd).toBe(perUnit(after)! - perUnit(before)!);
      if (costBefore === costAfter) expect(change.byCostPicoUsd).toBe(0n);
      const back = unitCostChange(after, before)!;
      expect(back.byCostPicoUsd).toBe(-change.byCostPicoUsd);
      // The causes have the directions that they should have, up to the rounding of a pico-dollar.
      if (costAfter > costBefore) expect(change.byCostPicoUsd).toBeGreaterThanOrEqual(0n);
      if (unitsAfter > unitsBefore) expect(change.byUnitsPicoUsd).toBeLessThanOrEqual(1n);
    });
    fc.assert(property, { seed: 6, numRuns: 500 });
  });

  it('is missing without a count, never zero, and a unit more has a price of its own', () => {
    const missing = unit({ costPicoUsd: 5n });
    expect(perUnit(missing)).toBeUndefined();
    const ten = unit({ coveredPicoUsd: 20n * PICO, picoUnits: 10n * PICO });
    const fifteen = unit({ coveredPicoUsd: 25n * PICO, picoUnits: 15n * PICO });
    expect([perUnit(ten), marginal(ten, fifteen), marginal(ten, ten)]).toEqual([2n * PICO, PICO, undefined]);
    expect(unitCostChange(missing, ten)).toBeUndefined();
    // 2 USD, then 25/15: less by units, more by cost.
    expect(unitCostChange(ten, fifteen)).toEqual({
      ...{ beforePicoUsd: 2n * PICO, afterPicoUsd: 1_666_666_666_667n },
      ...{ byCostPicoUsd: 416_666_666_667n, byUnitsPicoUsd: -750_000_000_000n },
    });
  });
});
