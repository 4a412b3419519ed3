import { type ReactElement, useMemo } from 'react';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { EmptyState } from '../../components/states.tsx';
import type { ExportSample } from './export-calls.ts';
import './sample-table.css';

type Row = { readonly id: string; readonly values: Readonly<Record<string, unknown>> };

/** Rows as they stand in a file: every column by its name. */
export function SampleTable({ sample }: { readonly sample: ExportSample }): ReactElement {
  const columns = useMemo(
    () =>
      sample.Columns.map(({ Name, Type }): Column<Row> => {
        const text = ({ values }: Row) => textOf(values[Name]);
        return {
          ...{ id: Name, header: Name, text },
          ...(Type === 'double' && { kind: 'number' as const }),
          cell: (row) =>
            text(row) === '' ? <span className="faint">null</span> : <span className="sample-value">{text(row)}</span>,
        };
      }),
    [sample],
  );
  const rows = sample.Rows.map((values, index): Row => ({ id: String(index), values }));
  return (
    <DataTable
      label="Sample rows"
      columns={columns}
      rows={rows}
      rowId={({ id }) => id}
      maxHeight="360px"
      empty={
        <EmptyState title="The query lets no row of this month through" icon="table">
          There is no usage yet, or the WHERE clause leaves it all out.
        </EmptyState>
      }
    />
  );
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
