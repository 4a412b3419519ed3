import { billingPeriodOf, billingPeriodStartMs } from '../kernel/time.ts';
import type { LineItem } from './line-item.ts';

export const CORRECTION_PREFIX = 'correction/';

/** `chargeId` of all lines that correct a closed billing period: `correction/2026-10`. */
export function correctionId(period: string): string {
  return `${CORRECTION_PREFIX}${period}`;
}

/**
 * Line items as they can be billed: those of closed periods become corrections at the start of the first open one, and
 * otherwise stay what they are. Parts of one usage that come one after the other meet in one line again.
 */
export function billedInOpenPeriods(items: readonly LineItem[], firstOpenPeriod: string): readonly LineItem[] {
  const startMs = firstOpenPeriod === '' ? Number.NEGATIVE_INFINITY : billingPeriodStartMs(firstOpenPeriod);
  if (items.every(({ bucketStartMs }) => bucketStartMs >= startMs)) return items;
  return items.map((item) => {
    if (item.bucketStartMs >= startMs) return item;
    const chargeId = correctionId(billingPeriodOf(item.bucketStartMs));
    return { ...item, bucketStartMs: startMs, sliceStartMs: startMs, chargeId, isCorrection: true };
  });
}

/** The closed period that a line corrects. Undefined for every other line. */
export function correctedPeriod({ chargeId }: Pick<LineItem, 'chargeId'>): string | undefined {
  return chargeId.startsWith(CORRECTION_PREFIX) ? chargeId.slice(CORRECTION_PREFIX.length) : undefined;
}
