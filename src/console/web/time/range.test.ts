import { describe, expect, it } from 'vitest';
import { type Present, presentOf } from '../../../kernel/present.ts';
import { type TimeZone, timeZoneOf, UTC } from '../../../kernel/time-zone.ts';
import { labelIn, labelOf, rangeOf, spanBefore, spanOf } from './range.ts';

const NOW = Date.parse('2026-11-29T16:20:00Z');
const BERLIN = timeZoneOf('Europe/Berlin')!;

function at(zone: TimeZone, atMs = NOW): Present {
  return { atMs, zone, isByMonth: false };
}

function iso(span: { startMs: number; endMs: number } | undefined): string {
  return span ? `${new Date(span.startMs).toISOString()} ${new Date(span.endMs).toISOString()}` : 'none';
}

describe('ranges', () => {
  it('has whole days up to the end of today', () => {
    expect(iso(spanOf('7d', at(UTC)))).toBe('2026-11-23T00:00:00.000Z 2026-11-30T00:00:00.000Z');
    expect(iso(spanOf('today', at(BERLIN)))).toBe('2026-11-28T23:00:00.000Z 2026-11-29T23:00:00.000Z');
    expect(iso(spanOf('mtd', at(UTC)))).toBe('2026-11-01T00:00:00.000Z 2026-11-30T00:00:00.000Z');
    expect(iso(spanOf('last-month', at(UTC)))).toBe('2026-10-01T00:00:00.000Z 2026-11-01T00:00:00.000Z');
  });

  it('counts the hour that a day has more when clocks are put back', () => {
    const day = spanOf('2026-10-25..2026-10-25', at(BERLIN))!;
    expect((day.endMs - day.startMs) / 3_600_000).toBe(25);
  });

  it('writes what it reads', () => {
    for (const text of ['2026-11-01..2026-11-15', '2026-11-01T06:00Z..2026-11-01T09:30Z'])
      expect(rangeOf(spanOf(text, at(UTC))!, UTC)).toBe(text);
    for (const text of ['', 'nonsense', '2026-11-15..2026-11-01', '0d']) expect(spanOf(text, at(UTC))).toBeUndefined();
  });

  it('compares a month so far with the same days of the month before', () => {
    const before = spanBefore('mtd', spanOf('mtd', at(UTC))!, at(UTC));
    expect(iso(before)).toBe('2026-10-01T00:00:00.000Z 2026-10-30T00:00:00.000Z');
    const march = Date.parse('2026-03-31T10:00:00Z');
    expect(iso(spanBefore('mtd', spanOf('mtd', at(UTC, march))!, at(UTC, march)))).toBe(
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
    expect(iso(spanBefore('7d', spanOf('7d', at(UTC))!, at(UTC)))).toBe(
      '2026-11-16T00:00:00.000Z 2026-11-23T00:00:00.000Z',
    );
  });
});

describe('ranges of a bill of May', () => {
  const readers = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles'];
  const bill = (grain: string, reader: string) =>
    presentOf(
      { Books: { Primary: 'bill', BillGrain: grain }, UsageEnds: { Bill: '2026-06-01T00:00:00Z' } },
      { nowMs: NOW, zone: timeZoneOf(reader)! },
    );

  it.each(readers)('are of its own months and days for a reader in %s', (reader) => {
    const present = bill('HOUR', reader);
    const MAY = '2026-05-01T00:00:00.000Z 2026-06-01T00:00:00.000Z';
    expect(iso(spanOf('mtd', present))).toBe(MAY);
    expect(iso(spanOf('2026-05-01..2026-05-31', present))).toBe(MAY);
    expect(iso(spanOf('today', present))).toBe('2026-05-31T00:00:00.000Z 2026-06-01T00:00:00.000Z');
    expect(iso(spanOf('last-month', present))).toBe('2026-04-01T00:00:00.000Z 2026-05-01T00:00:00.000Z');
    expect(labelIn('mtd', present)).toBe('Latest month to 2026-05-31');
  });

  it.each(readers)('are whole months where it is by the month, for a reader in %s', (reader) => {
    const present = bill('MONTH', reader);
    for (const range of ['30d', '7d', '24h', 'mtd', 'yesterday']) {
      expect(iso(spanOf(range, present)), range).toBe('2026-05-01T00:00:00.000Z 2026-06-01T00:00:00.000Z');
      expect(iso(spanBefore(range, spanOf(range, present)!, present))).toBe(
        '2026-04-01T00:00:00.000Z 2026-05-01T00:00:00.000Z',
      );
      expect(labelIn(range, present)).toBe('2026-05, billed by the month');
    }
    expect(iso(spanOf('90d', present))).toBe('2026-03-01T00:00:00.000Z 2026-06-01T00:00:00.000Z');
    expect(labelIn('90d', present)).toBe('2026-03 – 2026-05, billed by the month');
    // Days that are named stay.
    expect(iso(spanOf('2026-05-10..2026-05-19', present))).toBe('2026-05-10T00:00:00.000Z 2026-05-20T00:00:00.000Z');
  });
});
