import { expect, it } from 'vitest';
import { BudgetSchedule } from './budget-schedule.ts';

it('takes accounts in turn, so that one with very many budgets holds up no other', async () => {
  const looked: string[] = [];
  const many = Array.from({ length: 20_000 }, (_, index) => ({ accountId: 'a', name: `${index}` }));
  const schedule = new BudgetSchedule({
    all: () => [...many, { accountId: 'b', name: 'guard' }, { accountId: 'b', name: 'other' }],
    look: async ({ accountId, name }) => {
      looked.push(`${accountId} ${name}`);
      await new Promise((resolve) => setImmediate(resolve));
    },
    refreshMs: 3_600_000,
    onTrouble: () => {},
  });
  schedule.start();
  while (looked.length < 8) await new Promise((resolve) => setImmediate(resolve));
  schedule.soon({ accountId: 'b', name: 'guard' });
  while (looked.length < 12) await new Promise((resolve) => setImmediate(resolve));
  await schedule.stop();
  expect(looked.slice(0, 8)).toEqual(['a 0', 'a 1', 'a 2', 'b guard', 'a 3', 'b other', 'a 4', 'a 5']);
  expect(looked.slice(8, 12)).toContain('b guard');
});
