import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { capitalised, type Difference, type ReconciliationAnswer, type RowsAnswer } from './wire.ts';

/** What is behind one difference: lines of the bill, and calls in the ledger. */
export function RowsDialog(props: {
  readonly answer: ReconciliationAnswer;
  readonly difference: Difference;
  readonly onClose: () => void;
}): ReactElement {
  const { answer, difference, onClose } = props;
  const { data, error, refetch } = useCall<RowsAnswer>('tallyline', 'GetReconciliationRows', {
    ...{ SourceId: answer.SourceId, BillingPeriod: answer.BillingPeriod, Grain: answer.Grain, At: difference.At },
    ...{ Principal: difference.Principal, Callers: difference.Callers, ModelId: difference.ModelId },
    ...{ Meter: difference.Meter, UsageType: difference.UsageType },
  });
  const cause = answer.Codes.find(({ Code }) => Code === difference.Code);
  return (
    <Dialog title={cause ? capitalised(cause.Title) : difference.Code} wide onClose={onClose}>
      <div className="stack">
        <p>
          {cause && capitalised(cause.Meaning)}. The difference is <Money usd={difference.DifferenceUsd} />
          {difference.Note && `; ${difference.Note}`}.
        </p>
        {cause?.Remedy && <p className="soft">What to do: {cause.Remedy}.</p>}
        {error && <ErrorState error={error} onRetry={() => void refetch()} />}
        {!error && !data && <Skeleton lines={4} height={160} />}
        {data && (
          <>
            <h3>In the bill</h3>
            <DataTable
              label="Lines of the bill"
              columns={BILL_COLUMNS}
              rows={data.BillLines}
              rowId={({ FileNumber, LineId, Start }) => `${FileNumber} ${LineId} ${Start}`}
              empty={<p className="soft">No line of the bill has these keys.</p>}
            />
            <h3>In the ledger</h3>
            {data.Requests.length === 0 ? (
              <p className="soft">No call here has these keys.</p>
            ) : (
              <ul className="reconcile-calls">
                {data.Requests.map(({ RequestId, AdmittedAt }) => (
                  <li key={RequestId}>
                    <Link to="/requests/$id" params={{ id: RequestId } as never}>
                      <span className="mono small">{RequestId}</span>
                    </Link>{' '}
                    <TimeText at={AdmittedAt} show="second" zoneHidden />
                  </li>
                ))}
              </ul>
            )}
          </>
        )}
      </div>
    </Dialog>
  );
}

const BILL_COLUMNS: readonly Column<RowsAnswer['BillLines'][number]>[] = [
  { id: 'line', header: 'Line', text: ({ LineId }) => LineId },
  { id: 'file', header: 'File', kind: 'number', text: ({ FileNumber }) => `${FileNumber}` },
  { id: 'start', header: 'From', text: ({ Start }) => Start, cell: ({ Start }) => <TimeText at={Start} zoneHidden /> },
  { id: 'type', header: 'Usage type', text: ({ UsageType, LineType }) => UsageType || LineType },
  {
    ...{ id: 'quantity', header: 'Pieces', kind: 'number', text: ({ Quantity }) => Quantity },
    cell: ({ Quantity }) => <Count value={Quantity} />,
  },
  { id: 'usd', header: 'Cost', kind: 'number', text: ({ Usd }) => Usd, cell: ({ Usd }) => <Money usd={Usd} /> },
];
