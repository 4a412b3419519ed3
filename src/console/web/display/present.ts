import type { TimeZone } from '../../../kernel/time-zone.ts';
import type { Book } from '../../../reports/book.ts';
import { useSession } from '../api/session.ts';
import { type RangeText, rangeOf, type TimeSpan } from '../time/range.ts';

/**
 * The end of the latest usage that was billed, where the figures of a book are those of an imported bill. Undefined: usage is
 * known until now. `book` absent: the primary one.
 */
export function useBillEnd(book?: Book): number | undefined {
  const { Books } = useSession();
  if (Books?.BilledThrough === undefined || (book ?? Books.Primary) !== 'bill') return undefined;
  return Date.parse(Books.BilledThrough);
}

/** The instant that `last 30 days` and `this month` count back from: now, or the last one that the bill has. */
export function presentOf(billEndMs: number | undefined): number {
  return billEndMs === undefined ? Date.now() : billEndMs - 1;
}

/** A range as it is written for calls, which no bill has: theirs count back from now. */
export function rangeOfCalls(
  range: RangeText,
  span: TimeSpan,
  { billEndMs, zone }: { readonly billEndMs: number | undefined; readonly zone: TimeZone },
): RangeText {
  return billEndMs === undefined ? range : rangeOf(span, zone);
}

export function usePresent(book?: Book): number {
  return presentOf(useBillEnd(book));
}
