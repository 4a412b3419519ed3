import { type BillFormat, entry, type LandedKind } from '../bill-row.ts';
import { prefixedTagsSql } from '../bill-tags.ts';

const TEXTS = [
  ...['BillingAccountId', 'BillingCurrency', 'ChargeCategory', 'ChargeClass', 'ChargeDescription', 'InvoiceId'],
  ...[
    'InvoiceIssuerName',
    'PricingUnit',
    'PublisherName',
    'ServiceProviderName',
    'RegionId',
    'ResourceId',
    'ServiceName',
  ],
  ...['SkuMeter', 'SubAccountId', 'SubAccountName', 'x_IamPrincipal', 'x_Operation', 'x_ServiceCode', 'x_UsageType'],
];
const NUMBERS = ['BilledCost', 'ContractedUnitPrice', 'ListCost', 'PricingQuantity'];
const INSTANTS = ['BillingPeriodStart', 'ChargePeriodStart', 'ChargePeriodEnd'];

const KINDS: ReadonlyMap<string, LandedKind> = new Map<string, LandedKind>([
  ...TEXTS.map((name) => [name, 'text'] as const),
  ...NUMBERS.map((name) => [name, 'number'] as const),
  ...INSTANTS.map((name) => [name, 'instant'] as const),
  ...['SkuPriceDetails', 'Tags', 'x_CostCategories'].map((name) => [name, 'textMap'] as const),
  ['x_Discounts', 'numberMap'],
]);

/** `... per 1K tokens for USE1-Nova2.0Lite-output-tokens in US East (N. Virginia)`. */
const USAGE_TYPE_IN_WORDS = ' for ([A-Za-z0-9]+-[^ ]+) in ';

/**
 * FOCUS from 1.0 to 1.4, as AWS writes it and as it is written here (FOCUS specification; AWS's conformance notes, read
 * 2026-11). It says who called in `x_IamPrincipal` alone, which AWS does not have, and has no usage type since 1.2: the words of
 * the charge do.
 */
export const FOCUS: BillFormat = {
  name: 'focus',
  title: 'FOCUS',
  kindOf: (columnName) => KINDS.get(columnName),
  required: ['BilledCost', 'ChargePeriodStart', 'ServiceName'],
  row: ({ has, text, number, instant, textMap, numberMap }) => {
    const details = textMap('SkuPriceDetails');
    const detail = (key: string, custom: string) =>
      `if(${entry(details, custom)} != '', ${entry(details, custom)}, ${entry(details, key)})`;
    const start = instant('ChargePeriodStart');
    const seller = text('PublisherName', 'ServiceProviderName');
    const principalArn = text('x_IamPrincipal');
    const resourceArn = text('ResourceId');
    return {
      // What AWS Marketplace sells has no service code, and the seller as its publisher.
      billing_entity: `if(${text('x_ServiceCode')} = '' AND ${seller} NOT IN ('', 'AWS', 'Amazon Web Services'), 'AWS Marketplace', 'AWS')`,
      product_code: text('x_ServiceCode'),
      product_name: text('ServiceName'),
      product_family: "''",
      service_name: text('ServiceName'),
      usage_type: has('x_UsageType')
        ? text('x_UsageType')
        : `coalesce(nullIf(extract(${text('ChargeDescription')}, '${USAGE_TYPE_IN_WORDS}'), ''), ${text('SkuMeter')})`,
      operation: text('x_Operation'),
      pricing_unit: text('PricingUnit'),
      description: text('ChargeDescription'),
      model: detail('model', 'x_Model'),
      provider: detail('provider', 'x_Provider'),
      inference_type: detail('inference_type', 'x_InferenceType'),
      feature: detail('feature', 'x_Feature'),
      region: text('RegionId'),
      region_code: text('RegionId'),
      line_type: text('ChargeCategory'),
      line_id: "''",
      period: has('BillingPeriodStart') ? `toYYYYMM(${instant('BillingPeriodStart')})` : '0',
      payer_account_id: text('BillingAccountId'),
      account_id: text('SubAccountId'),
      account_name: text('SubAccountName'),
      usage_start: start,
      usage_end: has('ChargePeriodEnd') ? instant('ChargePeriodEnd') : start,
      principal_arn: principalArn,
      resource_id: resourceArn,
      tags: prefixedTagsSql(textMap('Tags'), { principalArn, resourceArn }, 'bare'),
      cost_categories: textMap('x_CostCategories'),
      bill_type: "''",
      invoice_id: text('InvoiceId'),
      legal_entity: text('InvoiceIssuerName'),
      currency: text('BillingCurrency'),
      usage_amount: number('PricingQuantity'),
      unblended_rate: number('ContractedUnitPrice'),
      // FOCUS has one cost of a charge that is billed: after discounts.
      unblended_cost: number('BilledCost'),
      net_unblended_cost: number('BilledCost'),
      public_cost: number('ListCost'),
      discounts: numberMap('x_Discounts'),
    };
  },
};
