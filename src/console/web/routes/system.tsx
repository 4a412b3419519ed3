import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { DataTable } from '../components/data-table.tsx';
import { Count } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { bytesText } from '../format/bytes.ts';
import { sentence } from '../format/sentence.ts';

interface Check {
  readonly Name: string;
  readonly Status: 'ok' | 'warning' | 'failed';
  readonly Detail: string;
  readonly Advice: string;
}

interface SystemStatus {
  readonly NodeId: string;
  readonly NodeIds?: readonly string[];
  readonly IsLeader: boolean;
  readonly StartedAt: string;
  readonly MemoryBytes: string;
  readonly DiskFreeBytes: string;
  readonly Journal: { readonly Durability: string; readonly Bytes: string; readonly RequestsInFlight: number };
  readonly Store: {
    readonly Place: string;
    readonly Trouble?: string;
    readonly Tables: readonly { readonly Name: string; readonly Rows: string; readonly Bytes: string }[];
  };
}

interface Upstream {
  readonly Name: string;
  readonly State: string;
  readonly FailingModels?: readonly string[];
  readonly InFlight?: number;
  readonly Queued?: number;
  readonly ErrorPercent?: number;
  readonly LatencyP50Ms?: number;
  readonly LatencyP95Ms?: number;
  readonly LastFailure?: { readonly At: number | string; readonly Code: string; readonly Message: string };
}

interface MasterKey {
  readonly Source: string;
  readonly KeyId: string;
  readonly Previous?: readonly { readonly KeyId: string }[];
  readonly SealedUnderPrevious?: string;
}

const CHIPS = { ok: 'chip chip-good', warning: 'chip chip-warn', failed: 'chip chip-bad' } as const;
/** The worst first. */
const ORDER = { failed: 0, warning: 1, ok: 2 } as const;
/** Breakers speak of circuits: a closed one lets calls through. */
const STATES: Readonly<Record<string, { readonly text: string; readonly chip: string }>> = {
  closed: { text: 'working', chip: 'chip chip-good' },
  open: { text: 'left alone', chip: 'chip chip-bad' },
  'half-open': { text: 'being tried', chip: 'chip chip-warn' },
};

export function Page(): ReactElement {
  const status = useCall<SystemStatus>('tallyline', 'GetSystemStatus', {}, { everyMs: 10_000 });
  const diagnosis = useCall<{ readonly Checks: readonly Check[] }>('tallyline', 'GetDiagnosis');
  const upstreams = useCall<{ readonly Upstreams: readonly Upstream[] }>(
    'tallyline',
    'ListUpstreams',
    {},
    {
      everyMs: 10_000,
    },
  );
  const masterKey = useCall<MasterKey>('tallyline', 'GetMasterKeyStatus');
  return (
    <Frame
      title="System"
      about="How this installation does: the node that answered, its journal, the cost store and the upstreams."
      actions={
        <Button icon="retry" busy={diagnosis.isFetching} onClick={() => void diagnosis.refetch()}>
          Check again
        </Button>
      }
    >
      {status.error ? (
        <ErrorState error={status.error} onRetry={() => void status.refetch()} />
      ) : status.data ? (
        <Figures status={status.data} />
      ) : (
        <Skeleton lines={2} height={96} />
      )}
      <Card title="Checks" flush busy={diagnosis.isFetching && diagnosis.data !== undefined}>
        {diagnosis.error ? (
          <ErrorState error={diagnosis.error} onRetry={() => void diagnosis.refetch()} />
        ) : diagnosis.data ? (
          <Checks checks={diagnosis.data.Checks} />
        ) : (
          <Skeleton lines={8} height={380} />
        )}
      </Card>
      <Card title="Upstreams" flush>
        {upstreams.error ? (
          <ErrorState error={upstreams.error} onRetry={() => void upstreams.refetch()} />
        ) : upstreams.data ? (
          <Upstreams upstreams={upstreams.data.Upstreams} />
        ) : (
          <Skeleton lines={2} height={80} />
        )}
      </Card>
      {status.data && <Store store={status.data.Store} />}
      {masterKey.data && <MasterKeyCard masterKey={masterKey.data} />}
    </Frame>
  );
}

function Figures({ status }: { readonly status: SystemStatus }): ReactElement {
  const { NodeId, NodeIds, IsLeader, Journal, Store: store } = status;
  const nodes = NodeIds?.length ?? 1;
  return (
    <div className="grid-4">
      <Stat
        label={nodes === 1 ? 'Node' : 'Nodes alive'}
        value={nodes === 1 ? 'one' : String(nodes)}
        note={
          <>
            <code title={NodeId}>{NodeId.slice(0, 8)}</code> answers{IsLeader ? ' and does the background work' : ''},
            up since <TimeText at={status.StartedAt} />
          </>
        }
      />
      <Stat
        label="Journal"
        value={store.Trouble === undefined ? 'shipping' : 'waiting'}
        note={`${Journal.RequestsInFlight} in flight, ${bytesText(Number(Journal.Bytes))} reserved, ${Journal.Durability} before the last byte`}
      />
      <Stat
        label="Cost store"
        value={store.Trouble === undefined ? 'well' : 'in trouble'}
        note={store.Trouble ?? store.Place}
      />
      <Stat
        label="Disk free"
        value={bytesText(Number(status.DiskFreeBytes))}
        note={`${bytesText(Number(status.MemoryBytes))} of memory used`}
      />
    </div>
  );
}

function Checks({ checks }: { readonly checks: readonly Check[] }): ReactElement {
  return (
    <DataTable
      label="Checks"
      rows={checks.toSorted((a, b) => ORDER[a.Status] - ORDER[b.Status])}
      rowId={({ Name }) => Name}
      columns={[
        {
          id: 'status',
          header: 'Status',
          text: ({ Status }) => Status,
          cell: ({ Status }) => <span className={CHIPS[Status]}>{Status}</span>,
        },
        { id: 'check', header: 'Check', text: ({ Name }) => Name },
        { id: 'detail', header: 'Found', text: ({ Detail }) => Detail, wrap: true },
        {
          id: 'advice',
          header: 'What to do',
          text: ({ Advice }) => (Advice === '' ? '' : sentence(Advice)),
          wrap: true,
        },
      ]}
      empty={<EmptyState title="Nothing was checked" />}
    />
  );
}

function Upstreams({ upstreams }: { readonly upstreams: readonly Upstream[] }): ReactElement {
  return (
    <DataTable
      label="Upstreams"
      rows={upstreams}
      rowId={({ Name }) => Name}
      columns={[
        { id: 'name', header: 'Upstream', text: ({ Name }) => Name },
        {
          id: 'state',
          header: 'State',
          text: ({ State }) => STATES[State]?.text ?? State,
          cell: ({ State }) => <span className={STATES[State]?.chip ?? 'chip'}>{STATES[State]?.text ?? State}</span>,
        },
        { id: 'inFlight', header: 'In flight', kind: 'number', text: ({ InFlight = 0 }) => String(InFlight) },
        { id: 'queued', header: 'Waiting', kind: 'number', text: ({ Queued = 0 }) => String(Queued) },
        { id: 'errors', header: 'Errors %', kind: 'number', text: ({ ErrorPercent }) => String(ErrorPercent ?? '') },
        { id: 'p50', header: 'p50 ms', kind: 'number', text: ({ LatencyP50Ms }) => String(LatencyP50Ms ?? '') },
        { id: 'p95', header: 'p95 ms', kind: 'number', text: ({ LatencyP95Ms }) => String(LatencyP95Ms ?? '') },
        {
          id: 'failing',
          header: 'Models left alone',
          text: ({ FailingModels = [] }) => FailingModels.join(', '),
          wrap: true,
        },
        {
          id: 'failure',
          header: 'Last failure',
          text: ({ LastFailure }) => (LastFailure ? `${LastFailure.Code}: ${LastFailure.Message}` : ''),
          wrap: true,
        },
      ]}
      empty={
        <EmptyState title="No upstream is configured">
          Name one under <code>upstreams</code> in the configuration.
        </EmptyState>
      }
    />
  );
}

function Store({ store }: { readonly store: SystemStatus['Store'] }): ReactElement {
  return (
    <Card title="Cost store" note={store.Place} flush>
      <DataTable
        label="Tables of the cost store"
        rows={store.Tables}
        rowId={({ Name }) => Name}
        columns={[
          { id: 'table', header: 'Table', text: ({ Name }) => Name, cell: ({ Name }) => <code>{Name}</code> },
          {
            id: 'rows',
            header: 'Rows',
            kind: 'number',
            text: ({ Rows }) => Rows,
            cell: ({ Rows }) => <Count value={Rows} />,
          },
          {
            id: 'bytes',
            header: 'On disk',
            kind: 'number',
            text: ({ Bytes }) => Bytes,
            cell: ({ Bytes }) => bytesText(Number(Bytes)),
          },
        ]}
        empty={<EmptyState title="The store shows no tables">{store.Trouble && sentence(store.Trouble)}</EmptyState>}
      />
    </Card>
  );
}

function MasterKeyCard({ masterKey }: { readonly masterKey: MasterKey }): ReactElement {
  const { Source, KeyId, Previous = [], SealedUnderPrevious = '0' } = masterKey;
  return (
    <Card title="Master key" note="Seals every secret that is kept">
      <dl className="facts">
        <div className="facts-row">
          <dt>Key</dt>
          <dd>
            <code>{KeyId}</code>, from {Source}
          </dd>
        </div>
        <div className="facts-row">
          <dt>Earlier keys</dt>
          <dd>
            {Previous.length === 0 ? 'none' : Previous.map((key) => key.KeyId).join(', ')}
            {SealedUnderPrevious !== '0' && `; ${SealedUnderPrevious} secrets are still under one`}
          </dd>
        </div>
        <div className="facts-row">
          <dt>To change it</dt>
          <dd>
            <code>tallyline master-key rotate</code>
          </dd>
        </div>
      </dl>
    </Card>
  );
}
