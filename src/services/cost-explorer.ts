import type { OperationTable } from '../paths/operation-handler.ts';
import {
  listCostAllocationTagBackfillHistory,
  listCostAllocationTags,
  startCostAllocationTagBackfill,
  updateCostAllocationTagsStatus,
} from './cost-explorer/cost-allocation-tags.ts';
import type { CostExplorerDeps } from './cost-explorer/cost-question.ts';
import { getCostAndUsage } from './cost-explorer/get-cost-and-usage.ts';
import { getDimensionValues } from './cost-explorer/get-dimension-values.ts';
import { getTags } from './cost-explorer/get-tags.ts';

export type { CostExplorerDeps };

/** AWS Cost Explorer (`ce`), one file per operation or family. */
export function costExplorerOperations(deps: CostExplorerDeps): OperationTable {
  return {
    GetCostAndUsage: getCostAndUsage(deps),
    GetDimensionValues: getDimensionValues(deps),
    GetTags: getTags(deps),
    ListCostAllocationTags: listCostAllocationTags(deps),
    UpdateCostAllocationTagsStatus: updateCostAllocationTagsStatus(deps),
    StartCostAllocationTagBackfill: startCostAllocationTagBackfill(deps),
    ListCostAllocationTagBackfillHistory: listCostAllocationTagBackfillHistory(deps),
  };
}
