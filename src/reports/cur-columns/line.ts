import type { ExportColumn } from '../export-table.ts';
import { instant, number, numberMap, onlyWith, text, textMap } from './column.ts';
import { SKU } from './product.ts';

/** Who issues the bill and sells the service, as on AWS's own Bedrock rows: consumers filter by these. */
const SELLER = "'Amazon Web Services, Inc.'";

/** Exact decimals become doubles here and nowhere else. Through text, because the engine's own division can be off by a bit. */
const double = (decimal: string) => `toFloat64(toString(${decimal}))`;

const COST = double('cost_sum');

const IS_USAGE = "record_type = 'Usage'";

/** Null for accounts without any discount, as AWS does. */
const ifDiscounted = (sql: string) => `if(has_discounts, ${sql}, NULL)`;

/** AWS's codes of the on-demand offer term and of the rate of one unit, the same in all its price lists. */
const RATE_CODE = `if(is_unpriced = 1 OR NOT ${IS_USAGE}, '', concat(${SKU}, '.JRTCKXETXF.6YS6EN2CT7'))`;

export const BILL: readonly ExportColumn[] = [
  text('bill_bill_type', 'Kind of bill: Anniversary, Purchase or Refund.', 'bill_kind'),
  text('bill_billing_entity', 'Channel that sold the service: AWS or AWS Marketplace.', 'billing_entity'),
  instant('bill_billing_period_end_date', 'First instant after the billing period, UTC.', 'period_end'),
  instant('bill_billing_period_start_date', 'First instant of the billing period, UTC.', 'period_start'),
  text('bill_invoice_id', 'Invoice number; empty while the billing period is open.', 'invoice_id'),
  text('bill_invoicing_entity', 'Legal entity that issues the invoice.', SELLER),
  text('bill_payer_account_id', 'Account that pays: the management account.', 'payer_account_id'),
  text('bill_payer_account_name', 'Name of the paying account.', 'payer_account_name'),
];

export const IDENTITY: readonly ExportColumn[] = [
  text('identity_line_item_id', 'Identifies the row within its billing period.', 'line_item_id'),
  text(
    'identity_time_interval',
    'Time bucket of the row as start/end, UTC.',
    "concat(formatDateTime(usage_start, '%Y-%m-%dT%H:%i:%SZ'), '/', formatDateTime(usage_end, '%Y-%m-%dT%H:%i:%SZ'))",
  ),
];

export const LINE_ITEM: readonly ExportColumn[] = [
  text('line_item_availability_zone', 'Availability Zone that hosted the usage.'),
  number('line_item_blended_cost', 'Usage at the average rate of the organization.', COST),
  text('line_item_blended_rate', 'Average rate of the organization.', 'unit_rate'),
  text('line_item_currency_code', 'Currency of the costs.', "'USD'"),
  onlyWith(
    'INCLUDE_IAM_PRINCIPAL_DATA',
    'TRUE',
    text('line_item_iam_principal', 'ARN of the IAM identity that made the inference calls.', 'principal_arn'),
  ),
  text('line_item_legal_entity', 'Seller of record.', 'seller_name'),
  text('line_item_line_item_description', 'The charge in words.', 'description'),
  text('line_item_line_item_type', 'Class of the charge, such as Usage, Tax or Credit.', 'line_kind'),
  number('line_item_net_unblended_cost', 'Cost after discounts.', ifDiscounted(double('net_cost_sum'))),
  text('line_item_net_unblended_rate', 'Rate after discounts.', ifDiscounted('net_unit_rate')),
  number('line_item_normalization_factor', 'Size weight of reserved instances.'),
  number('line_item_normalized_usage_amount', 'Usage amount times normalization factor.'),
  text('line_item_operation', 'Operation that was called.', 'billed_operation'),
  text('line_item_product_code', 'Code of the product.', 'product_code'),
  onlyWith(
    'INCLUDE_RESOURCES',
    'TRUE',
    text('line_item_resource_id', 'ARN or id of the resource that was used.', 'resource_arn'),
  ),
  text('line_item_tax_type', 'Kind of tax.', "nullIf(tax_type, '')"),
  number('line_item_unblended_cost', 'Rate times amount, as charged to the usage account.', COST),
  text('line_item_unblended_rate', 'Price of one unit.', 'unit_rate'),
  text('line_item_usage_account_id', 'Account that made the usage.', 'account_id'),
  text('line_item_usage_account_name', 'Name of the account that made the usage.', 'account_name'),
  number('line_item_usage_amount', 'Quantity in the unit of pricing_unit.', 'unit_count'),
  instant('line_item_usage_end_date', 'First instant after the time bucket, UTC.', 'usage_end'),
  instant('line_item_usage_start_date', 'First instant of the time bucket, UTC.', 'usage_start'),
  text('line_item_usage_type', 'What was metered.', 'usage_type'),
  text('line_item_user_identifier', 'Workforce user of a per-user subscription.'),
];

export const PRICING: readonly ExportColumn[] = [
  text('pricing_currency', 'Currency of the price list.', "'USD'"),
  text('pricing_lease_contract_length', 'Length of the reservation.'),
  text('pricing_offering_class', 'Class of the reservation.'),
  number('pricing_public_on_demand_cost', 'Cost at the public on-demand rate.', double('list_cost_sum')),
  text('pricing_public_on_demand_rate', 'Public on-demand price of one unit.', 'public_unit_rate'),
  text('pricing_purchase_option', 'Payment option of the reservation.'),
  text('pricing_rate_code', 'SKU, offer term and rate in one code.', RATE_CODE),
  text('pricing_rate_id', 'Row of the price book.', 'price_id'),
  text('pricing_term', 'Purchase model: OnDemand, Reserved or Spot.', `if(${IS_USAGE}, 'OnDemand', '')`),
  text('pricing_unit', 'Unit of the usage amount.', 'pricing_unit'),
];

export const DISCOUNT: readonly ExportColumn[] = [
  onlyWith(
    'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY',
    'FALSE',
    numberMap('discount', 'Amounts by discount programme.', 'discount_amounts'),
  ),
  number('discount_bundled_discount', 'Amount that a bundle of services takes off.'),
  onlyWith(
    'INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY',
    'FALSE',
    number(
      'discount_total_discount',
      'Sum of all discounts on the row.',
      ifDiscounted(double('net_cost_sum - cost_sum')),
    ),
  ),
];

/** The groups that have one column each. Tags of IAM principals are in `tags` and never in `resource_tags`. */
export const TAG_MAPS = {
  costCategory: textMap('cost_category', 'Values by cost category, names normalised.', 'cost_category'),
  resourceTags: textMap('resource_tags', 'Active resource tags, keys normalised.', 'resource_tags'),
  tags: textMap('tags', 'Active cost allocation tags of every source, keys as written with their prefix.', 'tags'),
} as const;
