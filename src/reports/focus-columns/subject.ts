import { TAG_SOURCE_PATTERN } from '../../kernel/billing-tag-key.ts';
import { numberMap, text, textMap } from '../cur-columns/column.ts';
import type { ExportColumn } from '../export-table.ts';
import { forFees } from './charge-type.ts';

const PROVIDER = "'AWS'";

/** AWS for what it sells itself, on the marketplace the seller. */
const PUBLISHER = "if(bill_billing_entity = 'AWS Marketplace', line_item_legal_entity, 'AWS')";

/** `Foundation Model`, `Inference Profile`, `Application Inference Profile`: what the ARN says. */
const RESOURCE_TYPE = `initcap(replaceAll(extract(line_item_resource_id, '^arn:[^:]*:[^:]*:[^:]*:[^:]*:([^/:]+)'), '-', ' '))`;

/** A fee is a SKU of its own: bills have no other name for it than its words. */
const FEE_SKU = 'substring(hex(sipHash128(line_item_product_code, line_item_line_item_description)), 1, 16)';
const SKU_ID = forFees(FEE_SKU, "nullIf(product_sku, '')");
const SKU_PRICE_ID = forFees(FEE_SKU, "nullIf(pricing_rate_code, '')");

/** The usage type without its region, so that one meter has one name everywhere. */
const SKU_METER = "nullIf(replaceRegexpOne(line_item_usage_type, '^[A-Z0-9]+-', ''), '')";

/** FOCUS has no property for models: custom ones begin with `x_`. Only of what has a price, as the specification says. */
const SKU_PRICE_DETAILS = `if(
  pricing_rate_code = '',
  CAST(map(), 'Map(String, String)'),
  mapFilter((key, value) -> value != '', map(
    'x_Feature', product['feature'],
    'x_InferenceType', product['inference_type'],
    'x_Model', product['model'],
    'x_Provider', product['provider'])))`;

const TAG_SOURCE = `(${TAG_SOURCE_PATTERN})/`;

/**
 * Of several tag schemes all but one carry a prefix: resource tags have their bare key, as on AWS's FOCUS rows, the others
 * stay as in CUR 2.0's `tags`. A resource's own key that looks like another scheme's keeps its prefix.
 */
const TAGS = `mapApply(
  (key, value) -> (if(match(key, '^resourceTags/') AND NOT match(key, '^resourceTags/${TAG_SOURCE}'),
    substring(key, length('resourceTags/') + 1), key), value),
  tags)`;

/** What was used, of whom, where, and how it is labelled. SQL is over the columns of CUR 2.0. */
export const SUBJECT: readonly ExportColumn[] = [
  text('AvailabilityZone', 'Availability Zone that hosted the usage.'),
  text('HostProviderName', 'Provider whose infrastructure is used.', PROVIDER),
  text('ProviderName', 'Provider of the service.', PROVIDER),
  text('PublisherName', 'Producer or seller of the service.', PUBLISHER),
  text('RegionId', 'Code of the region.', "nullIf(product_region_code, '')"),
  text('RegionName', 'Long name of the region.', "nullIf(product_location, '')"),
  text('ResourceId', 'ARN of the model or inference profile.', "nullIf(line_item_resource_id, '')"),
  text('ResourceName', 'Display name of the resource.'),
  text('ResourceType', 'Kind of the resource.', `nullIf(${RESOURCE_TYPE}, '')`),
  text('ServiceCategory', 'What the service is for, of a fixed list.', "'AI and Machine Learning'"),
  text('ServiceName', 'Name of the service.', "product['servicename']"),
  text('ServiceProviderName', 'Who makes the service available.', PUBLISHER),
  text('ServiceSubcategory', 'Part of ServiceCategory, of a fixed list.', "'Generative AI'"),
  text('SkuId', 'What is sold, whatever its price.', SKU_ID),
  text('SkuMeter', 'What is metered.', SKU_METER),
  textMap('SkuPriceDetails', 'Model and kind of token.', SKU_PRICE_DETAILS),
  text('SkuPriceId', 'Price of what is sold; null where the price book has none.', SKU_PRICE_ID),
  textMap('Tags', 'Active cost allocation tags.', TAGS),
  textMap('x_CostCategories', 'Values by cost category.', 'cost_category'),
  numberMap('x_Discounts', 'Amounts by discount programme.', 'discount'),
  text('x_Operation', 'Operation that was called.', "nullIf(line_item_operation, '')"),
  text('x_ServiceCode', 'Code of the service in the price list.', "nullIf(product_servicecode, '')"),
  text('x_UsageType', 'What was metered, as CUR has it.', "nullIf(line_item_usage_type, '')"),
];
