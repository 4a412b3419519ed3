import type { PicoUsd } from '../kernel/money.ts';

/** What a line of the book is for: the words of invoices, see dimension `invoiceLine` of the reports. */
export type BookKind = 'Usage' | 'Correction' | 'Credit' | 'Refund' | 'Fee' | 'Tax' | 'Discount';

/** Sums of the book of one month, as statements list them. What does not apply is empty text. */
export interface BookLine {
  /** Value of the definition's key: whose statement it belongs on. Empty: no value. */
  readonly value: string;
  readonly kind: BookKind;
  /** Of `Usage` and `Correction`. */
  readonly principal: string;
  readonly model: string;
  /** Of `Usage`, where lines are wanted by what is counted: `cache_read`. */
  readonly meter: string;
  /** Of `Correction`: the closed month that was used in. */
  readonly correctedPeriod: string;
  /** Of charges that are no usage. */
  readonly account: string;
  readonly service: string;
  /** All of them, and by class. */
  readonly tokens: bigint;
  readonly inputTokens: bigint;
  readonly outputTokens: bigint;
  readonly cacheReadTokens: bigint;
  readonly cacheWriteTokens: bigint;
  readonly requests: bigint;
  /** Pieces without a price. */
  readonly unpriced: bigint;
  readonly listCostPicoUsd: PicoUsd;
  /** Before discounts. */
  readonly costPicoUsd: PicoUsd;
  /** After discounts: what is paid. */
  readonly netCostPicoUsd: PicoUsd;
}
