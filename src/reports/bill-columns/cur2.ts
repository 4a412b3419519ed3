import { type BillFormat, entry, type LandedKind } from '../bill-row.ts';
import { prefixedTagsSql, unnormalisedKeySql } from '../bill-tags.ts';

const TEXTS = [
  ...['bill_bill_type', 'bill_billing_entity', 'bill_invoice_id', 'bill_payer_account_id', 'identity_line_item_id'],
  ...['line_item_currency_code', 'line_item_iam_principal', 'line_item_legal_entity'],
  ...['line_item_line_item_description', 'line_item_line_item_type', 'line_item_operation', 'line_item_product_code'],
  ...['line_item_resource_id', 'line_item_usage_account_id', 'line_item_usage_account_name', 'line_item_usage_type'],
  ...['pricing_unit', 'product_product_family', 'product_region_code', 'product_servicecode'],
];
const NUMBERS = [
  ...['line_item_usage_amount', 'line_item_unblended_cost', 'line_item_net_unblended_cost'],
  ...['line_item_unblended_rate', 'pricing_public_on_demand_cost'],
];
const INSTANTS = [...['bill_billing_period_start_date', 'line_item_usage_start_date', 'line_item_usage_end_date']];

const KINDS: ReadonlyMap<string, LandedKind> = new Map<string, LandedKind>([
  ...TEXTS.map((name) => [name, 'text'] as const),
  ...NUMBERS.map((name) => [name, 'number'] as const),
  ...INSTANTS.map((name) => [name, 'instant'] as const),
  ...['product', 'tags', 'resource_tags', 'cost_category'].map((name) => [name, 'textMap'] as const),
  ['discount', 'numberMap'],
]);

/** AWS Data Exports' table COST_AND_USAGE_REPORT (CUR User Guide, table dictionary, read 2026-11). */
export const CUR2: BillFormat = {
  name: 'cur2',
  title: 'CUR 2.0',
  kindOf: (columnName) => KINDS.get(columnName),
  required: ['line_item_unblended_cost', 'line_item_usage_start_date', 'line_item_product_code'],
  row: ({ has, text, number, instant, textMap, numberMap }) => {
    const product = textMap('product');
    const principalArn = text('line_item_iam_principal');
    const resourceArn = text('line_item_resource_id');
    const start = instant('line_item_usage_start_date');
    return {
      billing_entity: text('bill_billing_entity'),
      product_code: text('line_item_product_code'),
      product_name: entry(product, 'product_name'),
      product_family: text('product_product_family'),
      service_name: entry(product, 'servicename'),
      usage_type: text('line_item_usage_type'),
      operation: text('line_item_operation'),
      pricing_unit: text('pricing_unit'),
      description: text('line_item_line_item_description'),
      model: entry(product, 'model'),
      provider: entry(product, 'provider'),
      inference_type: entry(product, 'inference_type'),
      feature: entry(product, 'feature'),
      region: entry(product, 'region'),
      region_code: text('product_region_code'),
      line_type: text('line_item_line_item_type'),
      line_id: text('identity_line_item_id'),
      period: has('bill_billing_period_start_date') ? `toYYYYMM(${instant('bill_billing_period_start_date')})` : '0',
      payer_account_id: text('bill_payer_account_id'),
      account_id: text('line_item_usage_account_id'),
      account_name: text('line_item_usage_account_name'),
      usage_start: start,
      usage_end: has('line_item_usage_end_date') ? instant('line_item_usage_end_date') : start,
      principal_arn: principalArn,
      resource_id: resourceArn,
      // `resource_tags` has the same tags of resources under normalised keys.
      tags: prefixedTagsSql(
        has('tags')
          ? textMap('tags')
          : `mapApply((key, value) -> (${unnormalisedKeySql('key')}, value), ${textMap('resource_tags')})`,
        { principalArn, resourceArn },
        'prefixed',
      ),
      cost_categories: textMap('cost_category'),
      bill_type: text('bill_bill_type'),
      invoice_id: text('bill_invoice_id'),
      legal_entity: text('line_item_legal_entity'),
      currency: text('line_item_currency_code'),
      usage_amount: number('line_item_usage_amount'),
      unblended_rate: number('line_item_unblended_rate'),
      unblended_cost: number('line_item_unblended_cost'),
      net_unblended_cost: number('line_item_net_unblended_cost'),
      public_cost: number('pricing_public_on_demand_cost'),
      discounts: numberMap('discount'),
    };
  },
};
