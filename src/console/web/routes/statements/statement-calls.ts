import type { Book } from '../../../../reports/book.ts';
import { call } from '../../api/call.ts';
import { useSession } from '../../api/session.ts';
import { saveFile } from '../../components/download.ts';

export interface WireKey {
  readonly Type: string;
  readonly Key: string;
}

export interface WireAddress {
  readonly Type: 'EMAIL' | 'SNS';
  readonly Address: string;
}

export interface WireSharedCost {
  readonly Name: string;
  readonly Values: readonly string[];
  readonly Charges: readonly string[];
  readonly Rule: 'even' | 'cost' | 'tokens' | 'requests' | 'metric' | 'fixed';
  readonly Metric?: string;
  readonly Among?: readonly string[];
  readonly Percentages?: readonly string[];
}

export interface WireValueDetail {
  readonly Value: string;
  readonly Title?: string;
  readonly CostCenter?: string;
  readonly DebitAccount?: string;
  readonly Recipients: readonly WireAddress[];
}

export interface WireDefinition {
  readonly Name: string;
  readonly Kind: 'showback' | 'chargeback';
  readonly Prefix: string;
  readonly Key: WireKey;
  readonly Book: 'primary' | 'ledger' | 'bill';
  readonly Detail: 'model' | 'meter';
  readonly SharedCosts: readonly WireSharedCost[];
  readonly Values: readonly WireValueDetail[];
  readonly Recipients: readonly WireAddress[];
  readonly MinimumUsd: string;
  readonly DueDays: number;
  readonly Paper: 'A4' | 'LETTER';
  readonly DebitAccount: string;
  readonly CreditAccount: string;
  readonly CreditCostCenter: string;
}

export interface KeptDefinition extends WireDefinition {
  readonly DefinitionId: string;
  readonly LatestPeriod?: string;
  readonly IssuedPeriods: readonly string[];
}

/** The book that statements are of; undefined: the primary one. */
export function bookOf(book: WireDefinition['Book']): Book | undefined {
  return book === 'primary' ? undefined : book;
}

/** Amounts in whole cents and, with `Usd`, exact. */
export interface WireAmounts {
  readonly BillingPeriod: string;
  readonly Value: string;
  readonly MonthAmount: string;
  readonly CorrectionsAmount: string;
  readonly TotalAmount: string;
  readonly TotalUsd: string;
}

export interface WireLine {
  readonly Kind: string;
  readonly Text: string;
  readonly Principal?: string;
  readonly Model?: string;
  readonly TokenClass?: string;
  readonly OfPeriod?: string;
  readonly Corrects?: string;
  readonly Requests?: string;
  readonly Tokens?: string;
  readonly Unpriced?: string;
  readonly InputTokens?: string;
  readonly OutputTokens?: string;
  readonly CacheReadTokens?: string;
  readonly CacheWriteTokens?: string;
  readonly NetUsdPerMillionTokens?: string;
  readonly ListUsd?: string;
  readonly NetUsd: string;
  readonly Amount: string;
}

export type StatementStatus = 'DRAFT' | 'ISSUED' | 'APPROVED' | 'DISPUTED' | 'RESOLVED' | 'VOIDED' | 'SUPERSEDED';

export interface DraftStatement extends WireAmounts {
  readonly Status: StatementStatus;
  readonly Lines: readonly WireLine[];
}

export interface StatementSummary extends WireAmounts {
  readonly Number: string;
  readonly Version: number;
  readonly DefinitionId: string;
  readonly DefinitionName: string;
  readonly Kind: WireDefinition['Kind'];
  readonly Key: WireKey;
  readonly Title: string;
  readonly CostCenter: string;
  readonly IssuedAt: string | number;
  readonly IssuedBy: string;
  readonly DueAt: string | number;
  readonly IsFinal: boolean;
  readonly BillAmount: string;
  readonly LatestVersion: number;
  readonly Status: StatementStatus;
}

export interface MonthDraft {
  readonly BillingPeriod: string;
  readonly BillAmount: string;
  readonly Statements: readonly DraftStatement[];
  readonly Carried: readonly DraftStatement[];
}

export interface StatementState {
  readonly Status: StatementStatus;
  readonly LatestVersion: number;
  readonly NextSteps: readonly ('APPROVE' | 'DISPUTE' | 'RESOLVE' | 'VOID')[];
  readonly Events: readonly {
    readonly Status: StatementStatus;
    readonly Version: number;
    readonly At: string | number;
    readonly By: string;
    readonly Reason?: string;
  }[];
  readonly Deliveries: readonly {
    readonly Type: WireAddress['Type'];
    readonly Address: string;
    readonly Version: number;
    readonly At: string | number;
    readonly NoticeId: string;
    readonly Status: 'PENDING' | 'SENT' | 'FAILED' | 'FORGOTTEN';
    readonly Failure?: string;
  }[];
}

export interface StatementAnswer {
  readonly Statement: Omit<StatementSummary, 'LatestVersion' | 'Status'> & { readonly Lines: readonly WireLine[] };
  readonly State: StatementState;
  readonly Versions: readonly {
    readonly Version: number;
    readonly IssuedAt: string | number;
    readonly TotalAmount: string;
  }[];
  readonly Differences?: readonly {
    readonly Line: WireLine;
    readonly BeforeAmount: string;
    readonly Amount: string;
    readonly ChangeAmount: string;
  }[];
}

/** What changing operations make out of date. */
export const STATEMENT_ANSWERS: readonly (readonly string[])[] = [
  ['tallyline', 'ListStatements'],
  ['tallyline', 'GetStatement'],
  ['tallyline', 'ListStatementDefinitions'],
  ['tallyline', 'PreviewStatements'],
];

/** `Scope` of questions about statements: who sees all figures sees all statements, others those of their team. */
export function useStatementScope(): { readonly Scope: 'ALL' | 'TEAM' } {
  return { Scope: useSession().Scopes[0] === 'ALL' ? 'ALL' : 'TEAM' };
}

export const STATUS_LOOKS: Readonly<Record<StatementStatus, readonly [look: string, words: string]>> = {
  DRAFT: ['', 'Draft'],
  ISSUED: ['', 'Issued'],
  APPROVED: ['chip-good', 'Approved'],
  DISPUTED: ['chip-bad', 'Disputed'],
  RESOLVED: ['chip-warn', 'Resolved'],
  VOIDED: ['', 'Voided'],
  SUPERSEDED: ['', 'Superseded'],
};

/** `team` of `iamPrincipal/team`. */
export function keyTitle({ Key }: WireKey): string {
  return Key.replace(/^iamPrincipal\//, '');
}

/** Asks for the file of a version and hands it to the browser. Throws ApiError. */
export async function downloadStatement(
  input: { readonly Number: string; readonly Version: number; readonly Scope: 'ALL' | 'TEAM' },
  format: 'PDF' | 'CSV' | 'JSON',
): Promise<void> {
  const { FileName, ContentType, Data } = await call<{ FileName: string; ContentType: string; Data: string }>(
    'tallyline',
    'GetStatementFile',
    { ...input, Format: format },
  );
  const bytes = Uint8Array.from(atob(Data), (character) => character.charCodeAt(0));
  saveFile(FileName, new Blob([bytes], { type: ContentType }));
}
