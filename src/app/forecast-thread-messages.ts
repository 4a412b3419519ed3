import type { Period } from '../budgets/budget-period.ts';
import type { DailySeries } from '../reports/forecast.ts';

export interface ToForecastThread {
  readonly id: number;
  readonly series: DailySeries;
  readonly ranges: readonly Period[];
}

export interface FromForecastThread {
  readonly id: number;
  readonly sums: number[] | undefined;
}
