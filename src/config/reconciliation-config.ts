/** Comparing imported bills with the ledger. */
export interface ReconciliationConfig {
  readonly alert: {
    /** USD in decimal notation. Absent members are not looked at. */
    readonly openUsd?: string;
    readonly openPercent?: number;
    readonly bypassUsd?: string;
    readonly subscribers: readonly { readonly type: 'EMAIL' | 'SNS'; readonly address: string }[];
  };
}
