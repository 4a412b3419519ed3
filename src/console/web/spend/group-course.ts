import { add, compare } from '../format/decimal.ts';
import type { ReportRow, ReportSums } from '../report/get-report.ts';
import { addSums } from '../report/report-sums.ts';

/** What one group came to in a range, and day by day in it. */
export interface GroupCourse {
  /** Empty: it has no value. */
  readonly value: string;
  /** All that the largest groups left over. */
  readonly isOther: boolean;
  readonly sums: ReportSums;
  /** Decimal text, one for each of `starts`. */
  readonly costs: readonly string[];
}

/** Rows of a report by one key and day as groups, the costliest first, what is left over last. `starts`: begins of the days. */
export function groupCourses(rows: readonly ReportRow[], starts: readonly number[]): GroupCourse[] {
  const place = new Map(starts.map((startMs, index) => [startMs, index]));
  const groups = Map.groupBy(rows, ({ Keys, IsOther }) => (IsOther ? OTHER : `=${Keys[0] ?? ''}`));
  const courses = [...groups].map(([key, own]) => {
    const costs = starts.map(() => '0');
    for (const { Start: start, CostUsd: cost = '0' } of own) {
      const index = place.get(Date.parse(start));
      if (index !== undefined) costs[index] = add(costs[index]!, cost);
    }
    return { value: key.slice(1), isOther: key === OTHER, sums: addSums(own), costs };
  });
  return courses.sort(
    (a, b) => Number(a.isOther) - Number(b.isOther) || compare(b.sums.CostUsd ?? '0', a.sums.CostUsd ?? '0'),
  );
}

const OTHER = '>';

/** Begins of the days of a range, in order. */
export function dayStarts(
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
  zone: { readonly nextDayMs: (atMs: number) => number },
): number[] {
  const starts: number[] = [];
  for (let atMs = startMs; atMs < endMs; atMs = zone.nextDayMs(atMs)) starts.push(atMs);
  return starts;
}
