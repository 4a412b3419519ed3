import { DAY_MS, HOUR_MS } from '../../kernel/time.ts';
import { type Anomaly, firstDayMs, lastDayMs } from '../../reports/anomaly.ts';
import { type CauseSpend, type DailySpend, HISTORY_DAYS } from '../../reports/anomaly-detection.ts';
import { type AnomalyMonitor, type MonitorScope, monitorScope } from '../../reports/anomaly-monitor.ts';
import {
  type GroupKey,
  OTHER,
  type ReportFilter,
  type ReportQuery,
  type ReportRow,
} from '../../reports/report-query.ts';
import { type ReportDeps, report } from '../report-path.ts';

/** Days before today that a first evaluation, or one after a long pause, looks at. */
const MAX_JUDGED_DAYS = 13;
/** Days before the last evaluation that are looked at again: usage of interrupted calls may come late. */
const AGAIN_DAYS = 2;
/** Values of a dimension that are watched, those with the highest spend first; AWS's number. */
const MAX_VALUES = 5_000;
/** Combinations of keys that are looked at for root causes. */
const MAX_COMBINATIONS = 1_000;

/** Taxes, fees, credits and refunds are no usage that anybody could look into. */
const USAGE: ReportFilter = { key: { dimension: 'recordType' }, equalsAny: ['Usage'] };

/** What one evaluation of a monitor asks reports, in net cost as AWS's detection does: each question is bounded, and they come one after the other. */
export class MonitoredSpend {
  readonly todayMs: number;
  /** Days to be judged, today last. */
  readonly judgedDaysMs: readonly number[];
  /** Hours of today that are over. */
  readonly hours: number;
  readonly #scope: MonitorScope;
  readonly #filter: readonly ReportFilter[];
  readonly #deps: ReportDeps;
  readonly #signal: AbortSignal | undefined;

  /** `onlyAccountId`: whose usage the monitor may see; absent: everybody's. */
  constructor(
    monitor: AnomalyMonitor,
    onlyAccountId: string | undefined,
    nowMs: number,
    deps: ReportDeps,
    signal?: AbortSignal,
  ) {
    this.todayMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
    this.hours = Math.floor((nowMs - this.todayMs) / HOUR_MS);
    const again = Math.floor((monitor.lastEvaluatedAtMs ?? 0) / DAY_MS - AGAIN_DAYS) * DAY_MS;
    const firstMs = Math.max(again, this.todayMs - MAX_JUDGED_DAYS * DAY_MS);
    this.judgedDaysMs = Array.from(
      { length: (this.todayMs - firstMs) / DAY_MS + 1 },
      (_, index) => firstMs + index * DAY_MS,
    );
    this.#scope = monitorScope(monitor);
    this.#filter = [
      USAGE,
      ...(onlyAccountId ? [{ key: { dimension: 'account' }, equalsAny: [onlyAccountId] } as const] : []),
      ...(this.#scope.filter ? [this.#scope.filter] : []),
    ];
    this.#deps = deps;
    this.#signal = signal;
  }

  /** The values with usage on the days that are judged; one empty text for those that are watched together. */
  async values(): Promise<string[]> {
    const range = { startMs: this.judgedDaysMs[0]!, endMs: this.todayMs + DAY_MS };
    const { each } = this.#scope;
    const topN = each ? { topN: MAX_VALUES } : {};
    const rows = await this.#ask({ range, granularity: 'TOTAL', groupBy: each ? [each] : [], ...topN });
    const used = rows.filter(({ netCostPicoUsd }) => netCostPicoUsd > 0n);
    if (!each) return used.length > 0 ? [''] : [];
    // Usage without a value belongs to nobody who could be told.
    return used.flatMap(({ keys }) => (keys[0] === '' || keys[0] === OTHER ? [] : keys));
  }

  /** All that is watched, by day. */
  async scope(): Promise<DailySpend> {
    const rows = await this.#ask({ range: this.#history(), granularity: 'DAILY', groupBy: [] });
    return this.#daily(rows);
  }

  /** By value and day, today as far as it has come. */
  async daily(values: readonly string[]): Promise<ReadonlyMap<string, DailySpend>> {
    return this.#byValue(values, await this.#askValues(values, 'DAILY'));
  }

  /** By value and day, of every day only the hours that are over today: so that today compares with days before it. */
  async untilNow(values: readonly string[]): Promise<ReadonlyMap<string, DailySpend>> {
    const rows = await this.#askValues(values, 'HOURLY');
    return this.#byValue(
      values,
      rows.filter(({ bucketStartMs }) => bucketStartMs % DAY_MS < this.hours * HOUR_MS),
    );
  }

  /** What the spend of an anomaly was made of, and that of the time before it. */
  async causes(anomaly: Anomaly, groupBy: readonly GroupKey[], beforeMs: number): Promise<CauseSpend[]> {
    const startMs = firstDayMs(anomaly);
    // Today's spend counts up to the hour that it was judged by.
    const endMs = Math.min(lastDayMs(anomaly) + DAY_MS, this.todayMs + this.hours * HOUR_MS);
    const filter = this.#valueFilter([anomaly.value]);
    const question = { granularity: 'TOTAL', groupBy, filter, topN: MAX_COMBINATIONS } as const;
    const during = await this.#ask({ ...question, range: { startMs, endMs } });
    const before = await this.#ask({ ...question, range: { startMs: startMs - beforeMs, endMs: startMs } });
    const causes = new Map<string, CauseSpend>();
    const add = (rows: readonly ReportRow[], member: 'actual' | 'before') => {
      for (const row of rows) {
        const id = row.keys.join('\u0000');
        const cause = causes.get(id) ?? { keys: row.keys, actual: 0n, before: 0n };
        causes.set(id, { ...cause, [member]: row.netCostPicoUsd });
      }
    };
    add(during, 'actual');
    add(before, 'before');
    return [...causes.values()];
  }

  #askValues(values: readonly string[], granularity: 'DAILY' | 'HOURLY'): Promise<ReportRow[]> {
    const { each } = this.#scope;
    const groupBy = each ? [each] : [];
    return this.#ask({ range: this.#history(), granularity, groupBy, filter: this.#valueFilter(values) });
  }

  #valueFilter(values: readonly string[]): ReportFilter {
    const { each } = this.#scope;
    return each ? { key: each, equalsAny: values } : { and: [] };
  }

  #history(): ReportQuery['range'] {
    return { startMs: this.judgedDaysMs[0]! - HISTORY_DAYS * DAY_MS, endMs: this.todayMs + DAY_MS };
  }

  #byValue(values: readonly string[], rows: readonly ReportRow[]): ReadonlyMap<string, DailySpend> {
    const byValue = Map.groupBy(rows, ({ keys }) => keys[0] ?? '');
    return new Map(values.map((value) => [value, this.#daily(byValue.get(value) ?? [])]));
  }

  #daily(rows: readonly ReportRow[]): DailySpend {
    const { startMs, endMs } = this.#history();
    const days = Array.from({ length: (endMs - startMs) / DAY_MS }, () => 0n);
    for (const { bucketStartMs, netCostPicoUsd } of rows) {
      days[Math.floor((bucketStartMs - startMs) / DAY_MS)]! += netCostPicoUsd;
    }
    return { firstDayMs: startMs, days };
  }

  #ask(query: ReportQuery): Promise<ReportRow[]> {
    const filter = { and: [...this.#filter, ...(query.filter ? [query.filter] : [])] };
    return report({ ...query, filter, measures: ['netCost'] }, this.#deps, this.#signal);
  }
}
