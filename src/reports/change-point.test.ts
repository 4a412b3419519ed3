import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { timeZoneOf, UTC } from '../kernel/time-zone.ts';
import { type CostPoint, changePoint } from './change-point.ts';

const START_MS = Date.UTC(2026, 9, 5);

const course = (startMs: number, hours: number, costAt: (atMs: number) => number, stepMs = HOUR_MS): CostPoint[] =>
  Array.from({ length: (hours * HOUR_MS) / stepMs }, (_, index) => {
    const atMs = startMs + index * stepMs;
    return { startMs: atMs, costPicoUsd: BigInt(Math.round(costAt(atMs))) };
  });

const weeks = (costAt: (atMs: number) => number, stepMs = HOUR_MS) => ({
  before: course(START_MS, 7 * 24, costAt, stepMs),
  after: course(START_MS + 7 * DAY_MS, 7 * 24, costAt, stepMs),
});

describe('the first bad hour', () => {
  it('is the first night on which a nightly job cost more', () => {
    const sinceMs = START_MS + 10 * DAY_MS + 2 * HOUR_MS;
    const nightly = (atMs: number) => {
      const isNight = atMs % DAY_MS >= 2 * HOUR_MS && atMs % DAY_MS < 3 * HOUR_MS;
      return isNight ? (atMs >= sinceMs ? 700 : 100) : 0;
    };
    for (const stepMs of [HOUR_MS, BUCKET_MS]) {
      const found = changePoint(weeks(nightly, stepMs), UTC)!;
      expect(new Date(found.startMs)).toEqual(new Date(sinceMs));
      expect([found.isInside, found.sincePicoUsd]).toEqual([true, found.beyondPicoUsd]);
    }
  });

  it('is no earlier run of the job that cost a little more by chance, whatever it is compared with', () => {
    // Hours of a bill in quarter hours, five of them a day, a little more every day, a tenth more or less by chance.
    const noise = fc.infiniteStream(fc.integer({ min: 88, max: 112 }));
    const compared = fc.constantFrom([1, 1, 1], [3, 3, 3], [3, 3, 7], [1, 1, 7], [7, 3, 7]);
    const property = fc.property(
      noise,
      compared,
      fc.integer({ min: 0, max: 6 }),
      (chance, [before, after, back], day) => {
        const startMs = START_MS + (14 + day) * DAY_MS;
        const sinceMs = startMs + 2 * HOUR_MS;
        const costs = new Map<number, number>();
        const costAt = (atMs: number) => {
          const isRun = atMs % HOUR_MS === 0 && atMs % DAY_MS >= HOUR_MS && atMs % DAY_MS < 6 * HOUR_MS;
          if (!isRun) return 0;
          const rate = (atMs >= sinceMs ? 213 : 100) * (1_000 + (4 * (atMs - START_MS)) / DAY_MS);
          const cost = costs.get(atMs) ?? rate * chance.next().value;
          costs.set(atMs, cost);
          return cost;
        };
        const ranges = {
          before: course(startMs - back! * DAY_MS, before! * 24, costAt, BUCKET_MS),
          after: course(startMs, after! * 24, costAt, BUCKET_MS),
        };
        expect(new Date(changePoint(ranges, UTC)!.startMs)).toEqual(new Date(sinceMs));
      },
    );
    fc.assert(property, { seed: 20_261_130, numRuns: 200 });
  });

  it('compares days with the same days of another week where the earlier period has those alone', () => {
    // From Friday to Sunday: a third is used at weekends.
    const fridayMs = START_MS + 11 * DAY_MS;
    const sinceMs = fridayMs + DAY_MS + 10 * HOUR_MS;
    const office = (atMs: number) => (new Date(atMs).getUTCDay() % 6 === 0 ? 300 : 1_000) * (atMs >= sinceMs ? 1.5 : 1);
    const ranges = { before: course(fridayMs - 7 * DAY_MS, 72, office), after: course(fridayMs, 72, office) };
    expect(new Date(changePoint(ranges, UTC)!.startMs)).toEqual(new Date(sinceMs));
  });

  it('is found in the daily and weekly rhythm of an office, also in a zone with half hours', () => {
    const sinceMs = START_MS + 9 * DAY_MS + 14 * HOUR_MS + 2 * BUCKET_MS;
    const kolkata = timeZoneOf('Asia/Kolkata')!;
    const office = (atMs: number) => {
      const local = atMs + kolkata.offsetMs(atMs);
      const isWork =
        new Date(local).getUTCDay() % 6 !== 0 && local % DAY_MS >= 9 * HOUR_MS && local % DAY_MS < 21 * HOUR_MS;
      return (isWork ? 1_000 : 50) * (atMs >= sinceMs ? 3 : 1);
    };
    expect(changePoint(weeks(office, BUCKET_MS), kolkata)!.startMs).toBe(sinceMs);
  });

  it('is where a fall begins, and the beginning of the period where all of it is different', () => {
    const sinceMs = START_MS + 8 * DAY_MS;
    expect(
      changePoint(
        weeks((atMs) => (atMs >= sinceMs ? 1 : 9)),
        UTC,
      )!.startMs,
    ).toBe(sinceMs);
    const all = changePoint(
      weeks((atMs) => (atMs >= START_MS + 7 * DAY_MS ? 9 : 1)),
      UTC,
    )!;
    expect(all).toMatchObject({ startMs: START_MS + 7 * DAY_MS, isInside: false });
    expect(
      changePoint(
        weeks(() => 5),
        UTC,
      ),
    ).toBeUndefined();
    expect(changePoint({ before: [], after: [] }, UTC)).toBeUndefined();
  });

  it('is any step in any flat course, exactly, whatever the scale', () => {
    const property = fc.property(
      ...([
        fc.integer({ min: 0, max: 71 }),
        fc.integer({ min: 0, max: 10 ** 9 }),
        fc.integer({ min: 1, max: 10 ** 9 }),
      ] as const),
      (hour, base, step) => {
        const sinceMs = START_MS + 3 * DAY_MS + hour * HOUR_MS;
        const costAt = (atMs: number) => base + (atMs >= sinceMs ? step : 0);
        const ranges = { before: course(START_MS, 72, costAt), after: course(START_MS + 3 * DAY_MS, 72, costAt) };
        expect(changePoint(ranges, UTC)).toMatchObject({ startMs: sinceMs, isInside: hour > 0 });
      },
    );
    fc.assert(property, { seed: 20_261_129, numRuns: 200 });
  });
});
