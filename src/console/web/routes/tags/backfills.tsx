import { type ReactElement, useState } from 'react';
import { billingPeriodStartMs } from '../../../../kernel/time.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Refusal } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { monthsBack } from '../../time/months.ts';
import type { KeyRow } from './key-table.tsx';
import { OUTDATED_BY_SWITCH } from './tag-calls.ts';

interface History {
  readonly BackfillRequests?: readonly Backfill[];
}

interface Backfill {
  readonly BackfillFrom: string;
  readonly RequestedAt: string;
  readonly CompletedAt?: string;
  readonly BackfillStatus: 'SUCCEEDED' | 'PROCESSING' | 'FAILED';
}

/** A backfill may reach so many months back. */
const MONTHS = 12;

/** Fills the past in by today's statuses, and shows what was filled in before. */
export function Backfills(props: { readonly mayStart: boolean; readonly rows: readonly KeyRow[] }): ReactElement {
  const history = useCall<History>('ce', 'ListCostAllocationTagBackfillHistory');
  const [isAsking, setAsking] = useState(false);
  const backfills = history.data?.BackfillRequests;
  return (
    <Card
      title="Backfill"
      note="Shows the past by today’s statuses"
      flush
      actions={
        props.mayStart && (
          <Button small icon="retry" onClick={() => setAsking(true)}>
            Start a backfill
          </Button>
        )
      }
    >
      {history.error && <ErrorState error={history.error} onRetry={() => void history.refetch()} />}
      {!history.error && !backfills && <Skeleton lines={3} height={100} />}
      {backfills && (
        <DataTable
          label="Backfills"
          columns={COLUMNS}
          rows={backfills}
          rowId={({ RequestedAt }) => RequestedAt}
          sort={{ id: 'requested', descending: true }}
          empty={
            <EmptyState title="The past was never filled in" icon="calendar">
              Reports show a key from its activation on. A backfill shows the months before as well, by the tags that
              their calls had.
            </EmptyState>
          }
        />
      )}
      {isAsking && <BackfillDialog rows={props.rows} onClose={() => setAsking(false)} />}
    </Card>
  );
}

const COLUMNS: readonly Column<Backfill>[] = [
  {
    id: 'from',
    header: 'Usage since',
    text: ({ BackfillFrom }) => BackfillFrom,
    cell: ({ BackfillFrom }) => BackfillFrom.slice(0, 7),
  },
  {
    id: 'status',
    header: 'Status',
    text: ({ BackfillStatus }) => BackfillStatus,
    cell: ({ BackfillStatus }) => (
      <span
        className={`chip ${BackfillStatus === 'SUCCEEDED' ? 'chip-good' : BackfillStatus === 'FAILED' ? 'chip-bad' : 'chip-warn'}`}
      >
        {BackfillStatus.toLowerCase()}
      </span>
    ),
  },
  {
    id: 'requested',
    header: 'Requested',
    text: ({ RequestedAt }) => RequestedAt,
    cell: ({ RequestedAt }) => <TimeText at={RequestedAt} />,
  },
  {
    id: 'completed',
    header: 'Completed',
    text: ({ CompletedAt = '' }) => CompletedAt,
    cell: ({ CompletedAt }) => (CompletedAt === undefined ? '–' : <TimeText at={CompletedAt} zoneHidden />),
  },
];

function BackfillDialog(props: { readonly rows: readonly KeyRow[]; readonly onClose: () => void }): ReactElement {
  const [months] = useState(() => monthsBack(Date.now(), MONTHS + 1));
  const [month, setMonth] = useState(months[1]!);
  const start = useChange('ce', 'StartCostAllocationTagBackfill', ...OUTDATED_BY_SWITCH);
  const run = () =>
    start.mutate(
      { BackfillFrom: new Date(billingPeriodStartMs(month)).toISOString().replace('.000', '') },
      {
        onSuccess: () => {
          toast(`Usage since ${month} shows by today’s statuses`);
          props.onClose();
        },
      },
    );
  const active = props.rows.filter(({ tag }) => tag.Status === 'Active');
  const vanishing = props.rows.filter(({ tag }) => tag.Status === 'Inactive' && tag.Shown.length > 0);
  return (
    <Dialog
      title="Start a backfill"
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="primary" busy={start.isPending} onClick={run}>
            Start
          </Button>
        </>
      }
    >
      <div className="stack">
        <Select
          label="Usage since the start of"
          value={month}
          options={months.map((value) => ({ value, label: value }))}
          onChange={setMonth}
        />
        <ul className="tag-effects">
          <li>
            {active.length === 0
              ? 'No key is active: nothing will show.'
              : `Shown from then on: ${listed(active)}, by the tags that each call had.`}
          </li>
          {vanishing.length > 0 && (
            <li>No longer shown from then on, because it is inactive now: {listed(vanishing)}.</li>
          )}
          <li>
            Explorer, Cost Explorer, budgets and cost categories change at once, exports with their next delivery.
          </li>
          <li>Calls keep every tag, so nothing is lost. A backfill may be started once in 24 hours.</li>
        </ul>
        <Refusal error={start.error} />
      </div>
    </Dialog>
  );
}

function listed(rows: readonly KeyRow[]): string {
  const names = rows.slice(0, 6).map(({ key }) => key);
  return rows.length > names.length ? `${names.join(', ')} and ${rows.length - names.length} more` : names.join(', ');
}
