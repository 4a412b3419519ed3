import type { NoticeAddress } from '../kernel/notice.ts';
import type { GroupKey } from '../reports/report-query.ts';

/** `showback` tells what was spent; `chargeback` moves it between cost centers, and has a journal. */
export type StatementKind = 'showback' | 'chargeback';

/** Who gets a statement of what: everything on one book, by the values of one key. */
export interface StatementDefinition {
  readonly id: string;
  readonly name: string;
  readonly kind: StatementKind;
  /** Begins the numbers, `SHB-2026-0001`; no two definitions have the same. */
  readonly prefix: string;
  /** Every value has a statement, and what has no value has one. */
  readonly key: GroupKey;
  readonly book: StatementBook;
  /** `model`: a line for each principal and model; `meter`: one for each class of their tokens. */
  readonly detail: 'model' | 'meter';
  readonly sharedCosts: readonly SharedCost[];
  readonly values: readonly ValueDetail[];
  /** Get every statement. */
  readonly recipients: readonly NoticeAddress[];
  /** A total of less is carried to the next month. Decimal text; `0`: none is. */
  readonly minimumUsd: string;
  /** Days from the issue to when it is due. */
  readonly dueDays: number;
  /** Of the files for printing. */
  readonly paper: PaperSize;
  readonly ledgerAccounts: LedgerAccounts;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export type PaperSize = 'A4' | 'LETTER';

/** `primary`: whichever the installation has as its own. */
export type StatementBook = 'primary' | 'ledger' | 'bill';

/** What is known of one value of the key. */
export interface ValueDetail {
  readonly value: string;
  /** Absent: the value itself. */
  readonly title?: string;
  readonly costCenter?: string;
  /** Account of the general ledger that is debited. Absent: the definition's. */
  readonly debitAccount?: string;
  /** Get this value's statements. */
  readonly recipients: readonly NoticeAddress[];
}

/** Accounts of the general ledger that a chargeback moves amounts between. */
export interface LedgerAccounts {
  readonly debit: string;
  readonly credit: string;
  /** Cost center that is relieved: whoever pays the bill. */
  readonly creditCostCenter: string;
}

/** Charges that are no usage, by their type. */
export const SHARED_CHARGES = ['Credit', 'Refund', 'Fee', 'Tax', 'Discount'] as const;
export type SharedCharge = (typeof SHARED_CHARGES)[number];

/** In equal parts; in proportion to direct cost, tokens, requests or a business metric; by percentages. */
export type ShareRule = 'even' | 'cost' | 'tokens' | 'requests' | 'metric' | 'fixed';

/** A cost that others bear. A line of the book is shared by the first that takes it. */
export interface SharedCost {
  readonly name: string;
  /** All that these values cost. Empty text: what has no value. */
  readonly values: readonly string[];
  /** All charges of these types, whichever value they are under. */
  readonly charges: readonly SharedCharge[];
  readonly rule: ShareRule;
  /** Who bears it. Absent: every value that has a cost of its own. */
  readonly among?: readonly string[];
  /** Of `metric` alone: the name of a business metric that is kept by the definition's key. */
  readonly metric?: string;
  /** Of `fixed` alone: one for each of `among`, in its order; together 100. */
  readonly percentages?: readonly string[];
}

/** What a statement calls its value. */
export function titleOf(value: string, { values }: Pick<StatementDefinition, 'values'>): string {
  return detailOf(value, { values })?.title ?? value;
}

export function detailOf(value: string, { values }: Pick<StatementDefinition, 'values'>): ValueDetail | undefined {
  return values.find((one) => one.value === value);
}
