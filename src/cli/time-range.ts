import { Fault } from '../kernel/fault.ts';
import {
  BUCKET_MS,
  billingPeriodEndMs,
  billingPeriodOf,
  billingPeriodStartMs,
  bucketStartMs,
  DAY_MS,
  HOUR_MS,
} from '../kernel/time.ts';

export interface RangeOptions {
  readonly from?: string;
  readonly to?: string;
  readonly last?: string;
  readonly month?: string;
}

/**
 * Reads `--month 2026-05`, `--last 36h|7d`, or `--from ... --to ...` (dates or instants, UTC; the end is exclusive).
 * Without any: the month to date, whose end is the end of the bucket that runs now.
 */
export function readRange(options: RangeOptions, nowMs: number): { startMs: number; endMs: number } {
  const openEndMs = bucketStartMs(nowMs) + BUCKET_MS;
  if (options.month !== undefined) {
    if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(options.month)) throw invalid('--month', options.month, 'use YYYY-MM');
    return { startMs: billingPeriodStartMs(options.month), endMs: billingPeriodEndMs(options.month) };
  }
  if (options.last !== undefined) {
    const [, count, unit] = /^(\d{1,4})([hd])$/.exec(options.last) ?? [];
    if (!count || !unit) throw invalid('--last', options.last, 'use hours or days such as 36h or 7d');
    return { startMs: openEndMs - Number(count) * (unit === 'h' ? HOUR_MS : DAY_MS), endMs: openEndMs };
  }
  const startMs =
    options.from === undefined ? billingPeriodStartMs(billingPeriodOf(nowMs)) : readInstant('--from', options.from);
  const endMs = options.to === undefined ? openEndMs : readInstant('--to', options.to);
  if (startMs >= endMs) throw new Fault('QueryInvalid', 'the range is empty: --from must be before --to');
  return { startMs, endMs };
}

function readInstant(option: string, text: string): number {
  const isForm = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?Z)?$/.test(text);
  const atMs = isForm ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(atMs)) throw invalid(option, text, 'use YYYY-MM-DD or YYYY-MM-DDTHH:MMZ');
  if (atMs % BUCKET_MS !== 0)
    throw invalid(option, text, 'line items are kept by quarter hours: end on :00, :15, :30 or :45');
  return atMs;
}

function invalid(option: string, value: string, advice: string): Fault {
  return new Fault('QueryInvalid', `${option} \`${value}\` is not valid: ${advice}`);
}
