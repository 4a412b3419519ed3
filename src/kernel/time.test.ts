import { describe, expect, it } from 'vitest';
import { billingPeriodEndMs, billingPeriodOf, billingPeriodStartMs, bucketStartMs, isoSeconds } from './time.ts';

describe('billing periods', () => {
  it('begin and end at midnight UTC, over the end of a year too', () => {
    expect(new Date(billingPeriodStartMs('2026-12')).toISOString()).toBe('2026-12-01T00:00:00.000Z');
    expect(new Date(billingPeriodEndMs('2026-12')).toISOString()).toBe('2027-01-01T00:00:00.000Z');
    expect(billingPeriodOf(billingPeriodEndMs('2026-11') - 1)).toBe('2026-11');
    expect(billingPeriodOf(billingPeriodEndMs('2026-11'))).toBe('2026-12');
  });
});

describe('buckets', () => {
  it('are quarter hours, the start included', () => {
    const at = Date.parse('2026-11-22T10:15:00.000Z');
    expect(isoSeconds(bucketStartMs(at))).toBe('2026-11-22T10:15:00Z');
    expect(isoSeconds(bucketStartMs(at - 1))).toBe('2026-11-22T10:00:00Z');
  });
});
