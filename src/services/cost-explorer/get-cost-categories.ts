import type { GetCostCategoriesRequest, GetCostCategoriesResponse } from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { categoryKey, membershipCategory } from '../../reports/category-key.ts';
import { ask, askNames, type CostExplorerDeps, needs } from './cost-question.ts';
import { matching, pageOfValues, sortedValues, valueQuestion } from './value-list.ts';

/**
 * Without CostCategoryName the cost categories that have a value in the period and all structures of members, with it that category's values. Usage without
 * a value is in neither: a value has at least one character.
 */
export function getCostCategories(
  deps: CostExplorerDeps,
): OperationHandler<GetCostCategoriesRequest, GetCostCategoriesResponse> {
  return {
    access: needs('GetCostCategories'),
    run: async (call) => {
      const { input, request } = call;
      const { question, tokens } = valueQuestion('GetCostCategories', call, deps);
      const { CostCategoryName: costCategory } = input;
      if (costCategory === undefined) {
        const names = await askNames({ of: 'costCategories', ...question }, deps, request.client.gone);
        const structures = [...(deps.costCatalog().memberships?.structures.keys() ?? [])].map(membershipCategory);
        const { page, ...sizes } = pageOfValues(
          matching([...names, ...structures].sort(), input.SearchString),
          input,
          tokens,
        );
        return { CostCategoryNames: [...page], ...sizes };
      }
      const query = { ...question, granularity: 'TOTAL' as const, groupBy: [categoryKey(costCategory)] };
      const rows = await ask(query, deps, request.client.gone);
      const values = sortedValues(rows, ({ keys }) => keys[0]!, input).filter((value) => value !== '');
      const { page, ...sizes } = pageOfValues(values, input, tokens);
      return { CostCategoryValues: [...page], ...sizes };
    },
  };
}
