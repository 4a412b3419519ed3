import { billingPeriodOf, billingPeriodStartMs } from '../kernel/time.ts';
import type { LineItem } from './line-item.ts';

export const CORRECTION_PREFIX = 'correction/';

/** `chargeId` of all lines that correct a closed billing period: `correction/2026-10`. */
export function correctionId(period: string): string {
  return `${CORRECTION_PREFIX}${period}`;
}

/** Billing periods as `2026-05`; empty: there is none. */
export interface BilledPeriods {
  /** The first that has a bill. What was used before it, and is found later, was never billed. Absent: none is known. */
  readonly first?: string;
  /** All between the first and it are closed. */
  readonly firstOpen: string;
}

/** Whether nothing in a billing period changes any more. */
export function isClosedPeriod(period: string, { first = '', firstOpen }: BilledPeriods): boolean {
  return period >= first && period < firstOpen;
}

/**
 * Line items as they can be billed: those of closed periods become corrections at the start of the first open one, and
 * otherwise stay what they are. Parts of one usage that come one after the other meet in one line again.
 */
export function billedInOpenPeriods(items: readonly LineItem[], periods: BilledPeriods): readonly LineItem[] {
  if (periods.firstOpen === '') return items;
  const startMs = billingPeriodStartMs(periods.firstOpen);
  if (items.every(({ bucketStartMs }) => bucketStartMs >= startMs)) return items;
  return items.map((item) => {
    if (item.bucketStartMs >= startMs) return item;
    const period = billingPeriodOf(item.bucketStartMs);
    if (!isClosedPeriod(period, periods)) return item;
    return {
      ...item,
      ...{ bucketStartMs: startMs, sliceStartMs: startMs, chargeId: correctionId(period), isCorrection: true },
    };
  });
}

/** The closed period that a line corrects. Undefined for every other line. */
export function correctedPeriod({ chargeId }: Pick<LineItem, 'chargeId'>): string | undefined {
  return chargeId.startsWith(CORRECTION_PREFIX) ? chargeId.slice(CORRECTION_PREFIX.length) : undefined;
}
