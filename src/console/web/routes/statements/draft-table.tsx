import type { ReactElement } from 'react';
import { DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState, PartialNotice } from '../../components/states.tsx';
import { add, isZero } from '../../format/decimal.ts';
import type { MonthDraft } from './statement-calls.ts';

/** Statements that are not issued: whose, how much, and that together they are the bill. */
export function DraftTable({ draft }: { readonly draft: MonthDraft }): ReactElement {
  const { BillingPeriod, BillAmount, Statements, Carried } = draft;
  const month = add(...[...Statements, ...Carried].map(({ MonthAmount }) => MonthAmount));
  const rows = [
    ...Statements.map((one) => ({ ...one, note: '' })),
    ...Carried.filter(({ TotalAmount }) => TotalAmount !== '0.00').map((one) => ({
      ...one,
      note: 'carried: below the minimum',
    })),
  ];
  return (
    <>
      <DataTable
        label={`Statements of ${BillingPeriod}`}
        rows={rows}
        rowId={({ Value }) => Value}
        maxHeight="360px"
        empty={<EmptyState title={`Nothing is on the bill of ${BillingPeriod}`} icon="statement" />}
        columns={[
          {
            id: 'value',
            header: 'For',
            text: ({ Value }) => Value,
            cell: ({ Value, note }) => (
              <span>
                <NameBadge name={Value} none="no value" /> {note && <span className="faint small">{note}</span>}
              </span>
            ),
          },
          {
            id: 'month',
            header: 'Month',
            kind: 'number',
            text: ({ MonthAmount }) => MonthAmount,
            cell: ({ MonthAmount }) => <Money usd={MonthAmount} />,
          },
          {
            id: 'corrections',
            header: 'Corrections',
            kind: 'number',
            hidden: rows.every(({ CorrectionsAmount }) => isZero(CorrectionsAmount)),
            text: ({ CorrectionsAmount }) => CorrectionsAmount,
            cell: ({ CorrectionsAmount }) => <Money usd={CorrectionsAmount} />,
          },
          {
            id: 'total',
            header: 'Total',
            kind: 'number',
            text: ({ TotalAmount }) => TotalAmount,
            cell: ({ TotalAmount }) => <Money usd={TotalAmount} />,
          },
        ]}
        foot={{ value: 'All', month: <Money usd={month} /> }}
      />
      {add(month) === add(BillAmount) ? (
        <p className="reconciled">
          <Icon name="check" size={15} />
          <span>
            The months of all statements are the bill of <Money usd={BillAmount} />, to the cent.
          </span>
        </p>
      ) : (
        <PartialNotice look="bad">
          The bill is <Money usd={BillAmount} />: this should not be; ask for it again.
        </PartialNotice>
      )}
    </>
  );
}
