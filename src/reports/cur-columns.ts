import { CAPACITY_RESERVATION, RESERVATION, SAVINGS_PLAN, SPLIT_LINE_ITEM } from './cur-columns/commitment.ts';
import { BILL, DISCOUNT, IDENTITY, LINE_ITEM, PRICING, TAG_MAPS } from './cur-columns/line.ts';
import { PRODUCT } from './cur-columns/product.ts';
import type { ExportColumn } from './export-table.ts';

/** All 131 columns of CUR 2.0, over every table configuration, in AWS's order: by group, then by name. */
export const CUR_COLUMNS: readonly ExportColumn[] = [
  ...BILL,
  ...CAPACITY_RESERVATION,
  TAG_MAPS.costCategory,
  ...DISCOUNT,
  ...IDENTITY,
  ...LINE_ITEM,
  ...PRICING,
  ...PRODUCT,
  ...RESERVATION,
  TAG_MAPS.resourceTags,
  ...SAVINGS_PLAN,
  ...SPLIT_LINE_ITEM,
  TAG_MAPS.tags,
];
