import type { TimeZone } from '../../../../kernel/time-zone.ts';
import { type RangeText, rangeOf } from '../../time/range.ts';
import type { Overview, SpentIn } from './answer.ts';

/** The month that is shown, for the Explorer: the present one, or the latest that was billed. */
export function monthRange({ At, MonthToDate, MonthEnd }: Overview, zone: TimeZone): RangeText {
  if (Date.parse(At) < Date.parse(MonthEnd)) return 'mtd';
  return spentRange(MonthToDate, zone);
}

/** What a sum is of, for the Explorer. */
export function spentRange({ Start, End }: SpentIn, zone: TimeZone): RangeText {
  return rangeOf({ startMs: Date.parse(Start), endMs: Date.parse(End) }, zone);
}
