import type { TimeRange } from './time-bucket.ts';

/** What the latest comparison of each import source and billing period found: see `reconciliation/reconciliation-schema.ts`. */
export const RECONCILIATION_TABLE = 'reconciliation_line';

/** How far usage is in becoming a bill. `billed`: the bill has it; `closed`: that bill is final. */
export const USAGE_STATES = ['estimated', 'provider-reported', 'billed', 'closed'] as const;
export type UsageState = (typeof USAGE_STATES)[number];

/** A billing period that was compared with the ledger. */
export interface ReconciledPeriod extends TimeRange {
  readonly sourceId: string;
  /** 202605. */
  readonly period: number;
  /** AWS has given it an invoice number. */
  readonly isFinal: boolean;
  /** `MONTH`: the bill tells no days apart. */
  readonly grain: 'HOUR' | 'DAY' | 'MONTH';
  /** Whose usage it has. */
  readonly upstreams: readonly string[];
}

/** Rows of `reconciliation_line` whose usage the bill does not have: `code`s with nothing on its side. */
export const NOT_BILLED = "code IN ('MISSING_IN_BILL', 'LATE', 'QUANTITY_DIFFERENCE') AND bill_quantity = 0";
