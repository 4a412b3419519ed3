import { useTimeZone } from '../display/time-zone.ts';
import { spanBefore, spanOf, type TimeSpan } from '../time/range.ts';

/** The span of a range, and the one before it to compare with. Text that is no range is taken for the fallback. */
export function useSpan(range: string, fallback: string): { readonly span: TimeSpan; readonly before: TimeSpan } {
  const zone = useTimeZone();
  const nowMs = Date.now();
  const found = spanOf(range, zone, nowMs);
  const text = found ? range : fallback;
  const span = found ?? spanOf(fallback, zone, nowMs)!;
  return { span, before: spanBefore(text, span, zone, nowMs) };
}
