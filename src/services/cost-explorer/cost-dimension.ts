import type { CostDimension } from '../../reports/cost-dimension.ts';
import type { GroupKey } from '../../reports/report-query.ts';

/** Dimensions to group by, in the order of AWS's message. */
export const GROUP_DIMENSIONS: readonly string[] = [
  'AZ',
  'INSTANCE_TYPE',
  'LINKED_ACCOUNT',
  'OPERATION',
  'PURCHASE_TYPE',
  'SERVICE',
  'USAGE_TYPE',
  'PLATFORM',
  'TENANCY',
  'RECORD_TYPE',
  'LEGAL_ENTITY_NAME',
  'INVOICING_ENTITY',
  'DEPLOYMENT_OPTION',
  'DATABASE_ENGINE',
  'CACHE_ENGINE',
  'INSTANCE_TYPE_FAMILY',
  'REGION',
  'BILLING_ENTITY',
  'RESERVATION_ID',
  'SAVINGS_PLANS_TYPE',
  'SAVINGS_PLAN_ARN',
  'OPERATING_SYSTEM',
];

/** One column of an answer: what to group by, and how its values are written. */
export interface CostColumn {
  readonly key: GroupKey;
  readonly text: (value: string) => string;
}

/** A column that says the same for all usage still has to appear only where there is usage. */
export function constantColumn(text: string): CostColumn {
  return { key: { dimension: 'recordType' }, text: () => text };
}

export function dimensionColumn(dimension: CostDimension): CostColumn {
  if ('constant' in dimension) return constantColumn(dimension.constant);
  const { none = '' } = dimension;
  return { key: { dimension: dimension.dimension }, text: (value) => value || none };
}

export function isAccountColumn({ key }: CostColumn): boolean {
  return 'dimension' in key && key.dimension === 'account';
}
