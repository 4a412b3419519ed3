import type { AsOf } from '../allocation/membership.ts';
import { BUCKET_MS, bucketStartMs, DAY_MS } from '../kernel/time.ts';
import type { ForecastBeside } from '../reports/forecast.ts';
import { type GroupKey, OTHER, type ReportFilter, type ReportQuery, type ReportRow } from '../reports/report-query.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import type { Visibility } from '../reports/visibility.ts';
import { knownUntil, type ReportDeps, report } from './report-path.ts';

/** Of history that a forecast is made from. */
const HISTORY_DAYS = 400;
/** Of the past that says who is on top. */
const RANKED_DAYS = 28;

export interface ForecastDeps extends ReportDeps {
  readonly forecast: ForecastBeside;
}

export interface ForecastQuestion {
  readonly key: GroupKey;
  /** Whose; absent: those of the key that cost most in the last four weeks. */
  readonly values?: readonly string[] | undefined;
  readonly topN: number;
  /** What is foreseen: begins in the past or now, ends later. On 15-minute boundaries. */
  readonly range: TimeRange;
  /** From 0 to 1. */
  readonly level: number;
  readonly filter?: ReportFilter | undefined;
  readonly visible?: Visibility;
  readonly asOf?: AsOf | undefined;
  readonly nowMs: number;
}

/** Spend of a range, in pico-USD; what is foreseen is inexact and rounded. */
export interface SpendForecast {
  /** Up to now, or as far as the bill reaches. */
  readonly actualPicoUsd: bigint;
  /** At the end: with what is over. Absent: there are less than 28 days of history. */
  readonly expected?: { readonly meanPicoUsd: bigint; readonly lowerPicoUsd: bigint; readonly upperPicoUsd: bigint };
}

export interface ForecastAnswer {
  readonly total: SpendForecast;
  readonly groups: readonly (SpendForecast & { readonly value: string })[];
  /**
   * The total less the groups: each is foreseen by itself, so that they need not sum to the total. May be below zero. Without a
   * foreseen total, or with a group that has none, what is expected of it counts as what it has come to.
   */
  readonly rest: { readonly actualPicoUsd: bigint; readonly meanPicoUsd?: bigint };
}

/** Spend of a range as it is expected to end, by a key. Every series is foreseen by itself from its own days. */
export async function spendForecasts(
  asked: ForecastQuestion,
  deps: ForecastDeps,
  signal: AbortSignal,
): Promise<ForecastAnswer> {
  const question = { ...asked, nowMs: await knownUntil({}, asked.nowMs, deps, signal) };
  const { key, range, level, nowMs } = question;
  const values = question.values ?? (await topValues(question, deps, signal));
  const [totals, ofValues] = await Promise.all([
    report(dailyQuery(question, [], undefined), deps, signal),
    values.length === 0 ? [] : report(dailyQuery(question, [key], values), deps, signal),
  ]);
  const foresee = (rows: readonly ReportRow[]) => foreseen(rows, { range, level, nowMs }, deps.forecast);
  const total = await foresee(totals);
  const groups: (SpendForecast & { readonly value: string })[] = [];
  // One after the other: the thread that computes takes one at a time, and others ask it as well.
  for (const value of values) {
    groups.push({ value, ...(await foresee(ofValues.filter(({ keys }) => keys[0] === value))) });
  }
  const sum = (of: (one: SpendForecast) => bigint) => groups.reduce((all, group) => all + of(group), 0n);
  const restMean =
    total.expected &&
    total.expected.meanPicoUsd - sum(({ expected, actualPicoUsd }) => expected?.meanPicoUsd ?? actualPicoUsd);
  return {
    ...{ total, groups },
    rest: {
      actualPicoUsd: total.actualPicoUsd - sum(({ actualPicoUsd }) => actualPicoUsd),
      ...(restMean !== undefined && { meanPicoUsd: restMean }),
    },
  };
}

async function topValues(question: ForecastQuestion, deps: ForecastDeps, signal: AbortSignal): Promise<string[]> {
  const { key, topN, nowMs } = question;
  const endMs = bucketStartMs(nowMs) + BUCKET_MS;
  const query: ReportQuery = {
    ...common(question),
    range: { startMs: endMs - RANKED_DAYS * DAY_MS, endMs },
    ...{ granularity: 'TOTAL', groupBy: [key], topN },
  };
  const rows = (await report(query, deps, signal)).filter(({ keys }) => keys[0] !== OTHER);
  return rows
    .sort((a, b) => (a.costPicoUsd === b.costPicoUsd ? 0 : a.costPicoUsd > b.costPicoUsd ? -1 : 1))
    .map(({ keys }) => keys[0]!);
}

function common({
  filter,
  visible,
  asOf,
}: ForecastQuestion): Pick<ReportQuery, 'filter' | 'visible' | 'asOf' | 'measures'> {
  return {
    measures: ['cost'],
    ...(filter && { filter }),
    ...(visible && { visible }),
    ...(asOf !== undefined && { asOf }),
  };
}

function dailyQuery(
  question: ForecastQuestion,
  groupBy: readonly GroupKey[],
  values: readonly string[] | undefined,
): ReportQuery {
  const { key, filter, nowMs, range } = question;
  const todayMs = dayStartMs(nowMs);
  const startMs = Math.min(todayMs - HISTORY_DAYS * DAY_MS, dayStartMs(range.startMs));
  const named = values && oneOf(key, values);
  const parts = [...(filter ? [filter] : []), ...(named ? [named] : [])];
  return {
    ...common(question),
    ...{ range: { startMs, endMs: bucketStartMs(nowMs) + BUCKET_MS }, granularity: 'DAILY', groupBy },
    ...(parts.length > 0 && { filter: { and: parts } }),
  };
}

/** Empty text is the lack of a value. */
function oneOf(key: GroupKey, values: readonly string[]): ReportFilter {
  const named = values.filter((value) => value !== '');
  const parts: ReportFilter[] = [
    ...(named.length > 0 ? [{ key, equalsAny: named }] : []),
    ...(named.length < values.length ? [{ absent: key }] : []),
  ];
  return { or: parts };
}

const PICO = 1e12;

async function foreseen(
  rows: readonly ReportRow[],
  { range, level, nowMs }: Pick<ForecastQuestion, 'range' | 'level' | 'nowMs'>,
  forecast: ForecastBeside,
): Promise<SpendForecast> {
  const todayMs = dayStartMs(nowMs);
  const startMs = todayMs - HISTORY_DAYS * DAY_MS;
  const values = new Array<number>(HISTORY_DAYS).fill(0);
  let actualPicoUsd = 0n;
  for (const { bucketStartMs: atMs, costPicoUsd } of rows) {
    if (atMs >= range.startMs && atMs < range.endMs) actualPicoUsd += costPicoUsd;
    const day = (dayStartMs(atMs) - startMs) / DAY_MS;
    if (day >= 0 && day < HISTORY_DAYS) values[day] = Number(costPicoUsd) / PICO;
  }
  const restStartMs = Math.max(range.startMs, bucketStartMs(nowMs) + BUCKET_MS);
  if (restStartMs >= range.endMs) {
    return { actualPicoUsd, expected: expectedOf(actualPicoUsd, { mean: 0, lower: 0, upper: 0 }) };
  }
  const [rest] = (await forecast({ startMs, values }, [{ startMs: restStartMs, endMs: range.endMs }], level)) ?? [];
  return { actualPicoUsd, ...(rest && { expected: expectedOf(actualPicoUsd, rest) }) };
}

function expectedOf(
  actual: bigint,
  { mean, lower, upper }: { readonly mean: number; readonly lower: number; readonly upper: number },
): NonNullable<SpendForecast['expected']> {
  const pico = (usd: number) => actual + BigInt(Math.round(usd * PICO));
  return { meanPicoUsd: pico(mean), lowerPicoUsd: pico(lower), upperPicoUsd: pico(upper) };
}

function dayStartMs(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}
