import { formatUsdRounded, magnitude, type PicoUsd, parsePicoUsd } from '../kernel/money.ts';
import { CAUSE_CODES, CAUSES, type CauseCode } from './cause-code.ts';
import type { Grain } from './comparison.ts';

/**
 * One comparison of a billing period of an import source with the ledger, as it is on record. `waiting`: asked for; `running`;
 * `done`; `failed`: its sums did not add up, or the store did not answer. The differences of the latest one that was done are in the
 * store.
 */
export interface Reconciliation {
  readonly id: string;
  readonly sourceId: string;
  /** `2026-05` */
  readonly period: string;
  /** Of the delivery; empty where it is not known. */
  readonly executionId: string;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly askedAtMs: number;
  readonly finishedAtMs?: number;
  /** Of one that failed. */
  readonly reason?: string;
  /** Of one that was done. */
  readonly result?: ReconciliationResult;
}

/** Amounts are net, USD in decimal notation. */
export interface ReconciliationResult {
  readonly grain: Grain;
  readonly isFinal: boolean;
  readonly billThroughMs: number;
  readonly ledgerThroughMs: number;
  readonly billUsd: string;
  readonly ledgerUsd: string;
  /** Of every code, `REST` among them, whether it occurs or not. */
  readonly codes: readonly CodeTotal[];
  /** What each side has that the other is not compared with, and why. */
  readonly outOfScope: readonly OutOfScope[];
  /** Upstreams that were compared. */
  readonly upstreams: readonly string[];
}

export interface CodeTotal {
  readonly code: CauseCode;
  /** Rows of the result. */
  readonly rows: number;
  readonly billUsd: string;
  readonly ledgerUsd: string;
  /** Bill less ledger. */
  readonly differenceUsd: string;
  /** The same without signs: what one row has too much does not make up for what another has too little. */
  readonly apartUsd: string;
  readonly billQuantity: string;
  readonly ledgerQuantity: string;
}

export interface OutOfScope {
  readonly side: 'bill' | 'ledger';
  /** `upstream vllm`, `channel other`. */
  readonly reason: string;
  readonly usd: string;
  readonly lines: number;
}

/** What somebody has to look at: differences of all open codes, without signs. */
export function openPicoUsd({ codes }: Pick<ReconciliationResult, 'codes'>): bigint {
  return sumOf(codes, (code) => CAUSES[code].kind === 'open');
}

/** Traffic around the gateway. */
export function bypassPicoUsd({ codes }: Pick<ReconciliationResult, 'codes'>): bigint {
  return sumOf(codes, (code) => code === 'MISSING_IN_LEDGER');
}

/** Open differences in ten-thousandths of whichever side has more; 0 where both have nothing. */
export function openBasisPoints(result: Pick<ReconciliationResult, 'codes' | 'billUsd' | 'ledgerUsd'>): number {
  const [whole = 0n] = [result.billUsd, result.ledgerUsd].map(parsePicoUsd).sort((a, b) => (a < b ? 1 : -1));
  return whole <= 0n ? 0 : Number((openPicoUsd(result) * 10_000n) / whole);
}

/**
 * `the bill for 2026-05 is 12.40 USD above the ledger; 3 differences of 9.15 USD are open`: how a person is told, in cents. What
 * is open comes first, since only that needs somebody.
 */
export function sentenceOf(period: string, result: ReconciliationResult): string {
  const difference = parsePicoUsd(result.billUsd) - parsePicoUsd(result.ledgerUsd);
  const open = openPicoUsd(result);
  const found = result.codes.filter(({ code, rows }) => code !== 'MATCHED' && rows > 0);
  const rows = found.reduce((sum, total) => sum + total.rows, 0);
  const usd = (amount: PicoUsd) => formatUsdRounded(amount, 2);
  const count = (number: number) => (number === 1 ? '1 difference' : `${number} differences`);
  if (rows === 0) return `ledger and bill agree exactly for ${period}: ${result.billUsd} USD`;
  const openRows = found.filter(({ code }) => CAUSES[code].kind === 'open').reduce((sum, total) => sum + total.rows, 0);
  const explained = `${count(rows)} ${rows === 1 ? 'explains' : 'explain'} ${usd(difference)} USD`;
  if (open === 0n) return `ledger and bill agree for ${period}; ${explained}`;
  const apart = `the bill for ${period} is ${usd(magnitude(difference))} USD ${difference < 0n ? 'below' : 'above'} the ledger`;
  return `${apart}; ${count(openRows)} of ${usd(open)} USD ${openRows === 1 ? 'is' : 'are'} open`;
}

function sumOf(codes: readonly CodeTotal[], isMeant: (code: CauseCode) => boolean): bigint {
  return codes.filter(({ code }) => isMeant(code)).reduce((sum, { apartUsd }) => sum + parsePicoUsd(apartUsd), 0n);
}

/** Every code once, in their order. */
export function completeCodes(found: readonly CodeTotal[]): CodeTotal[] {
  const none = {
    rows: 0,
    billUsd: '0',
    ledgerUsd: '0',
    differenceUsd: '0',
    apartUsd: '0',
    billQuantity: '0',
    ledgerQuantity: '0',
  };
  return CAUSE_CODES.map((code) => found.find((total) => total.code === code) ?? { code, ...none });
}
