import type {
  DimensionValuesWithAttributes,
  GetDimensionValuesRequest,
  GetDimensionValuesResponse,
} from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { PRICING_UNIT } from '../../rating/usage-type.ts';
import { costDimension, FILTER_DIMENSIONS } from '../../reports/cost-dimension.ts';
import { dimensionColumn } from './cost-dimension.ts';
import { ask, type CostExplorerDeps, checkBillingView, needs, visibleFilter } from './cost-question.ts';
import { invalid } from './invalid.ts';
import { PageTokens } from './page-token.ts';
import { costPeriod } from './time-period.ts';
import { pageOfValues, sortedValues, valueMeasures } from './value-list.ts';

/** The values that a dimension has in the usage of a period. */
export function getDimensionValues(
  deps: CostExplorerDeps,
): OperationHandler<GetDimensionValuesRequest, GetDimensionValuesResponse> {
  return {
    access: needs('GetDimensionValues'),
    run: async (call) => {
      const { input } = call;
      checkBillingView(call);
      const range = costPeriod(input.TimePeriod!, undefined, call.nowMs);
      const dimension = FILTER_DIMENSIONS.includes(input.Dimension!) ? costDimension(input.Dimension!) : undefined;
      if (!dimension) {
        throw invalid(
          `Dimension ${input.Dimension} is not allowed. Allowed dimension(s): ${FILTER_DIMENSIONS.join(', ')}`,
        );
      }
      const column = dimensionColumn(dimension);
      const filter = visibleFilter(call, input.Filter, deps);
      const measures = valueMeasures(input);
      // Nothing here is reserved or under a savings plan.
      const isUsage = (input.Context ?? 'COST_AND_USAGE') === 'COST_AND_USAGE';
      const rows = isUsage
        ? await ask(
            { range, granularity: 'TOTAL', groupBy: [column.key], measures, ...(filter && { filter }) },
            deps,
            call.request.clientGone,
          )
        : [];
      const values = sortedValues(rows, ({ keys }) => column.text(keys[0]!), input).filter((value) => value !== '');
      const tokens = new PageTokens('GetDimensionValues', call.caller.accountId, input);
      const { page, ...sizes } = pageOfValues(values, input, tokens);
      return { DimensionValues: page.map((value) => withAttributes(value, input.Dimension!, deps)), ...sizes };
    },
  };
}

function withAttributes(
  value: string,
  dimension: string,
  { costCatalog }: CostExplorerDeps,
): DimensionValuesWithAttributes {
  if (dimension === 'USAGE_TYPE') return { Value: value, Attributes: { unit: PRICING_UNIT.name } };
  if (dimension === 'LINKED_ACCOUNT')
    return { Value: value, Attributes: { description: costCatalog().accountNames.get(value) ?? '' } };
  return { Value: value, Attributes: {} };
}
