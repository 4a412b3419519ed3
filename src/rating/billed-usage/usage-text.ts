/** What a bill's row says of one kind of usage, by the names of CUR 2.0. Empty: the column is absent, or says nothing. */
export interface BilledUsageText {
  /** `bill_billing_entity`. */
  readonly billingEntity: string;
  /** `line_item_product_code`. */
  readonly productCode: string;
  /** `product['product_name']`; `product/ProductName` of the legacy CUR. */
  readonly productName: string;
  /** `product_product_family`. */
  readonly productFamily: string;
  /** `product['servicename']`; FOCUS's `ServiceName`. */
  readonly serviceName: string;
  /** `line_item_usage_type`. */
  readonly usageType: string;
  /** `line_item_operation`. */
  readonly operation: string;
  /** `pricing_unit`. */
  readonly pricingUnit: string;
  /** `line_item_line_item_description`. */
  readonly description: string;
  /** `product['model']`, `['provider']`, `['inference_type']`, `['feature']`, `['region']`. */
  readonly model: string;
  readonly provider: string;
  readonly inferenceType: string;
  readonly feature: string;
  readonly region: string;
  /** `line_item_resource_id` where it names a foundation model or a system inference profile; else empty. */
  readonly modelResource: string;
  /** `line_item_line_item_type`; FOCUS's `ChargeCategory`. */
  readonly lineType: string;
  /** `product_region_code`. */
  readonly regionCode: string;
}
