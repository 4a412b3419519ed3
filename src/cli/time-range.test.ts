import { describe, expect, it } from 'vitest';
import { isoSeconds } from '../kernel/time.ts';
import { timeZoneOf } from '../kernel/time-zone.ts';
import { type RangeOptions, readRange, readZone } from './time-range.ts';

const NOW = Date.parse('2026-11-22T21:07:30Z');

function range(options: RangeOptions): string {
  const { startMs, endMs } = readRange(options, NOW);
  return `${isoSeconds(startMs)} ${isoSeconds(endMs)}`;
}

describe('readRange', () => {
  it('is the month to date without options, the running quarter hour included', () => {
    expect(range({})).toBe('2026-11-01T00:00:00Z 2026-11-22T21:15:00Z');
  });

  it('reads months, last hours and days, dates and instants', () => {
    expect(range({ month: '2026-02' })).toBe('2026-02-01T00:00:00Z 2026-03-01T00:00:00Z');
    expect(range({ last: '36h' })).toBe('2026-11-21T09:15:00Z 2026-11-22T21:15:00Z');
    expect(range({ last: '7d' })).toBe('2026-11-15T21:15:00Z 2026-11-22T21:15:00Z');
    expect(range({ from: '2026-11-02', to: '2026-11-03T06:30Z' })).toBe('2026-11-02T00:00:00Z 2026-11-03T06:30:00Z');
  });

  it('reads dates and months of a zone', () => {
    const berlin = (options: RangeOptions) => {
      const { startMs, endMs } = readRange(options, NOW, timeZoneOf('Europe/Berlin'));
      return `${isoSeconds(startMs)} ${isoSeconds(endMs)}`;
    };
    expect(berlin({})).toBe('2026-10-31T23:00:00Z 2026-11-22T21:15:00Z');
    expect(berlin({ month: '2026-03' })).toBe('2026-02-28T23:00:00Z 2026-03-31T22:00:00Z');
    expect(berlin({ from: '2026-10-25', to: '2026-10-26T06:30Z' })).toBe('2026-10-24T22:00:00Z 2026-10-26T06:30:00Z');
  });

  it('says what is wrong and what to write', () => {
    const faults = [
      [{ month: '2026-13' }, '--month `2026-13` is not valid: use YYYY-MM'],
      [{ last: '3w' }, '--last `3w` is not valid: use hours or days such as 36h or 7d'],
      [{ from: 'yesterday' }, '--from `yesterday` is not valid: use YYYY-MM-DD or YYYY-MM-DDTHH:MMZ'],
      [{ from: '2026-11-02T10:07Z' }, /quarter hours/],
      [{ from: '2026-11-03', to: '2026-11-02' }, 'the range is empty: --from must be before --to'],
    ] as const;
    expect(() => readZone('Mars/Base')).toThrowError(
      '--time-zone `Mars/Base` is not valid: use a name such as Europe/Berlin',
    );
    for (const [options, message] of faults) expect(() => readRange(options, NOW)).toThrowError(message);
  });
});
