import { useInfiniteQuery } from '@tanstack/react-query';
import { type ReactElement, useRef, useState } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { call } from '../api/call.ts';
import { useMay } from '../api/session.ts';
import { Button } from '../components/button.tsx';
import { Card } from '../components/card.tsx';
import { CopyButton } from '../components/copy-button.tsx';
import { type Column, DataTable } from '../components/data-table.tsx';
import { DateRange } from '../components/date-range.tsx';
import { Dialog } from '../components/dialog.tsx';
import { NameBadge } from '../components/name-badge.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented } from '../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { useTimeZone } from '../display/time-zone.ts';
import { choiceOf, type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import { useSpan } from '../spend/use-span.ts';
import { VerifyLog } from './audit/verify-log.tsx';

/** As CloudTrail writes it; more members than are named here. */
interface AuditRecord {
  readonly eventID: string;
  readonly eventTime: string;
  readonly eventName: string;
  readonly eventSource: string;
  readonly awsRegion: string;
  readonly sourceIPAddress: string;
  readonly errorCode?: string;
  readonly errorMessage?: string;
  readonly readOnly?: boolean;
  readonly userIdentity: { readonly arn?: string; readonly type?: string; readonly accessKeyId?: string };
  readonly requestParameters?: unknown;
}

interface AuditPage {
  readonly Events: readonly AuditRecord[];
  readonly NextToken?: string;
}

const OUTCOMES = ['all', 'denied'] as const;
const PAGE_ROWS = 100;
const DEFAULT_RANGE = '7d';

const parse = (search: SearchParams) => ({
  range: textOf(search, 'range') ?? DEFAULT_RANGE,
  caller: textOf(search, 'caller') ?? '',
  event: textOf(search, 'event') ?? '',
  outcome: choiceOf(search, 'outcome', OUTCOMES),
  kind: choiceOf(search, 'kind', ['changes', 'everything'] as const),
});

const who = ({ userIdentity }: AuditRecord) => userIdentity.arn ?? userIdentity.accessKeyId ?? userIdentity.type ?? '';

const COLUMNS: readonly Column<AuditRecord>[] = [
  {
    id: 'time',
    header: 'Time',
    text: ({ eventTime }) => eventTime,
    cell: ({ eventTime }) => <TimeText at={eventTime} show="second" zoneHidden />,
  },
  { id: 'who', header: 'Who', text: who, cell: (record) => <NameBadge name={who(record)} none="nobody" /> },
  { id: 'event', header: 'What', text: ({ eventName }) => eventName },
  { id: 'service', header: 'Service', text: ({ eventSource }) => eventSource.replace('.amazonaws.com', '') },
  {
    id: 'outcome',
    header: 'Outcome',
    text: ({ errorCode = '' }) => errorCode,
    cell: ({ errorCode }) =>
      errorCode ? <span className="chip chip-bad">{errorCode}</span> : <span className="soft">done</span>,
  },
  { id: 'from', header: 'From', text: ({ sourceIPAddress }) => sourceIPAddress },
  { id: 'region', header: 'Region', text: ({ awsRegion }) => awsRegion, hidden: true },
  { id: 'key', header: 'Access key', text: ({ userIdentity }) => userIdentity.accessKeyId ?? '', hidden: true },
  { id: 'id', header: 'Event id', text: ({ eventID }) => eventID, hidden: true },
];

export function Page(): ReactElement {
  const [view, set] = useViewState(parse);
  const zone = useTimeZone();
  const may = useMay('tallyline:VerifyAuditLog');
  const [opened, open] = useState<AuditRecord>();
  const [openRange, setOpenRange] = useState(0);
  const search = useRef<HTMLInputElement>(null);
  useShortcut('/', 'Filter by name of the event', () => search.current?.focus());
  useShortcut('t', 'Range', () => setOpenRange((count) => count + 1));
  const { startMs, endMs } = useSpan(view.range, DEFAULT_RANGE, { book: 'none' }).span;
  const question = {
    Start: new Date(startMs).toISOString(),
    End: new Date(endMs).toISOString(),
    ...(view.caller !== '' && { Caller: view.caller }),
    ...(view.event !== '' && { EventName: view.event }),
    ...(view.outcome === 'denied' && { DeniedOnly: true }),
    MaxResults: PAGE_ROWS,
  };
  const found = useInfiniteQuery<AuditPage, ApiError, AuditRecord[], readonly unknown[], string | undefined>({
    queryKey: ['tallyline', 'LookupAuditEvents', question],
    queryFn: ({ pageParam, signal }) =>
      call<AuditPage>(
        'tallyline',
        'LookupAuditEvents',
        { ...question, ...(pageParam && { NextToken: pageParam }) },
        { signal },
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ NextToken }) => NextToken,
    select: ({ pages }) => pages.flatMap(({ Events }) => Events),
  });
  const records = (found.data ?? []).filter(({ readOnly }) => view.kind === 'everything' || readOnly !== true);
  return (
    <Frame
      title="Audit"
      about="Every call of the control plane, and every refused inference call, in CloudTrail's record format. Nobody can change it unseen."
      actions={may('tallyline:VerifyAuditLog') && <VerifyLog />}
      filters={
        <>
          <DateRange book="none" value={view.range} onChange={(range) => set({ range })} openSignal={openRange} />
          <input
            ref={search}
            type="search"
            className="input"
            aria-label="Name of the event"
            placeholder="Event, such as CreateUser"
            value={view.event}
            onChange={(event) => set({ event: event.target.value || undefined }, { replace: true })}
          />
          <input
            type="search"
            className="input"
            aria-label="Caller"
            placeholder="Caller: name or ARN"
            value={view.caller}
            onChange={(event) => set({ caller: event.target.value || undefined }, { replace: true })}
          />
          <Segmented
            label="Which calls"
            value={view.kind}
            options={[
              { value: 'changes', label: 'Changes' },
              { value: 'everything', label: 'Everything' },
            ]}
            onChange={(kind) => set({ kind })}
          />
          <label className="row small soft">
            <input
              type="checkbox"
              checked={view.outcome === 'denied'}
              onChange={(event) => set({ outcome: event.target.checked ? 'denied' : undefined })}
            />
            Denied only
          </label>
        </>
      }
    >
      {found.error ? (
        <ErrorState error={found.error} onRetry={() => void found.refetch()} />
      ) : found.isPending ? (
        <Skeleton lines={10} height={460} />
      ) : (
        <Card
          flush
          busy={found.isFetching}
          title="Records"
          note={`newest first, times in ${zone.name}`}
          foot={
            found.hasNextPage && (
              <Button busy={found.isFetchingNextPage} onClick={() => void found.fetchNextPage()}>
                Older records
              </Button>
            )
          }
        >
          <DataTable
            label="Audit records"
            columns={COLUMNS}
            rows={records}
            rowId={({ eventID }) => eventID}
            onOpen={open}
            download="audit"
            pickColumns
            empty={
              <EmptyState title={found.hasNextPage ? 'Nothing so far' : 'No record in this range'}>
                {view.kind === 'changes'
                  ? 'Nothing was changed. Choose Everything to see what was read, too.'
                  : 'Choose a longer range, or fewer filters.'}
              </EmptyState>
            }
          />
        </Card>
      )}
      {opened && (
        <Dialog title={opened.eventName} wide onClose={() => open(undefined)}>
          <div className="stack">
            <div className="spread">
              <span className="soft small">
                <TimeText at={opened.eventTime} show="second" /> · {who(opened)}
              </span>
              <CopyButton text={JSON.stringify(opened, null, 2)} what="Record">
                Copy record
              </CopyButton>
            </div>
            {opened.errorMessage && <p>{opened.errorMessage}</p>}
            <pre>{JSON.stringify(opened, null, 2)}</pre>
          </div>
        </Dialog>
      )}
    </Frame>
  );
}
