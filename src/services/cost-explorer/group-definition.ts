import type { GroupDefinition } from '@aws-sdk/client-cost-explorer';
import { readTagKey } from '../../kernel/billing-tag-key.ts';
import { categoryKey } from '../../reports/category-key.ts';
import { costDimension } from '../../reports/cost-dimension.ts';
import { type CostColumn, dimensionColumn, productAttributeColumn } from './cost-dimension.ts';
import { invalid } from './invalid.ts';
import type { Vocabulary } from './vocabulary.ts';

/** The columns that GroupBy asks for, in its order. Throws ValidationException in AWS's words. */
export function groupColumns(
  definitions: readonly GroupDefinition[],
  { groupDimensions, maxGroups }: Vocabulary,
): CostColumn[] {
  if (definitions.length > maxGroups) throw invalid(`Group Definition list must have at most ${maxGroups} entries.`);
  return definitions.map((definition) => groupColumn(definition, groupDimensions));
}

/** Not yet among the types that the SDK knows. */
export function isProductAttribute({ Type: type }: GroupDefinition): boolean {
  return (type as string) === 'PRODUCT_ATTRIBUTE';
}

function groupColumn({ Type: type, Key: key }: GroupDefinition, groupDimensions: readonly string[]): CostColumn {
  if (!type || !key) {
    throw invalid('Group Definition is invalid. Both type an key need to be set to a non-empty value.');
  }
  const keyed = (value: string) => `${key}$${value}`;
  if (type === 'TAG') return { key: { tag: readTagKey(key) }, text: keyed };
  if (type === 'COST_CATEGORY') return { key: categoryKey(key), text: keyed };
  if (isProductAttribute({ Type: type })) {
    const column = productAttributeColumn(key);
    return { ...column, text: (value) => keyed(column.text(value)) };
  }
  const dimension = groupDimensions.includes(key) ? costDimension(key) : undefined;
  if (!dimension) {
    throw invalid(`Group Definition dimension is invalid. Valid values are ${groupDimensions.join(', ')}`);
  }
  return dimensionColumn(dimension);
}
