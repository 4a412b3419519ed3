import type { Forecast, forecastRanges } from '../reports/forecast.ts';

export interface ToForecastThread {
  readonly id: number;
  readonly question: Parameters<typeof forecastRanges>;
}

export interface FromForecastThread {
  readonly id: number;
  readonly forecasts: Forecast[] | undefined;
}
