import type { ExportColumn } from '../export-table.ts';
import { text, textMap } from './column.ts';

/** One SKU for each usage type of a product in a region, in AWS's form: sixteen capitals and digits. */
export const SKU = 'substring(hex(sipHash128(product_code, region, usage_type)), 1, 16)';

/** What was sold. Bedrock's rows carry most of it in the map; columns for transfers, fees and instances stay null. */
export const PRODUCT: readonly ExportColumn[] = [
  textMap('product', 'Attributes of the product that have no column of their own.', 'product'),
  text('product_comment', 'Remark on the product.'),
  text('product_fee_code', 'Code of an attached fee.'),
  text('product_fee_description', 'The attached fee in words.'),
  text('product_from_location', 'Where a transfer begins.'),
  text('product_from_location_type', 'Kind of place where a transfer begins.'),
  text('product_from_region_code', 'Region where a transfer begins.'),
  text('product_instance_family', 'Family of the instance.'),
  text('product_instance_type', 'Type of the instance.'),
  text('product_instancesku', 'SKU of the instance.'),
  text('product_location', 'Long name of the region.', 'location'),
  text('product_location_type', 'Kind of location.', "if(location = '', '', 'AWS Region')"),
  text('product_operation', 'Operation in the price list.', 'billed_operation'),
  text('product_pricing_unit', 'Smallest unit in the price list.'),
  text('product_product_family', 'Family of the product.', "'Amazon Bedrock'"),
  text('product_region_code', 'Code of the region.', 'region'),
  text(
    'product_servicecode',
    'Code of the service in the price list; empty for what AWS Marketplace sells.',
    "if(billing_entity = 'AWS Marketplace', '', product_code)",
  ),
  text('product_sku', 'SKU of the product.', `if(usage_type = '', '', ${SKU})`),
  text('product_to_location', 'Where a transfer ends.'),
  text('product_to_location_type', 'Kind of place where a transfer ends.'),
  text('product_to_region_code', 'Region where a transfer ends.'),
  text('product_usagetype', 'Usage type in the price list.', 'usage_type'),
];
