import { billingPeriodOf } from '../../../kernel/time.ts';

/** Billing periods, that of the instant first. */
export function monthsBack(presentMs: number, count: number): string[] {
  const present = new Date(presentMs);
  return Array.from({ length: count }, (_, back) =>
    billingPeriodOf(Date.UTC(present.getUTCFullYear(), present.getUTCMonth() - back, 1)),
  );
}
