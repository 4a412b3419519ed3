import { type ReactElement, useState } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { sentence } from '../../format/sentence.ts';

interface Notice {
  readonly NoticeId: string;
  readonly State: 'pending' | 'sent' | 'failed';
  readonly Type: 'EMAIL' | 'SNS';
  readonly Address: string;
  readonly Subject: string;
  readonly Text: string;
  readonly Attempts: number;
  readonly CreatedAt: string;
  readonly NextAttemptAt?: string;
  readonly FinishedAt?: string;
  readonly Failure?: string;
}

const EVERY_MS = 15_000;
const LOOKS = { pending: 'chip-warn', sent: 'chip-good', failed: 'chip-bad' } as const;
const WORDS = { pending: 'Waiting', sent: 'Sent', failed: 'Given up' } as const;

/** What was told to whom about spend, newest first. */
export function Notices(): ReactElement {
  const [opened, setOpened] = useState<Notice>();
  const { data, error, refetch } = useCall<{ readonly Notices: readonly Notice[] }>(
    'tallyline',
    'ListNotices',
    { MaxResults: 500 },
    { everyMs: EVERY_MS },
  );
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <Skeleton lines={8} height={320} />;
  return (
    <Card title="Notices" note="mail and messages to topics, newest first" flush>
      <DataTable
        label="Notices"
        rows={data.Notices}
        rowId={({ NoticeId }) => NoticeId}
        onOpen={setOpened}
        download="notices"
        empty={
          <EmptyState title="Nobody was told anything yet" icon="note">
            Notices come from budgets with subscribers, anomaly subscriptions and the runaway guard.
          </EmptyState>
        }
        columns={[
          {
            id: 'at',
            header: 'Made',
            text: ({ CreatedAt }) => CreatedAt,
            cell: ({ CreatedAt }) => <TimeText at={CreatedAt} show="second" />,
          },
          {
            id: 'state',
            header: 'State',
            text: ({ State }) => State,
            cell: ({ State }) => <span className={`chip ${LOOKS[State]}`}>{WORDS[State]}</span>,
          },
          { id: 'to', header: 'To', text: ({ Address }) => Address },
          {
            id: 'subject',
            header: 'Subject',
            text: ({ Subject }) => Subject,
            wrap: true,
            cell: (notice) => (
              <button type="button" className="text-button" onClick={() => setOpened(notice)}>
                {notice.Subject}
              </button>
            ),
          },
          {
            id: 'trouble',
            header: 'What is in the way',
            text: ({ State, Failure = '' }) => (State === 'sent' ? '' : Failure),
            wrap: true,
          },
        ]}
      />
      {opened && <NoticeDialog notice={opened} onClose={() => setOpened(undefined)} />}
    </Card>
  );
}

function NoticeDialog({ notice, onClose }: { readonly notice: Notice; readonly onClose: () => void }): ReactElement {
  const { State, Address, Subject, Text, Attempts, Failure, NextAttemptAt, FinishedAt } = notice;
  return (
    <Dialog title={Subject} onClose={onClose}>
      <dl className="facts">
        <div className="facts-row">
          <dt>To</dt>
          <dd>{Address}</dd>
        </div>
        <div className="facts-row">
          <dt>State</dt>
          <dd>
            {WORDS[State]}, {Attempts === 1 ? '1 attempt' : `${Attempts} attempts`}
            {FinishedAt && (
              <>
                {', '}
                <TimeText at={FinishedAt} show="second" />
              </>
            )}
            {NextAttemptAt && (
              <>
                {', tried again '}
                <TimeText at={NextAttemptAt} show="second" />
              </>
            )}
          </dd>
        </div>
        {Failure && (
          <div className="facts-row">
            <dt>In the way</dt>
            <dd>{sentence(Failure)}</dd>
          </div>
        )}
      </dl>
      <pre>{Text}</pre>
    </Dialog>
  );
}
