import type { ChangeReason as Reason } from '../../../reports/change-reasons.ts';

/** How a cost changed and why; the reasons add up to the change. */
export interface SpendChange {
  readonly Value: string;
  readonly PreviousUsd: string;
  readonly CostUsd: string;
  readonly ChangeUsd: string;
  readonly Reasons: readonly ChangeReason[];
}

export interface ChangeReason {
  readonly Reason: Reason;
  readonly ChangeUsd: string;
  readonly Text: string;
  readonly ModelId?: string;
}
