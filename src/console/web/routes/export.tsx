import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { type ReactElement, useState } from 'react';
import { useMay } from '../api/session.ts';
import { useCall, useChange } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { Tabs } from '../components/tabs.tsx';
import { toast } from '../components/toast.tsx';
import { choiceOf, type SearchParams, useViewState } from '../display/view-state.ts';
import { sentence } from '../format/sentence.ts';
import { Executions } from './export/executions.tsx';
import { ExportFacts } from './export/export-facts.tsx';
import { Files } from './export/files.tsx';
import { Queries } from './export/queries.tsx';
import { Schema } from './export/schema.tsx';
import { type ExportDelivery, type ExportReference, useExportList, type WireExport } from './exports/export-calls.ts';

const TABS = ['files', 'executions', 'schema', 'query'] as const;
const TAB_LABELS = { files: 'Files', executions: 'Executions', schema: 'Schema and sample', query: 'Query it' };
/** While something is under way it is looked at so often. */
const LOOK_MS = 2_000;

interface RunAnswer {
  readonly Status: string;
  readonly Reason?: string;
  readonly DataFiles: readonly string[];
}

function parse(search: SearchParams) {
  return { tab: choiceOf(search, 'tab', TABS) };
}

/** One export: what it is, what it has delivered, and how to query it. */
export function Page(): ReactElement {
  const { id: name } = useParams({ strict: false }) as { readonly id: string };
  const list = useExportList();
  const reference = list.data?.Exports?.find(({ ExportName }) => ExportName === name);
  if (list.error)
    return <Frame title={name}>{<ErrorState error={list.error} onRetry={() => void list.refetch()} />}</Frame>;
  if (!list.data) return <Frame title={name}>{<Skeleton lines={10} height={420} />}</Frame>;
  if (reference) return <ExportPage reference={reference} />;
  return (
    <Frame title={name}>
      <EmptyState title="There is no such export" icon="export" action={<Link to="/exports">All exports</Link>} />
    </Frame>
  );
}

function ExportPage({ reference }: { readonly reference: ExportReference }): ReactElement {
  const { ExportArn, ExportName: name } = reference;
  const [{ tab }, set] = useViewState(parse);
  const navigate = useNavigate();
  const [isDeleting, setDeleting] = useState(false);
  const may = useMay(
    'tallyline:StartExportExecution',
    'bcm-data-exports:UpdateExport',
    'bcm-data-exports:DeleteExport',
  );
  const found = useCall<{ readonly Export: WireExport }>('bcm-data-exports', 'GetExport', { ExportArn });
  const outdated = [['tallyline', 'GetExportDelivery'], ['bcm-data-exports']];
  const run = useChange<RunAnswer>('tallyline', 'StartExportExecution', ...outdated);
  const remove = useChange('bcm-data-exports', 'DeleteExport', ['bcm-data-exports', 'ListExports']);
  const delivery = useCall<ExportDelivery>(
    'tallyline',
    'GetExportDelivery',
    { ExportArn },
    {
      ...(run.isPending && { everyMs: LOOK_MS }),
    },
  );
  const start = () =>
    run.mutate(
      { ExportName: name },
      {
        onSuccess: ({ Status, Reason }) =>
          Status === 'DELIVERY_SUCCESS'
            ? toast(`${name} is delivered`)
            : toast(`${name} failed: ${Reason ?? Status}`, 'bad'),
      },
    );
  const definition = found.data?.Export;

  return (
    <Frame
      title={name}
      about={definition?.Description}
      actions={
        <>
          {may('bcm-data-exports:DeleteExport') && <Button onClick={() => setDeleting(true)}>Delete</Button>}
          {may('bcm-data-exports:UpdateExport') && (
            <Link className="button button-plain" to="/exports/new" search={{ edit: name } as never}>
              Change
            </Link>
          )}
          {may('tallyline:StartExportExecution') && (
            <Button look="primary" icon="export" busy={run.isPending} onClick={start}>
              Run now
            </Button>
          )}
        </>
      }
    >
      {run.error && <PartialNotice look="bad">{sentence(run.error.message)}</PartialNotice>}
      {found.error && <ErrorState error={found.error} />}
      {!found.error && !definition && <Skeleton lines={4} height={140} />}
      {definition && <ExportFacts definition={definition} status={reference.ExportStatus} />}
      <Tabs
        label="About the export"
        value={tab}
        tabs={TABS.map((value) => ({ value, label: TAB_LABELS[value] }))}
        onChange={(next) => set({ tab: next })}
      >
        {tab === 'files' && (
          <Files
            exportArn={ExportArn}
            delivery={delivery.data}
            error={delivery.error}
            onRetry={() => void delivery.refetch()}
          />
        )}
        {tab === 'executions' && <Executions exportArn={ExportArn} isRunning={run.isPending} />}
        {tab === 'schema' && definition && <Schema definition={definition} />}
        {tab === 'query' && definition && (
          <Queries exportArn={ExportArn} definition={definition} delivery={delivery.data} />
        )}
      </Tabs>
      {isDeleting && (
        <ConfirmDialog
          title={`Delete ${name}`}
          verb="Delete"
          busy={remove.isPending}
          error={remove.error ? sentence(remove.error.message) : undefined}
          onClose={() => setDeleting(false)}
          onConfirm={() =>
            remove.mutate(
              { ExportArn },
              {
                onSuccess: () => {
                  toast(`Deleted ${name}`);
                  void navigate({ to: '/exports' });
                },
              },
            )
          }
        >
          Nothing more is delivered. Files that were delivered stay in the bucket, but are no longer listed here.
        </ConfirmDialog>
      )}
    </Frame>
  );
}
