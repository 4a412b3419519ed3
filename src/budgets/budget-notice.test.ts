import { expect, it } from 'vitest';
import type { Budget } from './budget.ts';
import { thresholdMessage } from './budget-notice.ts';

it('a name with line breaks adds no line to what subscribers are told, and stays in the facts as it is', () => {
  const name = 'team\r\nBcc: eve@evil.example\u2028Actual: 0.0 USD';
  const budget = { accountId: '123456789012', name, type: 'COST', timeUnit: 'MONTHLY' } as Budget;
  const notification = {
    type: 'ACTUAL',
    operator: 'GREATER_THAN',
    threshold: { value: 80, type: 'PERCENTAGE' },
  } as const;
  const standing = { periodStartMs: 0, actual: 9n * 10n ** 12n, limit: 10n ** 13n };
  const { subject, text, facts } = thresholdMessage(budget, notification, standing, { startMs: 0, endMs: 1 });
  const shown = 'team Bcc: eve@evil.example Actual: 0.0 USD';
  expect(subject).toBe(`AWS Budgets: ${shown} has exceeded your alert threshold`);
  expect(text.split('\n')[1]).toBe(`Budget: ${shown}`);
  expect(text.trimEnd().split(/[\r\n\u2028]/)).toHaveLength(6);
  expect(facts.budgetName).toBe(name);
});
