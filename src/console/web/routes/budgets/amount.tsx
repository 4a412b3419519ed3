import type { ReactElement } from 'react';
import { Count, Money } from '../../components/figures.tsx';
import { compactMoney, count, money } from '../../format/amounts.ts';
import type { BudgetUnit } from './answers.ts';

const WORDS: Readonly<Record<Exclude<BudgetUnit, 'USD'>, string>> = {
  tokens: 'tokens',
  requests: 'calls',
  concurrency: 'at once',
};

/** An amount in the unit of a budget. */
export function Amount({ unit, value }: { readonly unit: BudgetUnit; readonly value: string }): ReactElement {
  if (unit === 'USD') return <Money usd={value} />;
  return (
    <span>
      <Count value={value} short={unit === 'tokens'} /> {WORDS[unit]}
    </span>
  );
}

export function amountText(unit: BudgetUnit, value: string, short = false): string {
  if (unit === 'USD') return short ? compactMoney(value) : money(value);
  return `${count(value)} ${WORDS[unit]}`;
}
