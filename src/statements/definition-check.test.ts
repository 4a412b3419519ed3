import { describe, expect, it } from 'vitest';
import { checkDefinition, checkUnchanged } from './definition-check.ts';
import type { SharedCost, StatementDefinition } from './statement-definition.ts';

const TEAMS: StatementDefinition = {
  ...{ id: 'one', name: 'Teams', kind: 'showback', prefix: 'SHB', key: { tag: 'iamPrincipal/team' }, book: 'primary' },
  ...{ detail: 'model', sharedCosts: [], values: [], recipients: [], minimumUsd: '0', dueDays: 30, paper: 'A4' },
  ledgerAccounts: { debit: '', credit: '', creditCostCenter: '' },
  ...{ createdAtMs: 0, updatedAtMs: 0 },
};
const shared = (more: Partial<SharedCost>): Partial<StatementDefinition> => ({
  sharedCosts: [{ name: 'Support', values: ['support'], charges: [], rule: 'cost', ...more }],
});

describe('a definition', () => {
  it.each<readonly [message: string, Partial<StatementDefinition>]>([
    ['the minimum amount `ten` is no decimal number', { minimumUsd: 'ten' }],
    ['must not be negative', { minimumUsd: '-1' }],
    ['needs the ledger accounts', { kind: 'chargeback' }],
    [
      '`a` is described twice',
      {
        values: [
          { value: 'a', recipients: [] },
          { value: 'a', recipients: [] },
        ],
      },
    ],
    ['`Support` shares nothing', shared({ values: [] })],
    ['`support` is shared itself', shared({ among: ['support'] })],
    ['nobody bears `Support`', shared({ among: [] })],
    ['has percentages', shared({ percentages: ['100'] })],
    ['needs a percentage for each value', shared({ rule: 'fixed', among: ['a', 'b'], percentages: ['100'] })],
    ['`1/3` is no percentage', shared({ rule: 'fixed', among: ['a'], percentages: ['1/3'] })],
    ['must sum to 100', shared({ rule: 'fixed', among: ['a', 'b'], percentages: ['50', '49.9999'] })],
    [
      '`support` is shared twice',
      { sharedCosts: ['one', 'two'].map((name) => ({ name, values: ['support'], charges: [], rule: 'even' })) },
    ],
  ])('is refused: %s', (message, change) => {
    expect(() => checkDefinition({ ...TEAMS, ...change })).toThrow(message);
  });

  it('keeps what numbers and corrections rest on once something was issued', () => {
    expect(() => checkUnchanged(TEAMS, { ...TEAMS, name: 'All teams', minimumUsd: '5' })).not.toThrow();
    expect(() => checkUnchanged(TEAMS, { ...TEAMS, book: 'bill' })).toThrow('create another definition');
  });
});
