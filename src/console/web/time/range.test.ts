import { describe, expect, it } from 'vitest';
import { timeZoneOf, UTC } from '../../../kernel/time-zone.ts';
import { labelOf, rangeOf, spanBefore, spanOf } from './range.ts';

const NOW = Date.parse('2026-11-29T16:20:00Z');
const BERLIN = timeZoneOf('Europe/Berlin')!;

function iso(span: { startMs: number; endMs: number } | undefined): string {
  return span ? `${new Date(span.startMs).toISOString()} ${new Date(span.endMs).toISOString()}` : 'none';
}

describe('ranges', () => {
  it('has whole days up to the end of today', () => {
    expect(iso(spanOf('7d', UTC, NOW))).toBe('2026-11-23T00:00:00.000Z 2026-11-30T00:00:00.000Z');
    expect(iso(spanOf('today', BERLIN, NOW))).toBe('2026-11-28T23:00:00.000Z 2026-11-29T23:00:00.000Z');
    expect(iso(spanOf('mtd', UTC, NOW))).toBe('2026-11-01T00:00:00.000Z 2026-11-30T00:00:00.000Z');
    expect(iso(spanOf('last-month', UTC, NOW))).toBe('2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z');
  });

  it('counts the hour that a day has more when clocks are put back', () => {
    const day = spanOf('2026-10-25..2026-10-25', BERLIN, NOW)!;
    expect((day.endMs - day.startMs) / 3_600_000).toBe(25);
  });

  it('writes what it reads', () => {
    for (const text of ['2026-11-01..2026-11-15', '2026-11-01T06:00Z..2026-11-01T09:30Z'])
      expect(rangeOf(spanOf(text, UTC, NOW)!, UTC)).toBe(text);
    for (const text of ['', 'nonsense', '2026-11-15..2026-11-01', '0d']) expect(spanOf(text, UTC, NOW)).toBeUndefined();
  });

  it('compares a month so far with the same days of the month before', () => {
    const before = spanBefore('mtd', spanOf('mtd', UTC, NOW)!, UTC, NOW);
    expect(iso(before)).toBe('2026-10-01T00:00:00.000Z 2026-10-30T00:00:00.000Z');
    const march = Date.parse('2026-03-31T10:00:00Z');
    expect(iso(spanBefore('mtd', spanOf('mtd', UTC, march)!, UTC, march))).toBe(
      '2026-02-01T00:00:00.000Z 2026-03-01T00:00:00.000Z',
    );
  });

  it('says where a range that counts back from the end of a bill ends', () => {
    expect(['30d', 'mtd', '14d'].map((range) => labelOf(range))).toEqual([
      'Last 30 days',
      'Month to date',
      'Last 14 days',
    ]);
    expect(labelOf('30d', '2026-05-31')).toBe('Last 30 days to 2026-05-31');
    expect(labelOf('last-month', '2026-04-30')).toBe('Month before to 2026-04-30');
    expect(labelOf('2026-05-01..2026-05-02', '2026-05-02')).toBe('2026-05-01 – 2026-05-02');
  });

  it('compares days with as many days before', () => {
    expect(iso(spanBefore('7d', spanOf('7d', UTC, NOW)!, UTC, NOW))).toBe(
      '2026-11-16T00:00:00.000Z 2026-11-23T00:00:00.000Z',
    );
  });
});
