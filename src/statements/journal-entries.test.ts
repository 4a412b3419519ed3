import { describe, expect, it } from 'vitest';
import { journalCsv, journalEntries } from './journal-entries.ts';
import type { LineKind, Statement, StatementState } from './statement.ts';

const ACCOUNTS = { ledgerAccounts: { debit: '6400', credit: '2400', creditCostCenter: 'platform' } };
const version = (ordinal: number, amounts: readonly (readonly [LineKind, string])[]): Statement => ({
  ...{ number: 'CHB-2026-0001', version: ordinal, definitionId: 'd', definitionName: 'Teams', kind: 'chargeback' },
  ...{ key: { tag: 'iamPrincipal/team' }, paper: 'A4', title: '=search', costCenter: 'CC-1', debitAccount: '6401' },
  ...{ issuedAtMs: Date.UTC(2026, 10, 2 + ordinal), issuedBy: 'arn', dueAtMs: 0, isFinal: true },
  ...{ bill: { usd: '0', amount: '0.00' }, period: '2026-10', value: 'search' },
  lines: amounts.map(([kind, amount]) => ({ kind, text: '', netUsd: amount, amount })),
  ...{ month: { usd: '0', amount: '0.00' }, corrections: { usd: '0', amount: '0.00' } },
  total: { usd: '0', amount: '0.00' },
});
const state = (latest: number, more: Partial<StatementState> = {}): StatementState => ({
  ...{ number: 'CHB-2026-0001', definitionId: 'd', period: '2026-10', value: 'search', version: latest },
  ...{ status: 'issued', events: [], deliveries: [], ...more },
});
const shown = (...args: Parameters<typeof journalEntries>) =>
  journalEntries(...args).map(({ entry, date, side, account, amount }) =>
    [entry, date, side, account, amount].join(' '),
  );

describe('journal entries', () => {
  it('debit whom the statement is for, by part; what is below zero goes the other way', () => {
    const first = version(1, [
      ['usage', '10.00'],
      ['late', '0.50'],
      ['tax', '0.00'],
      ['credit', '-2.00'],
    ]);
    expect(shown([{ state: state(1), versions: [first] }], ACCOUNTS)).toEqual([
      'CHB-2026-0001/1/usage 2026-11-03 debit 6401 10.50',
      'CHB-2026-0001/1/usage 2026-11-03 credit 2400 10.50',
      'CHB-2026-0001/1/charges 2026-11-03 debit 2400 2.00',
      'CHB-2026-0001/1/charges 2026-11-03 credit 6401 2.00',
    ]);
  });

  it('of a version that was superseded or voided are booked back on that day', () => {
    const versions = [version(1, [['usage', '10.00']]), version(2, [['usage', '9.00']])];
    const voided = { status: 'voided', version: 2, atMs: Date.UTC(2026, 10, 9), by: 'arn' } as const;
    const entries = shown([{ state: state(2, { status: 'voided', events: [voided] }), versions }], ACCOUNTS);
    expect(entries.filter((line) => line.includes(' debit '))).toEqual([
      'CHB-2026-0001/1/usage 2026-11-03 debit 6401 10.00',
      'CHB-2026-0001/1/usage/reversed 2026-11-04 debit 2400 10.00',
      'CHB-2026-0001/2/usage 2026-11-04 debit 6401 9.00',
      'CHB-2026-0001/2/usage/reversed 2026-11-09 debit 2400 9.00',
    ]);
  });

  it('are CSV in the columns that a ledger wants, with no formula in a cell', () => {
    const lines = journalEntries([{ state: state(1), versions: [version(1, [['usage', '10.00']])] }], ACCOUNTS);
    const columns = [
      { name: 'Amount', field: 'signedAmount' },
      { name: 'For', field: 'value' },
      { name: '=Memo', field: 'memo' },
    ];
    expect(journalCsv(lines, columns)).toBe(
      [
        "Amount,For,'=Memo",
        '10.00,search,"inference 2026-10, usage, =search"',
        '-10.00,search,"inference 2026-10, usage, =search"',
        '',
      ].join('\r\n'),
    );
  });
});
