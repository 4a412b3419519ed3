/** How a cost changed and why; the reasons add up to the change. */
export interface SpendChange {
  readonly Value: string;
  readonly PreviousUsd: string;
  readonly CostUsd: string;
  readonly ChangeUsd: string;
  readonly Reasons: readonly ChangeReason[];
}

export interface ChangeReason {
  readonly Reason: 'volume' | 'modelMix' | 'tokensPerRequest' | 'cacheShare' | 'price';
  readonly ChangeUsd: string;
  readonly Text: string;
  readonly ModelId?: string;
}
