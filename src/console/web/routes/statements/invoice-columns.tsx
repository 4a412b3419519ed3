import type { Column } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { add, isZero } from '../../format/decimal.ts';
import type { InvoiceAmounts } from './answers.ts';

/** Parts of an invoice in its order; they add up to the total. */
export const INVOICE_PARTS = [
  ['UsageUsd', 'Usage'],
  ['DiscountsUsd', 'Discounts'],
  ['CorrectionsUsd', 'Corrections'],
  ['CreditsUsd', 'Credits'],
  ['RefundsUsd', 'Refunds'],
  ['FeesUsd', 'Fees'],
  ['TaxUsd', 'Tax'],
] as const satisfies readonly (readonly [keyof InvoiceAmounts, string])[];

/** Columns of amounts; parts that nobody has are left out. */
export function amountColumns<Row extends InvoiceAmounts>(rows: readonly Row[]): Column<Row>[] {
  const shown = INVOICE_PARTS.filter(
    ([member]) => member === 'UsageUsd' || rows.some((row) => !isZero(row[member] as string)),
  );
  return [...shown, ['TotalUsd', 'Total'] as const].map(([member, header]) => ({
    ...{ id: member, header, kind: 'number' },
    text: (row) => row[member],
    cell: (row) => {
      const amount = <Money usd={row[member]} />;
      return member === 'TotalUsd' ? <strong>{amount}</strong> : amount;
    },
  }));
}

/** Sums of the columns, for the foot of a table. */
export function amountSums(rows: readonly InvoiceAmounts[]): Readonly<Record<keyof InvoiceAmounts, string>> {
  const sum = (member: keyof InvoiceAmounts) => add(...rows.map((row) => row[member]));
  return {
    UsageUsd: sum('UsageUsd'),
    DiscountsUsd: sum('DiscountsUsd'),
    CorrectionsUsd: sum('CorrectionsUsd'),
    CreditsUsd: sum('CreditsUsd'),
    RefundsUsd: sum('RefundsUsd'),
    FeesUsd: sum('FeesUsd'),
    TaxUsd: sum('TaxUsd'),
    TotalUsd: sum('TotalUsd'),
  };
}
