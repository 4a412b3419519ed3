import type {
  DateInterval,
  ForecastResult,
  GetCostForecastRequest,
  GetCostForecastResponse,
} from '@aws-sdk/client-cost-explorer';
import { Fault } from '../../kernel/fault.ts';
import { BUCKET_MS, bucketStartMs, DAY_MS } from '../../kernel/time.ts';
import { UTC } from '../../kernel/time-zone.ts';
import type { OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { knownUntil } from '../../paths/report-path.ts';
import { FILTER_DIMENSIONS } from '../../reports/cost-dimension.ts';
import type { Forecast } from '../../reports/forecast.ts';
import type { ReportRow } from '../../reports/report-query.ts';
import { type TimeRange, timeBuckets } from '../../reports/time-bucket.ts';
import { ask, askedView, type CostExplorerDeps, needs, visibleFilter } from './cost-question.ts';
import { invalid } from './invalid.ts';
import { type Metric, metricNames, metricOf } from './metric.ts';
import { readPeriod, timePeriod } from './time-period.ts';
import { type Vocabulary, vocabularyOf } from './vocabulary.ts';

type ForecastHandler = OperationHandler<GetCostForecastRequest, GetCostForecastResponse>;

/** What each operation forecasts; everything else of the two is one. */
const METRICS = {
  GetCostForecast: ['AMORTIZED_COST', 'BLENDED_COST', 'NET_AMORTIZED_COST', 'NET_UNBLENDED_COST', 'UNBLENDED_COST'],
  GetUsageForecast: ['NORMALIZED_USAGE_AMOUNT', 'USAGE_QUANTITY'],
} as const;

/** How far ahead, by granularity: three months of days, 18 months of months. */
const MONTHS_AHEAD: Readonly<Record<string, number>> = { DAILY: 3, MONTHLY: 18 };
const MONTHS_OF_HISTORY = 13;

/** What cost and usage are filtered by and forecasts are not. */
const UNFORECAST_DIMENSIONS: readonly string[] = ['INVOICING_ENTITY', 'CACHE_ENGINE', 'SAVINGS_PLANS_TYPE'];
const FORECAST_DIMENSIONS = [
  ...FILTER_DIMENSIONS.filter((name) => !UNFORECAST_DIMENSIONS.includes(name)),
  'LINKED_ACCOUNT_NAME',
];

/** Without a level that was asked for there are no bounds, and no need for one. */
const ANY_LEVEL = 0.8;

export function getCostForecast(deps: CostExplorerDeps): ForecastHandler {
  return handlerOf('GetCostForecast', deps);
}

export function getUsageForecast(deps: CostExplorerDeps): ForecastHandler {
  return handlerOf('GetUsageForecast', deps);
}

function handlerOf(operation: keyof typeof METRICS, deps: CostExplorerDeps): ForecastHandler {
  return {
    access: needs(operation),
    run: async (call) => {
      const { input, nowMs } = call;
      const metric = forecastMetric(operation, input.Metric!);
      const range = forecastPeriod(input.TimePeriod!, input.Granularity!, nowMs);
      const past = await pastDays(call, metric, deps);
      const level = input.PredictionIntervalLevel;
      const granularity = input.Granularity === 'DAILY' ? 'DAILY' : 'MONTHLY';
      const buckets = timeBuckets({ range, granularity });
      const series = { startMs: past.startMs, values: past.wholeDays };
      const rests = buckets.flatMap((bucket) => restOf(bucket, past) ?? []);
      const forecasts = await deps.forecast(series, rests, level === undefined ? ANY_LEVEL : level / 100);
      if (!forecasts) throw new Fault('DataUnavailableException', 'Insufficient amount of historical data');
      // Buckets that are over come first, and have no rest.
      const sums = buckets.map((bucket, index) => {
        return blend(bucket, past, forecasts[index - (buckets.length - rests.length)]);
      });
      return {
        Total: { Amount: decimal(sums.reduce((total, { mean }) => total + mean, 0)), Unit: past.unit },
        ForecastResultsByTime: sums.map(({ mean, lower, upper }, index): ForecastResult => {
          const bounds = {
            PredictionIntervalLowerBound: decimal(lower),
            PredictionIntervalUpperBound: decimal(upper),
          };
          return {
            TimePeriod: timePeriod(buckets[index]!, granularity),
            MeanValue: decimal(mean),
            ...(level !== undefined && bounds),
          };
        }),
      };
    },
  };
}

function forecastMetric(operation: keyof typeof METRICS, name: string): Metric {
  const metrics: readonly string[] = METRICS[operation];
  // AWS's words are not published.
  if (!metrics.includes(name)) throw invalid(`Metric ${name} is invalid. Valid values are ${metrics.join(', ')}`);
  return metricOf(metricNames([name])[0]!);
}

/** From yesterday on. The messages are in public reports (checked 2026-11), that for hours is not. */
function forecastPeriod(period: DateInterval, granularity: string, nowMs: number): TimeRange {
  const monthsAhead = MONTHS_AHEAD[granularity];
  if (!monthsAhead) throw invalid(`Granularity ${granularity} is invalid. Valid values are DAILY, MONTHLY`);
  const { Start, End } = period;
  if (Start! >= End!) throw invalid(`Requested Start: ${Start} must be before requested End: ${End}`);
  const range = readPeriod(period, granularity);
  const { year, month, day } = UTC.dateOf(nowMs);
  const earliestMs = UTC.dayStartMs(year, month, day - 1);
  const latestMs = UTC.dayStartMs(year, month + monthsAhead, day + 1);
  const date = (atMs: number) => UTC.text(atMs).slice(0, 10);
  if (range.startMs < earliestMs) throw invalid(`Earliest supported Start is ${date(earliestMs)}`);
  if (range.endMs > latestMs) throw invalid(`Latest supported End is ${date(latestMs)}`);
  return range;
}

/** What was used so far: whole days, the day that runs, and where that ends. */
interface PastDays {
  readonly startMs: number;
  readonly wholeDays: readonly number[];
  readonly todayMs: number;
  readonly today: number;
  readonly endMs: number;
  readonly unit: string;
}

async function pastDays(
  call: OperationCall<GetCostForecastRequest>,
  metric: Metric,
  deps: CostExplorerDeps,
): Promise<PastDays> {
  const { input, request } = call;
  const view = askedView(call);
  const nowMs = await knownUntil(view, call.nowMs, deps, request.client.gone);
  const filter = visibleFilter(call, input.Filter, deps, forecastVocabulary(call, deps));
  const { year, month, day } = UTC.dateOf(nowMs);
  const todayMs = UTC.dayStartMs(year, month, day);
  const startMs = UTC.dayStartMs(year, month - MONTHS_OF_HISTORY, 1);
  const endMs = bucketStartMs(nowMs) + BUCKET_MS;
  const measures = [metric.measure];
  const question = { ...view, groupBy: [], measures, ...(filter && { filter }) };
  const days = { ...question, range: { startMs, endMs }, granularity: 'DAILY' as const };
  const rows = await ask(days, deps, request.client.gone);
  const amounts = rows.map((row) => Number(metric.text(metric.amount(row))));
  return {
    ...{ startMs, todayMs, endMs, wholeDays: amounts.slice(0, (todayMs - startMs) / DAY_MS), today: amounts.at(-1)! },
    unit: unitOf(rows, metric),
  };
}

function forecastVocabulary(call: OperationCall<GetCostForecastRequest>, deps: CostExplorerDeps): Vocabulary {
  const vocabulary = vocabularyOf(call, deps);
  const more = vocabulary.grammar.dimensions.filter((name) => !FILTER_DIMENSIONS.includes(name));
  const dimensions = [...new Set([...FORECAST_DIMENSIONS, ...more])];
  return { ...vocabulary, grammar: { ...vocabulary.grammar, dimensions } };
}

/** The one unit of all days with usage. The message is the documentation's of the error. */
function unitOf(rows: readonly ReportRow[], { amount, unit }: Metric): string {
  const text = unit(rows);
  if (text === 'N/A' && rows.some((row) => amount(row) !== 0n)) {
    throw new Fault(
      'UnresolvableUsageUnitException',
      'Cost Explorer was unable to identify the usage unit. Provide UsageType/UsageTypeGroup filter selections that contain matching units, for example: hours.',
    );
  }
  return text;
}

/** The part of a bucket that is still to come; undefined when it is over. */
function restOf({ startMs, endMs }: TimeRange, past: PastDays): TimeRange | undefined {
  return past.endMs < endMs ? { startMs: Math.max(startMs, past.endMs), endMs } : undefined;
}

const NOTHING: Forecast = { mean: 0, lower: 0, upper: 0 };

/** What was used of a bucket so far, and what is expected for the rest of it. */
function blend({ startMs, endMs }: TimeRange, past: PastDays, rest: Forecast = NOTHING): Forecast {
  const used = past.wholeDays
    .map((amount, day) => ({ amount, atMs: past.startMs + day * DAY_MS }))
    .concat({ amount: past.today, atMs: past.todayMs })
    .filter(({ atMs }) => atMs >= startMs && atMs < endMs)
    .reduce((sum, { amount }) => sum + amount, 0);
  return { mean: used + rest.mean, lower: used + rest.lower, upper: used + rest.upper };
}

/** Up to ten digits, as Cost Explorer writes amounts. */
function decimal(amount: number): string {
  return amount.toFixed(10).replace(/\.?0+$/, '');
}
