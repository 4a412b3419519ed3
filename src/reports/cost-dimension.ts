import type { Dimension } from './report-query.ts';

/** A dimension of Cost Explorer: a column of the reports, or the one value that all usage here has in AWS's bills. */
export type CostDimension =
  /** `none`: what is written for charges without a value, such as taxes. */
  { readonly dimension: Dimension; readonly none?: string } | { readonly constant: string };

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
  ['REGION', { dimension: 'region', none: 'NoRegion' }],
  ['SERVICE', { dimension: 'service' }],
  ['LEGAL_ENTITY_NAME', { constant: 'Amazon Web Services, Inc.' }],
  ['USAGE_TYPE', { dimension: 'usageType', none: 'NoUsageType' }],
  ['PLATFORM', { constant: 'NoPlatform' }],
  ['USAGE_TYPE_GROUP', { constant: '' }],
  ['OPERATION', { dimension: 'billedOperation', none: 'NoOperation' }],
  ['OPERATING_SYSTEM', { constant: 'NoOperatingSystem' }],
  ['DATABASE_ENGINE', { constant: 'NoDatabaseEngine' }],
  ['TENANCY', { constant: 'NoTenancy' }],
  ['BILLING_ENTITY', { dimension: 'billingEntity' }],
  ['RECORD_TYPE', { dimension: 'recordType' }],
  ['DEPLOYMENT_OPTION', { constant: 'NoDeploymentOption' }],
]);

/** Dimensions that rules of cost categories know beyond those of cost and usage. */
const RULE_DIMENSIONS: ReadonlyMap<string, CostDimension> = new Map<string, CostDimension>([
  ['LINKED_ACCOUNT_NAME', { dimension: 'accountName' }],
  ['SERVICE_CODE', { dimension: 'productCode' }],
]);

/** What the expressions of cost and usage may filter by. */
export const FILTER_DIMENSIONS: readonly string[] = [...COST_DIMENSIONS.keys()];

/** Undefined for a dimension of recommendations and anomalies. */
export function costDimension(key: string): CostDimension | undefined {
  return COST_DIMENSIONS.get(key) ?? RULE_DIMENSIONS.get(key);
}
