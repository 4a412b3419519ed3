import { useNavigate } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useSession } from '../api/session.ts';
import { useCall, useChange } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { CodeBlock } from '../components/code-block.tsx';
import { Field } from '../components/field.tsx';
import { FormPage } from '../components/form-page.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented, Select } from '../components/select.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { toast } from '../components/toast.tsx';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { type ExportColumn, tableLabel, useExportList, type WireExport } from './exports/export-calls.ts';
import { ColumnPicker } from './new-export/column-picker.tsx';
import { COLUMN_PRESETS, pickedBy } from './new-export/column-preset.ts';
import { DestinationFields } from './new-export/destination-fields.tsx';
import {
  createCommand,
  draftOf,
  type ExportDraft,
  emptyDraft,
  exportOf,
  statementOf,
} from './new-export/export-draft.ts';
import { SampleCard } from './new-export/sample-card.tsx';
import { type ExportableTable, startingProperties } from './new-export/table-property.ts';
import { TableSettings } from './new-export/table-settings.tsx';
import './new-export/new-export.css';

function parse(search: SearchParams) {
  return { edit: textOf(search, 'edit'), table: textOf(search, 'table') };
}

/** Makes an export, or changes the one that `edit` names. */
export function Page(): ReactElement {
  const [{ edit, table }] = useViewState(parse);
  const { Region } = useSession();
  const tables = useCall<{ readonly Tables?: readonly ExportableTable[] }>('bcm-data-exports', 'ListTables');
  const list = useExportList();
  const arn = list.data?.Exports?.find(({ ExportName }) => ExportName === edit)?.ExportArn;
  const found = useCall<{ readonly Export: WireExport }>(
    'bcm-data-exports',
    'GetExport',
    { ExportArn: arn },
    {
      enabled: arn !== undefined,
    },
  );
  const title = edit === undefined ? 'Create an export' : `Change ${edit}`;
  const known = tables.data?.Tables;
  const error = tables.error ?? (edit === undefined ? null : (list.error ?? found.error));
  if (error) return <Frame title={title}>{<ErrorState error={error} onRetry={() => void tables.refetch()} />}</Frame>;
  if (!known || (edit !== undefined && !found.data))
    return <Frame title={title}>{<Skeleton lines={12} height={560} />}</Frame>;
  const first = known.find(({ TableName }) => TableName === table) ?? known[0]!;
  const draft = found.data
    ? draftOf(found.data.Export)
    : { ...emptyDraft(Region), table: first.TableName, properties: startingProperties(first) };
  return (
    <ExportForm title={title} start={draft} tables={known} {...(arn !== undefined && edit !== undefined && { arn })} />
  );
}

function ExportForm(props: {
  readonly title: string;
  readonly start: ExportDraft;
  readonly tables: readonly ExportableTable[];
  /** Of the export that is changed; absent: a new one. */
  readonly arn?: string;
}): ReactElement {
  const { tables, arn } = props;
  const navigate = useNavigate();
  const [draft, setDraft] = useState(props.start);
  const [hasPicked, setPicked] = useState(arn !== undefined);
  const change = (part: Partial<ExportDraft>) => setDraft((before) => ({ ...before, ...part }));
  const table = tables.find(({ TableName }) => TableName === draft.table)!;
  const schema = useCall<{ readonly Schema?: readonly ExportColumn[] }>('bcm-data-exports', 'GetTable', {
    ...{ TableName: draft.table, TableProperties: draft.properties },
  });
  const columns = schema.data?.Schema ?? [];
  // Until somebody picks, the first preset is followed through every change of the table's settings.
  const offered = new Set(columns.map(({ Name }) => Name));
  const picked = hasPicked
    ? (draft.columns ?? []).filter((name) => offered.has(name))
    : pickedBy(COLUMN_PRESETS[0]!, columns);
  const complete: ExportDraft = { ...draft, columns: draft.columns === undefined ? undefined : picked };
  const isReady = draft.name !== '' && (complete.columns === undefined ? draft.statement !== '' : picked.length > 0);

  const done = () => void navigate({ to: `/exports/name/${draft.name}` });
  const outdated = [['bcm-data-exports'], ['tallyline', 'GetExportDelivery']];
  const create = useChange<object>('bcm-data-exports', 'CreateExport', ...outdated);
  const update = useChange<object>('bcm-data-exports', 'UpdateExport', ...outdated);
  const asked = arn === undefined ? create : update;
  const submit = () => {
    const definition = exportOf(complete);
    const onSuccess = () => {
      toast(arn === undefined ? `Created ${draft.name}: the first delivery is under way` : `Changed ${draft.name}`);
      done();
    };
    if (arn === undefined) create.mutate({ Export: definition }, { onSuccess });
    else update.mutate({ ExportArn: arn, Export: definition }, { onSuccess });
  };

  return (
    <FormPage
      title={props.title}
      about={table.Description}
      list="/exports"
      isNew={arn === undefined}
      {...{ isReady, asked }}
      onSubmit={submit}
      aside={
        <>
          <Card title="Query">
            <CodeBlock text={statementOf(complete)} what="the query" maxHeight="180px" />
          </Card>
          <Card title="The same with the AWS CLI">
            <CodeBlock text={createCommand(complete, location.origin)} what="the command" maxHeight="320px" />
          </Card>
        </>
      }
      foot={<SampleCard statement={statementOf(complete)} table={draft.table} properties={draft.properties} />}
    >
      <Card title="Name and table">
        <div className="stack">
          <div className="grid-2">
            <Field label="Name" hint="Letters, digits, - and _. Part of every delivered path.">
              <input
                value={draft.name}
                disabled={arn !== undefined}
                onChange={(event) => change({ name: event.target.value })}
                autoComplete="off"
              />
            </Field>
            <Field label="Description">
              <input
                value={draft.description}
                onChange={(event) => change({ description: event.target.value })}
                autoComplete="off"
              />
            </Field>
          </div>
          {arn === undefined && (
            <Select
              label="Table"
              value={draft.table}
              options={tables.map(({ TableName }) => ({ value: TableName, label: tableLabel(TableName) }))}
              onChange={(name) => {
                const next = tables.find(({ TableName }) => TableName === name)!;
                change({ table: name, properties: startingProperties(next), columns: [] });
                setPicked(false);
              }}
            />
          )}
          <TableSettings table={table} values={draft.properties} onChange={(properties) => change({ properties })} />
        </div>
      </Card>
      <Card
        title="Columns"
        busy={schema.isPlaceholderData}
        actions={
          <Segmented
            label="How to say what is exported"
            value={draft.columns === undefined ? 'sql' : 'columns'}
            options={[
              { value: 'columns', label: 'Pick' },
              { value: 'sql', label: 'Write SQL' },
            ]}
            onChange={(how) =>
              change(how === 'sql' ? { columns: undefined, statement: statementOf(complete) } : { columns: picked })
            }
          />
        }
      >
        {schema.error && <ErrorState error={schema.error} />}
        {draft.columns === undefined ? (
          <Field label="Query" hint="AWS’s subset of SQL: columns of one table, WHERE and LIMIT.">
            <textarea
              className="mono"
              rows={10}
              value={draft.statement}
              onChange={(event) => change({ statement: event.target.value })}
            />
          </Field>
        ) : (
          <ColumnPicker
            columns={columns}
            picked={picked}
            onPick={(next) => {
              setPicked(true);
              change({ columns: next });
            }}
          />
        )}
      </Card>
      <Card title="Delivery" note="up to three times a day, and when it is asked for">
        <DestinationFields draft={draft} onChange={change} />
      </Card>
    </FormPage>
  );
}
