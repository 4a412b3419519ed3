import { type BusinessMetric, type MetricValue, periodRange } from '../allocation/business-metric.ts';
import type { AsOf } from '../allocation/membership.ts';
import { DAY_MS } from '../kernel/time.ts';
import type { Granularity, GroupKey, ReportFilter, ReportQuery } from '../reports/report-query.ts';
import { type TimeRange, timeBuckets } from '../reports/time-bucket.ts';
import { ALL_KEYS, type UnitCost, type UnitCostChange, unitCostChange, unitCosts } from '../reports/unit-economics.ts';
import { type ReportDeps, report } from './report-path.ts';

export interface UnitCostQuestion {
  readonly metric: BusinessMetric;
  /** Of all times. */
  readonly values: readonly MetricValue[];
  /** The metric's key as reports take it; absent: it has none. */
  readonly key?: GroupKey | undefined;
  readonly range: TimeRange;
  readonly granularity: Extract<Granularity, 'DAILY' | 'MONTHLY' | 'TOTAL'>;
  readonly filter?: ReportFilter | undefined;
  readonly asOf?: AsOf | undefined;
}

export interface UnitCostAnswer {
  /** By bucket and key; what belongs together of all keys comes last in each bucket. */
  readonly rows: readonly UnitCost[];
  /** What the range comes to beside the equally long one before it, by key; where both have units. */
  readonly changes: readonly (UnitCostChange & { readonly key: string })[];
}

/** Cost of one unit of a metric over time. Days are those of UTC; a period that the range cuts is in no quotient. */
export async function unitCostReport(
  question: UnitCostQuestion,
  deps: ReportDeps,
  signal: AbortSignal,
): Promise<UnitCostAnswer> {
  const { metric, range, granularity } = question;
  const before = rangeBefore(range, metric);
  const [rows, now, then] = await Promise.all([
    rowsOf(question, range, granularity, deps, signal),
    rowsOf(question, range, 'TOTAL', deps, signal),
    rowsOf(question, before, 'TOTAL', deps, signal),
  ]);
  const thenBy = new Map(then.map((row) => [row.key, row]));
  const changes = now.flatMap((row) => {
    const was = thenBy.get(row.key);
    const change = was && unitCostChange(was, row);
    return change ? [{ key: row.key, ...change }] : [];
  });
  return { rows, changes };
}

async function rowsOf(
  { metric, values, key, filter, asOf }: UnitCostQuestion,
  range: TimeRange,
  granularity: UnitCostQuestion['granularity'],
  deps: ReportDeps,
  signal: AbortSignal,
): Promise<UnitCost[]> {
  const costGranularity = metric.grain === 'DAY' ? 'DAILY' : 'MONTHLY';
  const periods = timeBuckets({ range, granularity: costGranularity }).filter(
    ({ startMs, endMs }) =>
      periodRange(metric, textOf(metric, startMs)).endMs === endMs && isPeriodStart(metric, startMs),
  );
  const [first, last] = [periods[0], periods.at(-1)];
  if (!first || !last) return [];
  const whole = { startMs: first.startMs, endMs: last.endMs };
  const query: ReportQuery = {
    ...{ range: whole, granularity: costGranularity, groupBy: key ? [key] : [], measures: ['cost'] },
    ...(filter && { filter }),
    ...(asOf !== undefined && { asOf }),
  };
  const costs = (await report(query, deps, signal)).map(({ bucketStartMs, keys, costPicoUsd }) => {
    return { startMs: bucketStartMs, key: keys[0] ?? '', costPicoUsd };
  });
  const units = values.flatMap(({ period, key: of, picoUnits }) => {
    const { startMs } = periodRange(metric, period);
    return startMs >= whole.startMs && startMs < whole.endMs ? [{ startMs, key: of, picoUnits }] : [];
  });
  const periodsOf = (bucket: TimeRange) =>
    periods.flatMap(({ startMs }) => (startMs >= bucket.startMs && startMs < bucket.endMs ? [startMs] : []));
  return unitCosts(timeBuckets({ range, granularity }), periodsOf, costs, units).filter(
    (row) => row.key !== ALL_KEYS || row.periods > 0,
  );
}

function textOf({ grain }: BusinessMetric, atMs: number): string {
  return new Date(atMs).toISOString().slice(0, grain === 'DAY' ? 10 : 7);
}

function isPeriodStart(metric: BusinessMetric, atMs: number): boolean {
  return Date.parse(textOf(metric, atMs)) === atMs;
}

/** As many days before, or as many months where the metric has months. */
function rangeBefore({ startMs, endMs }: TimeRange, { grain }: BusinessMetric): TimeRange {
  if (grain === 'DAY') return { startMs: startMs - Math.max(DAY_MS, endMs - startMs), endMs: startMs };
  const [start, end] = [new Date(startMs), new Date(endMs)];
  const months = Math.max(
    1,
    (end.getUTCFullYear() - start.getUTCFullYear()) * 12 + end.getUTCMonth() - start.getUTCMonth(),
  );
  return { startMs: Date.UTC(start.getUTCFullYear(), start.getUTCMonth() - months), endMs: startMs };
}
