import { describe, expect, it } from 'vitest';
import { timeZoneOf } from './time-zone.ts';

const zone = (name: string) => timeZoneOf(name)!;

/** Local times of `count` steps from the first instant of a date; the month is from 1. */
function steps(
  name: string,
  step: 'nextHourMs' | 'nextDayMs',
  date: [number, number, number],
  count: number,
): string[] {
  let atMs = zone(name).dayStartMs(date[0], date[1] - 1, date[2]);
  return Array.from({ length: count }, () => {
    const text = zone(name).text(atMs);
    atMs = zone(name)[step](atMs);
    return text;
  });
}

describe('the calendar of a zone', () => {
  it('has days of 23 and 25 hours', () => {
    const hours = (day: number, month: number) => {
      const startMs = zone('Europe/Berlin').dayStartMs(2026, month - 1, day);
      return (zone('Europe/Berlin').nextDayMs(startMs) - startMs) / 3_600_000;
    };
    expect([hours(28, 3), hours(29, 3), hours(25, 10)]).toEqual([24, 23, 25]);
  });

  it('counts an hour that comes twice as two, and half an hour that is repeated by itself', () => {
    expect(steps('Europe/Berlin', 'nextHourMs', [2026, 10, 25], 5)).toEqual([
      '2026-10-25T00:00:00+02:00',
      '2026-10-25T01:00:00+02:00',
      '2026-10-25T02:00:00+02:00',
      '2026-10-25T02:00:00+01:00',
      '2026-10-25T03:00:00+01:00',
    ]);
    expect(steps('Australia/Lord_Howe', 'nextHourMs', [2026, 4, 5], 4)).toEqual([
      '2026-04-05T00:00:00+11:00',
      '2026-04-05T01:00:00+11:00',
      '2026-04-05T01:30:00+10:30',
      '2026-04-05T02:00:00+10:30',
    ]);
  });

  it('begins a day with the change where clocks skip midnight', () => {
    expect(steps('Africa/Cairo', 'nextDayMs', [2026, 4, 23], 3)).toEqual([
      '2026-04-23T00:00:00+02:00',
      '2026-04-24T01:00:00+03:00',
      '2026-04-25T00:00:00+03:00',
    ]);
  });

  it('begins a day once where clocks go back over midnight', () => {
    expect(steps('America/Santiago', 'nextDayMs', [2026, 4, 4], 3)).toEqual([
      '2026-04-04T00:00:00-03:00',
      '2026-04-05T00:00:00-04:00',
      '2026-04-06T00:00:00-04:00',
    ]);
  });

  it('knows the past: Samoa had no 30 December 2011', () => {
    expect(steps('Pacific/Apia', 'nextDayMs', [2011, 12, 29], 2)).toEqual([
      '2011-12-29T00:00:00-10:00',
      '2011-12-31T00:00:00+14:00',
    ]);
  });

  it('knows offsets of half and quarter hours', () => {
    expect(zone('Asia/Kathmandu').text(0)).toBe('1970-01-01T05:30:00+05:30');
    expect(zone('Asia/Kathmandu').text(Date.UTC(2026, 0, 1))).toBe('2026-01-01T05:45:00+05:45');
    expect(zone('America/St_Johns').text(Date.UTC(2026, 0, 1))).toBe('2025-12-31T20:30:00-03:30');
  });

  it('goes by its name in any letter case, and by no other', () => {
    expect(zone('europe/berlin').name).toBe('Europe/Berlin');
    for (const name of ['', 'Mars/Olympus', '../etc/passwd', 'x'.repeat(1_000)])
      expect(timeZoneOf(name)).toBeUndefined();
  });
});
