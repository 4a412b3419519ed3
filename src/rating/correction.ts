import type { LineItem } from './line-item.ts';

const PREFIX = 'correction/';

/** `chargeId` of all lines that correct a closed billing period: `correction/2026-10`. */
export function correctionId(period: string): string {
  return `${PREFIX}${period}`;
}

/** The closed period that a line corrects. Undefined for every other line. */
export function correctedPeriod({ chargeId }: Pick<LineItem, 'chargeId'>): string | undefined {
  return chargeId.startsWith(PREFIX) ? chargeId.slice(PREFIX.length) : undefined;
}
