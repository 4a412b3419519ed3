import type { CauseCode, CauseKind } from '../../../../reconciliation/cause-code.ts';

/** As `tallyline:ListReconciliations` lists them. */
export interface ReconciliationSummary {
  readonly Id: string;
  readonly SourceId: string;
  /** `2026-05` */
  readonly BillingPeriod: string;
  readonly State: 'WAITING' | 'RUNNING' | 'DONE' | 'FAILED';
  readonly AskedAt: string;
  readonly FinishedAt?: string;
  readonly Reason?: string;
  readonly BillUsd?: string;
  readonly LedgerUsd?: string;
  readonly OpenUsd?: string;
  readonly OpenPercent?: number;
  readonly IsFinal?: boolean;
  readonly Sentence?: string;
}

export interface CodeSum {
  readonly Code: CauseCode;
  readonly Kind: CauseKind;
  readonly Title: string;
  readonly Meaning: string;
  readonly Remedy: string;
  readonly Rows: number;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly DifferenceUsd: string;
}

/** As `tallyline:GetReconciliation` has one that is done. */
export interface ReconciliationAnswer extends ReconciliationSummary {
  readonly Grain: 'HOUR' | 'DAY' | 'MONTH';
  readonly BillThrough: string;
  readonly LedgerThrough: string;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly Codes: readonly CodeSum[];
  readonly OutOfScope: readonly {
    readonly Side: 'BILL' | 'LEDGER';
    readonly Reason: string;
    readonly Usd: string;
    readonly Lines: number;
  }[];
}

export interface Difference {
  readonly Code: CauseCode;
  readonly At: string;
  readonly Principal: string;
  readonly Callers: readonly string[];
  readonly BillTags: Readonly<Record<string, string>>;
  readonly LedgerTags: Readonly<Record<string, string>>;
  readonly ModelId: string;
  readonly Meter: string;
  readonly Route: string;
  readonly Tier: string;
  readonly Context: string;
  readonly Region: string;
  readonly UsageType: string;
  readonly Note: string;
  readonly BillQuantity: string;
  readonly LedgerQuantity: string;
  readonly BillUsd: string;
  readonly LedgerUsd: string;
  readonly DifferenceUsd: string;
}

export interface RowsAnswer {
  readonly BillLines: readonly {
    readonly LineId: string;
    readonly FileNumber: number;
    readonly Start: string;
    readonly LineType: string;
    readonly UsageType: string;
    readonly Description: string;
    readonly Quantity: string;
    readonly Usd: string;
  }[];
  readonly Requests: readonly { readonly RequestId: string; readonly AdmittedAt: string }[];
}

/** The server's words as the begin of a line. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
