import { Fault } from '../kernel/fault.ts';
import { billingPeriodOf, billingPeriodStartMs, DAY_MS } from '../kernel/time.ts';
import { withStatus } from './active-intervals.ts';
import type { CostAllocationTag } from './cost-allocation-tag.ts';

/** Months that a backfill may reach back, and the time between two (API reference, checked 2026-11). */
const BACKFILL_MONTHS = 12;
const BACKFILL_EVERY_MS = DAY_MS;

/**
 * A request to show history as the statuses at the request would have it. Line items keep every tag, so it is nothing but
 * a rule that lies over the intervals of each key.
 */
export interface TagBackfill {
  readonly backfillFromMs: number;
  readonly requestedAtMs: number;
  /** From here on it shows; until then it is being processed. */
  readonly completedAtMs: number;
  /** ARN of who asked for it. Absent in records of before it was kept. */
  readonly requestedBy?: string;
  /** Usage from here on is shown by the keys' own switches: those before the request have taken effect by then. */
  readonly untilMs?: number;
  /** Keys that were active at the request. Absent in records of before it was kept: their keys have been rewritten. */
  readonly activeKeys?: readonly string[];
}

/** Throws ValidationException, or BackfillLimitExceededException for a second request within 24 hours. */
export function requireBackfill(fromMs: number, nowMs: number, latest: TagBackfill | undefined): void {
  // AWS publishes no wording for the first two.
  if (billingPeriodStartMs(billingPeriodOf(fromMs)) !== fromMs) {
    throw new Fault('ValidationException', 'BackfillFrom must be the first day of a month.');
  }
  const now = new Date(nowMs);
  const earliestMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - BACKFILL_MONTHS, 1);
  if (fromMs > nowMs || fromMs < earliestMs) {
    throw new Fault('ValidationException', `BackfillFrom must be within the past ${BACKFILL_MONTHS} months.`);
  }
  if (latest && nowMs - latest.requestedAtMs < BACKFILL_EVERY_MS) {
    throw new Fault(
      'BackfillLimitExceededException',
      'A request to backfill is already in progress. Once the previous request is complete, you can create another request.',
    );
  }
}

/** The tags as completed backfills show them. `backfills`: the oldest first. */
export function backfilled<Tag extends CostAllocationTag>(
  tags: Iterable<Tag>,
  backfills: readonly TagBackfill[],
): Tag[] {
  const rules = backfills.flatMap(({ backfillFromMs, untilMs, activeKeys }) => {
    return activeKeys && untilMs !== undefined ? [{ backfillFromMs, untilMs, active: new Set(activeKeys) }] : [];
  });
  return Array.from(tags, (tag) => {
    let { activeIntervals } = tag;
    for (const { backfillFromMs, untilMs, active } of rules) {
      const isActive = active.has(tag.key);
      if (!isActive && activeIntervals.length === 0) continue;
      activeIntervals = withStatus(activeIntervals, isActive ? 'Active' : 'Inactive', backfillFromMs, untilMs);
    }
    return activeIntervals === tag.activeIntervals ? tag : { ...tag, activeIntervals };
  });
}
