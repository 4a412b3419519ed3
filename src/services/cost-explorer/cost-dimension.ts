import type { Dimension, GroupKey } from '../../reports/report-query.ts';

/** A dimension of Cost Explorer: a column of the reports, or the one value that all usage here has in AWS's bills. */
export type CostDimension = { readonly dimension: Dimension } | { readonly constant: string };

/**
 * Dimensions of cost and usage, in the order in which AWS's messages list them for filters. `NoInstanceType`,
 * `NoInstanceTypeFamily` and `NoDatabaseEngine` are in published answers; the others follow them (unverified).
 */
const COST_DIMENSIONS: ReadonlyMap<string, CostDimension> = new Map<string, CostDimension>([
  ['SAVINGS_PLAN_ARN', { constant: 'NoSavingsPlanArn' }],
  ['RESERVATION_ID', { constant: 'NoReservationId' }],
  ['AZ', { constant: 'NoAZ' }],
  ['CACHE_ENGINE', { constant: 'NoCacheEngine' }],
  ['INSTANCE_TYPE_FAMILY', { constant: 'NoInstanceTypeFamily' }],
  ['INSTANCE_TYPE', { constant: 'NoInstanceType' }],
  ['SAVINGS_PLANS_TYPE', { constant: 'NoSavingsPlansType' }],
  ['PURCHASE_TYPE', { constant: 'NoPurchaseType' }],
  ['INVOICING_ENTITY', { constant: 'Amazon Web Services, Inc.' }],
  ['LINKED_ACCOUNT', { dimension: 'account' }],
  ['REGION', { dimension: 'region' }],
  ['SERVICE', { dimension: 'service' }],
  ['LEGAL_ENTITY_NAME', { constant: 'Amazon Web Services, Inc.' }],
  ['USAGE_TYPE', { dimension: 'usageType' }],
  ['PLATFORM', { constant: 'NoPlatform' }],
  ['USAGE_TYPE_GROUP', { constant: '' }],
  ['OPERATION', { dimension: 'billedOperation' }],
  ['OPERATING_SYSTEM', { constant: 'NoOperatingSystem' }],
  ['DATABASE_ENGINE', { constant: 'NoDatabaseEngine' }],
  ['TENANCY', { constant: 'NoTenancy' }],
  ['BILLING_ENTITY', { constant: 'AWS' }],
  ['RECORD_TYPE', { dimension: 'recordType' }],
  ['DEPLOYMENT_OPTION', { constant: 'NoDeploymentOption' }],
]);

export const FILTER_DIMENSIONS: readonly string[] = [...COST_DIMENSIONS.keys()];

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

/** Undefined for a dimension of other APIs (recommendations, anomalies, cost categories). */
export function costDimension(key: string): CostDimension | undefined {
  return COST_DIMENSIONS.get(key);
}

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
  return { key: dimension, text: (value) => value };
}

export function isAccountColumn({ key }: CostColumn): boolean {
  return 'dimension' in key && key.dimension === 'account';
}
