import { expectedBand } from '../detection/expected-band.ts';
import type { Finding } from '../detection/finding.ts';
import type { Subject } from '../detection/subject.ts';
import { HOURS_KEPT } from '../detection/subject-history.ts';
import { formatUsd } from '../kernel/money.ts';
import { BUCKET_MS, DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { GroupKey } from '../reports/report-query.ts';
import type { Visibility } from '../reports/visibility.ts';
import { type SpendChange, spendChanges } from './change-path.ts';
import { type ReportDeps, report } from './report-path.ts';

/** One hour around a finding; one day, where a bill says no more. */
export interface FindingHour {
  readonly startMs: number;
  readonly costPicoUsd: bigint;
  /** Estimates, USD; absent while too little was known. */
  readonly expectedUsd?: number;
  readonly upperUsd?: number;
}

/** A finding beside what was expected, and exactly what changed. */
export interface ShownFinding {
  readonly hours: readonly FindingHour[];
  readonly change: SpendChange;
  /** What it is compared with: as long a stretch a week before, or just before it where nothing was used then. */
  readonly before: { readonly startMs: number; readonly endMs: number };
}

/** Hours that are shown before and after a finding, and at most altogether. */
const HOURS_BEFORE = 48;
const HOURS_AFTER = 12;
const HOURS_MAX = 14 * 24;
const WEEK_MS = 7 * DAY_MS;

/** What reports group a subject's spend by. */
export function groupKeyOf({ kind, tagKey }: Subject): GroupKey {
  return kind === 'tag' ? { tag: tagKey } : { dimension: kind };
}

/** Asks the reports about the subject of a finding: three bounded questions. */
export async function showFinding(
  finding: Finding,
  visible: Visibility,
  nowMs: number,
  deps: ReportDeps,
  signal?: AbortSignal,
): Promise<ShownFinding> {
  const { subject, sinceMs, untilMs, billedBy } = finding;
  const book = billedBy === undefined ? 'ledger' : 'bill';
  const step = billedBy === 'day' ? 24 : 1;
  const sinceHour = Math.floor(sinceMs / HOUR_MS / step) * step;
  const firstHour = sinceHour - HOURS_KEPT;
  const afterHour = Math.min(Math.ceil(untilMs / HOUR_MS) + HOURS_AFTER, Math.ceil(nowMs / HOUR_MS));
  const lastHour = Math.ceil(afterHour / step) * step;
  const key = groupKeyOf(subject);
  const filter = { and: [USAGE, { key, equalsAny: [subject.value] }] };
  const rows = await report(
    {
      ...{ range: { startMs: firstHour * HOUR_MS, endMs: lastHour * HOUR_MS }, book },
      granularity: billedBy === 'day' ? 'DAILY' : 'HOURLY',
      ...{ groupBy: [], filter, visible, measures: ['cost'] as const },
    },
    deps,
    signal,
  );
  const band = expectedBand(
    rows.flatMap(({ costPicoUsd }) => Array<number>(step).fill(Number(formatUsd(costPicoUsd)) / step)),
    firstHour,
    sinceHour,
    step,
  );
  const shown = rows.slice(-Math.ceil(Math.min(HOURS_MAX, lastHour - sinceHour + HOURS_BEFORE) / step));
  const hours = shown.map(({ bucketStartMs: startMs, costPicoUsd }) => ({
    ...{ startMs, costPicoUsd },
    ...band?.(startMs / HOUR_MS),
  }));
  const after = { startMs: sinceMs, endMs: Math.max(untilMs, sinceMs + BUCKET_MS) };
  const lastWeek = { startMs: after.startMs - WEEK_MS, endMs: after.endMs - WEEK_MS };
  const wasUsed = rows.some(
    ({ bucketStartMs, costPicoUsd }) =>
      bucketStartMs >= lastWeek.startMs - step * HOUR_MS && bucketStartMs < lastWeek.endMs && costPicoUsd > 0n,
  );
  const before =
    wasUsed && after.endMs - after.startMs <= WEEK_MS
      ? lastWeek
      : { startMs: 2 * after.startMs - after.endMs, endMs: after.startMs };
  const [change] = await spendChanges(
    key,
    [subject.value],
    { before, after, visible, book, ...(signal && { signal }) },
    deps,
  );
  return { hours, change: change!, before };
}

const USAGE = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] } as const;
