import { DAY_MS } from '../../kernel/time.ts';
import type { TimeRange } from '../time-bucket.ts';

/** A range in two parts, each of them stretches in order. */
export interface DaySplit {
  /** Whole UTC days that nothing cuts. */
  readonly days: readonly TimeRange[];
  /** What is left: days that the range begins or ends in, and days in which something changes. */
  readonly rest: readonly TimeRange[];
}

/** With more days to look into than this, the line items are read throughout. */
const CUT_DAYS_MAX = 31;

/** `cutsMs`: instants at which lines of one day have to be told apart. */
export function splitByDay({ startMs, endMs }: TimeRange, cutsMs: readonly number[]): DaySplit {
  const firstDayMs = Math.ceil(startMs / DAY_MS) * DAY_MS;
  const endDayMs = Math.floor(endMs / DAY_MS) * DAY_MS;
  const cutDays = new Set(
    cutsMs.filter((atMs) => atMs % DAY_MS !== 0).map((atMs) => Math.floor(atMs / DAY_MS) * DAY_MS),
  );
  const inside = [...cutDays].filter((dayMs) => dayMs >= firstDayMs && dayMs < endDayMs).sort((a, b) => a - b);
  if (firstDayMs >= endDayMs || inside.length > CUT_DAYS_MAX) return { days: [], rest: [{ startMs, endMs }] };
  const days: TimeRange[] = [];
  const rest: TimeRange[] = [{ startMs, endMs: firstDayMs }];
  let fromMs = firstDayMs;
  for (const dayMs of inside) {
    days.push({ startMs: fromMs, endMs: dayMs });
    rest.push({ startMs: dayMs, endMs: dayMs + DAY_MS });
    fromMs = dayMs + DAY_MS;
  }
  days.push({ startMs: fromMs, endMs: endDayMs });
  rest.push({ startMs: endDayMs, endMs });
  const isLong = (stretch: TimeRange) => stretch.startMs < stretch.endMs;
  return { days: days.filter(isLong), rest: rest.filter(isLong) };
}
