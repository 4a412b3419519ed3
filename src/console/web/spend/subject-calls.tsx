import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { Card } from '../components/card.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import type { RequestSummary } from '../routes/requests/request-summary.ts';
import { RequestTable } from '../routes/requests/request-table.tsx';
import type { SubjectQuestion } from './subject-question.ts';

const SHOWN = 10;

interface Answer {
  readonly Requests: readonly RequestSummary[];
}

/** The latest calls of the range. */
export function SubjectCalls({ question }: { readonly question: SubjectQuestion }): ReactElement {
  const { kind, span, scope, filter, callsRange, filterText } = question;
  const { data, error, isPlaceholderData, refetch } = useCall<Answer>('tallyline', 'ListRequests', {
    ...(scope !== 'ALL' && { Scope: scope }),
    ...{ Start: new Date(span.startMs).toISOString(), End: new Date(span.endMs).toISOString() },
    ...{ Filter: filter, MaxResults: SHOWN },
  });
  return (
    <Card
      title="Latest calls"
      flush
      busy={isPlaceholderData}
      actions={
        <Link to="/requests" search={{ range: callsRange, filter: filterText } as never}>
          All calls
        </Link>
      }
    >
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data ? (
        <RequestTable
          label="Latest calls"
          calls={data.Requests}
          without={kind === 'team' ? [] : [kind]}
          empty={<EmptyState title="No calls in this range" icon="request" />}
        />
      ) : (
        <div className="card-body">
          <Skeleton lines={8} height={300} />
        </div>
      )}
    </Card>
  );
}
