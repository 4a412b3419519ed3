import type { Dimension } from '../report-query.ts';

/** Session ARNs alone: an IAM user may live under a path such as `/assumed-role/`. */
const SESSION_ARN = '^arn:[^:]*:sts::[0-9]*:assumed-role';

/**
 * What each dimension is over a row of `line_item`. Functions of one LowCardinality column run once per distinct value,
 * not once per row.
 */
export const DIMENSION_SQL: Readonly<Record<Exclude<Dimension, 'accountName'>, string>> = {
  principal: 'principal_arn',
  role: `extract(principal_arn, '${SESSION_ARN}/([^/]+)/')`,
  session: `extract(principal_arn, '${SESSION_ARN}/[^/]+/(.+)$')`,
  model: 'model_id',
  usageType: 'usage_type',
  direction: "multiIf(startsWith(meter, 'cache_write'), 'cache write', meter = 'cache_read', 'cache read', meter)",
  region: 'region',
  account: 'account_id',
  operation: 'operation',
  billedOperation:
    "if(operation IN ('ConverseStream', 'InvokeModelWithResponseStream'), 'InvokeModelStreamingInference', 'InvokeModelInference')",
  route: 'route',
  tier: 'tier',
  service: 'service',
  resource: 'resource_arn',
  upstream: 'upstream',
  recordType: 'record_type',
  productCode: 'product_code',
};

/** Names of accounts are in no column: they come with the query. */
export function isDimension(name: string): name is Dimension {
  return name === 'accountName' || Object.hasOwn(DIMENSION_SQL, name);
}
