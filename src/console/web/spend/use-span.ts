import type { TimeZone } from '../../../kernel/time-zone.ts';
import { presentOf, type RangeBook, rangeOfCalls, useUsageEnd } from '../display/present.ts';
import { useTimeZone } from '../display/time-zone.ts';
import { type RangeText, spanBefore, spanOf, type TimeSpan } from '../time/range.ts';

export interface SpanOptions {
  /** Absent: the primary one. */
  readonly book?: RangeBook;
  /** Absent: the reader's. */
  readonly zone?: TimeZone;
}

export interface Spans {
  readonly span: TimeSpan;
  readonly before: TimeSpan;
  /** The range for pages of calls. */
  readonly callsRange: RangeText;
}

/**
 * The span of a range, and the one before it to compare with. Text that is no range is taken for the fallback. Ranges of
 * usage that has ended count back from its end.
 */
export function useSpan(range: string, fallback: string, { book, zone: asked }: SpanOptions = {}): Spans {
  const readers = useTimeZone();
  const zone = asked ?? readers;
  const usageEndMs = useUsageEnd(book);
  const presentMs = presentOf(usageEndMs);
  const found = spanOf(range, zone, presentMs);
  const text = found ? range : fallback;
  const span = found ?? spanOf(fallback, zone, presentMs)!;
  return {
    ...{ span, before: spanBefore(text, span, zone, presentMs) },
    callsRange: rangeOfCalls(text, span, { usageEndMs, zone }),
  };
}
