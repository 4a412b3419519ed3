import { DAY_MS, HOUR_MS } from '../kernel/time.ts';
import type { ForecastBeside } from '../reports/forecast.ts';
import type { Period } from './budget-period.ts';

/** The forecast's own interval is not told. */
const ANY_LEVEL = 0.8;

/** Whole days of history that a forecast is made from. */
const HISTORY_DAYS = 400;

/** 1e-12 of a unit; forecasts are estimates and computed in doubles. */
const AMOUNT_PER_UNIT = 1e12;

/** What the rest of a period is expected to come to, from the begin of this day on, in units. */
interface Outlook {
  readonly learnedAtMs: number;
  /** Start of the first day that is not known as a whole. */
  readonly todayMs: number;
  readonly period: Period;
  /** Absent: there is too little history. */
  readonly expected?: { readonly today: number; readonly rest: number };
}

interface AskedPeriod {
  readonly period: Period;
  readonly actual: bigint;
  readonly nowMs: number;
  /** Up to when usage is known: now, unless a bill is counted. */
  readonly knownMs: number;
}

const FRESH_MS = HOUR_MS;
const MAX_OUTLOOKS = 20_000;

/**
 * What is expected of each budget's period. A history is long and ends yesterday: it is learned again after midnight and once
 * an hour, because past days may be corrected. Budgets that were changed have another key.
 */
export class BudgetOutlooks {
  readonly #forecast: ForecastBeside;
  readonly #outlooks = new Map<string, Outlook>();

  constructor(forecast: ForecastBeside) {
    this.#forecast = forecast;
  }

  /**
   * What a period comes to when the rest of it goes as is to be expected. `amountsOf` asks for what each day of a range came
   * to. Undefined with too little history.
   */
  async foreseen(
    key: string,
    asked: AskedPeriod,
    amountsOf: (days: Period) => Promise<readonly bigint[]>,
  ): Promise<bigint | undefined> {
    const { period, actual, knownMs } = asked;
    const todayMs = dayStartMs(knownMs);
    const known = this.#outlooks.get(key);
    const outlook = known && isFresh(known, asked) ? known : await this.#learn(asked, amountsOf);
    this.#outlooks.delete(key);
    this.#outlooks.set(key, outlook);
    if (this.#outlooks.size > MAX_OUTLOOKS) this.#outlooks.delete(this.#outlooks.keys().next().value!);
    if (!outlook.expected) return undefined;
    const { today, rest } = outlook.expected;
    // Of this day, what is over is in the actual amount.
    const over = period.startMs > todayMs ? 0 : (knownMs - todayMs) / DAY_MS;
    const left = rest - today * over;
    return actual + BigInt(Math.round(left * AMOUNT_PER_UNIT));
  }

  async #learn(
    { period, nowMs, knownMs }: AskedPeriod,
    amountsOf: (days: Period) => Promise<readonly bigint[]>,
  ): Promise<Outlook> {
    const todayMs = dayStartMs(knownMs);
    const history = { startMs: todayMs - HISTORY_DAYS * DAY_MS, endMs: todayMs };
    const amounts = await amountsOf(history);
    const values = amounts.map((amount) => Number(amount) / AMOUNT_PER_UNIT);
    const ranges = [
      { startMs: todayMs, endMs: todayMs + DAY_MS },
      { startMs: Math.max(todayMs, period.startMs), endMs: period.endMs },
    ];
    const forecasts = await this.#forecast({ startMs: history.startMs, values }, ranges, ANY_LEVEL);
    const [today, rest] = forecasts ?? [];
    const expected = today && rest && { today: today.mean, rest: rest.mean };
    return { learnedAtMs: nowMs, todayMs, period, ...(expected && { expected }) };
  }
}

function isFresh({ learnedAtMs, todayMs, period }: Outlook, asked: AskedPeriod): boolean {
  const isOfToday = todayMs === dayStartMs(asked.knownMs);
  return isOfToday && asked.nowMs - learnedAtMs < FRESH_MS && period.endMs === asked.period.endMs;
}

function dayStartMs(atMs: number): number {
  return Math.floor(atMs / DAY_MS) * DAY_MS;
}
