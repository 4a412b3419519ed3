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

/** What turns something on. */
export interface BillRemedy {
  readonly Commands?: readonly string[];
  readonly Console?: string;
}

export interface BillFinding extends BillRemedy {
  readonly Code: string;
  readonly Loses: string;
  readonly Text: string;
}

export interface BillSource {
  readonly SourceId: string;
  readonly Location: string;
  readonly Watch: boolean;
  /** Of a source that has a model invocation log; absent for bills. */
  readonly Upstream?: string;
  readonly Log?: LogTally;
  readonly Periods: readonly BillPeriod[];
}

/** What was read of a model invocation log. */
export interface LogTally {
  readonly Files: number;
  readonly Records: string;
  readonly Calls: string;
  readonly Tokens: string;
  readonly From?: WireTime;
  readonly To?: WireTime;
  readonly Notes: readonly {
    readonly IsKept: boolean;
    readonly Reason: string;
    readonly Records: string;
    readonly Examples: readonly string[];
  }[];
  readonly Refused: readonly BillProblem[];
}

export interface ListedImport {
  readonly ImportId: string;
  readonly State: string;
  readonly Cause: string;
  readonly CreatedAt: WireTime;
  readonly CreatedBy: string;
  readonly EndedAt?: WireTime;
  readonly ReplacedPeriods: readonly string[];
  readonly Problems: readonly BillProblem[];
  readonly Log?: LogTally;
}

export interface BillProblem {
  readonly File?: string;
  readonly Text: string;
}

/** One billing period of a place, before it is imported or while it is. */
export interface BillDelivery {
  readonly BillingPeriod?: string;
  readonly Format: string;
  readonly Layout: string;
  readonly ExecutionId: string;
  readonly Files: number;
  readonly Bytes: string;
  /** Absent where only reading tells. */
  readonly Rows?: string;
  readonly Findings: readonly BillFinding[];
  /** What turns all of it on at once. */
  readonly Remedy?: BillRemedy;
}

/** What an import of a place would find. */
export interface PlaceCheck {
  readonly Deliveries: readonly (BillDelivery & { readonly IsImported: boolean })[];
  readonly Problems: readonly BillProblem[];
  readonly Ignored: readonly { readonly Path: string; readonly Reason: string }[];
}

/** `GetBillImport` of one that is under way. */
export interface ImportUnderWay {
  readonly Progress?: ImportProgress;
  /** Empty before anything was found. */
  readonly Deliveries: readonly BillDelivery[];
}

export interface ImportProgress {
  readonly Step: string;
  readonly FilesDone: number;
  readonly FilesTotal: number;
  readonly RowsDone: string;
  readonly RowsTotal?: string;
}
