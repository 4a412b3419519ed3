import { timeZoneOf } from '../../../../kernel/time-zone.ts';
import { getReport, type ReportRow, type ReportSums } from '../../report/get-report.ts';
import { addSums, areZero, byValue, subtractSums } from '../../report/report-sums.ts';
import { bucketsOf } from '../../time/buckets.ts';
import type { TimeSpan } from '../../time/range.ts';
import { type ExplorerQuestion, partsBefore, partsOf } from './question.ts';

/** A series: a group of the top, the rest of them, or what has no tag. */
export interface Group {
  /** Unique in an answer, and the same as long as the keys are. */
  readonly id: string;
  readonly kind: 'named' | 'other' | 'unallocated';
  /** One per key of the view; of `other` and `unallocated` none. */
  readonly keys: readonly string[];
  readonly sums: ReportSums;
  /** One per bucket; undefined: nothing in it. */
  readonly course: readonly (ReportSums | undefined)[];
}

export interface Answer {
  /** What was asked: while another answer is awaited it differs from what is asked now. */
  readonly question: ExplorerQuestion;
  readonly buckets: readonly TimeSpan[];
  /** Largest first, then `other`, then `unallocated`. */
  readonly groups: readonly Group[];
  /** Of everything. */
  readonly total: ReportSums;
}

function idOf(keys: readonly string[]): string {
  return keys.map((key) => JSON.stringify(key)).join(' ');
}

/** Asks for all parts at once. Throws ApiError. */
export async function ask(question: ExplorerQuestion, signal: AbortSignal): Promise<Answer> {
  const { grouped, unallocated } = partsOf(question);
  const [groupRows, restRows] = await Promise.all([
    getReport(grouped, signal),
    unallocated ? getReport(unallocated, signal) : [],
  ]);
  return answerOf(question, groupRows, restRows);
}

export function answerOf(
  question: ExplorerQuestion,
  groupRows: readonly ReportRow[],
  unallocatedRows: readonly ReportRow[],
): Answer {
  const buckets = bucketsOf(question.span, question.granularity, timeZoneOf(question.zoneName)!);
  const places = new Map(buckets.map(({ startMs }, index) => [startMs, index]));
  const groupOf = (id: string, kind: Group['kind'], rows: readonly ReportRow[]): Group => {
    const course: (ReportSums | undefined)[] = buckets.map(() => undefined);
    for (const row of rows) {
      const place = places.get(Date.parse(row.Start));
      if (place !== undefined) course[place] = row;
    }
    return { id, kind, keys: kind === 'named' ? rows[0]!.Keys : [], sums: addSums(rows), course };
  };
  const byId = Map.groupBy(groupRows, (row) => (row.IsOther ? 'other' : idOf(row.Keys)));
  const { measure } = question;
  const named = [...byId]
    .filter(([id]) => id !== 'other')
    .map(([id, rows]) => groupOf(id, 'named', rows))
    .sort((a, b) => byValue(measure.of(a.sums), measure.of(b.sums)));
  const others = [
    groupOf('other', 'other', byId.get('other') ?? []),
    groupOf('unallocated', 'unallocated', unallocatedRows),
  ].filter(({ sums }) => !areZero(sums));
  const groups = [...named, ...others];
  return { question, buckets, groups, total: addSums(groups.map(({ sums }) => sums)) };
}

/** The period before the one of an answer. */
export interface AnswerBefore {
  /** By the index of the bucket, for the line behind the chart. */
  readonly course: readonly (ReportSums | undefined)[];
  readonly total: ReportSums;
  /** By the id of the group. */
  readonly groups: ReadonlyMap<string, ReportSums>;
}

export async function askBefore({ question, groups, buckets }: Answer, signal: AbortSignal): Promise<AnswerBefore> {
  const named = groups.filter(({ kind }) => kind === 'named');
  const parts = partsBefore(question, [...new Set(named.map(({ keys }) => keys[0] ?? ''))]);
  const [courseRows, groupRows, restRows] = await Promise.all([
    getReport(parts.course, signal),
    getReport(parts.groups, signal),
    parts.unallocated ? getReport(parts.unallocated, signal) : [],
  ]);
  const zone = timeZoneOf(question.zoneName)!;
  const bucketsThen = bucketsOf(question.before, question.granularity, zone);
  const byStart = new Map(courseRows.map((row) => [Date.parse(row.Start), row]));
  const total = addSums(courseRows);
  const found = new Map<string, ReportSums>(groupRows.map((row) => [idOf(row.Keys), row]));
  const shown = new Map(named.map(({ id }) => [id, found.get(id) ?? {}]));
  const unallocated = addSums(restRows);
  const other = subtractSums(total, addSums([...shown.values(), unallocated]));
  return {
    course: buckets.map((_, index) => {
      const then = bucketsThen[index];
      return then && byStart.get(then.startMs);
    }),
    total,
    groups: new Map([...shown, ['other', other], ['unallocated', unallocated]]),
  };
}
