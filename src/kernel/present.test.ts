import { describe, expect, it } from 'vitest';
import { inMonths, monthsJustBefore, presentOf } from './present.ts';
import { timeZoneOf, UTC } from './time-zone.ts';

const NOW = Date.parse('2026-11-29T16:20:00Z');
const ZONES = ['UTC', 'Asia/Tokyo', 'America/Los_Angeles'].map((name) => timeZoneOf(name)!);
const MAY_ENDS = '2026-06-01T00:00:00Z';

function span(from: string, to: string) {
  return { startMs: Date.parse(`${from}T00:00:00Z`), endMs: Date.parse(`${to}T00:00:00Z`) };
}

describe('what ranges count back from', () => {
  it.each(ZONES)('is in the last month of a bill that ends with it, for a reader in $name', (zone) => {
    const session = { Books: { Primary: 'bill', BillGrain: 'HOUR' }, UsageEnds: { Bill: MAY_ENDS } };
    const present = presentOf(session, { nowMs: NOW, zone });
    expect(present).toEqual({ atMs: Date.parse(MAY_ENDS) - 1, zone: UTC, ended: 'bill', isByMonth: false });
    expect(present.zone.dateOf(present.atMs)).toEqual({ year: 2026, month: 4, day: 31 });
  });

  it.each(ZONES)('is the end of imported logs, or now, in days of $name', (zone) => {
    const logs = { UsageEnds: { Ledger: MAY_ENDS } };
    expect(presentOf(logs, { nowMs: NOW, zone })).toEqual({
      ...{ atMs: Date.parse(MAY_ENDS) - 1, zone, ended: 'log', isByMonth: false },
    });
    const now = { atMs: NOW, zone, isByMonth: false };
    expect(presentOf({}, { nowMs: NOW, zone })).toEqual(now);
    // The audit log is in no book.
    expect(presentOf(logs, { book: 'none', nowMs: NOW, zone })).toEqual(now);
  });

  it('tells a bill by months, also one that has not ended', () => {
    const session = { Books: { Primary: 'ledger', BillGrain: 'MONTH' } };
    expect(presentOf(session, { book: 'bill', nowMs: NOW, zone: UTC })).toEqual({
      ...{ atMs: NOW, zone: UTC, isByMonth: true },
    });
    expect(presentOf(session, { nowMs: NOW, zone: UTC }).isByMonth).toBe(false);
  });
});

describe('a range in whole months', () => {
  it.each([
    ['the last 30 days of 31', '2026-05-02', '2026-06-01', '2026-05-01', '2026-06-01'],
    ['seven days', '2026-05-25', '2026-06-01', '2026-05-01', '2026-06-01'],
    ['30 days of a month of 28', '2026-01-30', '2026-03-01', '2026-02-01', '2026-03-01'],
    ['90 days', '2026-03-03', '2026-06-01', '2026-03-01', '2026-06-01'],
    ['a month', '2026-04-01', '2026-05-01', '2026-04-01', '2026-05-01'],
    ['days of a month that goes on', '2026-11-01', '2026-11-30', '2026-11-01', '2026-12-01'],
    ['a year', '2025-06-06', '2026-06-01', '2025-06-01', '2026-06-01'],
  ])('is for %s', (_, from, to, first, end) => {
    expect(inMonths(span(from, to))).toEqual(span(first, end));
  });

  it('is compared with as many before', () => {
    expect(monthsJustBefore(span('2026-04-01', '2026-05-01'))).toEqual(span('2026-03-01', '2026-04-01'));
    expect(monthsJustBefore(span('2025-12-01', '2026-03-01'))).toEqual(span('2025-09-01', '2025-12-01'));
  });
});
