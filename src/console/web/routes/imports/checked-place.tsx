import type { ReactElement } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Count } from '../../components/figures.tsx';
import { EmptyState } from '../../components/states.tsx';
import { sentence } from '../../format/sentence.ts';
import { DeliveryFindings } from './findings.tsx';
import type { PlaceCheck } from './import-calls.ts';

type Delivery = PlaceCheck['Deliveries'][number];

/** What an import of a place would find, what would keep it from being imported, and what it could not answer. */
export function CheckedPlace({ check }: { readonly check: PlaceCheck }): ReactElement {
  const { Deliveries, Problems, Ignored } = check;
  const isComplete = Deliveries.length > 0 && Deliveries.every(({ Findings }) => Findings.length === 0);
  return (
    <section className="stack" aria-label="What an import would find">
      <DataTable
        label="Deliveries"
        columns={COLUMNS}
        rows={Deliveries}
        rowId={(one) => `${one.BillingPeriod ?? ''}/${one.ExecutionId}`}
        empty={<EmptyState title="No bill that can be imported" icon="export" />}
      />
      {Ignored.length > 0 && <p className="soft small">Passed over: {Ignored.map(({ Path }) => Path).join(', ')}</p>}
      {Problems.length > 0 && (
        <ul className="stack">
          {Problems.map(({ File, Text }) => (
            <li key={`${File ?? ''}/${Text}`}>
              <span className="chip chip-bad">refused</span>{' '}
              {File !== undefined && <code className="mono">{File}</code>} {sentence(Text)}
            </li>
          ))}
        </ul>
      )}
      <DeliveryFindings deliveries={Deliveries} />
      {isComplete && <p>No column is missing.</p>}
    </section>
  );
}

const COLUMNS: readonly Column<Delivery>[] = [
  { id: 'period', header: 'Billing period', text: ({ BillingPeriod }) => BillingPeriod ?? 'in the rows' },
  { id: 'format', header: 'Format', text: ({ Format }) => Format },
  { id: 'layout', header: 'Layout', text: ({ Layout }) => Layout },
  { id: 'files', header: 'Files', kind: 'number', text: ({ Files }) => String(Files) },
  {
    id: 'bytes',
    header: 'Bytes',
    kind: 'number',
    text: ({ Bytes }) => Bytes,
    cell: ({ Bytes }) => <Count value={Bytes} short />,
  },
  {
    id: 'rows',
    header: 'Rows',
    kind: 'number',
    text: ({ Rows }) => Rows ?? 'unknown',
    cell: ({ Rows }) => (Rows === undefined ? 'unknown' : <Count value={Rows} />),
  },
  { id: 'imported', header: 'Imported', text: ({ IsImported }) => (IsImported ? 'as it is' : 'not yet') },
];
