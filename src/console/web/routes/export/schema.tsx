import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { type ExportColumn, type ExportSample, tableOf, type WireExport } from '../exports/export-calls.ts';
import { SampleTable } from '../exports/sample-table.tsx';

/** The columns of the files with their meaning, and rows that a delivery would have now. */
export function Schema({ definition }: { readonly definition: WireExport }): ReactElement {
  const { QueryStatement, TableConfigurations = {} } = definition.DataQuery;
  const table = tableOf(definition);
  const sample = useCall<ExportSample>('tallyline', 'GetExportSample', { QueryStatement, TableConfigurations });
  const schema = useCall<{ readonly Schema?: readonly ExportColumn[] }>('bcm-data-exports', 'GetTable', {
    ...{ TableName: table, TableProperties: TableConfigurations[table] ?? {} },
  });
  const error = sample.error ?? schema.error;
  if (error) return <ErrorState error={error} onRetry={() => void sample.refetch()} />;
  if (!sample.data || !schema.data) return <Skeleton lines={10} height={420} />;
  const meanings = new Map(schema.data.Schema?.map(({ Name, Description = '' }) => [Name, Description]));
  const columns = sample.data.Columns.map(({ Name, Type }) => ({ Name, Type, Description: meanings.get(Name) ?? '' }));
  return (
    <>
      <Card title="Sample rows" note="that a delivery would have now" flush>
        <SampleTable sample={sample.data} />
      </Card>
      <Card title="Columns" flush>
        <DataTable
          label="Columns"
          columns={COLUMNS}
          rows={columns}
          rowId={({ Name }) => Name}
          maxHeight="420px"
          empty={null}
        />
      </Card>
      <Card title="Query">
        <CodeBlock text={QueryStatement} what="the query" maxHeight="220px" />
      </Card>
    </>
  );
}

const COLUMNS: readonly Column<ExportColumn>[] = [
  { id: 'name', header: 'Name', text: ({ Name }) => Name, cell: ({ Name }) => <code>{Name}</code> },
  { id: 'type', header: 'Type', text: ({ Type }) => Type },
  { id: 'meaning', header: 'Meaning', wrap: true, text: ({ Description = '' }) => Description },
];
