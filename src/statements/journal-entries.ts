import { csvText } from '../kernel/csv-text.ts';
import { magnitude } from '../kernel/money.ts';
import { type Cents, formatCents, parseCents } from './cents.ts';
import type { LineKind, Statement, StatementState } from './statement.ts';
import type { StatementDefinition } from './statement-definition.ts';

/** One side of an entry. Debits and credits of an entry are equal. */
export interface JournalLine {
  /** The same for both sides, and the same whenever it is asked for: `CHB-2026-0001/1/usage`. */
  readonly entry: string;
  /** `2026-11-03`. */
  readonly date: string;
  readonly account: string;
  readonly costCenter: string;
  readonly side: 'debit' | 'credit';
  /** Positive. */
  readonly amount: string;
  readonly currency: 'USD';
  readonly reference: string;
  readonly memo: string;
  readonly period: string;
  readonly value: string;
}

/** What of a statement is booked in one amount. */
type Section = 'usage' | 'charges' | 'tax' | 'shared' | 'corrections';

const SECTIONS: Readonly<Record<LineKind, Section>> = {
  usage: 'usage',
  late: 'usage',
  credit: 'charges',
  refund: 'charges',
  fee: 'charges',
  discount: 'charges',
  tax: 'tax',
  'shared-in': 'shared',
  'shared-out': 'shared',
  earlier: 'corrections',
};

/** A statement with all its versions, the first one first. */
export interface StatementHistory {
  readonly state: StatementState;
  readonly versions: readonly Statement[];
}

/**
 * The journal of statements: every version is booked when it is issued, and booked back when another supersedes it or it is
 * voided. So what was taken over before stays right, and entries are known again by their names.
 */
export function journalEntries(
  histories: readonly StatementHistory[],
  { ledgerAccounts }: Pick<StatementDefinition, 'ledgerAccounts'>,
): JournalLine[] {
  return histories.flatMap(({ state, versions }) =>
    versions.flatMap((statement, index) => {
      const voided = state.events.findLast(({ status }) => status === 'voided');
      const endMs = versions[index + 1]?.issuedAtMs ?? voided?.atMs;
      const booked = entriesOf(statement, ledgerAccounts, statement.issuedAtMs, '');
      if (endMs === undefined) return booked;
      return [...booked, ...entriesOf(statement, ledgerAccounts, endMs, '/reversed')];
    }),
  );
}

function entriesOf(
  statement: Statement,
  accounts: StatementDefinition['ledgerAccounts'],
  atMs: number,
  suffix: '' | '/reversed',
): JournalLine[] {
  const { number, version, period, value, title, lines, costCenter, debitAccount } = statement;
  const sums = new Map<Section, Cents>();
  for (const { kind, amount } of lines) {
    const section = SECTIONS[kind];
    sums.set(section, (sums.get(section) ?? 0n) + parseCents(amount));
  }
  return [...sums].flatMap(([section, sum]): JournalLine[] => {
    const cents = suffix === '' ? sum : -sum;
    if (cents === 0n) return [];
    const common = {
      ...{ entry: `${number}/${version}/${section}${suffix}`, date: new Date(atMs).toISOString().slice(0, 10) },
      ...{ amount: formatCents(magnitude(cents)), currency: 'USD' as const },
      ...{ reference: `${number}/${version}`, period, value },
      memo: `${suffix === '' ? '' : 'reversal: '}inference ${period}, ${section}, ${title || 'no value'}`,
    };
    const charged = { account: debitAccount, costCenter };
    const relieved = { account: accounts.credit, costCenter: accounts.creditCostCenter };
    return [
      { ...common, ...(cents > 0n ? charged : relieved), side: 'debit' },
      { ...common, ...(cents > 0n ? relieved : charged), side: 'credit' },
    ];
  });
}

/** What a column of the export holds. */
const FIELDS: Readonly<Record<string, (line: JournalLine) => string>> = {
  date: ({ date }) => date,
  entry: ({ entry }) => entry,
  account: ({ account }) => account,
  costCenter: ({ costCenter }) => costCenter,
  side: ({ side }) => side,
  amount: ({ amount }) => amount,
  /** Negative for credits. */
  signedAmount: ({ side, amount }) => (side === 'debit' ? amount : `-${amount}`),
  debit: ({ side, amount }) => (side === 'debit' ? amount : ''),
  credit: ({ side, amount }) => (side === 'credit' ? amount : ''),
  currency: ({ currency }) => currency,
  reference: ({ reference }) => reference,
  memo: ({ memo }) => memo,
  period: ({ period }) => period,
  value: ({ value }) => value,
};
export const JOURNAL_FIELDS = Object.keys(FIELDS);

export interface JournalColumn {
  readonly name: string;
  /** One of `JOURNAL_FIELDS`. */
  readonly field: string;
}

/** What most ledgers take as they are told which column is which. */
export const GENERIC_LEDGER: readonly JournalColumn[] = [
  { name: 'date', field: 'date' },
  { name: 'entry', field: 'entry' },
  { name: 'account', field: 'account' },
  { name: 'cost_center', field: 'costCenter' },
  { name: 'debit', field: 'debit' },
  { name: 'credit', field: 'credit' },
  { name: 'currency', field: 'currency' },
  { name: 'reference', field: 'reference' },
  { name: 'memo', field: 'memo' },
];

export function journalCsv(lines: readonly JournalLine[], columns: readonly JournalColumn[]): string {
  const rows = lines.map((line) => columns.map(({ field }) => FIELDS[field]!(line)));
  return `${csvText([columns.map(({ name }) => name), ...rows])}\r\n`;
}
