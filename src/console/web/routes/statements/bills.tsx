import { type ReactElement, useState } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { ConfirmDialog, Dialog } from '../../components/dialog.tsx';
import { Money } from '../../components/figures.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import type { BillingPeriod, Invoice, InvoiceSummary } from './answers.ts';
import { amountColumns, amountSums } from './invoice-columns.tsx';
import { useInvoices } from './use-statements.ts';

const STATES: Readonly<Record<BillingPeriod['State'], readonly [look: string, words: string]>> = {
  OPEN: ['', 'Open: estimates'],
  CLOSING: ['chip-warn', 'Over, not closed'],
  FINAL: ['chip-good', 'Final'],
};

/** Billing periods with their invoices, and closing what is over. */
export function Bills({ periods }: { readonly periods: readonly BillingPeriod[] }): ReactElement {
  const invoices = useInvoices();
  const may = useMay('tallyline:CloseBillingPeriod');
  const [opened, setOpened] = useState<InvoiceSummary>();
  const [closing, setClosing] = useState<string>();
  if (invoices.error) return <ErrorState error={invoices.error} onRetry={() => void invoices.refetch()} />;
  if (!invoices.data) return <Skeleton lines={6} height={260} />;
  const rows = invoices.data.Invoices;
  const overdue = periods.filter(({ State }) => State === 'CLOSING');
  return (
    <>
      {overdue.length > 0 && (
        <Card title="To be closed" note="in their order; then nothing in them changes any more">
          <ul className="stack">
            {overdue.map(({ BillingPeriod: period }) => (
              <li key={period} className="row spread">
                <span>
                  <strong>{period}</strong> is over; its figures are estimates, and can be re-rated and charged.
                </span>
                <Button disabled={!may('tallyline:CloseBillingPeriod')} onClick={() => setClosing(period)}>
                  Close {period}
                </Button>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Card title="Invoices" note="one for each seller and month" flush>
        <DataTable
          label="Invoices"
          rows={rows}
          rowId={({ BillingPeriod: period, Seller }) => `${period} ${Seller}`}
          onOpen={setOpened}
          download="invoices"
          empty={<EmptyState title="Nothing was billed yet" icon="statement" />}
          columns={[
            {
              id: 'period',
              header: 'Month',
              text: ({ BillingPeriod: period }) => period,
              cell: (invoice) => (
                <button type="button" className="text-button" onClick={() => setOpened(invoice)}>
                  {invoice.BillingPeriod}
                </button>
              ),
            },
            { id: 'seller', header: 'Seller', text: ({ Seller }) => Seller },
            {
              id: 'state',
              header: 'State',
              text: ({ State }) => State,
              cell: ({ State }) => <span className={`chip ${STATES[State][0]}`}>{STATES[State][1]}</span>,
            },
            {
              id: 'number',
              header: 'Invoice',
              text: ({ InvoiceId = '' }) => InvoiceId,
              cell: ({ InvoiceId }) =>
                InvoiceId ? <code>{InvoiceId}</code> : <span className="faint">when it is closed</span>,
            },
            ...amountColumns(rows),
          ]}
        />
      </Card>
      {opened && (
        <InvoiceDialog
          invoice={opened}
          finalAt={periods.find(({ BillingPeriod: period }) => period === opened.BillingPeriod)?.FinalAt}
          onClose={() => setOpened(undefined)}
        />
      )}
      {closing !== undefined && <CloseDialog period={closing} onClose={() => setClosing(undefined)} />}
    </>
  );
}

function InvoiceDialog(props: {
  readonly invoice: InvoiceSummary;
  readonly finalAt: string | undefined;
  readonly onClose: () => void;
}): ReactElement {
  const { BillingPeriod: period, Seller, InvoiceId } = props.invoice;
  const { data, error, refetch } = useCall<{ readonly Invoice: Invoice }>('tallyline', 'GetInvoice', {
    BillingPeriod: period,
    Seller,
  });
  const accounts = data?.Invoice.Accounts ?? [];
  const sums = amountSums(accounts);
  return (
    <Dialog title={`${period} · ${Seller}`} wide onClose={props.onClose}>
      <p className="soft">
        {InvoiceId ? (
          <>
            Invoice <code>{InvoiceId}</code>
            {props.finalAt && (
              <>
                , final since <TimeText at={props.finalAt} />
              </>
            )}
          </>
        ) : (
          'No invoice yet: the figures are estimates.'
        )}
      </p>
      {error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Skeleton lines={4} height={160} />}
      {data && (
        <Card flush>
          <DataTable
            label="Accounts of the invoice"
            rows={accounts}
            rowId={({ AccountId }) => AccountId}
            download={`invoice-${period}`}
            empty={<EmptyState title="No account has anything on it" icon="statement" />}
            columns={[
              { id: 'account', header: 'Account', text: ({ AccountId }) => AccountId },
              ...amountColumns(accounts),
            ]}
            foot={{
              account: 'All',
              ...Object.fromEntries(
                Object.entries(sums).map(([member, sum]) => [member, <Money key={member} usd={sum} />]),
              ),
            }}
          />
        </Card>
      )}
    </Dialog>
  );
}

function CloseDialog({ period, onClose }: { readonly period: string; readonly onClose: () => void }): ReactElement {
  const close = useChange<object, { readonly BillingPeriod: string }>(
    'tallyline',
    'CloseBillingPeriod',
    ['tallyline', 'ListBillingPeriods'],
    ['tallyline', 'ListInvoices'],
    ['tallyline', 'ListCharges'],
    ['tallyline', 'GetReport'],
  );
  return (
    <ConfirmDialog
      title={`Close ${period}?`}
      verb={`Close ${period}`}
      busy={close.isPending}
      error={close.error?.message}
      onClose={onClose}
      onConfirm={() =>
        close.mutate(
          { BillingPeriod: period },
          {
            onSuccess: () => {
              toast(`${period} is final`);
              onClose();
            },
          },
        )
      }
    >
      Credits are drawn, taxes added and the invoices numbered. Its figures never change again: what comes later is a
      correction in the month that is open then.
    </ConfirmDialog>
  );
}
