import type { CostAllocationTag } from './cost-allocation-tag.ts';

export type ActiveIntervals = CostAllocationTag['activeIntervals'];

/**
 * The intervals with one status from an instant on, and what was before it kept. An activation, a deactivation and a
 * backfill are all this: they differ only in where the instant lies.
 */
export function withStatusFrom(
  intervals: ActiveIntervals,
  fromMs: number,
  status: CostAllocationTag['status'],
): ActiveIntervals {
  const before = intervals
    .filter((interval) => interval.fromMs < fromMs)
    .map((interval) => ({ ...interval, toMs: Math.min(interval.toMs ?? fromMs, fromMs) }));
  if (status === 'Inactive') return before;
  const last = before.at(-1);
  return last?.toMs === fromMs ? [...before.slice(0, -1), { fromMs: last.fromMs }] : [...before, { fromMs }];
}
