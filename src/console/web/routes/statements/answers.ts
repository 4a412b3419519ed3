export interface BillingPeriod {
  /** `2026-10`. */
  readonly BillingPeriod: string;
  readonly State: 'OPEN' | 'CLOSING' | 'FINAL';
  readonly FinalAt?: string;
}

export interface InvoiceAmounts {
  readonly UsageUsd: string;
  readonly DiscountsUsd: string;
  readonly CorrectionsUsd: string;
  readonly CreditsUsd: string;
  readonly RefundsUsd: string;
  readonly FeesUsd: string;
  readonly TaxUsd: string;
  readonly TotalUsd: string;
}

export interface InvoiceSummary extends InvoiceAmounts {
  /** Absent until the period is final. */
  readonly InvoiceId?: string;
  readonly BillingPeriod: string;
  readonly Seller: string;
  readonly State: BillingPeriod['State'];
}

export interface Invoice extends InvoiceSummary {
  readonly Accounts: readonly (InvoiceAmounts & { readonly AccountId: string })[];
}

export interface ReportRow {
  readonly Keys: readonly string[];
  readonly CostUsd: string;
  readonly NetCostUsd: string;
  readonly Tokens: string;
  readonly Requests: string;
  readonly Unpriced: string;
}

export interface HeldShare {
  readonly Resource: string;
  /** Empty: hours in which nobody called. */
  readonly Principal: string;
  readonly CostUsd: string;
}

export interface Charge {
  readonly ChargeId: string;
  readonly Type: 'Credit' | 'Refund' | 'Fee' | 'Tax';
  readonly BillingPeriod: string;
  readonly AccountId: string;
  readonly AmountUsd: string;
  readonly Description: string;
  readonly Service: string;
  readonly TaxType?: string;
  readonly CreditId?: string;
  readonly Status: 'BOOKED' | 'PENDING';
  readonly CreatedAt: string;
}

export interface Credit {
  readonly CreditId: string;
  readonly AmountUsd: string;
  readonly RemainingUsd: string;
  readonly Description: string;
  readonly AccountId?: string;
  readonly Service?: string;
  readonly LastBillingPeriod?: string;
  readonly CreatedAt: string;
}
