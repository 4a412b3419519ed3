import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import { type ForecastRange, forecastOf } from '../reports/forecast.ts';
import { calendarStartMs, type Period } from './budget-period.ts';

/** Whole days of history that a forecast is made from. */
export const HISTORY_DAYS = 400;

/** 1e-12 of a unit; forecasts are estimates and computed in doubles. */
const AMOUNT_PER_UNIT = 1e12;
/** As the forecast's own interval is not told, any level will do. */
const ANY_LEVEL = 0.8;

/** The days that a forecast made now learns from: whole ones, up to yesterday. */
export function historyPeriod(nowMs: number): Period {
  const endMs = Math.floor(nowMs / DAY_MS) * DAY_MS;
  return { startMs: endMs - HISTORY_DAYS * DAY_MS, endMs };
}

/** Undefined when there is too little history. `amounts`: one for each day of the history. */
export function learn(history: Period, amounts: readonly bigint[]): ForecastRange | undefined {
  return forecastOf({ startMs: history.startMs, values: amounts.map((amount) => Number(amount) / AMOUNT_PER_UNIT) });
}

/** What a period comes to when the rest of it goes as is to be expected. */
export function foreseen(range: ForecastRange, period: Period, actual: bigint, nowMs: number): bigint {
  if (nowMs >= period.endMs) return actual;
  const { mean } = range(nowMs, period.endMs, ANY_LEVEL);
  return actual + BigInt(Math.round(mean * AMOUNT_PER_UNIT));
}

/**
 * What was learned from each budget's history, which is long and ends yesterday: it is asked for again after midnight and
 * once an hour, because past days may be corrected. Budgets that were changed have another key.
 */
export class ForecastMemo {
  readonly #learned = new Map<string, { readonly learnedAtMs: number; readonly range: ForecastRange | undefined }>();

  async of(
    key: string,
    nowMs: number,
    learnNow: () => Promise<ForecastRange | undefined>,
  ): Promise<ForecastRange | undefined> {
    const known = this.#learned.get(key);
    if (known && isFresh(known.learnedAtMs, nowMs)) return known.range;
    const range = await learnNow();
    this.#learned.delete(key);
    this.#learned.set(key, { learnedAtMs: nowMs, range });
    if (this.#learned.size > MAX_LEARNED) this.#learned.delete(this.#learned.keys().next().value!);
    return range;
  }
}

const FRESH_MS = HOUR_MS;
/** About 10 KB each. */
const MAX_LEARNED = 2_000;

function isFresh(learnedAtMs: number, nowMs: number): boolean {
  return nowMs - learnedAtMs < FRESH_MS && calendarStartMs('DAILY', learnedAtMs) === calendarStartMs('DAILY', nowMs);
}
