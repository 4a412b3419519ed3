import { billingPeriodEndMs, billingPeriodStartMs } from '../../kernel/time.ts';
import { DIMENSION_SQL } from '../compile-sql/dimension-sql.ts';
import { LineItemSql } from '../compile-sql/line-item-sql.ts';
import type { Parameters } from '../compile-sql/parameters.ts';
import { partCondition } from '../export-chunks.ts';
import type { RowRequest } from '../export-table.ts';
import { accountFilter } from './product-facts.ts';
import { activeTags, costCategories, resourceTags } from './tag-maps.ts';
import { USAGE_TIME } from './usage-time.ts';

/** Columns of `bill_line` that a bill says of its rows and no row may mix two of. */
const SAID = [
  ...['account_id', 'payer_account_id', 'billing_entity', 'bill_type', 'invoice_id', 'legal_entity', 'line_type'],
  ...['record_type', 'product_code', 'usage_type', 'pricing_unit', 'description', 'region', 'is_unpriced'],
];

/** Members of the `product` map, by what the reports know of a row. */
const PRODUCT = {
  provider: 'provider',
  model: 'modelName',
  inference_type: 'inferenceType',
  feature: 'feature',
  product_name: 'service',
  servicename: 'service',
  region: 'region',
} as const;

/** USD per pricing unit, as the sums of the rows say it; empty without any usage. */
const rate = (sum: string) =>
  `if(record_type != 'Usage' OR is_unpriced = 1 OR unit_sum = 0, '', toString(toDecimal128(toFloat64(toString(${sum})) / unit_sum, 12)))`;

/**
 * Rows of a billing period of an imported bill, in the bill's own words, summed to the grain that the configuration asks
 * for. A row that lasts longer than its time bucket keeps its end.
 */
export function billRows(
  { period, chunk, configuration, onlyAccountId, bill }: RowRequest,
  parameters: Parameters,
): string {
  const lineItem = new LineItemSql(chunk.range, bill, parameters);
  const instant = (atMs: number) => `toDateTime(${parameters.add('UInt32', atMs / 1_000)}, 'UTC')`;
  const [usageStart, usageEnd] = USAGE_TIME[configuration.get('TIME_GRANULARITY')!]!;
  const grain = [
    ...SAID,
    ...(configuration.get('INCLUDE_RESOURCES') === 'TRUE' ? ['resource_arn'] : []),
    ...(configuration.get('INCLUDE_IAM_PRINCIPAL_DATA') === 'TRUE' ? ['principal_arn'] : []),
  ];
  const hashed = ['usage_start', 'billed_operation', 'tags', 'product', ...grain];
  const product = Object.entries(PRODUCT).map(([name, dimension]) => {
    return `'${name}', toString(${lineItem.value({ dimension })})`;
  });
  const names = new Map([['', ''], ...bill.accountNames]);
  const ids = parameters.add('Array(String)', [...names.keys()]);
  const titles = parameters.add('Array(String)', [...names.values()]);
  const name = (id: string) => `transform(toString(${id}), ${ids}, ${titles}, '')`;
  return `
SELECT *,
  lower(hex(line_hash)) AS line_item_id,
  ${resourceTags(lineItem, parameters)} AS resource_tags,
  ${costCategories(lineItem, parameters)} AS cost_category,
  ${name('account_id')} AS account_name,
  ${name('payer_account_id')} AS payer_account_name,
  bill_type AS bill_kind, line_type AS line_kind, legal_entity AS seller_name, '' AS tax_type, '' AS location, '' AS price_id,
  ${rate('cost_sum')} AS unit_rate, ${rate('net_cost_sum')} AS net_unit_rate, ${rate('list_cost_sum')} AS public_unit_rate,
  if(record_type = 'Usage', unit_sum, NULL) AS unit_count, 0 AS is_correction
FROM (
  SELECT *, sipHash128(${hashed.join(', ')}) AS line_hash,
    greatest(toDateTime(${usageEnd}, 'UTC'), last_usage_end) AS usage_end
  FROM (
    SELECT
      ${instant(billingPeriodStartMs(period))} AS period_start,
      ${instant(billingPeriodEndMs(period))} AS period_end,
      ${usageStart} AS usage_start,
      ${DIMENSION_SQL.billedOperation} AS billed_operation,
      ${activeTags(lineItem, parameters)} AS tags,
      mapFilter((name, value) -> value != '', map(${product.join(', ')})) AS product,
      ${grain.join(', ')},
      max(usage_end) AS last_usage_end,
      sum(usage_amount) AS unit_sum,
      sum(quantity) AS quantity_sum,
      sum(cost) AS cost_sum,
      sum(list_cost) AS list_cost_sum,
      sum(net_cost) AS net_cost_sum,
      count(net_unblended_cost) > 0 AS has_discounts,
      sumMap(discounts) AS discount_amounts
    FROM ${lineItem.from(accountFilter(onlyAccountId))}${partCondition(chunk, hashed)}
    GROUP BY ALL
  )
  ORDER BY usage_start, account_id, usage_type, line_hash
) AS line`;
}
