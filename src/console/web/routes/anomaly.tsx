import { Link, useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import type { FindingFeedback } from '../../../detection/finding.ts';
import { useMay } from '../api/session.ts';
import { useCall, useChange } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Card, Stat } from '../components/card.tsx';
import { Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { EmptyState, ErrorState, Skeleton } from '../components/states.tsx';
import { TimeText } from '../components/time.tsx';
import { toast } from '../components/toast.tsx';
import { usePresent } from '../display/present.ts';
import { useScope } from '../display/scope.ts';
import { useTimeZone } from '../display/time-zone.ts';
import { isoDate, rangeOf } from '../time/range.ts';
import {
  FEEDBACK_TEXTS,
  type Finding,
  kindText,
  REASON_TEXTS,
  type ShownFinding,
  stateText,
  subjectFilter,
  subjectName,
} from './anomalies/finding.ts';
import { FindingChart } from './anomalies/finding-chart.tsx';

const NOT_FOUND = 'ResourceNotFoundException';

const OUTDATED = [
  ['tallyline', 'ListFindings'],
  ['tallyline', 'GetFinding'],
] as const;

/** One finding: what was expected and what came, who and why, and what to say of it. */
export function Page(): ReactElement {
  const { id } = useParams({ strict: false }) as { readonly id: string };
  const scope = useScope();
  const { data, error, refetch } = useCall<ShownFinding>('tallyline', 'GetFinding', { Scope: scope, FindingId: id });
  const finding = data?.Finding;
  return (
    <Frame
      title={finding ? `${subjectName(finding.Subject)}: ${kindText(finding.Kind).toLowerCase()}` : 'Anomaly'}
      {...(finding && { about: finding.Subject.Value })}
      actions={
        <>
          <Link to="/anomalies">All anomalies</Link>
          {finding && <Look finding={finding} />}
        </>
      }
    >
      {error && !data && error.code !== NOT_FOUND && <ErrorState error={error} onRetry={() => void refetch()} />}
      {error && !data && error.code === NOT_FOUND && (
        <EmptyState title="This finding is not there" icon="alarm">
          Findings are kept for 90 days, those of bills for thirteen months. What an imported bill does not show any
          more is withdrawn.
        </EmptyState>
      )}
      {!data && !error && <Skeleton lines={10} height={620} />}
      {data && finding && (
        <>
          <div className="grid-4">
            <Stat
              label="More than usual"
              value={<Money usd={finding.ImpactUsd} />}
              note={`severity ${finding.Severity}${finding.Book === 'bill' ? ', in the imported bill' : ''}`}
            />
            <Stat label="Spent" value={<Money usd={finding.ActualUsd} />} />
            <Stat label="Usual" value={<Money usd={finding.ExpectedUsd} />} />
            <Stat
              label="Since"
              value={<TimeText at={finding.Since} show="minute" />}
              note={
                <>
                  {stateText(finding)}, found <TimeText at={finding.DetectedAt} show="minute" />
                </>
              }
            />
          </div>
          <FindingChart shown={data} />
          <div className="grid-2">
            <Card title="What was seen">
              <ul>
                {finding.Evidence.map((sentence) => (
                  <li key={sentence}>{sentence}</li>
                ))}
              </ul>
              {finding.AlsoSeenOn.length > 0 && (
                <p className="soft">Shows as well on {finding.AlsoSeenOn.map(subjectName).join(', ')}.</p>
              )}
            </Card>
            <Card title="Who and why">
              <div>
                {finding.Causes.map(({ Principal, ModelId, Reason, ExcessUsd }) => (
                  <p key={`${Principal} ${ModelId}`}>
                    <Link to="/principals/$id" params={{ id: Principal } as never}>
                      {subjectName({ Type: 'DIMENSION', Key: 'principal', Value: Principal })}
                    </Link>{' '}
                    on {ModelId}: {REASON_TEXTS[Reason]}, <Money usd={ExcessUsd} /> above usual
                  </p>
                ))}
              </div>
              <Reasons shown={data} />
            </Card>
          </div>
          <Answer finding={finding} />
        </>
      )}
    </Frame>
  );
}

/** The exact difference to the time it is compared with. */
function Reasons({ shown: { Change, PreviousStart } }: { readonly shown: ShownFinding }): ReactElement | null {
  if (!Change || Change.Reasons.length === 0 || PreviousStart === undefined) return null;
  return (
    <>
      <p className="soft small">
        Exactly, beside as long a stretch from <TimeText at={PreviousStart} show="minute" /> on:
      </p>
      <ul>
        {Change.Reasons.map(({ Reason, ChangeUsd, Text }) => (
          <li key={Reason}>
            <Money usd={ChangeUsd} />: {Text}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Ways on: the calls behind it, and the spend beside the time before. */
function Look({ finding }: { readonly finding: Finding }): ReactElement {
  const zone = useTimeZone();
  const span = { startMs: Date.parse(finding.Since), endMs: Date.parse(finding.Until) };
  const { zone: zoneOfBook } = usePresent(finding.Book);
  const filter = subjectFilter(finding.Subject);
  const filters = filter === undefined ? {} : { filter: [filter] };
  return (
    <>
      {finding.Book === 'ledger' && (
        <Link to="/requests" search={{ range: rangeOf(span, zone), ...filters, order: 'costliest' } as never}>
          Requests
        </Link>
      )}
      <Link to="/why" search={{ range: rangeOf(span, zoneOfBook), ...filters, book: finding.Book } as never}>
        Why
      </Link>
    </>
  );
}

function Answer({ finding }: { readonly finding: Finding }): ReactElement | null {
  const zone = useTimeZone();
  const may = useMay('tallyline:PutFindingFeedback', 'tallyline:PutAnnotation');
  const feedback = useChange('tallyline', 'PutFindingFeedback', ...OUTDATED);
  const annotate = useChange('tallyline', 'PutAnnotation', ['tallyline', 'ListAnnotations']);
  const say = (Feedback: FindingFeedback) =>
    feedback.mutate(
      { FindingId: finding.FindingId, Feedback },
      {
        onSuccess: () => toast('The watch goes by it from now on', 'good'),
        onError: (error) => toast(error.message, 'bad'),
      },
    );
  const note = () =>
    annotate.mutate(
      {
        StartDate: isoDate(Date.parse(finding.Since), zone),
        EndDate: isoDate(Date.parse(finding.Until) - 1, zone),
        Text: `${subjectName(finding.Subject)}: ${kindText(finding.Kind).toLowerCase()}`,
        Shared: true,
        Scope: finding.Subject.Key === 'all' ? [] : [finding.Subject],
      },
      {
        onSuccess: () => toast('Charts of these days say so now', 'good'),
        onError: (error) => toast(error.message, 'bad'),
      },
    );
  if (!may('tallyline:PutFindingFeedback') && !may('tallyline:PutAnnotation')) return null;
  return (
    <Card
      title="What is it?"
      note="An answer ends what goes on, and makes the subject alarm less where nothing was wrong."
    >
      <div className="row">
        {may('tallyline:PutFindingFeedback') &&
          (Object.keys(FEEDBACK_TEXTS) as FindingFeedback[]).map((says) => (
            <Button
              key={says}
              busy={feedback.isPending}
              aria-pressed={finding.Feedback?.Says === says}
              onClick={() => say(says)}
            >
              {FEEDBACK_TEXTS[says]}
            </Button>
          ))}
        {may('tallyline:PutAnnotation') && (
          <Button look="ghost" busy={annotate.isPending} onClick={note}>
            Annotate these days
          </Button>
        )}
      </div>
      {finding.Feedback && (
        <p className="soft small">
          {subjectName({ Type: 'DIMENSION', Key: 'principal', Value: finding.Feedback.By })} said so on{' '}
          <TimeText at={finding.Feedback.At} show="minute" />.
        </p>
      )}
    </Card>
  );
}
