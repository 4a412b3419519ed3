import type { ExportColumn } from '../exports/export-calls.ts';

export interface ColumnPreset {
  readonly label: string;
  readonly about: string;
  /** Of the columns that the table has as it is set. */
  readonly picks: (column: ExportColumn) => boolean;
}

const WHO_AND_WHAT = new Set([
  ...['bill_billing_period_start_date', 'line_item_usage_start_date', 'line_item_usage_end_date'],
  ...['line_item_usage_account_id', 'line_item_iam_principal', 'line_item_product_code', 'line_item_usage_type'],
  ...['line_item_operation', 'line_item_resource_id', 'line_item_usage_amount', 'pricing_unit'],
  ...['line_item_unblended_rate', 'line_item_unblended_cost', 'line_item_line_item_description', 'product', 'tags'],
  ...['cost_category'],
  ...['BillingPeriodStart', 'ChargePeriodStart', 'ChargePeriodEnd', 'SubAccountId', 'ServiceName', 'SkuId', 'RegionId'],
  ...['ConsumedQuantity', 'ConsumedUnit', 'ListCost', 'BilledCost', 'EffectiveCost', 'Tags', 'x_IamPrincipal'],
  ...['ChargeDescription', 'ResourceId', 'x_UsageType', 'x_Operation'],
]);

const COSTS = /cost|rate|price|discount|savings|amount|quantity|unit/i;
const TIMES = /date|period/i;

export const COLUMN_PRESETS: readonly ColumnPreset[] = [
  {
    label: 'Who and what',
    about: 'callers, usage, cost, tags',
    picks: ({ Name }) => WHO_AND_WHAT.has(Name) || /iam_?principal/i.test(Name),
  },
  { label: 'Cost only', about: 'times, quantities, prices', picks: ({ Name }) => COSTS.test(Name) || TIMES.test(Name) },
  { label: 'All', about: 'every column', picks: () => true },
  { label: 'None', about: 'start from nothing', picks: () => false },
];

export function pickedBy(preset: ColumnPreset, columns: readonly ExportColumn[]): string[] {
  return columns.filter(preset.picks).map(({ Name }) => Name);
}
