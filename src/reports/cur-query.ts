import { billingPeriodEndMs, billingPeriodStartMs } from '../kernel/time.ts';
import type { BillingEntity } from '../rating/line-item.ts';
import { DIMENSION_SQL } from './compile-sql/dimension-sql.ts';
import { LineItemSql } from './compile-sql/line-item-sql.ts';
import type { Parameters } from './compile-sql/parameters.ts';
import { CUR_COLUMNS } from './cur-columns.ts';
import { billRows } from './cur-query/bill-rows.ts';
import { discountedAccounts } from './cur-query/discounted-accounts.ts';
import { LEDGER_WORDS } from './cur-query/ledger-words.ts';
import { accountFilter, PRODUCT_KEY, productFacts } from './cur-query/product-facts.ts';
import { CUR_PROPERTIES } from './cur-query/properties.ts';
import { activeTags, costCategories, resourceTags } from './cur-query/tag-maps.ts';
import { USAGE_TIME } from './cur-query/usage-time.ts';
import { partCondition } from './export-chunks.ts';
import type { Ask, ExportTable, RowRequest } from './export-table.ts';

const SELLERS: readonly BillingEntity[] = ['AWS', 'AWS Marketplace'];

/** CUR 2.0. */
export const CUR_TABLE: ExportTable = {
  name: 'COST_AND_USAGE_REPORT',
  description: 'Cost and usage by account, product, operation and time, with tags: CUR 2.0.',
  properties: CUR_PROPERTIES,
  columns: CUR_COLUMNS,
  maxExports: 5,
  partitionName: 'BILLING_PERIOD',
  rows: async (request, parameters, ask) => {
    const isOfBill = request.bill.books?.primary === 'bill';
    return isOfBill ? billRows(request, parameters) : ledgerRows(request, parameters, ask);
  },
};

/**
 * Rows of a billing period: line items summed to the grain that the configuration asks for. Resources and principals are
 * part of the grain only when their columns are; tag sets and prices always split rows, so that no row mixes two.
 */
async function ledgerRows(request: RowRequest, parameters: Parameters, ask: Ask): Promise<string> {
  const { period, chunk, configuration, onlyAccountId, bill } = request;
  const lineItem = new LineItemSql(chunk.range, bill, parameters);
  const instant = (atMs: number) => `toDateTime(${parameters.add('UInt32', atMs / 1_000)}, 'UTC')`;
  const [usageStart, usageEnd] = USAGE_TIME[configuration.get('TIME_GRANULARITY')!]!;
  const grain = [
    ...['account_id', 'product_code', 'billing_entity', 'pricing_unit', ...PRODUCT_KEY, 'price_id'],
    ...['list_price', 'net_price', 'discount_prices', 'is_correction'],
    ...(configuration.get('INCLUDE_RESOURCES') === 'TRUE' ? ['resource_arn'] : []),
    ...(configuration.get('INCLUDE_IAM_PRINCIPAL_DATA') === 'TRUE' ? ['principal_arn'] : []),
  ];
  const hashed = ['usage_start', 'billed_operation', 'tags', ...grain];
  const names = new Map([[bill.payerAccountId, ''], ...bill.accountNames]);
  const ids = parameters.add('Array(String)', [...names.keys()]);
  const titles = parameters.add('Array(String)', [...names.values()]);
  const discounted = parameters.add('Array(String)', await discountedAccounts(request, ask));
  const sellers = parameters.add('Array(String)', SELLERS);
  const invoiceIds = parameters.add(
    'Array(String)',
    SELLERS.map((seller) => bill.invoiceIdOf(period, seller)),
  );
  const payer = parameters.add('String', bill.payerAccountId);
  return `
SELECT *,
  ${usageEnd} AS usage_end,
  lower(hex(line_hash)) AS line_item_id,
  ${resourceTags(lineItem, parameters)} AS resource_tags,
  ${costCategories(lineItem, parameters)} AS cost_category,
  transform(account_id, ${ids}, ${titles}, '') AS account_name,
  has(${discounted}, account_id) AS has_discounts,
  transform(billing_entity, ${sellers}, ${invoiceIds}, '') AS invoice_id,
  ${payer} AS payer_account_id,
  transform(payer_account_id, ${ids}, ${titles}, '') AS payer_account_name,
  ${Object.entries(LEDGER_WORDS)
    .map(([name, sql]) => `${sql} AS ${name}`)
    .join(',\n  ')}
FROM (
  SELECT *, sipHash128(${hashed.join(', ')}) AS line_hash
  FROM (
    SELECT
      ${instant(billingPeriodStartMs(period))} AS period_start,
      ${instant(billingPeriodEndMs(period))} AS period_end,
      ${usageStart} AS usage_start,
      ${DIMENSION_SQL.billedOperation} AS billed_operation,
      ${activeTags(lineItem, parameters)} AS tags,
      ${grain.join(', ')},
      sum(quantity) AS quantity_sum,
      sum(cost) AS cost_sum,
      sum(list_cost) AS list_cost_sum,
      sum(net_cost) AS net_cost_sum
    FROM ${lineItem.from(accountFilter(onlyAccountId))}${partCondition(chunk, hashed)}
    GROUP BY ALL
  )
  ORDER BY usage_start, account_id, usage_type, line_hash
) AS line
LEFT JOIN (${await productFacts(request, parameters, ask)}) AS sold USING (${PRODUCT_KEY.join(', ')})`;
}
