import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { DataTable } from '../../components/data-table.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { EmptyState } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { useTimeZone } from '../../display/time-zone.ts';
import { timeText } from '../../time/time-text.ts';
import type { Live, LiveCall, Upstream } from './answers.ts';

/** Who spent what in the last hour. */
export function PrincipalTable({
  live,
  onStop,
}: {
  readonly live: Live;
  /** Absent: who looks may not stop anybody. */
  readonly onStop?: ((principal: string) => void) | undefined;
}): ReactElement {
  const { Principals, PrincipalCount } = live;
  const more = PrincipalCount > Principals.length ? ` the ${Principals.length} dearest of ${PrincipalCount}` : '';
  return (
    <Card title="Who" note={`the last hour${more && `,${more}`}`} flush>
      <DataTable
        label="Principals"
        rows={Principals}
        rowId={({ Principal }) => Principal}
        maxHeight="400px"
        empty={
          <EmptyState title="Nobody called in the last hour" icon="live">
            Calls show here as they end. The <Link to="/set-up">set-up guide</Link> makes one.
          </EmptyState>
        }
        columns={[
          {
            id: 'principal',
            header: 'Principal',
            text: ({ Principal }) => Principal,
            cell: ({ Principal }) =>
              Principal === '*' ? (
                <span className="faint">everybody else, too many to tell apart</span>
              ) : (
                <Link to="/principals/$id" params={{ id: Principal } as never}>
                  <NameBadge name={Principal} />
                </Link>
              ),
          },
          {
            id: 'cost',
            header: 'Spend',
            kind: 'number',
            text: ({ CostUsd }) => CostUsd,
            cell: ({ CostUsd }) => <Money usd={CostUsd} />,
          },
          { id: 'calls', header: 'Calls', kind: 'number', text: ({ Calls }) => String(Calls) },
          {
            id: 'tokens',
            header: 'Tokens',
            kind: 'number',
            text: ({ Tokens }) => Tokens,
            cell: ({ Tokens }) => <Count value={Tokens} short />,
          },
          {
            id: 'refused',
            header: 'Refused',
            kind: 'number',
            text: ({ Refused }) => String(Refused),
            cell: ({ Refused }) => <Trouble value={Refused} />,
          },
          {
            id: 'failed',
            header: 'Failed',
            kind: 'number',
            text: ({ Failed }) => String(Failed),
            cell: ({ Failed }) => <Trouble value={Failed} />,
          },
          { id: 'inFlight', header: 'In flight', kind: 'number', text: ({ InFlight }) => String(InFlight) },
          ...(onStop
            ? [
                {
                  id: 'stop',
                  header: 'Stop',
                  text: () => '',
                  cell: ({ Principal }: { readonly Principal: string }) => (
                    <Button
                      small
                      look="ghost"
                      icon="stop"
                      aria-label={`Stop ${Principal}`}
                      onClick={() => onStop(Principal)}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
    </Card>
  );
}

function Trouble({ value }: { readonly value: number }): ReactElement {
  return value === 0 ? <span className="faint">0</span> : <b className="trouble">{value}</b>;
}

const LOOKS: Readonly<Record<LiveCall['Status'], string>> = {
  completed: 'chip-good',
  cut: 'chip-warn',
  failed: 'chip-bad',
  interrupted: 'chip-warn',
  refused: 'chip-bad',
};

export function LatestCalls({ calls }: { readonly calls: readonly LiveCall[] }): ReactElement {
  return (
    <Card title="Latest calls" note="newest first" flush>
      <DataTable
        label="Latest calls"
        rows={calls}
        rowId={({ RequestId, At }) => `${RequestId}${At}`}
        maxHeight="440px"
        empty={<EmptyState title="No calls yet" icon="request" />}
        columns={[
          {
            id: 'at',
            header: 'Ended',
            text: ({ At }) => At,
            cell: ({ At }) => <ClockTime at={At} />,
          },
          {
            id: 'principal',
            header: 'Principal',
            text: ({ Principal }) => Principal,
            cell: ({ Principal }) => <NameBadge name={Principal} />,
          },
          { id: 'model', header: 'Model', text: ({ ModelId }) => ModelId },
          {
            id: 'status',
            header: 'State',
            text: ({ Status }) => Status,
            cell: ({ Status }) => <span className={`chip ${LOOKS[Status]}`}>{Status}</span>,
          },
          {
            id: 'tokens',
            header: 'Tokens',
            kind: 'number',
            text: ({ Tokens }) => Tokens,
            cell: ({ Tokens }) => <Count value={Tokens} short />,
          },
          {
            id: 'cost',
            header: 'Cost',
            kind: 'number',
            text: ({ CostUsd }) => CostUsd,
            cell: ({ CostUsd, IsUnpriced }) =>
              IsUnpriced ? <span className="trouble">unpriced</span> : <Money usd={CostUsd} />,
          },
          {
            id: 'ms',
            header: 'ms',
            kind: 'number',
            text: ({ DurationMs }) => String(DurationMs),
            cell: ({ DurationMs, Status }) => (Status === 'refused' ? '–' : <Count value={DurationMs} />),
          },
          {
            id: 'request',
            header: 'Request',
            text: ({ RequestId }) => RequestId,
            cell: (call) => <CallEvidence call={call} />,
          },
        ]}
      />
    </Card>
  );
}

/** Without the date: it is today's. */
function ClockTime({ at }: { readonly at: string }): ReactElement {
  const zone = useTimeZone();
  return (
    <time className="figures" dateTime={at} title={at}>
      {timeText(Date.parse(at), zone, 'second').slice(11)}
    </time>
  );
}

/** A call that was refused has no record but the audit log's. */
function CallEvidence({ call: { Status, RequestId, Reason = '' } }: { readonly call: LiveCall }): ReactElement {
  if (Status === 'refused')
    return (
      <span className="reason" title={Reason}>
        {Reason}
      </span>
    );
  return (
    <Link to="/requests/$id" params={{ id: RequestId } as never} className="mono small">
      {RequestId.slice(0, 8)}
    </Link>
  );
}

const STATES: Readonly<Record<string, readonly [look: string, words: string]>> = {
  closed: ['chip-good', 'works'],
  open: ['chip-bad', 'is left alone'],
  'half-open': ['chip-warn', 'is tried again'],
};

/** How the upstreams do; for the management account. */
export function Upstreams({ everyMs }: { readonly everyMs: number | undefined }): ReactElement | null {
  const { data } = useCall<{ readonly Upstreams: readonly Upstream[] }>(
    'tallyline',
    'ListUpstreams',
    {},
    {
      ...(everyMs !== undefined && { everyMs }),
    },
  );
  if (!data) return null;
  return (
    <Card title="Upstreams" note="as this node sees them" flush>
      <DataTable
        label="Upstreams"
        rows={data.Upstreams}
        rowId={({ Name }) => Name}
        empty={<EmptyState title="No upstream is configured" icon="system" />}
        columns={[
          { id: 'name', header: 'Upstream', text: ({ Name }) => Name },
          {
            id: 'state',
            header: 'State',
            text: ({ State }) => State,
            cell: ({ State }) => {
              const [look, words] = STATES[State] ?? ['', State];
              return <span className={`chip ${look}`}>{words}</span>;
            },
          },
          { id: 'inFlight', header: 'In flight', kind: 'number', text: ({ InFlight }) => String(InFlight) },
          { id: 'queued', header: 'Waiting', kind: 'number', text: ({ Queued }) => String(Queued) },
          {
            id: 'errors',
            header: 'Errors',
            kind: 'number',
            text: ({ ErrorPercent }) => (ErrorPercent === undefined ? '' : String(ErrorPercent)),
            cell: ({ ErrorPercent }) => (ErrorPercent === undefined ? '–' : `${ErrorPercent} %`),
          },
          {
            id: 'p50',
            header: 'p50 ms',
            kind: 'number',
            text: ({ LatencyP50Ms }) => (LatencyP50Ms === undefined ? '' : String(LatencyP50Ms)),
          },
          {
            id: 'p95',
            header: 'p95 ms',
            kind: 'number',
            text: ({ LatencyP95Ms }) => (LatencyP95Ms === undefined ? '' : String(LatencyP95Ms)),
          },
          {
            id: 'trouble',
            header: 'Last failure',
            text: ({ LastFailure }) => LastFailure?.Message ?? '',
            wrap: true,
            cell: ({ LastFailure, FailingModels }) => (
              <>
                {FailingModels.length > 0 && <b className="trouble">{FailingModels.join(', ')} · </b>}
                {LastFailure ? (
                  <span className="small">
                    <TimeText at={LastFailure.At} show="second" zoneHidden /> {LastFailure.Message}
                  </span>
                ) : (
                  <span className="faint">none</span>
                )}
              </>
            ),
          },
        ]}
      />
    </Card>
  );
}
