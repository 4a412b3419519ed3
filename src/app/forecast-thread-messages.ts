import type { forecastRanges, outlookOf } from '../reports/forecast.ts';

/** What the thread computes, by name. */
export interface ForecastQuestions {
  readonly ranges: typeof forecastRanges;
  readonly outlook: typeof outlookOf;
}

export type ForecastQuestion = {
  [Kind in keyof ForecastQuestions]: { readonly kind: Kind; readonly question: Parameters<ForecastQuestions[Kind]> };
}[keyof ForecastQuestions];

export type ToForecastThread = ForecastQuestion & { readonly id: number };

export interface FromForecastThread {
  readonly id: number;
  readonly answer: ReturnType<ForecastQuestions[keyof ForecastQuestions]>;
}
