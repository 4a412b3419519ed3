import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, isoSeconds } from '../kernel/time.ts';
import { type BudgetWindow, sliceAt, windowStartMs } from './budget-window.ts';

const at = (iso: string) => Date.parse(iso);
const bounds = (window: BudgetWindow, iso: string) => {
  const { startMs, endMs } = sliceAt(window, at(iso));
  return [isoSeconds(startMs), isoSeconds(endMs)];
};

describe('the window of a budget (peers row 80)', () => {
  it.each<[BudgetWindow, string, string, string]>([
    // Zones that are off by half and three quarters of an hour: their days and hours begin there.
    [{ unit: 'day', timeZone: 'Asia/Kolkata' }, '2026-06-01T18:29:59Z', '2026-05-31T18:30:00Z', '2026-06-01T18:30:00Z'],
    [
      { unit: 'hour', timeZone: 'Asia/Kathmandu' },
      '2026-06-01T12:00:00Z',
      '2026-06-01T11:15:00Z',
      '2026-06-01T12:15:00Z',
    ],
    [
      { unit: 'month', timeZone: 'Australia/Adelaide' },
      '2026-06-30T14:29:59Z',
      '2026-05-31T14:30:00Z',
      '2026-06-30T14:30:00Z',
    ],
    // Days of 23 and 25 hours.
    [
      { unit: 'day', timeZone: 'Europe/Berlin' },
      '2026-03-29T12:00:00Z',
      '2026-03-28T23:00:00Z',
      '2026-03-29T22:00:00Z',
    ],
    [
      { unit: 'day', timeZone: 'America/New_York' },
      '2026-11-01T12:00:00Z',
      '2026-11-01T04:00:00Z',
      '2026-11-02T05:00:00Z',
    ],
    // The hour that comes twice is two hours; clocks of half an hour.
    [
      { unit: 'hour', timeZone: 'Europe/Berlin' },
      '2026-10-25T00:30:00Z',
      '2026-10-25T00:00:00Z',
      '2026-10-25T01:00:00Z',
    ],
    [
      { unit: 'hour', timeZone: 'Europe/Berlin' },
      '2026-10-25T01:30:00Z',
      '2026-10-25T01:00:00Z',
      '2026-10-25T02:00:00Z',
    ],
    [
      { unit: 'day', timeZone: 'Australia/Lord_Howe' },
      '2026-04-04T20:00:00Z',
      '2026-04-04T13:00:00Z',
      '2026-04-05T13:30:00Z',
    ],
    // Clocks that go forward at midnight: the day begins at one.
    [{ unit: 'day', timeZone: 'Africa/Cairo' }, '2026-04-24T12:00:00Z', '2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z'],
    // Weeks begin on Monday, also that of a change, and months where the year ends.
    [
      { unit: 'week', timeZone: 'Europe/Berlin' },
      '2026-10-25T22:59:59Z',
      '2026-10-18T22:00:00Z',
      '2026-10-25T23:00:00Z',
    ],
    [
      { unit: 'month', timeZone: 'America/New_York' },
      '2026-12-31T23:00:00Z',
      '2026-12-01T05:00:00Z',
      '2027-01-01T05:00:00Z',
    ],
  ])('%o at %s', (window, iso, start, end) => {
    expect(bounds(window, iso)).toEqual([start, end]);
  });

  it('counts a rolling slice until so many hours have passed since its end', () => {
    const window = { rollingHours: 24 };
    expect(bounds(window, '2026-06-01T12:07:00Z')).toEqual(['2026-06-01T12:00:00Z', '2026-06-02T12:15:00Z']);
    expect(isoSeconds(windowStartMs(window, at('2026-06-02T12:14:59Z')))).toBe('2026-06-01T12:00:00Z');
  });

  it('covers time without a gap or an overlap, in every zone', () => {
    const zone = fc.constantFrom(...Intl.supportedValuesOf('timeZone'));
    const unit = fc.constantFrom('hour' as const, 'day' as const, 'week' as const, 'month' as const);
    const instant = fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') });
    fc.assert(
      fc.property(zone, unit, instant, (timeZone, one, atMs) => {
        const window = { unit: one, timeZone };
        const slice = sliceAt(window, atMs);
        expect(slice.startMs <= atMs && atMs < slice.endMs).toBe(true);
        expect(slice.endMs - slice.startMs).toBeLessThanOrEqual(32 * DAY_MS);
        expect(slice.startMs % (HOUR_MS / 4)).toBe(0);
        expect(sliceAt(window, slice.startMs)).toEqual(slice);
        expect(sliceAt(window, slice.endMs - 1)).toEqual(slice);
        expect(sliceAt(window, slice.endMs).startMs).toBe(slice.endMs);
      }),
      { numRuns: 2_000, seed: 20261129 },
    );
  });
});
