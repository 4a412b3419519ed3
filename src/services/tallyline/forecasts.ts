import { Fault } from '../../kernel/fault.ts';
import { formatUsdRounded } from '../../kernel/money.ts';
import { DAY_MS } from '../../kernel/time.ts';
import { type ForecastDeps, type SpendForecast, spendForecasts } from '../../paths/forecast-path.ts';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { readAsOf, readFilter, readGroupKey, type WireGroupKey } from './report-input.ts';
import { type ReportScopeParts, type ScopedInput, scopedAccess, visibilityOf } from './report-scope.ts';

export interface ForecastsParts extends ForecastDeps, ReportScopeParts {}

interface GetForecastsInput extends ScopedInput {
  readonly GroupBy: WireGroupKey;
  /** Absent: those that cost most in the last four weeks. */
  readonly Values?: readonly string[];
  /** Of these; default 10. */
  readonly TopN?: number;
  /** Starts of UTC days; default: this month. */
  readonly Start?: Date;
  readonly End?: Date;
  /** Percent; default 80. */
  readonly Level?: number;
  readonly Filter?: unknown;
  readonly AsOf?: string;
}

const DEFAULT_TOP = 10;
const DEFAULT_LEVEL = 80;
/** Foreseen money is no more exact than this. */
const FRACTION_DIGITS = 6;

/** GetForecasts: what a month, or any time that is not over, is expected to cost, by principal, team, model or anything else. */
export function getForecasts(parts: ForecastsParts): OperationHandler<GetForecastsInput, unknown> {
  return {
    access: scopedAccess('GetForecasts'),
    run: async ({ input, caller, nowMs, request }) => {
      const { GroupBy, Values, TopN = DEFAULT_TOP, Level = DEFAULT_LEVEL, Filter, AsOf } = input;
      const range = rangeOf(input, nowMs);
      const { total, groups, rest } = await spendForecasts(
        {
          ...{ key: readGroupKey(GroupBy), values: Values, topN: TopN, range, level: Level / 100, nowMs },
          filter: Filter === undefined ? undefined : readFilter(Filter),
          asOf: AsOf === undefined ? undefined : readAsOf(AsOf),
          visible: visibilityOf(input, caller, parts),
        },
        parts,
        request.client.gone,
      );
      return {
        ...{ Start: new Date(range.startMs), End: new Date(range.endMs), Level },
        Total: wireForecast(total),
        Groups: groups.map((group) => ({ Value: group.value, ...wireForecast(group) })),
        Rest: {
          ActualUsd: formatUsdRounded(rest.actualPicoUsd, FRACTION_DIGITS),
          ...(rest.meanPicoUsd !== undefined && { ExpectedUsd: formatUsdRounded(rest.meanPicoUsd, FRACTION_DIGITS) }),
        },
      };
    },
  };
}

function rangeOf({ Start, End }: GetForecastsInput, nowMs: number): { startMs: number; endMs: number } {
  const now = new Date(nowMs);
  const startMs = Start?.getTime() ?? Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
  const endMs = End?.getTime() ?? Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1);
  const isWhole = startMs % DAY_MS === 0 && endMs % DAY_MS === 0;
  const isAhead = endMs > nowMs && endMs - nowMs <= AHEAD_MAX_MS;
  if (isWhole && startMs < endMs && startMs <= nowMs + AHEAD_MAX_MS && isAhead) return { startMs, endMs };
  throw new Fault('QueryInvalid', 'a forecast is of whole UTC days, and ends after now and within 18 months');
}

const AHEAD_MAX_MS = 550 * DAY_MS;

function wireForecast({ actualPicoUsd, expected }: SpendForecast): object {
  const usd = (amount: bigint) => formatUsdRounded(amount, FRACTION_DIGITS);
  return {
    ActualUsd: usd(actualPicoUsd),
    ...(expected && {
      ...{ ExpectedUsd: usd(expected.meanPicoUsd), LowerUsd: usd(expected.lowerPicoUsd) },
      UpperUsd: usd(expected.upperPicoUsd),
    }),
  };
}
