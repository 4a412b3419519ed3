import { type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { BUCKET_MS, billingPeriodEndMs, billingPeriodOf, bucketStartMs } from '../kernel/time.ts';
import type { Sold } from '../rating/billed-model.ts';
import type { LineItem } from '../rating/line-item.ts';

/** Charges that are no usage, in the words of CUR's `line_item_line_item_type`. */
export const CHARGE_TYPES = ['Credit', 'Refund', 'Fee', 'Tax'] as const;
export type ChargeType = (typeof CHARGE_TYPES)[number];

/** A charge that is no usage: what its record says. It becomes one line item, with its id. */
export interface Charge {
  readonly chargeId: string;
  readonly type: ChargeType;
  /** Billing period that it is part of: `2026-05`. */
  readonly period: string;
  /** Start of its 15-minute bucket, UTC, inside the period. */
  readonly bucketStartMs: number;
  readonly accountId: string;
  /** Tags of the account when it was made, as pairs in key order. Absent in records of before they were kept. */
  readonly accountTags?: readonly (readonly [string, string])[];
  /** Decimal text. Credits and refunds are negative, fees and taxes positive. */
  readonly amountUsd: string;
  readonly description: string;
  /** What it is about, as bills name it. */
  readonly sold: Sold;
  /** Kind of tax: `VAT`. Empty for other charges. */
  readonly taxType: string;
  /** The credit whose balance it draws on. Empty for other charges. */
  readonly creditId: string;
  readonly createdAtMs: number;
}

/** Cost Explorer's name of the service that taxes are listed under. */
export const TAX_SERVICE = 'Tax';

/** True for what takes money off the bill. */
export function isReduction(type: ChargeType): boolean {
  return type === 'Credit' || type === 'Refund';
}

/** Bucket of a charge that is made now: the present one, or the last of a period that has ended. */
export function chargeBucketMs(period: string, nowMs: number): number {
  return billingPeriodOf(nowMs) === period ? bucketStartMs(nowMs) : billingPeriodEndMs(period) - BUCKET_MS;
}

/** The line item of a charge: an amount without usage, caller, region or price. */
export function chargeLineItem(charge: Charge): LineItem {
  const amountPicoUsd: PicoUsd = parsePicoUsd(charge.amountUsd);
  return {
    bucketStartMs: charge.bucketStartMs,
    sliceStartMs: charge.bucketStartMs,
    accountId: charge.accountId,
    principalArn: '',
    principalTags: [],
    resourceTags: [],
    accountTags: charge.accountTags ?? [],
    recordType: charge.type,
    chargeId: charge.chargeId,
    isCorrection: false,
    keyId: '',
    client: '',
    modelId: '',
    resourceArn: '',
    region: '',
    route: '',
    tier: '',
    context: '',
    operation: '',
    upstream: '',
    isBatch: false,
    meter: '',
    usageType: '',
    productCode: charge.sold.productCode,
    service: charge.sold.service,
    billingEntity: charge.sold.billingEntity,
    pricingUnit: '',
    quantity: 0n,
    requests: 0n,
    discountPrices: [],
    priceId: '',
    costPicoUsd: amountPicoUsd,
    // FOCUS: what is not priced by a list costs there what is billed.
    listCostPicoUsd: amountPicoUsd,
    netCostPicoUsd: amountPicoUsd,
    isUnpriced: false,
    isEstimated: false,
  };
}
