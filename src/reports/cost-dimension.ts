import type { Dimension } from './report-query.ts';

/**
 * A dimension of Cost Explorer: a column of the reports, or the one value that all usage here has in AWS's bills. `none` is
 * what AWS calls the lack of a value; absent: empty text.
 */
export type CostDimension = { readonly dimension: Dimension; readonly none?: string } | { readonly constant: string };

/**
 * Dimensions of cost and usage, in the order in which AWS's messages list them for filters. `NoInstanceType`,
 * `NoInstanceTypeFamily`, `NoDatabaseEngine` and `NoRegion` are in published answers; the others follow them (unverified).
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

/** Of GetCostAndUsageWithResources alone. */
export const RESOURCE_DIMENSION = 'RESOURCE_ID';

/** What AWS does not have: for requests that ask for extensions. */
const EXTENDED_DIMENSIONS: ReadonlyMap<string, CostDimension> = new Map<string, CostDimension>([
  ['IAM_PRINCIPAL', { dimension: 'principal' }],
  ['IAM_ROLE', { dimension: 'role' }],
  ['IAM_SESSION', { dimension: 'session' }],
  ['IAM_PERSON', { dimension: 'person' }],
  ['IAM_KEY', { dimension: 'key' }],
  ['CLIENT', { dimension: 'client' }],
  ['MODEL', { dimension: 'model' }],
  ['DIRECTION', { dimension: 'direction' }],
  ['ROUTE', { dimension: 'route' }],
  ['TIER', { dimension: 'tier' }],
  ['UPSTREAM', { dimension: 'upstream' }],
]);

const DIMENSIONS: ReadonlyMap<string, CostDimension> = new Map([
  ...COST_DIMENSIONS,
  ...RULE_DIMENSIONS,
  [RESOURCE_DIMENSION, { dimension: 'resource', none: 'NoResourceId' }],
  ...EXTENDED_DIMENSIONS,
]);

/** What the expressions of cost and usage may filter by. */
export const FILTER_DIMENSIONS: readonly string[] = [...COST_DIMENSIONS.keys()];
/** The names of accounts and codes of services are AWS's words, but not for cost and usage. */
export const EXTENSION_DIMENSIONS: readonly string[] = [...EXTENDED_DIMENSIONS.keys(), ...RULE_DIMENSIONS.keys()];

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

/** Undefined for a dimension of recommendations and anomalies. Which ones a request may name is the request's matter. */
export function costDimension(key: string): CostDimension | undefined {
  return DIMENSIONS.get(key);
}
