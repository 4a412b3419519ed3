import type { GroupDefinition } from '@aws-sdk/client-cost-explorer';
import { readTagKey } from '../../kernel/billing-tag-key.ts';
import { costDimension } from '../../reports/cost-dimension.ts';
import { type CostColumn, dimensionColumn, GROUP_DIMENSIONS } from './cost-dimension.ts';
import { invalid } from './invalid.ts';

const MAX_GROUPS = 2;

/** The columns that GroupBy asks for, in its order. Throws ValidationException in AWS's words. */
export function groupColumns(definitions: readonly GroupDefinition[]): CostColumn[] {
  if (definitions.length > MAX_GROUPS) throw invalid(`Group Definition list must have at most ${MAX_GROUPS} entries.`);
  return definitions.map(({ Type: type, Key: key }) => {
    if (!type || !key) {
      throw invalid('Group Definition is invalid. Both type an key need to be set to a non-empty value.');
    }
    if (type === 'TAG') return { key: { tag: readTagKey(key) }, text: (value) => `${key}$${value}` };
    if (type === 'COST_CATEGORY') return { key: { costCategory: key }, text: (value) => `${key}$${value}` };
    const dimension = GROUP_DIMENSIONS.includes(key) ? costDimension(key) : undefined;
    if (!dimension) {
      throw invalid(`Group Definition dimension is invalid. Valid values are ${GROUP_DIMENSIONS.join(', ')}`);
    }
    return dimensionColumn(dimension);
  });
}
