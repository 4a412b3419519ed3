import type { PicoUsd } from '../kernel/money.ts';
import type { Sold } from '../rating/billed-model.ts';
import type { RecordType } from '../rating/line-item.ts';

/** What one account has on the bill of a period under one service and record type. */
export interface PeriodSum {
  readonly accountId: string;
  readonly sold: Sold;
  readonly recordType: RecordType;
  /** Corrects an earlier period. */
  readonly isCorrection: boolean;
  /** Before discounts. */
  readonly costPicoUsd: PicoUsd;
  /** After discounts. */
  readonly netCostPicoUsd: PicoUsd;
}
