import type { ExportColumn } from './export-table.ts';
import { CHARGE } from './focus-columns/charge.ts';
import { COMMITMENT } from './focus-columns/commitment.ts';
import { COSTS } from './focus-columns/cost.ts';
import { SUBJECT } from './focus-columns/subject.ts';

/** Versions of the FinOps Open Cost and Usage Specification that can be exported. */
export type FocusVersion = '1.0' | '1.2' | '1.4';

/** What became of the columns from one version to the next that is exported. Custom ones are AWS's own choice. */
const SINCE_1_2 = new Set([
  'BillingAccountType',
  'CapacityReservationId',
  'CapacityReservationStatus',
  'CommitmentDiscountQuantity',
  'CommitmentDiscountUnit',
  'InvoiceId',
  'PricingCurrency',
  'PricingCurrencyContractedUnitPrice',
  'PricingCurrencyEffectiveCost',
  'PricingCurrencyListUnitPrice',
  'ServiceSubcategory',
  'SkuMeter',
  'SkuPriceDetails',
  'SubAccountType',
]);
const UNTIL_1_0 = new Set(['x_CostCategories', 'x_UsageType']);
const SINCE_1_4 = new Set([
  'AllocatedMethodDetails',
  'AllocatedMethodId',
  'AllocatedResourceId',
  'AllocatedResourceName',
  'AllocatedTags',
  'CommitmentProgramEligibilityDetails',
  'ContractApplied',
  'HostProviderName',
  'InvoiceDetailId',
  'ServiceProviderName',
]);
const UNTIL_1_2 = new Set(['ProviderName', 'PublisherName']);

const IS_IN: Readonly<Record<FocusVersion, (name: string) => boolean>> = {
  '1.0': (name) => !SINCE_1_2.has(name) && !SINCE_1_4.has(name),
  '1.2': (name) => !UNTIL_1_0.has(name) && !SINCE_1_4.has(name),
  '1.4': (name) => !UNTIL_1_0.has(name) && !UNTIL_1_2.has(name),
};

/** The columns of a version by name; custom ones come last, as their `x_` sorts after every capital letter. */
export function focusColumns(version: FocusVersion): readonly ExportColumn[] {
  return [...CHARGE, ...COMMITMENT, ...COSTS, ...SUBJECT]
    .filter(({ name }) => IS_IN[version](name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}
