import type { BillFormat, BillRowColumn, LandedColumns, LandedKind } from '../bill-row.ts';
import { prefixedTagsSql, unnormalisedKey } from '../bill-tags.ts';
import { normalisedName } from '../normalised-name.ts';
import { sqlText } from '../sql-text.ts';

const TEXTS = [
  ...['bill/BillType', 'bill/BillingEntity', 'bill/InvoiceId', 'bill/PayerAccountId', 'identity/LineItemId'],
  ...['lineItem/CurrencyCode', 'lineItem/LegalEntity', 'lineItem/LineItemDescription', 'lineItem/LineItemType'],
  ...['lineItem/Operation', 'lineItem/ProductCode', 'lineItem/ResourceId', 'lineItem/UsageAccountId'],
  ...['lineItem/UsageType', 'pricing/unit', 'product/ProductName', 'product/productFamily', 'product/servicename'],
  ...['product/model', 'product/provider', 'product/inferenceType', 'product/feature', 'product/region'],
  ...['product/regionCode'],
];
const NUMBERS = [
  ...['lineItem/UsageAmount', 'lineItem/UnblendedRate', 'lineItem/UnblendedCost', 'lineItem/NetUnblendedCost'],
  ...['pricing/publicOnDemandCost'],
];
const INSTANTS = ['bill/BillingPeriodStartDate', 'lineItem/UsageStartDate', 'lineItem/UsageEndDate'];

/** Groups in which a name is a column: tags, cost categories and discounts. */
const RESOURCE_TAG = /^(?:resourceTags\/|resource_tags_)(.+)$/;
const COST_CATEGORY = /^(?:costCategory\/|cost_category_)(.+)$/;
const DISCOUNT = /^(?:discount\/|discount_)(.+)$/;

/** The legacy Cost and Usage Report as CSV (CUR User Guide, data dictionary, read 2026-11). It has no principals. */
export const CUR1_CSV = legacyFormat('legacy CUR', (name) => name);

/** The same as Parquet, where names are normalised: `line_item_usage_start_date`. */
export const CUR1_PARQUET = legacyFormat('legacy CUR for Athena', normalisedName);

/** `spelled` turns a name of the CSV into the column's. */
function legacyFormat(title: string, spelled: (name: string) => string): BillFormat {
  const kinds: ReadonlyMap<string, LandedKind> = new Map<string, LandedKind>([
    ...TEXTS.map((name) => [spelled(name), 'text'] as const),
    ...NUMBERS.map((name) => [spelled(name), 'number'] as const),
    ...INSTANTS.map((name) => [spelled(name), 'instant'] as const),
  ]);
  return {
    name: 'cur1',
    title,
    kindOf: (columnName) => {
      const known = kinds.get(columnName);
      if (known !== undefined) return known;
      if (RESOURCE_TAG.test(columnName) || COST_CATEGORY.test(columnName)) return 'text';
      return DISCOUNT.test(columnName) ? 'number' : undefined;
    },
    required: ['lineItem/UnblendedCost', 'lineItem/UsageStartDate', 'lineItem/ProductCode'].map(spelled),
    row: (landed) => legacyRow(landed, spelled),
  };
}

function legacyRow(landed: LandedColumns, spelled: (name: string) => string): Readonly<Record<BillRowColumn, string>> {
  const text = (name: string) => landed.text(spelled(name));
  const number = (name: string) => landed.number(spelled(name));
  const instant = (name: string) => landed.instant(spelled(name));
  const has = (name: string) => landed.has(spelled(name));
  const start = instant('lineItem/UsageStartDate');
  const resourceArn = text('lineItem/ResourceId');
  return {
    billing_entity: text('bill/BillingEntity'),
    product_code: text('lineItem/ProductCode'),
    product_name: text('product/ProductName'),
    product_family: text('product/productFamily'),
    service_name: text('product/servicename'),
    usage_type: text('lineItem/UsageType'),
    operation: text('lineItem/Operation'),
    pricing_unit: text('pricing/unit'),
    description: text('lineItem/LineItemDescription'),
    model: text('product/model'),
    provider: text('product/provider'),
    inference_type: text('product/inferenceType'),
    feature: text('product/feature'),
    region: text('product/region'),
    region_code: text('product/regionCode'),
    line_type: text('lineItem/LineItemType'),
    line_id: text('identity/LineItemId'),
    period: has('bill/BillingPeriodStartDate') ? `toYYYYMM(${instant('bill/BillingPeriodStartDate')})` : '0',
    payer_account_id: text('bill/PayerAccountId'),
    account_id: text('lineItem/UsageAccountId'),
    account_name: "''",
    usage_start: start,
    usage_end: has('lineItem/UsageEndDate') ? instant('lineItem/UsageEndDate') : start,
    principal_arn: "''",
    resource_id: resourceArn,
    tags: prefixedTagsSql(
      textsByName(landed, RESOURCE_TAG, unnormalisedKey),
      { principalArn: "''", resourceArn },
      'bare',
    ),
    cost_categories: textsByName(landed, COST_CATEGORY, (name) => name),
    bill_type: text('bill/BillType'),
    invoice_id: text('bill/InvoiceId'),
    legal_entity: text('lineItem/LegalEntity'),
    currency: text('lineItem/CurrencyCode'),
    usage_amount: number('lineItem/UsageAmount'),
    unblended_rate: number('lineItem/UnblendedRate'),
    unblended_cost: number('lineItem/UnblendedCost'),
    net_unblended_cost: number('lineItem/NetUnblendedCost'),
    public_cost: number('pricing/publicOnDemandCost'),
    discounts: discounts(landed),
  };
}

/** A map of the texts in columns of a group, by what their names end with. Empty ones stay out. */
function textsByName(landed: LandedColumns, group: RegExp, keyOf: (name: string) => string): string {
  const entries = landed.names.flatMap((name) => {
    const key = group.exec(name)?.[1];
    return key === undefined ? [] : [`${sqlText(keyOf(key))}, ${landed.text(name)}`];
  });
  if (entries.length === 0) return "CAST(map(), 'Map(String, String)')";
  return `mapFilter((key, value) -> value != '', map(${entries.join(', ')}))`;
}

function discounts(landed: LandedColumns): string {
  const entries = landed.names.flatMap((name) => {
    const key = DISCOUNT.exec(name)?.[1];
    return key === undefined ? [] : [`${sqlText(normalisedName(key))}, ifNull(${landed.number(name)}, 0.)`];
  });
  if (entries.length === 0) return "CAST(map(), 'Map(String, Float64)')";
  return `mapFilter((key, value) -> value != 0, map(${entries.join(', ')}))`;
}
