import type { StatementDefinition } from './statement-definition.ts';

/**
 * `usage`: of the month; `late`: of a closed month, billed in this one; the types of charges; what is shared with others;
 * `earlier`: what earlier statements said of their month and the book no longer says.
 */
export type LineKind =
  | 'usage'
  | 'late'
  | 'credit'
  | 'refund'
  | 'fee'
  | 'tax'
  | 'discount'
  | 'shared-out'
  | 'shared-in'
  | 'earlier';

/** One line. Amounts are decimal text: `...Usd` exact, `amount` in cents that add up to the statement's. */
export interface StatementLine {
  readonly kind: LineKind;
  /** What people read where there is no principal. */
  readonly text: string;
  /** Of `usage` and `late`. */
  readonly principal?: string;
  readonly model?: string;
  readonly meter?: string;
  /** Month that `late` and `earlier` are about: `2026-10`. */
  readonly period?: string;
  /** Number of the statement that `earlier` corrects; absent where none was issued. */
  readonly reference?: string;
  /** Of `usage` and `late`. */
  readonly quantities?: LineQuantities;
  readonly listUsd?: string;
  /** Before discounts. */
  readonly costUsd?: string;
  /** After them. */
  readonly netUsd: string;
  readonly amount: string;
}

/** Whole numbers as text. */
export interface LineQuantities {
  readonly tokens: string;
  readonly inputTokens: string;
  readonly outputTokens: string;
  readonly cacheReadTokens: string;
  readonly cacheWriteTokens: string;
  readonly requests: string;
  /** Pieces without a price: they cost nothing here, and that is no price. */
  readonly unpriced: string;
  /** Mean net price of a million tokens in USD, rounded to a pico-dollar; absent without tokens. */
  readonly perMillionUsd?: string;
}

/** Two figures of the same amount. */
export interface StatementAmount {
  /** Exact decimal text. */
  readonly usd: string;
  /** Whole cents as printed: `12.34`. */
  readonly amount: string;
}

/** What a statement says before it has a number: the same for a preview and for what is issued. */
export interface StatementContent {
  readonly period: string;
  /** Empty: what has no value of the key. */
  readonly value: string;
  readonly lines: readonly StatementLine[];
  /** Everything of the month itself; the months of all statements are the bill. */
  readonly month: StatementAmount;
  /** Corrections of earlier months. */
  readonly corrections: StatementAmount;
  /** What is to be paid: both. */
  readonly total: StatementAmount;
}

/** An issued version. Never changed; what becomes of it is in `StatementState`. */
export interface Statement extends StatementContent {
  readonly number: string;
  /** From 1. */
  readonly version: number;
  readonly definitionId: string;
  readonly definitionName: string;
  readonly kind: StatementDefinition['kind'];
  readonly key: StatementDefinition['key'];
  readonly paper: StatementDefinition['paper'];
  readonly title: string;
  readonly costCenter: string;
  readonly debitAccount: string;
  readonly issuedAtMs: number;
  /** ARN. */
  readonly issuedBy: string;
  readonly dueAtMs: number;
  /** False: the month was not closed yet, and its figures could still change. */
  readonly isFinal: boolean;
  /** The whole bill of the month, of which `month` is a part. */
  readonly bill: StatementAmount;
}

/** Port: a version for people to print and keep. The same version always gives the same bytes. */
export interface StatementPaper {
  write(statement: Statement): Promise<Uint8Array>;
}

/** What became of a number. */
export type StatementStatus = 'issued' | 'approved' | 'disputed' | 'resolved' | 'voided';

export interface StatementEvent {
  readonly status: StatementStatus;
  readonly version: number;
  readonly atMs: number;
  /** ARN. */
  readonly by: string;
  /** Of disputes, what resolved them, and voids. */
  readonly reason?: string;
}

/** A version that was handed to the outbox for somebody. */
export interface StatementDelivery {
  readonly noticeId: string;
  readonly version: number;
  readonly type: 'EMAIL' | 'SNS';
  readonly address: string;
  readonly atMs: number;
  /** ARN. */
  readonly by: string;
}

/** The part of a statement that changes. */
export interface StatementState {
  readonly number: string;
  readonly definitionId: string;
  readonly period: string;
  readonly value: string;
  /** The one that counts: the latest. */
  readonly version: number;
  readonly status: StatementStatus;
  /** Oldest first. */
  readonly events: readonly StatementEvent[];
  readonly deliveries: readonly StatementDelivery[];
}

/**
 * False for a correction of no cent, which is left to exact files: shares are rounded to pico-dollars, so that one value's change
 * moves another's part by one of them.
 */
export function isPrinted({ kind, amount }: StatementLine): boolean {
  return kind !== 'earlier' || amount !== '0.00';
}

/** Tells a line from the others of its statement, and finds it again in another version. */
export function lineKey({ kind, text, principal, model, meter, period, quantities }: StatementLine): string {
  return JSON.stringify([kind, principal, model, meter, period, quantities ? '' : wordsOf(kind, text)]);
}

/** Without the arithmetic, which may be another in the next version. */
function wordsOf(kind: LineKind, text: string): string {
  if (kind === 'earlier') return '';
  return kind === 'shared-in' || kind === 'shared-out' ? text.split(':', 1)[0]! : text;
}
