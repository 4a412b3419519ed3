import type { Present } from '../../../kernel/present.ts';
import type { TimeZone } from '../../../kernel/time-zone.ts';
import { type RangeBook, rangeOfCalls, usePresent } from '../display/present.ts';
import { useTimeZone } from '../display/time-zone.ts';
import { type RangeText, spanBefore, spanOf, type TimeSpan } from '../time/range.ts';

export interface SpanOptions {
  /** Absent: the primary one. */
  readonly book?: RangeBook;
  /** Of everything but a bill. Absent: the reader's. */
  readonly zone?: TimeZone;
}

export interface Spans {
  readonly present: Present;
  readonly span: TimeSpan;
  readonly before: TimeSpan;
  /** The range for pages of calls. */
  readonly callsRange: RangeText;
}

/**
 * The span of a range, and the one before it to compare with. Text that is no range is taken for the fallback. Ranges of
 * usage that has ended count back from its end.
 */
export function useSpan(range: string, fallback: string, { book, zone }: SpanOptions = {}): Spans {
  const readersZone = useTimeZone();
  const present = usePresent(book, zone);
  const found = spanOf(range, present);
  const text = found ? range : fallback;
  const span = found ?? spanOf(fallback, present)!;
  return {
    ...{ present, span, before: spanBefore(text, span, present) },
    callsRange: rangeOfCalls(text, span, present, readersZone),
  };
}
