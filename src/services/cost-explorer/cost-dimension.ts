import type { CostDimension } from '../../reports/cost-dimension.ts';
import { PRODUCT_ATTRIBUTES } from '../../reports/cost-expression.ts';
import type { GroupKey } from '../../reports/report-query.ts';

/** One column of an answer: what to group by, and how its values are written. */
export interface CostColumn {
  readonly key: GroupKey;
  readonly text: (value: string) => string;
}

/** A column that says the same for all usage still has to appear only where there is usage. */
function constantColumn(text: string): CostColumn {
  return { key: { dimension: 'all' }, text: () => text };
}

export function dimensionColumn(dimension: CostDimension): CostColumn {
  if ('constant' in dimension) return constantColumn(dimension.constant);
  return { key: { dimension: dimension.dimension }, text: (value) => (value === '' ? (dimension.none ?? '') : value) };
}

/** The values of a product attribute; an unknown one has none. */
export function productAttributeColumn(key: string): CostColumn {
  const dimension = PRODUCT_ATTRIBUTES.get(key);
  return dimension ? { key: { dimension }, text: (value) => value } : constantColumn('');
}

export function isAccountColumn({ key }: CostColumn): boolean {
  return 'dimension' in key && key.dimension === 'account';
}
