import { formatUsd, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { bucketEndMs, DAY_MS } from '../kernel/time.ts';
import type { TimeZone } from '../kernel/time-zone.ts';
import {
  type CallEndings,
  callEndingsOf,
  compileCallEndings,
  compileDataQuality,
  type DataQuality,
  type DataQualityRow,
  dataQualityOf,
} from '../reports/data-quality.ts';
import type { Forecast, ForecastBeside } from '../reports/forecast.ts';
import type { ReportRow } from '../reports/report-query.ts';
import type { TimeRange } from '../reports/time-bucket.ts';
import type { Visibility } from '../reports/visibility.ts';
import { type ReportDeps, report } from './report-path.ts';

/** Whose month, in which zone. */
export interface MonthQuestion {
  /** Up to when usage is known, exclusive: now, or the end of what was billed. Its month is the one that is shown. */
  readonly untilMs: number;
  readonly zone: TimeZone;
  readonly visible: Visibility;
  readonly signal?: AbortSignal;
}

/** A sum of a range. */
export interface SpentIn {
  readonly range: TimeRange;
  readonly costPicoUsd: PicoUsd;
  readonly tokens: bigint;
  readonly requests: bigint;
}

export interface MonthOverview {
  readonly monthToDate: SpentIn;
  /** The month before up to the same day and time; absent when nothing was used before this month. */
  readonly before?: SpentIn & {
    /** All of that month. */
    readonly wholePicoUsd: PicoUsd;
    /** The first usage, where it came after that month had begun: the months do not compare then. */
    readonly beganMs?: number;
  };
  /** What each of the latest days of the zone came to, the oldest first; the last one may be under way. */
  readonly days: readonly SpentIn[];
  readonly monthEndMs: number;
  /** Absent: there is not enough history. */
  readonly forecast?: MonthForecast;
}

/** An estimate; a share of outcomes, `MonthForecast.level`, is expected between the bounds. */
export interface Outlook {
  readonly mean: PicoUsd;
  readonly lower: PicoUsd;
  readonly upper: PicoUsd;
}

/** What this month is expected to come to. What was spent is exact in it. */
export interface MonthForecast extends Outlook {
  readonly level: number;
  /** Each day that is left of the month, from the rest of today on. */
  readonly days: readonly DayForecast[];
}

export interface DayForecast extends Outlook {
  readonly range: TimeRange;
  /** The month up to the end of the day. */
  readonly monthSoFar: Outlook;
}

export interface OverviewDeps extends ReportDeps {
  readonly forecast: ForecastBeside;
}

const LEVEL = 0.8;
/** Days that are shown, and whole days that a forecast learns from. */
const SHOWN_DAYS = 30;
const HISTORY_DAYS = 400;

/** What was spent this month, beside the month before, and what is to be expected. */
export async function monthOverview(question: MonthQuestion, deps: OverviewDeps): Promise<MonthOverview> {
  const { untilMs, zone, visible, signal } = question;
  const at = monthTimes(untilMs, zone);
  const ask = (range: TimeRange, granularity: 'TOTAL' | 'DAILY', timeZone: string) => {
    const measures = ['cost', 'tokens', 'requests'] as const;
    return report({ range, granularity, timeZone, groupBy: [], visible, measures }, deps, signal);
  };
  const utcDayMs = Math.floor(untilMs / DAY_MS) * DAY_MS;
  const historyMs = utcDayMs - HISTORY_DAYS * DAY_MS;
  const [days, sameSpan, history] = await Promise.all([
    ask({ startMs: Math.min(at.firstShownMs, at.lastMonthMs), endMs: at.endMs }, 'DAILY', zone.name),
    ask({ startMs: at.lastMonthMs, endMs: at.sameTimeMs }, 'TOTAL', zone.name),
    ask({ startMs: historyMs, endMs: utcDayMs }, 'DAILY', 'UTC'),
  ]);
  const monthToDate = sumOf(
    days.filter(({ bucketStartMs: startMs }) => startMs >= at.monthMs),
    at.monthMs,
    at.endMs,
  );
  // Days of the zone where there are some: a day UTC may reach into the next month.
  const older = history.filter(({ bucketEndMs }) => bucketEndMs <= days[0]!.bucketStartMs);
  const firstUsed = [...older, ...days].find(({ requests, costPicoUsd }) => requests > 0n || costPicoUsd !== 0n);
  const ofLastMonth = days.filter(({ bucketStartMs: startMs }) => startMs >= at.lastMonthMs && startMs < at.monthMs);
  const hasBefore = firstUsed !== undefined && firstUsed.bucketStartMs < at.monthMs;
  const values = history.map(({ costPicoUsd }) => Number(formatUsd(costPicoUsd)));
  const forecast = await foreseen(
    { startMs: historyMs, values },
    { ...at, spent: monthToDate.costPicoUsd, zone },
    deps,
  );
  return {
    monthToDate,
    ...(hasBefore && {
      before: {
        ...sumOf(sameSpan, at.lastMonthMs, at.sameTimeMs),
        wholePicoUsd: sumOf(ofLastMonth, at.lastMonthMs, at.monthMs).costPicoUsd,
        ...(firstUsed.bucketStartMs > at.lastMonthMs && { beganMs: firstUsed.bucketStartMs }),
      },
    }),
    days: days.filter(({ bucketStartMs: startMs }) => startMs >= at.firstShownMs).map(spentIn),
    monthEndMs: at.monthEndMs,
    ...(forecast && { forecast }),
  };
}

/** How well this month's usage is known. */
export async function monthQuality(
  { untilMs, zone, visible, signal }: MonthQuestion,
  tagKey: string,
  deps: ReportDeps,
): Promise<DataQuality & CallEndings> {
  const { monthMs, endMs } = monthTimes(untilMs, zone);
  const asked = { range: { startMs: monthMs, endMs }, visible, tagKey };
  const [[quality], [endings]] = await Promise.all([
    deps.store.query<DataQualityRow>(compileDataQuality(asked, deps.costCatalog()), signal),
    deps.store.query<Readonly<Record<string, string>>>(compileCallEndings(asked), signal),
  ]);
  return { ...dataQualityOf(quality!), ...callEndingsOf(endings!) };
}

/**
 * This month and the one before in the zone. `sameTimeMs` is the last month's same day and time of day, no later than its end:
 * days count as days, also where clocks changed in between.
 */
function monthTimes(untilMs: number, zone: TimeZone) {
  const { year, month, day } = zone.dateOf(untilMs - 1);
  const [lastMonthMs, monthMs, monthEndMs] = [-1, 0, 1].map((shift) => zone.dayStartMs(year, month + shift, 1));
  // What is in the ledger of the quarter hour that runs counts already.
  const endMs = bucketEndMs(untilMs);
  const sinceMidnightMs = endMs - zone.dayStartMs(year, month, day);
  return {
    ...{ lastMonthMs: lastMonthMs!, monthMs: monthMs!, monthEndMs: monthEndMs!, endMs },
    sameTimeMs: Math.min(zone.dayStartMs(year, month - 1, day) + sinceMidnightMs, monthMs!),
    firstShownMs: zone.dayStartMs(year, month, day - SHOWN_DAYS + 1),
  };
}

interface RestOfMonth {
  /** Of what is known. */
  readonly endMs: number;
  readonly monthEndMs: number;
  readonly spent: PicoUsd;
  readonly zone: TimeZone;
}

/** Undefined with too little history, and in the last quarter hour of a month. */
async function foreseen(
  series: Parameters<ForecastBeside>[0],
  { endMs, monthEndMs, spent, zone }: RestOfMonth,
  { forecast }: OverviewDeps,
): Promise<MonthForecast | undefined> {
  const left: TimeRange[] = [];
  for (let startMs = endMs; startMs < monthEndMs; ) {
    const nextMs = Math.min(zone.nextDayMs(startMs), monthEndMs);
    left.push({ startMs, endMs: nextMs });
    startMs = nextMs;
  }
  if (left.length === 0) return undefined;
  const upTo = left.map(({ endMs: untilMs }) => ({ startMs: endMs, endMs: untilMs }));
  const forecasts = await forecast(series, [...left, ...upTo], LEVEL);
  if (!forecasts) return undefined;
  const outlook = ({ mean, lower, upper }: Forecast, before: PicoUsd): Outlook => ({
    mean: before + picoUsd(mean),
    lower: before + picoUsd(lower),
    upper: before + picoUsd(upper),
  });
  const days = left.map((range, index) => ({
    ...{ range, ...outlook(forecasts[index]!, 0n) },
    monthSoFar: outlook(forecasts[left.length + index]!, spent),
  }));
  return { level: LEVEL, ...days.at(-1)!.monthSoFar, days };
}

/** An estimate, to the nearest millionth of a dollar. */
function picoUsd(usd: number): PicoUsd {
  return parsePicoUsd(usd.toFixed(6));
}

function sumOf(rows: readonly ReportRow[], startMs: number, endMs: number): SpentIn {
  return {
    range: { startMs, endMs },
    costPicoUsd: rows.reduce((sum, { costPicoUsd }) => sum + costPicoUsd, 0n),
    tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0n),
    requests: rows.reduce((sum, { requests }) => sum + requests, 0n),
  };
}

function spentIn({ bucketStartMs: startMs, bucketEndMs: endMs, costPicoUsd, tokens, requests }: ReportRow): SpentIn {
  return { range: { startMs, endMs }, costPicoUsd, tokens, requests };
}
