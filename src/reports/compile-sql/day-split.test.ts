import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BUCKET_MS, DAY_MS } from '../../kernel/time.ts';
import { splitByDay } from './day-split.ts';

const bucket = fc.integer({ min: 0, max: 40 * 96 }).map((index) => index * BUCKET_MS);

it('covers the range once, in whole days that nothing cuts and a rest', () => {
  const property = fc.property(fc.tuple(bucket, bucket), fc.array(bucket, { maxLength: 40 }), ([a, b], cutsMs) => {
    const range = { startMs: Math.min(a, b), endMs: Math.max(a, b) };
    const { days, rest } = splitByDay(range, cutsMs);
    for (let atMs = range.startMs; atMs < range.endMs; atMs += BUCKET_MS) {
      const covering = [...days, ...rest].filter(({ startMs, endMs }) => startMs <= atMs && atMs < endMs);
      expect(covering).toHaveLength(1);
    }
    for (const { startMs, endMs } of days) {
      expect([startMs % DAY_MS, endMs % DAY_MS]).toEqual([0, 0]);
      expect(cutsMs.filter((cutMs) => cutMs > startMs && cutMs < endMs && cutMs % DAY_MS !== 0)).toEqual([]);
      expect(startMs >= range.startMs && endMs <= range.endMs && startMs < endMs).toBe(true);
    }
  });
  fc.assert(property);
});

it('leaves whole days to the days', () => {
  expect(splitByDay({ startMs: 0, endMs: 90 * DAY_MS }, [DAY_MS, 5 * DAY_MS])).toEqual({
    days: [{ startMs: 0, endMs: 90 * DAY_MS }],
    rest: [],
  });
});
