import type { TimeZone } from '../../../kernel/time-zone.ts';
import type { Book } from '../../../reports/book.ts';
import { useSession } from '../api/session.ts';
import { type RangeText, rangeOf, type TimeSpan } from '../time/range.ts';

/** Whose time a range is of; `none`: of what is in no book, as the audit log. */
export type RangeBook = Book | 'none';

export function usePrimaryBook(): Book {
  return useSession().Books?.Primary ?? 'ledger';
}

/**
 * Where the usage of a book ends, if that is the end of an imported bill, or of imported logs alone. Undefined: usage is known
 * until now. `book` absent: the primary one.
 */
export function useUsageEnd(book?: RangeBook): number | undefined {
  const { UsageEnds } = useSession();
  const primary = usePrimaryBook();
  const of = book ?? primary;
  const end = of === 'none' ? undefined : of === 'bill' ? UsageEnds?.Bill : UsageEnds?.Ledger;
  return end === undefined ? undefined : Date.parse(end);
}

/** The instant that `last 30 days` and `this month` count back from: now, or the last one before the end of usage. */
export function presentOf(usageEndMs: number | undefined): number {
  return usageEndMs === undefined ? Date.now() : usageEndMs - 1;
}

/** A range as it is written for calls, which no bill has: theirs count back from elsewhere. */
export function rangeOfCalls(
  range: RangeText,
  span: TimeSpan,
  { usageEndMs, zone }: { readonly usageEndMs: number | undefined; readonly zone: TimeZone },
): RangeText {
  return usageEndMs === undefined ? range : rangeOf(span, zone);
}

export function usePresent(book?: RangeBook): number {
  return presentOf(useUsageEnd(book));
}
