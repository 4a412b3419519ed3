/** Times of answers: epoch seconds. */
type WireTime = number | string;

export interface BillPeriod {
  readonly BillingPeriod: string;
  readonly Format: string;
  readonly Rows: string;
  readonly CostUsd: string;
  readonly ImportedAt: WireTime;
  readonly Unrecognised: readonly {
    readonly UsageType: string;
    readonly Unread: readonly string[];
    readonly CostUsd: string;
  }[];
  readonly NotImported: readonly { readonly Product: string; readonly Rows: string; readonly CostUsd: string }[];
  readonly Findings: readonly BillFinding[];
}

export interface BillFinding {
  readonly Code: string;
  readonly Loses: string;
  readonly Text: string;
  readonly Commands?: readonly string[];
  readonly Console?: string;
}

export interface BillSource {
  readonly SourceId: string;
  readonly Location: string;
  readonly Watch: boolean;
  readonly Periods: readonly BillPeriod[];
}

export interface ListedImport {
  readonly ImportId: string;
  readonly State: string;
  readonly Cause: string;
  readonly CreatedAt: WireTime;
  readonly CreatedBy: string;
  readonly EndedAt?: WireTime;
  readonly ReplacedPeriods: readonly string[];
  readonly Problems: readonly { readonly File?: string; readonly Text: string }[];
}

export interface ImportProgress {
  readonly Step: string;
  readonly FilesDone: number;
  readonly FilesTotal: number;
  readonly RowsDone: string;
  readonly RowsTotal?: string;
}
