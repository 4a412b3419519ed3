import type { OperationTable } from '../paths/operation-handler.ts';
import { type AnomalyParts, anomalyOperations } from './cost-explorer/anomalies.ts';
import { type AnomalyMonitorParts, anomalyMonitorOperations } from './cost-explorer/anomaly-monitors.ts';
import { anomalySubscriptionOperations } from './cost-explorer/anomaly-subscriptions.ts';
import {
  listCostAllocationTagBackfillHistory,
  listCostAllocationTags,
  startCostAllocationTagBackfill,
  updateCostAllocationTagsStatus,
} from './cost-explorer/cost-allocation-tags.ts';
import type { CostExplorerDeps } from './cost-explorer/cost-question.ts';
import { getApproximateUsageRecords } from './cost-explorer/get-approximate-usage-records.ts';
import { getCostAndUsage, getCostAndUsageWithResources } from './cost-explorer/get-cost-and-usage.ts';
import { getCostAndUsageComparisons } from './cost-explorer/get-cost-and-usage-comparisons.ts';
import { getCostCategories } from './cost-explorer/get-cost-categories.ts';
import { getCostComparisonDrivers } from './cost-explorer/get-cost-comparison-drivers.ts';
import { getDimensionValues } from './cost-explorer/get-dimension-values.ts';
import { getCostForecast, getUsageForecast } from './cost-explorer/get-forecast.ts';
import { getTags } from './cost-explorer/get-tags.ts';

export { costCategoryOperations } from './cost-explorer/cost-categories.ts';
export { resourceTagOperations } from './cost-explorer/resource-tags.ts';
export type { CostExplorerDeps };

/** AWS Cost Explorer (`ce`), one file per operation or family. */
export function costExplorerOperations(deps: CostExplorerDeps): OperationTable {
  return {
    GetApproximateUsageRecords: getApproximateUsageRecords(deps),
    GetCostAndUsage: getCostAndUsage(deps),
    GetCostAndUsageWithResources: getCostAndUsageWithResources(deps),
    GetCostAndUsageComparisons: getCostAndUsageComparisons(deps),
    GetCostComparisonDrivers: getCostComparisonDrivers(deps),
    GetCostForecast: getCostForecast(deps),
    GetUsageForecast: getUsageForecast(deps),
    GetDimensionValues: getDimensionValues(deps),
    GetTags: getTags(deps),
    GetCostCategories: getCostCategories(deps),
    ListCostAllocationTags: listCostAllocationTags(deps),
    UpdateCostAllocationTagsStatus: updateCostAllocationTagsStatus(deps),
    StartCostAllocationTagBackfill: startCostAllocationTagBackfill(deps),
    ListCostAllocationTagBackfillHistory: listCostAllocationTagBackfillHistory(deps),
  };
}

/** Cost Anomaly Detection, which is part of the same wire API. */
export function anomalyDetectionOperations(parts: AnomalyMonitorParts & AnomalyParts): OperationTable {
  return { ...anomalyMonitorOperations(parts), ...anomalySubscriptionOperations(parts), ...anomalyOperations(parts) };
}
