import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useMay } from '../api/session.ts';
import { Card } from '../components/card.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { Count } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { bytesText } from '../format/bytes.ts';
import { type ListedExport, tableLabel, tableOf, useExports } from './exports/export-calls.ts';
import { HealthChip } from './exports/health-chip.tsx';

/** Exports of the account with what they have delivered. */
export function Page(): ReactElement {
  const { exports, error, refetch } = useExports();
  const navigate = useNavigate();
  const may = useMay('bcm-data-exports:CreateExport');
  const create = (
    <Link className="button button-primary" to="/exports/new">
      Create an export
    </Link>
  );
  return (
    <Frame
      title="Data Exports"
      about="CUR 2.0 and FOCUS files for a data lake, refreshed up to three times a day, with the IAM principal of every call."
      actions={may('bcm-data-exports:CreateExport') && create}
    >
      {error && <ErrorState error={error} onRetry={refetch} />}
      {!error && (
        <Card title="Exports" flush>
          {!exports ? (
            <Skeleton lines={5} height={200} />
          ) : (
            <DataTable
              label="Exports"
              columns={COLUMNS}
              rows={exports}
              rowId={({ ExportArn }) => ExportArn}
              sort={{ id: 'name', descending: false }}
              onOpen={({ ExportName }) => void navigate({ to: `/exports/name/${ExportName}` })}
              empty={
                <EmptyState
                  title="Nothing is exported yet"
                  icon="export"
                  action={may('bcm-data-exports:CreateExport') && create}
                >
                  An export writes files of the bill into a bucket: choose the columns, switch the IAM principal on, and
                  query them with DuckDB, Athena or ClickHouse.
                </EmptyState>
              }
            />
          )}
        </Card>
      )}
    </Frame>
  );
}

const filesOf = ({ delivery }: ListedExport) => delivery?.Periods.flatMap(({ Files }) => Files) ?? [];

/** Undefined where some file does not say. */
function sumOf(one: ListedExport, what: 'Bytes' | 'Rows'): number | undefined {
  const numbers = filesOf(one).map((file) => file[what]);
  if (numbers.length === 0 || numbers.some((number) => number === undefined)) return undefined;
  return numbers.reduce<number>((sum, number) => sum + number!, 0);
}

const COLUMNS: readonly Column<ListedExport>[] = [
  {
    id: 'name',
    header: 'Name',
    text: ({ ExportName }) => ExportName,
    cell: ({ ExportName }) => (
      <Link to="/exports/name/$id" params={{ id: ExportName } as never}>
        {ExportName}
      </Link>
    ),
  },
  {
    id: 'table',
    header: 'Table',
    text: ({ definition }) => (definition ? tableLabel(tableOf(definition)) : ''),
  },
  {
    id: 'principals',
    header: 'IAM principals',
    text: ({ definition }) => (hasPrincipals(definition) ? 'yes' : 'no'),
    cell: ({ definition }) =>
      hasPrincipals(definition) ? (
        <span className="chip chip-good">included</span>
      ) : (
        <span className="faint">not included</span>
      ),
  },
  {
    id: 'status',
    header: 'Status',
    text: ({ ExportStatus }) => ExportStatus.StatusCode,
    cell: ({ ExportStatus }) => <HealthChip status={ExportStatus} />,
  },
  {
    id: 'last',
    header: 'Last delivery',
    text: ({ ExportStatus }) => ExportStatus.LastRefreshedAt ?? '',
    cell: ({ ExportStatus }) =>
      ExportStatus.LastRefreshedAt === undefined ? (
        <span className="faint">none yet</span>
      ) : (
        <TimeText at={ExportStatus.LastRefreshedAt} />
      ),
  },
  {
    id: 'files',
    header: 'Files',
    kind: 'number',
    text: (one) => String(filesOf(one).length),
  },
  {
    id: 'rows',
    header: 'Rows',
    kind: 'number',
    text: (one) => String(sumOf(one, 'Rows') ?? ''),
    cell: (one) => figure(sumOf(one, 'Rows')),
  },
  {
    id: 'size',
    header: 'Size',
    kind: 'number',
    text: (one) => String(sumOf(one, 'Bytes') ?? ''),
    cell: (one) => {
      const bytes = sumOf(one, 'Bytes');
      return bytes === undefined ? <span className="faint">–</span> : bytesText(bytes);
    },
  },
];

function figure(number: number | undefined): ReactElement {
  return number === undefined ? <span className="faint">–</span> : <Count value={String(number)} />;
}

function hasPrincipals(definition: ListedExport['definition']): boolean {
  const properties = Object.values(definition?.DataQuery.TableConfigurations ?? {});
  return properties.some(({ INCLUDE_IAM_PRINCIPAL_DATA }) => INCLUDE_IAM_PRINCIPAL_DATA === 'TRUE');
}
