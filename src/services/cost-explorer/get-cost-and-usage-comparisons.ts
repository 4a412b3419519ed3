import type {
  GetCostAndUsageComparisonsRequest,
  GetCostAndUsageComparisonsResponse,
} from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { comparedValue, compareMonths, isPageEnd, merged, pageOfGroups, selectorOf } from './compared-months.ts';
import { type CostExplorerDeps, needs } from './cost-question.ts';
import { PageTokens } from './page-token.ts';

/** AWS's largest; how many come without MaxResults is not published. */
const MAX_RESULTS = 2_000;

/** What two months came to by groups, the largest difference first. Without groups there is the total alone. */
export function getCostAndUsageComparisons(
  deps: CostExplorerDeps,
): OperationHandler<GetCostAndUsageComparisonsRequest, GetCostAndUsageComparisonsResponse> {
  return {
    access: needs('GetCostAndUsageComparisons'),
    run: async (call) => {
      const { input, caller } = call;
      const tokens = new PageTokens('GetCostAndUsageComparisons', caller.accountId, input);
      const after = tokens.read(input.NextPageToken, isPageEnd);
      const comparison = await compareMonths(call, deps, {});
      const { metricName, metric, rows } = comparison;
      const groups = comparison.groups.length > 0 ? rows : [];
      const { page, end } = pageOfGroups(groups, metric, after, input.MaxResults ?? MAX_RESULTS);
      return {
        CostAndUsageComparisons: page.map((group) => ({
          CostAndUsageSelector: selectorOf(comparison, group.keys)!,
          Metrics: { [metricName]: comparedValue(metric, group) },
        })),
        TotalCostAndUsage: { [metricName]: comparedValue(metric, merged(rows)) },
        ...(end && { NextPageToken: tokens.write(end) }),
      };
    },
  };
}
