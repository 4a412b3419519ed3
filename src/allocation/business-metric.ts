import { csvRows } from '../kernel/csv-rows.ts';
import { Fault } from '../kernel/fault.ts';
import { parsePicoUsd } from '../kernel/money.ts';

/** What values are about: a UTC day or a calendar month of UTC. */
export type MetricGrain = 'DAY' | 'MONTH';

/** What a business counts beside its spend: requests served, customers, tickets. */
export interface BusinessMetric {
  readonly name: string;
  /** One of what is counted, for people: `ticket`. */
  readonly unit: string;
  readonly grain: MetricGrain;
  /**
   * A key of reports in its wire form, whose values the metric is kept by: `{Type: 'MEMBERSHIP', Key: 'team'}`. Absent: there is one
   * value for everything.
   */
  readonly by?: { readonly Type: string; readonly Key: string };
}

/** One value. The same metric, period and key again takes its place. */
export interface MetricValue {
  /** `2026-05-31` for days, `2026-05` for months. */
  readonly period: string;
  /** Value of the metric's key; empty: of everything, or of what has none. */
  readonly key: string;
  /** In 1e-12 of the unit. */
  readonly picoUnits: bigint;
}

export const METRIC_NAME = /^[a-z][a-z0-9-]{0,62}$/;
const KEY_CHARACTERS_MAX = 512;
const VALUE = /^\d{1,18}(\.\d{1,12})?$/;

const PERIODS: Readonly<Record<MetricGrain, { readonly form: RegExp; readonly example: string }>> = {
  DAY: { form: /^\d{4}-\d\d-\d\d$/, example: '2026-05-31' },
  MONTH: { form: /^\d{4}-\d\d$/, example: '2026-05' },
};

/** Throws ValidationException. */
export function readMetricValue(
  { grain, by }: BusinessMetric,
  { period, key = '', value }: { readonly period: string; readonly key?: string; readonly value: string },
): MetricValue {
  const { form, example } = PERIODS[grain];
  const atMs = form.test(period) ? Date.parse(period) : Number.NaN;
  if (Number.isNaN(atMs) || !new Date(atMs).toISOString().startsWith(period)) {
    throw invalid(`\`${period.slice(0, 64)}\` is no ${grain.toLowerCase()}; write \`${example}\``);
  }
  if (key !== '' && !by)
    throw invalid(`the metric has no key, so that \`${key.slice(0, 64)}\` says nothing; leave it out`);
  if (key.length > KEY_CHARACTERS_MAX || /\p{Cc}/u.test(key)) {
    throw invalid(`a key has at most ${KEY_CHARACTERS_MAX} characters without control characters`);
  }
  if (!VALUE.test(value)) {
    throw invalid(`\`${value.slice(0, 64)}\` is no count; write up to 18 digits, and up to 12 after a point`);
  }
  return { period, key, picoUnits: parsePicoUsd(value) };
}

/** A line of a file that is wrong, counted from 1. */
export interface MetricLineError {
  readonly line: number;
  readonly message: string;
}

/** Reads `period,value` or `period,key,value`, all or nothing. */
export function readMetricCsv(
  metric: BusinessMetric,
  text: string,
): { readonly values: readonly MetricValue[]; readonly errors: readonly MetricLineError[] } {
  const [head, ...rows] = csvRows(text);
  const names = head?.cells.map((cell) => cell.trim().toLowerCase()).join();
  if (names !== 'period,value' && names !== 'period,key,value') {
    const message = 'the first line must be `period,value` or `period,key,value`';
    return { values: [], errors: [{ line: head?.line ?? 1, message }] };
  }
  const width = names.split(',').length;
  const errors: MetricLineError[] = [];
  const values = rows.flatMap(({ line, cells }) => {
    const trimmed = cells.map((cell) => cell.trim());
    const [period = '', key = '', value = ''] = width === 3 ? trimmed : [trimmed[0], '', trimmed[1]];
    try {
      if (cells.length !== width) throw invalid(`the line has \`${cells.length}\` fields, not ${width}`);
      return [readMetricValue(metric, { period, key, value })];
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      errors.push({ line, message: error.message });
      return [];
    }
  });
  return { values: errors.length > 0 ? [] : values, errors };
}

/** First instant of a period, and the first after it. */
export function periodRange(
  { grain }: Pick<BusinessMetric, 'grain'>,
  period: string,
): { startMs: number; endMs: number } {
  const startMs = Date.parse(period);
  const start = new Date(startMs);
  const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
  return { startMs, endMs: grain === 'DAY' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1) };
}

function invalid(message: string): Fault {
  return new Fault('ValidationException', message);
}
