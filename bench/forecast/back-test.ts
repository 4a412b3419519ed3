import { DAY_MS } from '../../src/kernel/time.ts';
import { forecastOf } from '../../src/reports/forecast.ts';

/** The share of outcomes that intervals are asked to hold. */
export const LEVEL = 0.8;

/** One forecast against what came: by the day, and the sum. */
export interface Outcome {
  /** Mean absolute error of the days, in mean absolute steps of a day in the history. */
  readonly mase: number;
  readonly smape: number;
  /** Absolute error of the sum over the sum of as many mean days of the history. */
  readonly sumError: number;
}

export interface BackTest {
  readonly outcomes: Readonly<Record<'forecast' | 'naive' | 'seasonal naive', Outcome>>;
  /** Share of days inside their interval. */
  readonly dayCoverage: number;
  readonly sumIsCovered: boolean;
  /** Width of the sum's interval over the size of the sum. */
  readonly sumWidth: number;
}

/** Foresees the last `horizon` days of a series from those before. */
export function backTest(values: readonly number[], horizon: number): BackTest {
  const history = values.slice(0, -horizon);
  const actual = values.slice(-horizon);
  const forecast = forecastOf({ startMs: 0, values: history });
  if (!forecast) throw new Error(`${history.length} days are no history`);
  const endMs = history.length * DAY_MS;
  const days = actual.map((_, ahead) => forecast(endMs + ahead * DAY_MS, endMs + (ahead + 1) * DAY_MS, LEVEL));
  const sum = forecast(endMs, endMs + horizon * DAY_MS, LEVEL);
  const last = history.at(-1)!;
  const lastWeek = history.slice(-7);
  const total = actual.reduce((a, b) => a + b, 0);
  const outcome = (foreseen: readonly number[]) => outcomeOf(history, actual, foreseen);
  return {
    outcomes: {
      forecast: outcome(days.map(({ mean }) => mean)),
      naive: outcome(actual.map(() => last)),
      'seasonal naive': outcome(actual.map((_, ahead) => lastWeek[ahead % 7]!)),
    },
    dayCoverage:
      days.filter(({ lower, upper }, ahead) => lower <= actual[ahead]! && actual[ahead]! <= upper).length / horizon,
    sumIsCovered: sum.lower <= total && total <= sum.upper,
    sumWidth: (sum.upper - sum.lower) / Math.max(sum.mean, 1e-9),
  };
}

function outcomeOf(history: readonly number[], actual: readonly number[], foreseen: readonly number[]): Outcome {
  const steps = history.slice(7).map((value, index) => Math.abs(value - history[index]!));
  const errors = actual.map((value, ahead) => Math.abs(value - foreseen[ahead]!));
  const sums = [actual, foreseen].map((days) => days.reduce((a, b) => a + b, 0));
  const size = mean(history.map(Math.abs)) * actual.length;
  return {
    mase: mean(errors) / mean(steps),
    smape: mean(
      actual.map((value, ahead) => {
        const both = Math.abs(value) + Math.abs(foreseen[ahead]!);
        return both === 0 ? 0 : (2 * errors[ahead]!) / both;
      }),
    ),
    sumError: Math.abs(sums[0]! - sums[1]!) / size,
  };
}

export function mean(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}
