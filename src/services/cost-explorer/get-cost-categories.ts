import type { GetCostCategoriesRequest, GetCostCategoriesResponse } from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { ask, askNames, type CostExplorerDeps, checkBillingView, needs, visibleFilter } from './cost-question.ts';
import { PageTokens } from './page-token.ts';
import { costPeriod } from './time-period.ts';
import { matching, pageOfValues, sortedValues, valueMeasures } from './value-list.ts';

/**
 * Without CostCategoryName the cost categories that have a value in the period, with it that category's values. Usage without
 * a value is in neither: a value has at least one character.
 */
export function getCostCategories(
  deps: CostExplorerDeps,
): OperationHandler<GetCostCategoriesRequest, GetCostCategoriesResponse> {
  return {
    access: needs('GetCostCategories'),
    run: async (call) => {
      checkBillingView(call);
      const { input, request, caller } = call;
      const range = costPeriod(input.TimePeriod!, undefined, call.nowMs);
      const expression = visibleFilter(call, input.Filter, deps);
      const filter = expression && { filter: expression };
      const measures = valueMeasures(input);
      const tokens = new PageTokens('GetCostCategories', caller.accountId, input);
      const { CostCategoryName: costCategory } = input;
      if (costCategory === undefined) {
        const names = await askNames({ of: 'costCategories', range, ...filter }, deps, request.clientGone);
        const { page, ...sizes } = pageOfValues(matching(names, input.SearchString), input, tokens);
        return { CostCategoryNames: [...page], ...sizes };
      }
      const groupBy = [{ costCategory }];
      const rows = await ask({ range, granularity: 'TOTAL', groupBy, measures, ...filter }, deps, request.clientGone);
      const values = sortedValues(rows, ({ keys }) => keys[0]!, input).filter((value) => value !== '');
      const { page, ...sizes } = pageOfValues(values, input, tokens);
      return { CostCategoryValues: [...page], ...sizes };
    },
  };
}
