import type { RecordType } from '../line-item.ts';

/**
 * What AWS calls kinds of charges, and what they are here: CUR's `line_item_line_item_type` (CUR User Guide, line item
 * columns, read 2026-11), Cost Explorer's names of the same with spaces, and FOCUS's `ChargeCategory`.
 */
const RECORD_TYPES: Readonly<Record<string, RecordType>> = {
  usage: 'Usage',
  discountedusage: 'Usage',
  savingsplancoveredusage: 'Usage',
  tax: 'Tax',
  credit: 'Credit',
  refund: 'Refund',
  // FOCUS has money back and what fits nowhere else in one.
  adjustment: 'Refund',
  fee: 'Fee',
  rifee: 'Fee',
  flatratesubscription: 'Fee',
  purchase: 'Fee',
  savingsplanrecurringfee: 'Fee',
  savingsplanupfrontfee: 'Fee',
  discount: 'Discount',
  // Takes back what covered usage would have cost on demand.
  savingsplannegation: 'Discount',
};

/** Undefined for a type that is not known. An empty one is that of usage: FOCUS and narrow exports need not have it. */
export function recordTypeOf(lineType: string): RecordType | undefined {
  const name = lineType.toLowerCase().replaceAll(/[\s_-]/g, '');
  if (name === '') return 'Usage';
  // `EdpDiscount`, `PrivateRateDiscount`, `SppDiscount`, `BundledDiscount`, ...
  return Object.hasOwn(RECORD_TYPES, name) ? RECORD_TYPES[name] : name.endsWith('discount') ? 'Discount' : undefined;
}
