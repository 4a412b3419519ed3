import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { millisecondsOf, TimeText } from '../../components/time.tsx';

interface Execution {
  readonly ExecutionId: string;
  readonly ExecutionStatus: {
    readonly StatusCode: string;
    readonly StatusReason?: string;
    readonly CreatedAt: string;
    readonly CompletedAt?: string;
  };
}

const LOOK_MS = 2_000;
const FINAL = new Set(['DELIVERY_SUCCESS', 'QUERY_FAILURE', 'DELIVERY_FAILURE']);

/** Refreshes of an export, newest first. */
export function Executions(props: { readonly exportArn: string; readonly isRunning: boolean }): ReactElement {
  const executions = useCall<{ readonly Executions?: readonly Execution[] }>(
    'bcm-data-exports',
    'ListExecutions',
    { ExportArn: props.exportArn, MaxResults: 100 },
    { ...(props.isRunning && { everyMs: LOOK_MS }) },
  );
  if (executions.error) return <ErrorState error={executions.error} onRetry={() => void executions.refetch()} />;
  if (!executions.data) return <Skeleton lines={5} height={200} />;
  return (
    <Card title="Executions" note="the last fifty" flush>
      <DataTable
        label="Executions"
        columns={COLUMNS}
        rows={executions.data.Executions ?? []}
        rowId={({ ExecutionId }) => ExecutionId}
        sort={{ id: 'begun', descending: true }}
        empty={<EmptyState title="It has never run" icon="export" />}
      />
    </Card>
  );
}

const COLUMNS: readonly Column<Execution>[] = [
  {
    id: 'begun',
    header: 'Begun',
    text: ({ ExecutionStatus }) => ExecutionStatus.CreatedAt,
    cell: ({ ExecutionStatus }) => <TimeText at={ExecutionStatus.CreatedAt} show="second" />,
  },
  {
    id: 'status',
    header: 'Status',
    text: ({ ExecutionStatus }) => ExecutionStatus.StatusCode,
    cell: ({ ExecutionStatus }) => <ExecutionChip status={ExecutionStatus} />,
  },
  {
    id: 'took',
    header: 'Took',
    kind: 'number',
    text: ({ ExecutionStatus: { CreatedAt, CompletedAt } }) =>
      CompletedAt === undefined ? '' : ((millisecondsOf(CompletedAt) - millisecondsOf(CreatedAt)) / 1_000).toFixed(1),
    cell: ({ ExecutionStatus: { CreatedAt, CompletedAt } }) =>
      CompletedAt === undefined
        ? '–'
        : `${((millisecondsOf(CompletedAt) - millisecondsOf(CreatedAt)) / 1_000).toFixed(1)} s`,
  },
  {
    id: 'id',
    header: 'Execution id',
    text: ({ ExecutionId }) => ExecutionId,
    cell: ({ ExecutionId }) => <code>{ExecutionId}</code>,
  },
];

function ExecutionChip({ status }: { readonly status: Execution['ExecutionStatus'] }): ReactElement {
  const { StatusCode, StatusReason } = status;
  const look = StatusCode === 'DELIVERY_SUCCESS' ? 'chip-good' : FINAL.has(StatusCode) ? 'chip-bad' : 'chip-warn';
  const words = StatusCode.toLowerCase().replaceAll('_', ' ');
  return (
    <span className={`chip ${look}`}>
      {StatusReason ? `${words}: ${StatusReason.toLowerCase().replaceAll('_', ' ')}` : words}
    </span>
  );
}
