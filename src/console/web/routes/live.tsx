import { type ReactElement, useEffect, useState } from 'react';
import { HOUR_MS } from '../../../kernel/time.ts';
import { type Scope, useMay, useSession } from '../api/session.ts';
import { useCall } from '../api/use-call.ts';
import { Button } from '../components/button.tsx';
import { Stat } from '../components/card.tsx';
import { Money } from '../components/figures.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Segmented } from '../components/select.tsx';
import { EmptyState, ErrorState, PartialNotice, Skeleton } from '../components/states.tsx';
import { useTimeZone } from '../display/time-zone.ts';
import { type SearchParams, textOf, useViewState } from '../display/view-state.ts';
import { count } from '../format/amounts.ts';
import { divide } from '../format/decimal.ts';
import { useShortcut } from '../keyboard/shortcuts.ts';
import type { ScopeLine } from '../spend/spend-scope.ts';
import { timeText } from '../time/time-text.ts';
import type { Live } from './live/answers.ts';
import { CallsChart, SpendChart } from './live/live-charts.tsx';
import { LatestCalls, PrincipalTable, Upstreams } from './live/live-tables.tsx';
import { StopDialog } from './live/stop-dialog.tsx';
import { Stops } from './live/stops.tsx';
import './live/live.css';

const EVERY_MS = 2_000;
/** For a while after a stop was made or lifted, what it does is watched closely. */
const CLOSELY_MS = 400;
const CLOSELY_FOR_MS = 8_000;
/** An answer that is older is called late. */
const LATE_MS = 8_000;
/** Calls per second are shown as the mean of so many seconds. */
const MEAN_SECONDS = 10;

const SCOPE_WORDS: Readonly<Record<Scope, string>> = { ALL: 'Everybody', TEAM: 'My team', OWN: 'Me' };

function parse(search: SearchParams): { readonly scope: string | undefined; readonly isPaused: boolean } {
  return { scope: textOf(search, 'scope'), isPaused: textOf(search, 'paused') === '1' };
}

export function Page(): ReactElement {
  const { Scopes } = useSession();
  const [{ scope, isPaused }, set] = useViewState(parse);
  const [stopping, setStopping] = useState<readonly ScopeLine[]>();
  const [isClose, watchClosely] = useClosely();
  const may = useMay('tallyline:StopInference', 'tallyline:ListInferenceStops', 'tallyline:ListUpstreams');
  const chosen = Scopes.find((one) => one === scope) ?? Scopes[0];
  const everyMs = isPaused ? undefined : isClose ? CLOSELY_MS : EVERY_MS;
  const { data, error, refetch } = useCall<Live>(
    'tallyline',
    'GetLive',
    { Scope: chosen },
    { enabled: chosen !== undefined, ...(everyMs !== undefined && { everyMs }) },
  );
  useShortcut('p', 'Pause or go on', () => set({ paused: isPaused ? undefined : '1' }, { replace: true }));

  return (
    <Frame
      title="Live"
      about="What goes on at this server now, from memory: the last hour by the minute, the last minute by the second."
      actions={
        <>
          <Button
            icon={isPaused ? 'live' : 'minus'}
            aria-pressed={isPaused}
            onClick={() => set({ paused: isPaused ? undefined : '1' }, { replace: true })}
          >
            {isPaused ? 'Go on' : 'Pause'}
          </Button>
          {may('tallyline:StopInference') && (
            <Button
              look="danger"
              icon="stop"
              onClick={() => setStopping([{ kind: 'principal', tagKey: '', value: '' }])}
            >
              Stop inference
            </Button>
          )}
        </>
      }
      filters={
        <>
          {Scopes.length > 1 && (
            <Segmented
              label="Whose calls"
              value={chosen ?? 'ALL'}
              options={Scopes.map((value) => ({ value, label: SCOPE_WORDS[value] }))}
              onChange={(value) => set({ scope: value === Scopes[0] ? undefined : value })}
            />
          )}
          {data && <Stamp at={data.At} isPaused={isPaused} />}
        </>
      }
    >
      {may('tallyline:ListInferenceStops') && <Stops everyMs={everyMs} onResumed={watchClosely} />}
      {error && !data && <ErrorState error={error} onRetry={() => void refetch()} />}
      {chosen === undefined && (
        <EmptyState title="You may see no calls" icon="key">
          Ask an administrator for <code>tallyline:GetOwnReport</code>, which shows you your own.
        </EmptyState>
      )}
      {chosen !== undefined && !data && !error && <Skeleton lines={10} height={640} />}
      {data && (
        <>
          {error && <PartialNotice>The server does not answer any more: {error.message}</PartialNotice>}
          <Figures live={data} />
          <div className="grid-2">
            <CallsChart live={data} />
            <SpendChart live={data} />
          </div>
          <PrincipalTable
            live={data}
            onStop={
              may('tallyline:StopInference')
                ? (value) => setStopping([{ kind: 'principal', tagKey: '', value }])
                : undefined
            }
          />
          <LatestCalls calls={data.Latest} />
          {may('tallyline:ListUpstreams') && <Upstreams everyMs={everyMs} />}
        </>
      )}
      {stopping && (
        <StopDialog
          lines={stopping}
          onClose={() => setStopping(undefined)}
          onStopped={() => {
            setStopping(undefined);
            watchClosely();
          }}
        />
      )}
    </Frame>
  );
}

function useClosely(): readonly [isClose: boolean, begin: () => void] {
  const [begunMs, setBegun] = useState<number>();
  useEffect(() => {
    if (begunMs === undefined) return;
    const timer = setTimeout(() => setBegun(undefined), CLOSELY_FOR_MS);
    return () => clearTimeout(timer);
  }, [begunMs]);
  return [begunMs !== undefined, () => setBegun(Date.now())];
}

/** How old the figures are. A tab that is not looked at asks nothing, and is up to date again when it is. */
function Stamp({ at, isPaused }: { readonly at: string; readonly isPaused: boolean }): ReactElement {
  const zone = useTimeZone();
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  const atMs = Date.parse(at);
  const state = isPaused ? 'paused' : nowMs - atMs > LATE_MS ? 'late' : 'live';
  return (
    <span className="live-stamp" data-state={state}>
      {state === 'paused' ? 'paused, ' : state === 'late' ? 'late, ' : ''}as of{' '}
      {timeText(atMs, zone, 'second').slice(11)} {zone.name}
    </span>
  );
}

function Figures({ live }: { readonly live: Live }): ReactElement {
  // The last second is still under way.
  const seconds = live.Seconds.slice(-MEAN_SECONDS - 1, -1);
  const calls = seconds.reduce((sum, { Calls }) => sum + Calls, 0);
  const zone = useTimeZone();
  const sinceMs = Date.parse(live.Since);
  const isYoung = Date.parse(live.At) - sinceMs < HOUR_MS;
  const window = isYoung ? `since the start at ${timeText(sinceMs, zone, 'minute').slice(11)}` : 'in the last hour';
  return (
    <>
      <div className="grid-5">
        <Stat
          label="Calls per second"
          value={count(divide(calls, MEAN_SECONDS, 1) ?? '0')}
          note={`mean of ${MEAN_SECONDS} seconds`}
        />
        <Stat label="Spend" value={<Money usd={live.CostUsd} />} note={window} />
        <Stat label="In flight" value={count(live.InFlight)} note="asked, and not answered yet" />
        <Stat label="Calls" value={count(live.Calls)} note={`${count(live.Failed)} failed, ${window}`} />
        <Stat label="Refused" value={count(live.Refused)} note="by a budget or a stop" />
      </div>
      {live.IsPartial && (
        <PartialNotice>
          More callers than can be told apart are busy: some are counted together, and only in the figures of everybody.
        </PartialNotice>
      )}
    </>
  );
}
