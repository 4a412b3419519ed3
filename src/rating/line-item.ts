import type { PicoUsd } from '../kernel/money.ts';
import type { InferenceOperation, Route, Tier } from '../metering/usage-event.ts';
import type { Meter } from './meter.ts';

/** What kind of charge a line is, in the words of CUR's `line_item_line_item_type`. Calls make `Usage` alone. */
export type RecordType = 'Usage' | 'Credit' | 'Refund' | 'Tax' | 'Fee' | 'Discount';

/** Who sells what was used, as bills write it. */
export type BillingEntity = 'AWS' | 'AWS Marketplace';

/** Long-context price class of the whole request; `default` for models with one price. */
export type ContextClass = 'default' | 'long_context';

/**
 * What usage cost and who pays: the second of the two records. One line item sums every call of one 15-minute bucket that
 * agrees in all fields but `quantity`, `requests` and the costs. Rebuilt from usage events at will.
 */
export interface LineItem {
  /** Start of the 15-minute bucket, UTC. */
  readonly bucketStartMs: number;
  /**
   * Start of the slice inside the bucket: the last instant at or before the usage at which a cost allocation tag was
   * activated or deactivated, else the bucket's start. Lets activation be a projection that is exact to the request.
   */
  readonly sliceStartMs: number;
  readonly accountId: string;
  readonly principalArn: string;
  /** Full snapshot of the principal's tags at the call, as pairs in key order; activation is applied when asked. */
  readonly principalTags: readonly (readonly [string, string])[];
  /** Tags of the resource that was called, an application inference profile, at the call; pairs in key order. */
  readonly resourceTags: readonly (readonly [string, string])[];
  /** Tags of the caller's account at the call; pairs in key order. */
  readonly accountTags: readonly (readonly [string, string])[];
  readonly recordType: RecordType;
  /** Identifies what the line was made from when that is no call; empty for calls. Such lines outlive a re-rating. */
  readonly chargeId: string;
  /** True for a line that corrects a closed billing period. */
  readonly isCorrection: boolean;
  /** Id of the access key, Bedrock API key or gateway key of the calls; empty for temporary credentials and other charges. */
  readonly keyId: string;
  /** Product that made the calls, without a version: `boto3`. From the user agent, so it proves nothing. */
  readonly client: string;
  readonly modelId: string;
  readonly resourceArn: string;
  readonly region: string;
  /** Like all that follows up to the meter, empty for charges that are no usage. */
  readonly route: Route | '';
  readonly tier: Tier | '';
  readonly context: ContextClass | '';
  readonly operation: InferenceOperation | '';
  readonly upstream: string;
  /** True for usage of a batch job. */
  readonly isBatch: boolean;
  readonly meter: Meter | '';
  /** As AWS writes it: `USE1-Claude4.6Sonnet-input-tokens`. */
  readonly usageType: string;
  /** `AmazonBedrock`, `AmazonBedrockService`, or the code of a product that is sold through AWS Marketplace. */
  readonly productCode: string;
  /** Cost Explorer's name of the product: `Amazon Bedrock`. */
  readonly service: string;
  readonly billingEntity: BillingEntity;
  /** `1K tokens`: the unit in which bills count the quantity. */
  readonly pricingUnit: string;
  /** Pieces of the meter: tokens, images, ... */
  readonly quantity: bigint;
  /** Calls counted on this line. Each call is counted on exactly one of its lines, the first, so that sums are right. */
  readonly requests: bigint;
  /** Price per piece; absent when the price book has none (`unpriced`). */
  readonly pricePicoUsd?: PicoUsd;
  /** Public on-demand price per piece; absent when there is none. */
  readonly listPricePicoUsd?: PicoUsd;
  /** Price per piece after discounts; absent when unpriced. */
  readonly netPricePicoUsd?: PicoUsd;
  /** What each discount takes off the price of one piece, by the discount's name, in the order of the names. */
  readonly discountPrices: readonly (readonly [name: string, pricePicoUsd: PicoUsd])[];
  /** Identifies the price row, for `pricing_rate_id`; empty when unpriced. */
  readonly priceId: string;
  /** quantity x price, exact. Zero when unpriced: look at `isUnpriced`, never at the amount. */
  readonly costPicoUsd: PicoUsd;
  /** quantity x list price, exact; zero without one. */
  readonly listCostPicoUsd: PicoUsd;
  /** quantity x net price, exact; what is paid in the end. */
  readonly netCostPicoUsd: PicoUsd;
  readonly isUnpriced: boolean;
  /** True when the quantity was estimated by us. */
  readonly isEstimated: boolean;
}
