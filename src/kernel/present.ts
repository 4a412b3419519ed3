import { billingPeriodEndMs, billingPeriodOf, DAY_MS } from './time.ts';
import { type TimeZone, UTC } from './time-zone.ts';

/** What `tallyline:GetConsoleSession` says of the books. */
export interface BookBounds {
  /** Absent: no bill was imported. */
  readonly Books?: { readonly Primary: string; readonly BillGrain?: string };
  /** Where the usage of each book ends that has an end in the past; exclusive. */
  readonly UsageEnds?: { readonly Ledger?: string; readonly Bill?: string };
}

/** What `last 30 days` and `this month` count back from. */
export interface Present {
  /** Now, or the last instant before the usage of a book ends: that of an imported bill, or of imported logs alone. */
  readonly atMs: number;
  /** Whose days and months: a bill has AWS's, which are those of UTC. */
  readonly zone: TimeZone;
  /** What ends. Absent: usage comes in until now. */
  readonly ended?: 'bill' | 'log';
  /** A bill that has the cost of a month on its first day: ranges are of whole months. */
  readonly isByMonth: boolean;
}

/** `book`: whose; absent: the primary one; a word that is no book: of what is in none. `zone`: of everything but a bill. */
export function presentOf(
  { Books, UsageEnds }: BookBounds,
  { book = Books?.Primary ?? 'ledger', nowMs, zone }: { book?: string | undefined; nowMs: number; zone: TimeZone },
): Present {
  const isBill = book === 'bill';
  const end = isBill ? UsageEnds?.Bill : book === 'ledger' ? UsageEnds?.Ledger : undefined;
  return {
    atMs: end === undefined ? nowMs : Date.parse(end) - 1,
    zone: isBill ? UTC : zone,
    ...(end !== undefined && { ended: isBill ? 'bill' : 'log' }),
    isByMonth: isBill && Books?.BillGrain === 'MONTH',
  };
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** What counts as a month in a range of days. */
const MONTH_DAYS = 30;

/** Whole billing periods instead of a range: as many as it is long, at least one, up to the one that it ends in. */
export function inMonths({ startMs, endMs }: Span): Span {
  const months = Math.max(1, Math.round((endMs - startMs) / (MONTH_DAYS * DAY_MS)));
  const toMs = billingPeriodEndMs(billingPeriodOf(endMs - 1));
  return { startMs: monthsBefore(toMs, months), endMs: toMs };
}

/** As many whole billing periods just before some. */
export function monthsJustBefore({ startMs, endMs }: Span): Span {
  const [from, to] = [new Date(startMs), new Date(endMs)];
  const months = (to.getUTCFullYear() - from.getUTCFullYear()) * 12 + to.getUTCMonth() - from.getUTCMonth();
  return { startMs: monthsBefore(startMs, months), endMs: startMs };
}

function monthsBefore(monthStartMs: number, months: number): number {
  const at = new Date(monthStartMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() - months, 1);
}
