import { type ReactElement, useState } from 'react';
import { Card } from '../../components/card.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { Segmented } from '../../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { type ExportDelivery, fileAddress, tableOf, useExportFile, type WireExport } from '../exports/export-calls.ts';

const LABELS: Readonly<Record<string, string>> = { 'duckdb.sql': 'DuckDB', 'clickhouse.sql': 'ClickHouse' };

const LABELS_OF_VIEWS: ReadonlySet<string> = new Set(Object.values(LABELS));

/** What sets a query engine up on the delivered files, and a question to begin with. */
export function Queries(props: {
  readonly exportArn: string;
  readonly definition: WireExport;
  readonly delivery: ExportDelivery | undefined;
}): ReactElement {
  const { exportArn, definition, delivery } = props;
  const files = delivery?.SetUpFiles.filter((uri) => uri.endsWith('.sql')) ?? [];
  const [chosen, setChosen] = useState<string>();
  const file = chosen ?? files[0];
  const setUp = useExportFile(exportArn, file);
  if (!delivery) return <Skeleton lines={8} height={320} />;
  if (file === undefined) {
    return (
      <EmptyState title="Nothing is delivered yet" icon="table">
        With the first delivery come views for DuckDB and ClickHouse that always read the last whole delivery.
      </EmptyState>
    );
  }
  return (
    <>
      <div>
        <Segmented
          label="Engine"
          value={file}
          options={files.map((value) => ({ value, label: labelOf(value) }))}
          onChange={setChosen}
        />
      </div>
      <Card title="Who spends" note="over what the statements below make">
        <CodeBlock text={questionOf(definition, labelOf(file))} what="the question" />
      </Card>
      <Card
        title={labelOf(file)}
        note="delivered beside the data; reads what the manifests name"
        actions={
          <a className="button button-plain button-small" href={fileAddress(exportArn, file)} download={nameOf(file)}>
            Download
          </a>
        }
      >
        {setUp.error && <ErrorState error={setUp.error} />}
        {!setUp.error && setUp.data === undefined && <Skeleton lines={10} height={320} />}
        {setUp.data !== undefined && <CodeBlock text={setUp.data} what="the statements" maxHeight="420px" />}
      </Card>
    </>
  );
}

function nameOf(uri: string): string {
  return uri.slice(uri.lastIndexOf('/') + 1);
}

/** Athena's and Redshift's files begin with the export's name. */
function labelOf(uri: string): string {
  const name = nameOf(uri);
  return LABELS[name] ?? (name.includes('Redshift') ? 'Redshift' : 'Athena');
}

/** Columns differ between CUR 2.0 and FOCUS, and are those that the export has. */
function questionOf(definition: WireExport, engine: string): string {
  const statement = definition.DataQuery.QueryStatement;
  const has = (name: string) => new RegExp(`\\b${name}\\b`).test(statement);
  const isFocus = tableOf(definition).startsWith('FOCUS');
  const subjects = isFocus
    ? ['x_IamPrincipal', 'SubAccountId', 'ServiceName']
    : ['line_item_iam_principal', 'line_item_usage_account_id', 'line_item_usage_type'];
  const costs = isFocus ? ['EffectiveCost', 'BilledCost'] : ['line_item_unblended_cost'];
  const who = subjects.find(has) ?? subjects.at(-1)!;
  const cost = costs.find(has) ?? costs[0]!;
  const schema = definition.Name.toLowerCase().replaceAll('-', '_');
  // Athena and Redshift have one table, which has the export's name.
  const view = LABELS_OF_VIEWS.has(engine) ? `"${schema}"."${isFocus ? 'focus' : 'cur'}"` : schema;
  return `SELECT ${who}, sum(${cost}) AS usd\nFROM ${view}\nGROUP BY ${who}\nORDER BY usd DESC`;
}
