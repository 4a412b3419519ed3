import { useCallback } from 'react';
import { type Present, presentOf } from '../../../kernel/present.ts';
import type { TimeZone } from '../../../kernel/time-zone.ts';
import type { Book } from '../../../reports/book.ts';
import { useSession } from '../api/session.ts';
import { type RangeText, rangeOf, type TimeSpan } from '../time/range.ts';
import { useTimeZone } from './time-zone.ts';

/** Whose time a range is of; `none`: of what is in no book, as the audit log. */
export type RangeBook = Book | 'none';

export function usePrimaryBook(): Book {
  return useSession().Books?.Primary ?? 'ledger';
}

/**
 * What ranges of a book count back from, when it is asked for: the same function until that changes by more than the time.
 * `book` absent: the primary one. `zone`: of everything but a bill; absent: the reader's.
 */
export function useClock(book?: RangeBook, zone?: TimeZone): () => Present {
  const session = useSession();
  const readers = useTimeZone();
  const asked = zone ?? readers;
  return useCallback(() => presentOf(session, { book, nowMs: Date.now(), zone: asked }), [session, book, asked]);
}

export function usePresent(book?: RangeBook, zone?: TimeZone): Present {
  return useClock(book, zone)();
}

/** A range as it is written for calls, which no bill has: theirs count back from elsewhere, in the reader's zone. */
export function rangeOfCalls(range: RangeText, span: TimeSpan, present: Present, readersZone: TimeZone): RangeText {
  return present.ended === undefined && !present.isByMonth ? range : rangeOf(span, readersZone);
}
