import { Fault } from '../kernel/fault.ts';
import { BUCKET_MS, bucketStartMs, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { type TimeZone, timeZoneOf, UTC } from '../kernel/time-zone.ts';

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
  readonly month?: string;
}

/** Reads `--time-zone`; UTC without it. */
export function readZone(name = UTC.name): TimeZone {
  const zone = timeZoneOf(name);
  if (!zone) throw invalid('--time-zone', name, 'use a name such as Europe/Berlin');
  return zone;
}

/**
 * Reads `--month 2026-05`, `--last 36h|7d`, or `--from ... --to ...` (dates of the zone or UTC instants; the end is
 * exclusive). Without any: the zone's month to date, whose end is the end of the bucket that runs now.
 */
export function readRange(options: RangeOptions, nowMs: number, zone = UTC): { startMs: number; endMs: number } {
  const openEndMs = bucketStartMs(nowMs) + BUCKET_MS;
  if (options.month !== undefined) {
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(options.month)) throw invalid('--month', options.month, 'use YYYY-MM');
    const [year = 0, month = 0] = options.month.split('-').map(Number);
    return { startMs: zone.dayStartMs(year, month - 1, 1), endMs: zone.dayStartMs(year, month, 1) };
  }
  if (options.last !== undefined) {
    const [, count, unit] = /^(\d{1,4})([hd])$/.exec(options.last) ?? [];
    if (!count || !unit) throw invalid('--last', options.last, 'use hours or days such as 36h or 7d');
    return { startMs: openEndMs - Number(count) * (unit === 'h' ? HOUR_MS : DAY_MS), endMs: openEndMs };
  }
  const { year, month } = zone.dateOf(nowMs);
  const startMs =
    options.from === undefined ? zone.dayStartMs(year, month, 1) : readInstant('--from', options.from, zone);
  const endMs = options.to === undefined ? openEndMs : readInstant('--to', options.to, zone);
  if (startMs >= endMs) throw new Fault('QueryInvalid', 'the range is empty: --from must be before --to');
  return { startMs, endMs };
}

function readInstant(option: string, text: string, zone: TimeZone): number {
  const isForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text);
  const utcMs = isForm ? Date.parse(text) : Number.NaN;
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  const atMs = text.includes('T') || Number.isNaN(utcMs) ? utcMs : zone.dayStartMs(year, month - 1, day);
  if (Number.isNaN(atMs)) throw invalid(option, text, 'use YYYY-MM-DD or YYYY-MM-DDTHH:MMZ');
  if (atMs % BUCKET_MS !== 0)
    throw invalid(option, text, 'line items are kept by quarter hours: end on :00, :15, :30 or :45');
  return atMs;
}

function invalid(option: string, value: string, advice: string): Fault {
  return new Fault('QueryInvalid', `${option} \`${value}\` is not valid: ${advice}`);
}
