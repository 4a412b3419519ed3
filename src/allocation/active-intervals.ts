import type { CostAllocationTag } from './cost-allocation-tag.ts';

export type ActiveIntervals = CostAllocationTag['activeIntervals'];

/**
 * The intervals with one status between two instants, and what was before and after kept. An activation, a deactivation
 * and a backfill are all this: they differ only in where the instants lie.
 */
export function withStatus(
  intervals: ActiveIntervals,
  status: CostAllocationTag['status'],
  fromMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): ActiveIntervals {
  const kept = intervals.flatMap(({ fromMs: beginMs, toMs: endMs = Number.POSITIVE_INFINITY }) => [
    { beginMs, endMs: Math.min(endMs, fromMs) },
    { beginMs: Math.max(beginMs, untilMs), endMs },
  ]);
  const all = status === 'Active' ? [...kept, { beginMs: fromMs, endMs: untilMs }] : kept;
  const merged: { beginMs: number; endMs: number }[] = [];
  for (const interval of all.filter(({ beginMs, endMs }) => beginMs < endMs).sort((a, b) => a.beginMs - b.beginMs)) {
    const last = merged.at(-1);
    if (last && last.endMs >= interval.beginMs) last.endMs = Math.max(last.endMs, interval.endMs);
    else merged.push({ ...interval });
  }
  return merged.map(({ beginMs, endMs }) => ({ fromMs: beginMs, ...(Number.isFinite(endMs) && { toMs: endMs }) }));
}
