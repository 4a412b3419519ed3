import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import type { Charge, Credit } from './answers.ts';
import { ChargeForm } from './charge-form.tsx';

interface Listed {
  readonly Charges: readonly Charge[];
  readonly Credits: readonly Credit[];
  readonly NextToken?: string;
}

/** What is on the bill and is no usage, and the credits that are drawn down at every close. */
export function Charges(): ReactElement {
  const may = useMay('tallyline:CreateCharge');
  const [adding, setAdding] = useState(false);
  const { data, error, refetch } = useCall<Listed>('tallyline', 'ListCharges', { MaxResults: 1000 });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={6} height={280} />;
  return (
    <>
      <Card
        title="Charges"
        note="credits, refunds, fees and taxes, newest first"
        flush
        actions={
          <Button icon="plus" disabled={!may('tallyline:CreateCharge')} onClick={() => setAdding(true)}>
            Add a charge or credit
          </Button>
        }
      >
        <DataTable
          label="Charges"
          rows={data.Charges}
          rowId={({ ChargeId }) => ChargeId}
          download="charges"
          empty={
            <EmptyState title="No charges" icon="statement">
              A fee, tax, refund or credit that the payer adds is one line on the bill of one account.
            </EmptyState>
          }
          columns={[
            { id: 'period', header: 'Month', text: ({ BillingPeriod }) => BillingPeriod },
            { id: 'type', header: 'Kind', text: ({ Type, TaxType }) => (TaxType ? `${Type} (${TaxType})` : Type) },
            { id: 'description', header: 'Description', text: ({ Description }) => Description, wrap: true },
            { id: 'account', header: 'Account', text: ({ AccountId }) => AccountId },
            { id: 'service', header: 'Service', text: ({ Service }) => Service },
            {
              id: 'status',
              header: 'State',
              text: ({ Status }) => Status,
              cell: ({ Status }) => (
                <span className={`chip ${Status === 'BOOKED' ? 'chip-good' : 'chip-warn'}`}>
                  {Status === 'BOOKED' ? 'On the bill' : 'Waits for the store'}
                </span>
              ),
            },
            {
              id: 'amount',
              header: 'Amount',
              kind: 'number',
              text: ({ AmountUsd }) => AmountUsd,
              cell: ({ AmountUsd }) => <Money usd={AmountUsd} />,
            },
          ]}
        />
      </Card>
      {data.NextToken && (
        <PartialNotice look="plain">
          Only the latest 1,000 are shown; <code>tallyline charge list</code> has all.
        </PartialNotice>
      )}
      <Credits credits={data.Credits} />
      {adding && <ChargeForm onClose={() => setAdding(false)} />}
    </>
  );
}

function Credits({ credits }: { readonly credits: readonly Credit[] }): ReactElement {
  return (
    <Card title="Credits to draw down" note="used up at every close, the one that ends first before the others" flush>
      <DataTable
        label="Credits"
        rows={credits}
        rowId={({ CreditId }) => CreditId}
        empty={<EmptyState title="No credits" icon="statement" />}
        columns={[
          { id: 'description', header: 'Description', text: ({ Description }) => Description, wrap: true },
          { id: 'account', header: 'Covers', text: ({ AccountId }) => AccountId ?? 'every account' },
          { id: 'service', header: 'Service', text: ({ Service }) => Service ?? 'every service' },
          { id: 'last', header: 'Last month', text: ({ LastBillingPeriod }) => LastBillingPeriod ?? 'none' },
          {
            id: 'since',
            header: 'Since',
            text: ({ CreatedAt }) => CreatedAt,
            cell: ({ CreatedAt }) => <TimeText at={CreatedAt} show="date" zoneHidden />,
          },
          {
            id: 'amount',
            header: 'Amount',
            kind: 'number',
            text: ({ AmountUsd }) => AmountUsd,
            cell: ({ AmountUsd }) => <Money usd={AmountUsd} />,
          },
          {
            id: 'left',
            header: 'Left',
            kind: 'number',
            text: ({ RemainingUsd }) => RemainingUsd,
            cell: ({ RemainingUsd }) => <Money usd={RemainingUsd} />,
          },
        ]}
      />
    </Card>
  );
}
