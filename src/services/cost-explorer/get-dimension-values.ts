import type {
  DimensionValuesWithAttributes,
  GetDimensionValuesRequest,
  GetDimensionValuesResponse,
} from '@aws-sdk/client-cost-explorer';
import type { OperationHandler } from '../../paths/operation-handler.ts';
import { costDimension } from '../../reports/cost-dimension.ts';
import type { Measure, ReportRow } from '../../reports/report-query.ts';
import { type CostColumn, dimensionColumn, productAttributeColumn } from './cost-dimension.ts';
import { ask, type CostExplorerDeps, needs } from './cost-question.ts';
import { invalid } from './invalid.ts';
import { pageOfValues, sortedValues, valueQuestion } from './value-list.ts';
import type { Vocabulary } from './vocabulary.ts';

/** With the member that the SDK does not know yet. */
type Request = GetDimensionValuesRequest & { readonly DimensionKey?: string | undefined };

/** What nothing here has: reservations and savings plans. Their dimensions are known, and have no value. */
const OTHER_CONTEXTS: Readonly<Record<string, readonly string[]>> = {
  RESERVATIONS: [
    ...['AZ', 'CACHE_ENGINE', 'DEPLOYMENT_OPTION', 'INSTANCE_TYPE', 'LINKED_ACCOUNT', 'PLATFORM', 'REGION', 'SCOPE'],
    'TENANCY',
  ],
  SAVINGS_PLANS: [
    ...['SAVINGS_PLANS_TYPE', 'PAYMENT_OPTION', 'REGION', 'INSTANCE_TYPE_FAMILY', 'LINKED_ACCOUNT', 'SAVINGS_PLAN_ARN'],
  ],
};

/** The values that a dimension has in the usage of a period. */
export function getDimensionValues(deps: CostExplorerDeps): OperationHandler<Request, GetDimensionValuesResponse> {
  return {
    access: needs('GetDimensionValues'),
    run: async (call) => {
      const { input } = call;
      const { question, vocabulary, tokens } = valueQuestion('GetDimensionValues', call, deps, { hasResources: true });
      const column = columnOf(input, vocabulary);
      const rows = column
        ? await ask({ ...question, ...columnQuery(input, column, question.measures) }, deps, call.request.client.gone)
        : [];
      const textOf = ({ keys }: ReportRow) => column!.text(keys[0]!);
      const values = sortedValues(rows, textOf, input).filter((value) => value !== '');
      const { page, ...sizes } = pageOfValues(values, input, tokens);
      const units = new Map(rows.map((row) => [textOf(row), row.usage?.unit ?? '']));
      const attributesOf = (value: string) => attributes(value, input.Dimension!, units, deps);
      return { DimensionValues: page.map((value) => ({ Value: value, Attributes: attributesOf(value) })), ...sizes };
    },
  };
}

/** Undefined for what nothing here has. */
function columnOf({ Dimension, Context, DimensionKey }: Request, { grammar }: Vocabulary): CostColumn | undefined {
  const name = Dimension as string;
  const otherContext = Context && OTHER_CONTEXTS[Context];
  const allowed = otherContext ?? grammar.dimensions;
  if (name === 'PRODUCT_ATTRIBUTE' && !otherContext) {
    if (!DimensionKey) throw invalid('DimensionKey is required when Dimension is PRODUCT_ATTRIBUTE.');
    return productAttributeColumn(DimensionKey);
  }
  if (!allowed.includes(name)) {
    throw invalid(`Dimension ${name} is not allowed. Allowed dimension(s): ${allowed.join(', ')}`);
  }
  return otherContext ? undefined : dimensionColumn(costDimension(name)!);
}

/** Usage types are told with their unit. */
function columnQuery({ Dimension }: Request, { key }: CostColumn, measures: readonly Measure[]) {
  const withUnit = [...new Set<Measure>([...measures, 'usage'])];
  return { granularity: 'TOTAL' as const, groupBy: [key], measures: Dimension === 'USAGE_TYPE' ? withUnit : measures };
}

function attributes(
  value: string,
  dimension: string,
  units: ReadonlyMap<string, string>,
  { costCatalog }: CostExplorerDeps,
): NonNullable<DimensionValuesWithAttributes['Attributes']> {
  if (dimension === 'USAGE_TYPE') return { unit: units.get(value) || 'N/A' };
  return dimension === 'LINKED_ACCOUNT' ? { description: costCatalog().accountNames.get(value) ?? '' } : {};
}
