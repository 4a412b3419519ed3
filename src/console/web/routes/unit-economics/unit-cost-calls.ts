import type { UseQueryResult } from '@tanstack/react-query';
import type { ApiError } from '../../api/api-error.ts';
import { useCall } from '../../api/use-call.ts';
import type { TimeSpan } from '../../time/range.ts';

export interface Metric {
  readonly Name: string;
  readonly Unit: string;
  readonly Grain: 'DAY' | 'MONTH';
  readonly By?: { readonly Type: string; readonly Key: string };
  readonly Values: number;
  readonly First?: string;
  readonly Last?: string;
}

export interface UnitCostRow {
  readonly Start: string;
  readonly Key: string;
  readonly IsTotal?: boolean;
  readonly CostUsd: string;
  readonly CoveredCostUsd: string;
  /** Absent: missing. */
  readonly Units?: string;
  readonly UnitCostUsd?: string;
  readonly MarginalUsd?: string;
  readonly Periods: number;
  readonly CoveredPeriods: number;
}

export interface UnitCostChange {
  readonly Key: string;
  readonly IsTotal?: boolean;
  readonly PreviousUnitCostUsd: string;
  readonly UnitCostUsd: string;
  readonly ByCostUsd: string;
  readonly ByUnitsUsd: string;
}

export interface UnitCosts {
  readonly Metric: Metric;
  readonly Rows: readonly UnitCostRow[];
  readonly Changes: readonly UnitCostChange[];
}

export type UnitGranularity = 'DAILY' | 'MONTHLY' | 'TOTAL';

export function useMetrics(): UseQueryResult<{ readonly Metrics: readonly Metric[] }, ApiError> {
  return useCall('tallyline', 'ListBusinessMetrics');
}

export function useUnitCosts(
  metric: Metric | undefined,
  { startMs, endMs }: TimeSpan,
  granularity: UnitGranularity,
  isAsIs: boolean,
): UseQueryResult<UnitCosts, ApiError> {
  const input = {
    ...{ Name: metric?.Name ?? '', Granularity: granularity },
    ...{ Start: new Date(startMs).toISOString(), End: new Date(endMs).toISOString() },
    ...(isAsIs && { AsOf: 'IS' }),
  };
  return useCall('tallyline', 'GetUnitCosts', input, { enabled: metric !== undefined });
}
