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
