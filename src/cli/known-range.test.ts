import { expect, it } from 'vitest';
import { timeZoneOf } from '../kernel/time-zone.ts';
import type { TallylineClient } from './client.ts';
import { readKnownRange } from './known-range.ts';
import type { RangeOptions } from './time-range.ts';

const NOW = Date.parse('2026-11-29T16:20:00Z');

async function rangeOf(grain: string, options: RangeOptions, zoneName: string): Promise<string> {
  const session = { Books: { Primary: 'bill', BillGrain: grain }, UsageEnds: { Bill: '2026-06-01T00:00:00Z' } };
  const client = { call: async () => session } as unknown as TallylineClient;
  const range = await readKnownRange(client, options, { nowMs: NOW, zone: timeZoneOf(zoneName)! });
  const iso = (atMs: number) => new Date(atMs).toISOString().slice(0, 16);
  return `${iso(range.startMs)} ${iso(range.endMs)}${range.note}`;
}

const ENDS = ', where the imported bill ends';
const BY_MONTH = `${ENDS}, in whole months as it is billed`;

it.each(['UTC', 'Asia/Tokyo', 'America/Los_Angeles'])(
  'counts back in billing periods with --time-zone %s',
  async (zone) => {
    expect(await rangeOf('HOUR', {}, zone)).toBe(`2026-05-01T00:00 2026-06-01T00:00${ENDS}`);
    expect(await rangeOf('HOUR', { last: '7d' }, zone)).toBe(`2026-05-25T00:00 2026-06-01T00:00${ENDS}`);
    for (const options of [{}, { last: '30d' }, { last: '7d' }, { last: '36h' }])
      expect(await rangeOf('MONTH', options, zone)).toBe(`2026-05-01T00:00 2026-06-01T00:00${BY_MONTH}`);
    expect(await rangeOf('MONTH', { last: '90d' }, zone)).toBe(`2026-03-01T00:00 2026-06-01T00:00${BY_MONTH}`);
  },
);

it('leaves dates that are named as they are', async () => {
  const named = { from: '2026-05-10', to: '2026-05-20' };
  expect(await rangeOf('MONTH', named, 'UTC')).toBe('2026-05-10T00:00 2026-05-20T00:00');
  expect(await rangeOf('MONTH', named, 'Asia/Tokyo')).toBe('2026-05-09T15:00 2026-05-19T15:00');
});
